"""What the client owes for each payable resolution, and the signed lines that bring the books there.

The books follow the facts: the price of a resolution is that of its place among the payable resolutions of its rate
card row and billing period, in the order of verification. When one falls away or comes late, the places behind it move,
and those that cross a tier bound get a correction of their own. So the booked lines of a row and period always add up
to the card applied to the count, whatever the order in which things became known.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from billing.rules import booking_order
from billing.rules.prices import frames, running, unit_steps
from contracts.rules import exact, rate_cards

GROUP = booking_order.GROUP
KEY = ("resolution_id", "version_id", "row_id", "period_start")
BASIS_POINTS = 10_000
LINE_COLUMNS = (*KEY, "revision", "kind", "position", "amount_micros", "list_micros", "reason")


NO_STEPS: Mapping[int, rate_cards.PriceSteps] = {}
PLAIN = rate_cards.PriceSteps()


@dataclass(frozen=True, kw_only=True)
class Rating:
    """Payable resolutions with their prices, and those that have none.

    Args:
        rated: the payable frame with position i64, amount_micros i64, list_micros i64.
        beyond: those that lie beyond the last tier of their row, with position i64.
        unvalued: those whose price is taken of a value that nobody told.
        carried: what a part of a row and period hands on to the next part; None where whole ones were rated.
    """

    rated: pl.DataFrame
    beyond: pl.DataFrame
    unvalued: pl.DataFrame
    carried: running.Carried | None = None


def rate_payable(
    *, payable: pl.DataFrame, prices: Mapping[int, rate_cards.Price], steps: Mapping[int, rate_cards.PriceSteps] = NO_STEPS
) -> Rating:
    """Price each payable resolution by its place in its row and billing period.

    Args:
        payable: one row per resolution: resolution_id i64, version_id i64, row_id i64 (key of `prices`),
            period_start date, verified_us i64, case_key str, number i64, price_bp i64 (part of the price that it counts
            with; 10,000 is all of it); for prices of a value also value_micros i64.
        prices: the price of each row.
        steps: what surrounds the price of a row; a missing row has nothing around it. The minimum is left to the close
            of the period, for no single resolution brings it.

    Returns: the rating; amounts are Int64 micros. Under a volume price all units carry the rate of the tier that the
        count reaches, and the first one also its flat amount.
    Raises: UnableToPriceFrame if terms do not fit whole micros.
    Source: design.md section 5, "Rating" and "Corrections".

    >>> row = {"resolution_id": 7, "version_id": 1, "row_id": 3, "period_start": 0, "verified_us": 5, "case_key": "A", "number": 1}
    >>> row["price_bp"] = 10_000
    >>> rate_payable(payable=pl.DataFrame([row]), prices={3: rate_cards.PerUnit(unit_amount=Fraction(2))}).rated["amount_micros"].item()
    2000000
    """
    ordered = payable[booking_order.order_units(units=payable)]
    ordered = booking_order.settle_ties(ordered=ordered, tied=booking_order.find_tied(ordered=ordered))
    return rate_ordered(ordered=ordered, prices=prices, steps=steps)


def rate_ordered(
    *,
    ordered: pl.DataFrame,
    prices: Mapping[int, rate_cards.Price],
    steps: Mapping[int, rate_cards.PriceSteps] = NO_STEPS,
    before: running.Carried | None = None,
) -> Rating:
    """Price resolutions that are in the order in which they are counted, as `rate_payable` does.

    Args:
        ordered: as `rate_payable` takes it, without resolution_id, version_id, case_key and number if nobody asks for them; in
            the order of `booking_order`.
        prices: the price of each row.
        steps: what surrounds the price of a row.
        before: where the frame is a part of a single row and period, what the parts before it handed on, and how many follow;
            None where it holds whole ones.

    Returns: the rating; parts that are rated one after the other give what the whole gives.
    Raises: UnableToPriceFrame if terms do not fit whole micros.
    Source: design.md section 5, "Rating"; docs/adr/0088-booking-works-in-pieces.md.

    >>> unit = pl.DataFrame({"row_id": [3], "period_start": [0], "verified_us": [5], "price_bp": [10_000]})
    >>> tiers = (rate_cards.Tier(up_to=Fraction(1), unit_amount=Fraction(2)), rate_cards.Tier(unit_amount=Fraction(1)))
    >>> first = rate_ordered(ordered=unit, prices={3: rate_cards.Graduated(tiers=tiers)}, before=running.Carried(later_count=1))
    >>> second = rate_ordered(ordered=unit, prices={3: rate_cards.Graduated(tiers=tiers)}, before=first.carried)
    >>> first.rated["amount_micros"].item(), second.rated["amount_micros"].item(), second.rated["position"].item()
    (2000000, 1000000, 2)
    """
    terms = {row_id: unit_steps.RowTerms(price=price, steps=steps.get(row_id, PLAIN)) for row_id, price in prices.items()}
    valued = [row_id for row_id, row in terms.items() if row.is_valued]
    if "value_micros" not in ordered.columns:
        ordered = ordered.with_columns(value_micros=pl.lit(None, dtype=pl.Int64))
    has_price = ~pl.col("row_id").is_in(valued) | pl.col("value_micros").is_not_null()
    placed = _place(ordered.filter(has_price) if valued else ordered, terms, before)
    beyond, within = _split_beyond(placed, terms)
    rest = None if before is None else before.rest
    priced = frames.price_positions(frame=_charged(within, terms), prices=_by_text(prices), within=GROUP, rest=rest)
    priced = priced.with_columns(pl.col("row_id").cast(pl.Int64))
    unit_count = None if before is None else _count_charged(placed, terms, before)
    priced = unit_steps.spread_volumes(priced=priced, terms=terms, unit_count=unit_count)
    after = None if before is None else _carry(placed, priced, before)
    priced = _with_free_units(priced.drop("rest", strict=False).with_columns(pl.col("_place").alias("position")), within, terms)
    before_micros = 0 if before is None else before.amount_micros
    rated = unit_steps.apply_steps(priced=priced, terms=terms, before_micros=before_micros)
    rated = rated.with_columns(list_micros=unit_steps.list_prices(terms=terms))
    dropped = ("unit_place", "running_micros", "_place")
    return Rating(
        rated=_reduce(rated).drop(dropped, strict=False),
        beyond=beyond.drop(dropped, strict=False),
        unvalued=ordered.filter(~has_price) if valued else ordered.clear(),
        carried=after,
    )


def write_differences(*, rated: pl.DataFrame, booked: pl.DataFrame) -> pl.DataFrame:
    """Write the lines that bring the books to the rating: first bookings and signed corrections.

    Args:
        rated: as `rate_payable` returns it; every payable resolution of the rows and periods in question.
        booked: one row per resolution, row and period that has lines: resolution_id i64, version_id i64, row_id i64,
            period_start date, amount_micros i64 (sum of its lines), list_micros i64, revision i64 (highest of the
            resolution), reason str (why it is no longer payable; empty if it is).

    Returns: one row per new line, in order of resolution and revision: resolution_id, version_id, row_id, period_start,
        revision i64 (from 1, without gaps), kind (resolution or correction), position i64 (0: no longer counted),
        amount_micros i64, list_micros i64, reason str.
    Source: design.md section 5, "Corrections": rate the net count again, subtract what was booked, write the difference.
    """
    rated, booked = _leave_settled(rated, booked)
    revisions = booked.group_by("resolution_id").agg(_revision=pl.col("revision").max())
    known = booked.select(*KEY, _booked="amount_micros", _list="list_micros", _reason="reason")
    wanted = rated.select(*KEY, "position", "price_bp", _wanted="amount_micros", _listed="list_micros")
    both = wanted.join(known, on=KEY, how="full", coalesce=True).join(revisions, on="resolution_id", how="left")
    change = pl.col("_wanted").fill_null(0) - pl.col("_booked").fill_null(0)
    is_new = pl.col("_booked").is_null()
    lines = both.with_columns(amount_micros=change, list_micros=pl.coalesce("_listed", "_list"), _is_new=is_new)
    lines = lines.filter(pl.col("_is_new") | (pl.col("amount_micros") != 0)).with_columns(
        _is_moved=pl.col("version_id").n_unique().over("resolution_id") > 1
    )
    lines = lines.with_columns(reason=_reason(), position=pl.col("position").fill_null(0))
    lines = lines.sort("resolution_id", "amount_micros", "row_id", "period_start")
    place = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("resolution_id")
    lines = lines.with_columns(revision=pl.col("_revision").fill_null(0) + place)
    kind = pl.when(pl.col("revision") == 1).then(pl.lit("resolution")).otherwise(pl.lit("correction"))
    return lines.with_columns(kind=kind).select(LINE_COLUMNS)


def _leave_settled(rated: pl.DataFrame, booked: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Leave out what is booked once and exactly as it is rated: in a month of corrections that is nearly everything."""
    once = booked.filter(pl.col("resolution_id").is_unique()).select(*KEY, _booked="amount_micros")
    names = ("version_id", "row_id", "period_start")
    beside = rated.select(*KEY, "amount_micros").join(once, on="resolution_id", how="left", maintain_order="left", suffix="_then")
    same = beside.select(
        same=pl.all_horizontal(pl.col("amount_micros") == pl.col("_booked"), *(pl.col(name) == pl.col(f"{name}_then") for name in names))
    )["same"].fill_null(False)
    settled = rated.filter(same).select("resolution_id")
    return rated.filter(~same), booked.join(settled, on="resolution_id", how="anti")


