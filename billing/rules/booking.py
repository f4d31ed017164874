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

from billing.rules.prices import frames, micros, tiers
from contracts.rules import exact, rate_cards

GROUP = ("row_id", "period_start")
KEY = ("resolution_id", "version_id", "row_id", "period_start")
BASIS_POINTS = 10_000
LINE_COLUMNS = (*KEY, "revision", "kind", "position", "amount_micros", "list_micros", "reason")


@dataclass(frozen=True, kw_only=True)
class Rating:
    """Payable resolutions with their prices, and those that lie beyond the last tier of their row.

    Args:
        rated: the payable frame with position i64, amount_micros i64, list_micros i64.
        beyond: the payable frame with position i64; these have no price.
    """

    rated: pl.DataFrame
    beyond: pl.DataFrame


def rate_payable(*, payable: pl.DataFrame, prices: Mapping[int, rate_cards.Price]) -> Rating:
    """Price each payable resolution by its place in its row and billing period.

    Args:
        payable: one row per resolution: resolution_id i64, version_id i64, row_id i64 (key of `prices`),
            period_start date, verified_us i64, case_key str, number i64, price_bp i64 (part of the price that it counts
            with; 10,000 is all of it).
        prices: the price of each row.

    Returns: the rating; amounts are Int64 micros. Under a volume price all units carry the rate of the tier that the
        count reaches, and the first one also its flat amount.
    Raises: UnableToPriceFrame if terms do not fit whole micros.
    Source: design.md section 5, "Rating" and "Corrections".

    >>> row = {"resolution_id": 7, "version_id": 1, "row_id": 3, "period_start": 0, "verified_us": 5, "case_key": "A", "number": 1}
    >>> row["price_bp"] = 10_000
    >>> rate_payable(payable=pl.DataFrame([row]), prices={3: rate_cards.PerUnit(unit_amount=Fraction(2))}).rated["amount_micros"].item()
    2000000
    """
    placed = payable.sort("row_id", "period_start", "verified_us", "case_key", "number").with_columns(
        position=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over(GROUP)
    )
    reach = {row_id: bound for row_id, price in prices.items() if (bound := _last_bound(price)) is not None}
    last = pl.col("row_id").replace_strict(reach, default=None, return_dtype=pl.Int64)
    is_beyond = (pl.col("position") > last).fill_null(False)
    beyond, within = placed.filter(is_beyond), placed.filter(~is_beyond)
    keyed = within.with_columns(pl.col("row_id").cast(pl.String))
    rated = frames.price_positions(frame=keyed, prices={str(row_id): price for row_id, price in prices.items()})
    rated = rated.with_columns(pl.col("row_id").cast(pl.Int64))
    first = {row_id: list_price(price=price) for row_id, price in prices.items()}
    listed = pl.col("row_id").replace_strict(first, default=None, return_dtype=pl.Int64)
    return Rating(rated=_reduce(_spread_volume(rated, prices)).with_columns(list_micros=listed), beyond=beyond)


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
    revisions = booked.group_by("resolution_id").agg(_revision=pl.col("revision").max())
    known = booked.select(*KEY, _booked="amount_micros", _list="list_micros", _reason="reason")
    wanted = rated.select(*KEY, "position", "price_bp", _wanted="amount_micros", _listed="list_micros")
    both = wanted.join(known, on=KEY, how="full", coalesce=True).join(revisions, on="resolution_id", how="left")
    change = pl.col("_wanted").fill_null(0) - pl.col("_booked").fill_null(0)
    is_new = pl.col("_booked").is_null()
    lines = both.with_columns(amount_micros=change, list_micros=pl.coalesce("_listed", "_list"), _is_new=is_new)
    lines = lines.filter(pl.col("_is_new") | (pl.col("amount_micros") != 0)).with_columns(
        reason=_reason(), position=pl.col("position").fill_null(0)
    )
    lines = lines.sort("resolution_id", "amount_micros", "row_id", "period_start")
    place = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("resolution_id")
    lines = lines.with_columns(revision=pl.col("_revision").fill_null(0) + place)
    kind = pl.when(pl.col("revision") == 1).then(pl.lit("resolution")).otherwise(pl.lit("correction"))
    return lines.with_columns(kind=kind).select(LINE_COLUMNS)


def list_price(*, price: rate_cards.Price) -> int:
    """Return the first-tier price of one unit in micros.

    >>> list_price(price=rate_cards.PerUnit(unit_amount=Fraction("0.99")))
    990000
    """
    if isinstance(price, rate_cards.PerUnit):
        return micros.to_whole(value=price.unit_amount, name="unit_amount")
    if isinstance(price, rate_cards.Graduated | rate_cards.Volume):
        return micros.to_whole(value=price.tiers[0].unit_amount, name="unit_amount")
    raise micros.UnableToPriceFrame("Only a price per unit or in tiers has a list price of one resolution.")


def _last_bound(price: rate_cards.Price) -> int | None:
    if not isinstance(price, rate_cards.Graduated | rate_cards.Volume):
        return None
    bound = price.tiers[-1].up_to
    return None if bound is None else micros.to_whole(value=bound, name="up_to", scale=1)


def _spread_volume(rated: pl.DataFrame, prices: Mapping[int, rate_cards.Price]) -> pl.DataFrame:
    """Give every unit of a volume price the rate of the tier reached; the first carries what is left, its flat amount."""
    volumes = {row_id: price for row_id, price in prices.items() if isinstance(price, rate_cards.Volume)}
    if not volumes or rated.is_empty():
        return rated
    groups = rated.filter(pl.col("row_id").is_in(list(volumes))).group_by(GROUP).agg(_count=pl.len(), _total=pl.col("amount_micros").sum())
    rates = [_volume_rate(volumes[row["row_id"]], row["_count"]) for row in groups.iter_rows(named=True)]
    groups = groups.with_columns(_rate=pl.Series(rates, dtype=pl.Int64))
    first = pl.col("_total") - pl.col("_rate") * (pl.col("_count").cast(pl.Int64) - 1)
    amount = pl.when(pl.col("_rate").is_null()).then("amount_micros").when(pl.col("position") == 1).then(first).otherwise("_rate")
    spread = rated.join(groups, on=GROUP, how="left", maintain_order="left").with_columns(amount_micros=amount)
    return spread.drop("_count", "_total", "_rate")


def _volume_rate(price: rate_cards.Volume, count: int) -> int:
    tier = price.tiers[tiers.find_tier(bounds=[tier.up_to for tier in price.tiers], quantity=Fraction(count))]
    return micros.to_whole(value=tier.unit_amount, name="unit_amount")


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
    """Say why a line corrects: it fell, it moved, its place crossed a tier bound, or a part of its price is left."""
    fallen = pl.when(pl.col("_reason") != "").then(pl.col("_reason")).otherwise(pl.lit("rated_elsewhere"))
    return (
        pl.when(pl.col("_revision").is_null())
        .then(pl.lit(""))
        .when(pl.col("_wanted").is_null())
        .then(fallen)
        .when(pl.col("_is_new"))
        .then(pl.lit("rated_here_now"))
        .when(pl.col("_booked") == 0)
        .then(pl.lit("payable_again"))
        .when(pl.col("price_bp") < BASIS_POINTS)
        .then(pl.lit("reduced_price"))
        .otherwise(pl.lit("tier_effect"))
    )
