"""What a booking keeps of every payable resolution until its lines are written: a few numbers each, and nothing as text.

A line is written in the order of resolutions, its price depends on the order of their verification. Between the two stand these
numbers; all that takes more room (rating, comparing, writing) is done with some hundred thousand at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import polars as pl

from agents.queries import frames
from billing.queries import bookings, changed_periods, unit_prices
from billing.rules import booking, booking_order
from billing.rules.prices import running
from contracts.queries import terms

# What tells a class by row numbers; classes are few, so their names and rows are looked up once.
CODES = ("version_id", "query_type_id", "channel_id", "outcome")
KEPT: dict[str, pl.DataType] = {
    "resolution_id": pl.Int64(),
    "class_id": pl.UInt32(),
    "period_start": pl.Date(),
    "verified_us": pl.Int64(),
    "number": pl.Int32(),
    "price_bp": pl.Int32(),
}
READ = {name: kind for name, kind in KEPT.items() if name != "period_start"}
CLASSES: dict[str, pl.DataType] = {
    **dict.fromkeys(CODES, pl.Int64()),
    "class_id": pl.UInt32(),
    "query_type": pl.String(),
    "channel": pl.String(),
    "outcome_name": pl.String(),
    "is_voice": pl.Boolean(),
    "row_id": pl.Int64(),
    "unpriced": pl.String(),
}
NAMED = """
    SELECT 'query_type', id, code FROM contracts_querytype UNION ALL SELECT 'channel', id, code FROM contracts_channel
    UNION ALL SELECT 'voice', id, code FROM contracts_channel WHERE is_voice
    UNION ALL SELECT 'zone', v.id, k.timezone FROM contracts_contractversion v JOIN contracts_contract k ON k.id = v.contract_id"""
NAMES: dict[str, pl.DataType] = {"kind": pl.String(), "id": pl.Int64(), "name": pl.String()}
Contracts = dict[int, terms.ContractTerms]


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Where the resolutions of a slice stand among all of them."""

    within: bookings.Slice
    start: int
    count: int


@dataclass(frozen=True, kw_only=True)
class Units:
    """The payable resolutions of a booking.

    Args:
        frame: one row per resolution, slice after slice: columns of KEPT, and value_micros i64 where a price is taken of values.
        classes: one row per class in the order of class_id, columns of CLASSES.
        contracts: the terms of every version in it.
        slices: where each slice stands in the frame.
    """

    frame: pl.DataFrame
    classes: pl.DataFrame
    contracts: Contracts
    slices: tuple[Stretch, ...]

    def of_class(self, column: str, class_ids: pl.Series) -> pl.Series:
        """Return what a column of the classes holds for each of some resolutions."""
        return self.classes[column].gather(class_ids)


@dataclass(frozen=True, kw_only=True)
class Rated:
    """What the resolutions of a booking cost, each number in the order of their frame.

    Args:
        position: its place in row and period; zero for one without a price.
        amount_micros: its price.
        list_micros: its list price.
        beyond: those beyond a last tier: place u32 in the frame, position i64.
        unvalued: the places of those whose price is taken of a value that nobody told.
    """

    position: npt.NDArray[np.uint32]
    amount_micros: npt.NDArray[np.int64]
    list_micros: npt.NDArray[np.int64]
    beyond: pl.DataFrame
    unvalued: pl.Series