def list_price(*, price: rate_cards.Price) -> int | None:
    """Return the first-tier price of one unit in micros; None where a value decides it.

    Source: design.md section 6, step 2.

    >>> list_price(price=rate_cards.PerUnit(unit_amount=Fraction("0.99")))
    990000
    """
    return unit_steps.list_price(price=price)


def _place(ordered: pl.DataFrame, terms: Mapping[int, unit_steps.RowTerms], before: running.Carried | None) -> pl.DataFrame:
    """Count each resolution within its row and period, and sum the values up to it."""
    start = before or running.Carried()
    left_out = {row_id: row.left_out for row_id, row in terms.items() if row.left_out}
    starts = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift(1)) for name in GROUP) | (pl.int_range(pl.len()) == 0)
    placed = ordered.with_columns(_starts=starts).with_columns(position=_running(pl.lit(1, dtype=pl.Int64)) + start.count)
    if any(row.is_valued for row in terms.values()):
        placed = placed.with_columns(running_micros=_running(pl.col("value_micros").fill_null(0)) + start.value_micros)
    else:
        placed = placed.with_columns(running_micros=pl.lit(0, dtype=pl.Int64))
    free = pl.col("row_id").replace_strict(left_out, default=0, return_dtype=pl.Int64) if left_out else pl.lit(0, dtype=pl.Int64)
    return placed.with_columns(unit_place=pl.col("position") - free).drop("_starts")


