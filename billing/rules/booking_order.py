"""The order in which a row and billing period count their resolutions, and how that order is cut into pieces.

A place is counted among all resolutions of its rate card row and billing period. So a piece holds whole rows and periods, or a
part of a single one that is larger than a piece; what the parts before it counted is handed on (`prices/running.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

GROUP = ("row_id", "period_start")
ORDER = (*GROUP, "verified_us", "case_key", "number")
INT64_MAX = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Resolutions that are rated together.

    Args:
        start: how many resolutions come before it in the order.
        count: how many it holds.
        is_first: whether it begins its row and period; so does each that holds whole ones.
        later_count: how many of its row and period come in later pieces; zero for whole ones.
    """

    start: int
    count: int
    is_first: bool
    later_count: int

    @property
    def is_part(self) -> bool:
        """Whether others of its row and period come before or after it."""
        return not self.is_first or self.later_count > 0


def order_units(*, units: pl.DataFrame) -> pl.Series:
    """Order resolutions by row, period and instant of verification; those of one instant in any order.

    Args:
        units: one row per resolution: row_id of any whole number, period_start date, verified_us i64.

    Returns: the place of each row of the ordered frame in the given one, u32.
    Source: docs/pay-run.md, "Booking".

    >>> units = pl.DataFrame({"row_id": [2, 1, 2], "period_start": [0, 0, 0], "verified_us": [7, 9, 5]})
    >>> order_units(units=units).to_list()
    [1, 2, 0]
    """
    if units.is_empty():
        return pl.Series(dtype=pl.UInt32)
    # A sort by several columns takes many times as long as one by a whole number that holds them all.
    key = units.select(_key=_sort_key(units))["_key"]
    if key.null_count():
        return units.select(pl.arg_sort_by(*GROUP, "verified_us").cast(pl.UInt32)).to_series()
    return key.arg_sort().cast(pl.UInt32)


def find_tied(*, ordered: pl.DataFrame) -> pl.Series:
    """Tell which resolutions share row, period and instant with another one, so that case and number decide between them.

    Args:
        ordered: in the order of `order_units`: row_id, period_start, verified_us.

    Returns: one Boolean per row.
    Source: docs/adr/0088-booking-works-in-pieces.md.

    >>> find_tied(ordered=pl.DataFrame({"row_id": [1, 1, 1], "period_start": [0, 0, 0], "verified_us": [5, 7, 7]})).to_list()
    [False, True, True]
    """
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift(1)) for name in (*GROUP, "verified_us"))
    is_first = pl.int_range(pl.len()) == 0
    found = ordered.select(_same=same & ~is_first)["_same"]
    return found | found.shift(-1, fill_value=False)


def settle_ties(*, ordered: pl.DataFrame, tied: pl.Series) -> pl.DataFrame:
    """Order those of one instant by case and number.

    Args:
        ordered: in the order of `order_units`, with the columns of ORDER.
        tied: as `find_tied` returns it.

    Returns: the frame, in the order in which its resolutions are counted.
    Source: docs/pay-run.md, "Booking".
    """
    if not tied.any():
        return ordered
    among = ordered.with_row_index("_place").filter(tied)
    places = pl.int_range(ordered.height, dtype=pl.UInt32, eager=True).scatter(among["_place"], among.sort(ORDER)["_place"])
    return ordered[places]


def cut_pieces(*, units: pl.DataFrame, order: pl.Series, at_once: int) -> Iterator[Piece]:
    """Cut ordered resolutions into pieces, never between two of one row, period and instant.

    Args:
        units: as `order_units` takes them.
        order: as `order_units` returns it for them.
        at_once: about how many a piece holds, one or more: those of one instant stay together, however many they are.

    Returns: the pieces, in order; together they hold each resolution once.
    Source: docs/adr/0088-booking-works-in-pieces.md.

    >>> units = pl.DataFrame({"row_id": [1, 1, 1, 2], "period_start": [0, 0, 0, 0], "verified_us": [5, 6, 7, 5]})
    >>> pieces = cut_pieces(units=units, order=order_units(units=units), at_once=2)
    >>> [(piece.start, piece.count, piece.is_first, piece.later_count) for piece in pieces]
    [(0, 2, True, 1), (2, 1, False, 0), (3, 1, True, 0)]
    """
    counts = units.group_by(GROUP).len("_count").sort(GROUP)["_count"]
    start = waiting = 0
    for count in counts:
        if waiting and waiting + count > at_once:
            yield Piece(start=start, count=waiting, is_first=True, later_count=0)
            start, waiting = start + waiting, 0
        if count <= at_once:
            waiting += count
            continue
        yield from _cut_group(units["verified_us"].gather(order.slice(start, count)), start, at_once)
        start += count
    if waiting:
        yield Piece(start=start, count=waiting, is_first=True, later_count=0)


def _cut_group(instants: pl.Series, start: int, at_once: int) -> Iterator[Piece]:
    """Cut a row and period that is larger than a piece."""
    at, total = 0, len(instants)
    while at < total:
        end = min(at + at_once, total)
        if end < total:
            end = int(instants.search_sorted(instants[end - 1], side="right"))
        yield Piece(start=start + at, count=end - at, is_first=at == 0, later_count=total - end)
        at = end


def _sort_key(units: pl.DataFrame) -> pl.Expr:
    """Write row, period and instant as one number in their order; null where 63 bits do not hold it, or a part is missing."""
    parts = [pl.col("row_id").cast(pl.Int64), pl.col("period_start").to_physical().cast(pl.Int64), pl.col("verified_us").cast(pl.Int64)]
    lows = units.select(part.min().alias(str(place)) for place, part in enumerate(parts)).row(0)
    highs = units.select(part.max().alias(str(place)) for place, part in enumerate(parts)).row(0)
    if None in lows:
        return pl.lit(None, dtype=pl.Int64)
    spans = [high - low + 1 for low, high in zip(lows, highs, strict=True)]
    if spans[0] * spans[1] * spans[2] > INT64_MAX:
        return pl.lit(None, dtype=pl.Int64)
    rows, days, instants = (part - low for part, low in zip(parts, lows, strict=True))
    key: pl.Expr = (rows * spans[1] + days) * spans[2] + instants
    return key