def read_units(*, scope: changed_periods.Scope | None, at_once: int) -> Units:
    """Read the payable resolutions that a contract version prices, and find the class and period of each.

    All are read as they were at one instant: what one change takes from one resolution and gives another is seen whole or not at all.
    Names and terms are read after them, so none of theirs is missing.

    Args:
        scope: billing periods to read; None reads everything.
        at_once: how many are read at once, at most.
    """
    slices = bookings.list_slices(scope=scope, at_once=at_once)
    codes, found = pl.DataFrame(schema=dict.fromkeys(CODES, pl.Int64())), dict[int, pl.DataFrame]()
    for place, payable in bookings.read_payable(scope=scope, slices=slices):
        new = payable.select(CODES).unique().join(codes, on=CODES, how="anti", nulls_equal=True).sort(CODES)
        codes = pl.concat([codes, new])
        numbered = codes.with_row_index("class_id")
        keyed = payable.join(numbered, on=CODES, how="left", nulls_equal=True, maintain_order="left")
        found[place] = keyed.select(pl.col(name).cast(kind) for name, kind in READ.items())
    names = frames.query_frame(sql=NAMED, schema=NAMES)
    contracts = terms.load_contract_terms(version_ids=set(codes["version_id"]))
    classes = _name_classes(codes, names, contracts)
    parts, stretches, start = [pl.DataFrame(schema=KEPT)], [], 0
    for place, within in enumerate(slices):
        kept = _keep(found.pop(place), classes, names, contracts, within)
        parts.append(kept)
        stretches.append(Stretch(within=within, start=start, count=kept.height))
        start += kept.height
    frame = pl.concat(parts, how="diagonal", rechunk=True)
    return Units(frame=frame, classes=classes, contracts=contracts, slices=tuple(stretches))


def rate_units(*, units: Units, at_once: int) -> Rated:
    """Rate the resolutions of a booking piece by piece.

    Args:
        units: as `read_units` returns them.
        at_once: about how many are rated at once.

    Returns: what each costs.
    Source: docs/adr/0088-booking-works-in-pieces.md.
    """
    height = units.frame.height
    position, amount, listed = np.zeros(height, np.uint32), np.zeros(height, np.int64), np.zeros(height, np.int64)
    beyond = [pl.DataFrame(schema={"place": pl.UInt32(), "position": pl.Int64()})]
    unvalued = [pl.Series(dtype=pl.UInt32)]
    for rating in _rate_pieces(units, at_once):
        place = rating.rated["place"].to_numpy()
        position[place] = rating.rated["position"].to_numpy()
        amount[place] = rating.rated["amount_micros"].to_numpy()
        listed[place] = rating.rated["list_micros"].to_numpy()
        beyond.append(rating.beyond.select("place", "position"))
        unvalued.append(rating.unvalued["place"])
    return Rated(
        position=position, amount_micros=amount, list_micros=listed, beyond=pl.concat(beyond), unvalued=pl.concat(unvalued, rechunk=True)
    )


def list_rated(*, units: Units, rated: Rated, stretch: Stretch) -> pl.DataFrame:
    """List what has a price in a slice, as `booking.write_differences` takes it.

    Args:
        units: as `read_units` returns them.
        rated: as `rate_units` returns it for them.
        stretch: one of their slices.
    """
    kept = units.frame.slice(stretch.start, stretch.count)
    part = slice(stretch.start, stretch.start + stretch.count)
    return kept.select(
        "resolution_id",
        units.of_class("version_id", kept["class_id"]),
        units.of_class("row_id", kept["class_id"]),
        "period_start",
        "price_bp",
        pl.Series("position", rated.position[part]).cast(pl.Int64),
        pl.Series("amount_micros", rated.amount_micros[part]),
        pl.Series("list_micros", rated.list_micros[part]),
    ).filter(pl.col("position") > 0)