def _count_charged(placed: pl.DataFrame, terms: Mapping[int, unit_steps.RowTerms], before: running.Carried) -> int:
    """Count the units of a row and period that have a price, those of all its parts."""
    if placed.is_empty():
        return 0
    row = terms[placed["row_id"][0]]
    count = before.count + placed.height + before.later_count - row.left_out
    return max(0, count if row.last_bound is None or row.is_valued else min(count, row.last_bound))


def _carry(placed: pl.DataFrame, priced: pl.DataFrame, before: running.Carried) -> running.Carried:
    """Add a part to what is handed on; who cuts the parts knows how many follow the next one."""
    return running.Carried(
        count=before.count + placed.height,
        value_micros=before.value_micros + int(placed["value_micros"].sum()),
        rest=before.rest if priced.is_empty() else int(priced["rest"][-1]),
        amount_micros=before.amount_micros + int(priced["amount_micros"].sum()),
    )


def _running(amount: pl.Expr) -> pl.Expr:
    """Add up within each row and period of an ordered frame, whose first rows are marked by `_starts`."""
    total = amount.cum_sum() if amount.meta.root_names() else pl.int_range(1, pl.len() + 1, dtype=pl.Int64)
    before: pl.Expr = pl.when("_starts").then(total - amount).forward_fill()
    return total - before