def _name_classes(codes: pl.DataFrame, names: pl.DataFrame, contracts: Contracts) -> pl.DataFrame:
    """Write the codes of classes, and find the row that prices each."""

    def look_up(column: str, kind: str) -> pl.Expr:
        found = names.filter(pl.col("kind") == kind)
        return pl.col(column).replace_strict(found["id"], found["name"], default=None, return_dtype=pl.String())

    voices = names.filter(pl.col("kind") == "voice")["id"].to_list()
    named = codes.with_columns(
        class_id=pl.int_range(pl.len(), dtype=pl.UInt32),
        query_type=look_up("query_type_id", "query_type"),
        channel=look_up("channel_id", "channel"),
        outcome_name=pl.col("outcome").replace_strict([1, 2], bookings.OUTCOMES, default=None, return_dtype=pl.String()),
        is_voice=pl.col("channel_id").is_in(voices).fill_null(False),
    )
    of_names = named.select("version_id", "query_type", "channel", "is_voice", outcome="outcome_name")
    rows = unit_prices.find_rows(classes=of_names, contracts=contracts)
    return named.with_columns(rows["row_id"], rows["unpriced"]).select(*CLASSES)


def _keep(read: pl.DataFrame, classes: pl.DataFrame, names: pl.DataFrame, contracts: Contracts, within: bookings.Slice) -> pl.DataFrame:
    """Keep the few numbers of each resolution that the rating needs."""
    keyed = read.with_columns(classes["version_id"].gather(read["class_id"]))
    zones = names.filter((pl.col("kind") == "zone") & pl.col("id").is_in(list(contracts)))
    at, day = pl.from_epoch("verified_us", time_unit="us").dt.replace_time_zone("UTC"), pl.lit(None, dtype=pl.Date)
    for zone in zones["name"].unique().sort():
        is_there = pl.col("version_id").is_in(zones.filter(pl.col("name") == zone)["id"].to_list())
        day = pl.when(is_there).then(at.dt.convert_time_zone(zone).dt.date()).otherwise(day)
    dated = unit_prices.add_periods(payable=keyed.with_columns(verified_date=day), contracts=contracts)
    kept = dated.select(pl.col(name).cast(kind) for name, kind in KEPT.items())
    valued = unit_prices.list_valued(contracts=contracts)
    if not valued:
        return kept
    return kept.join(bookings.read_values(version_ids=valued, within=within), on="resolution_id", how="left", maintain_order="left")


def _rate_pieces(units: Units, at_once: int) -> Iterator[booking.Rating]:
    """Rate what has a row, piece by piece in the order in which it is counted."""
    prices, steps = unit_prices.list_prices(contracts=units.contracts), unit_prices.list_steps(contracts=units.contracts)
    row_ids = units.of_class("row_id", units.frame["class_id"])
    keys = units.frame.select(row_ids, "period_start", "verified_us")
    places = None
    if row_ids.null_count():
        places = row_ids.is_not_null().arg_true()
        keys = keys[places]
    del row_ids
    order = booking_order.order_units(units=keys)
    pieces = list(booking_order.cut_pieces(units=keys, order=order, at_once=at_once))
    del keys
    before: running.Carried | None = None
    for piece in pieces:
        chosen = order.slice(piece.start, piece.count)
        ordered = _take(units, chosen if places is None else places.gather(chosen))
        if piece.is_part:
            before = replace(running.Carried() if piece.is_first or before is None else before, later_count=piece.later_count)
        rating = booking.rate_ordered(ordered=ordered, prices=prices, steps=steps, before=before if piece.is_part else None)
        before = rating.carried
        yield rating


def _take(units: Units, places: pl.Series) -> pl.DataFrame:
    """Gather resolutions for rating; those of one instant in the order of case and number, for which their cases are read."""
    taken = units.frame[places].with_columns(places.cast(pl.UInt32).alias("place"), pl.col("price_bp").cast(pl.Int64))
    taken = taken.with_columns(units.of_class("row_id", taken["class_id"]))
    tied = booking_order.find_tied(ordered=taken)
    if tied.any():
        cases = bookings.name_cases(resolution_ids=taken["resolution_id"].filter(tied).to_list())
        taken = booking_order.settle_ties(ordered=taken.join(cases, on="resolution_id", how="left", maintain_order="left"), tied=tied)
    wanted = ["place", "row_id", "period_start", "price_bp", "value_micros"]
    return taken.select(name for name in wanted if name in taken.columns)