def _split_beyond(placed: pl.DataFrame, terms: Mapping[int, unit_steps.RowTerms]) -> tuple[pl.DataFrame, pl.DataFrame]:
    reach = {row_id: bound for row_id, row in terms.items() if (bound := row.last_bound) is not None}
    if not reach:
        return placed.clear(), placed
    valued = [row_id for row_id, row in terms.items() if row.is_valued]
    reached = pl.when(pl.col("row_id").is_in(valued)).then("running_micros").otherwise("unit_place")
    is_beyond = (reached > pl.col("row_id").replace_strict(reach, default=None, return_dtype=pl.Int64)).fill_null(False)
    return placed.filter(is_beyond), placed.filter(~is_beyond)


def _charged(within: pl.DataFrame, terms: Mapping[int, unit_steps.RowTerms]) -> pl.DataFrame:
    """Leave out the units that a usage discount leaves out; a unit's price is that of its place among the others."""
    charged = within.filter(pl.col("unit_place") > 0) if any(row.left_out for row in terms.values()) else within
    return charged.with_columns(pl.col("row_id").cast(pl.String), _place=pl.col("position"), position=pl.col("unit_place"))


def _by_text(prices: Mapping[int, rate_cards.Price]) -> dict[str, rate_cards.Price]:
    return {str(row_id): price for row_id, price in prices.items()}


def _with_free_units(priced: pl.DataFrame, within: pl.DataFrame, terms: Mapping[int, unit_steps.RowTerms]) -> pl.DataFrame:
    """Put the units back that are not charged, at zero, each at its place."""
    if not any(row.left_out for row in terms.values()):
        return priced
    free = within.filter(pl.col("unit_place") <= 0).with_columns(amount_micros=pl.lit(0, dtype=pl.Int64), _place=pl.col("position"))
    return pl.concat([priced, free.select(priced.columns)]).sort("row_id", "period_start", "position")


def _reduce(rated: pl.DataFrame) -> pl.DataFrame:
    """Leave only a part of the price where a return reduced it; such units still count toward the tiers."""
    if rated.filter(pl.col("price_bp") != BASIS_POINTS).is_empty():
        return rated
    parts = [
        amount if part_bp == BASIS_POINTS else int(exact.round_exact(value=Fraction(amount * part_bp, BASIS_POINTS), places=0))
        for amount, part_bp in rated.select("amount_micros", "price_bp").iter_rows()
    ]
    return rated.with_columns(amount_micros=pl.Series(parts, dtype=pl.Int64))


def _reason() -> pl.Expr:
    """Say why a line corrects: it fell, other terms apply, it moved, its place crossed a tier bound, or a part of its price is left."""
    other_terms = pl.col("_is_moved")
    fallen = (
        pl.when(pl.col("_reason") != "")
        .then(pl.col("_reason"))
        .when(other_terms)
        .then(pl.lit("other_terms"))
        .otherwise(pl.lit("rated_elsewhere"))
    )
    return (
        pl.when(pl.col("_revision").is_null())
        .then(pl.lit(""))
        .when(pl.col("_wanted").is_null())
        .then(fallen)
        .when(pl.col("_is_new") & other_terms)
        .then(pl.lit("other_terms"))
        .when(pl.col("_is_new"))
        .then(pl.lit("rated_here_now"))
        .when(pl.col("_booked") == 0)
        .then(pl.lit("payable_again"))
        .when(pl.col("price_bp") < BASIS_POINTS)
        .then(pl.lit("reduced_price"))
        .otherwise(pl.lit("tier_effect"))
    )
