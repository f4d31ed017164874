"""What is booked for resolutions, read line by line where few are asked for.

Parts of one run ask for neighbors, so what lies between the first and the last is read once for all of a worker's parts: from prices that
were packed, and the lines that were booked since (docs/adr/0094-prices-are-packed.md).
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from django.db import connection

from agents.queries import frames
from billing.models.booking import PACKED_TOGETHER
from billing.queries.pay_inputs import packed_prices
from billing.queries.pay_inputs.packed_prices import PRICE, PRICES, Numbers

# In the order of an index that holds all of it; of each resolution the lines in their order.
BOOKED = "SELECT {columns} FROM billing_bookedline WHERE {which} ORDER BY resolution_id, revision"
ONE_BY_ONE = "resolution_id = ANY(%(ids)s::bigint[])"
# Lines are never changed, and are written by one writer at a time: all up to the last one that was packed are packed.
SINCE = "id > %(after)s AND id <= %(up_to)s AND resolution_id BETWEEN %(first)s AND %(last)s"
# Before a first booking packs them all lines are read so; what comes at once is held several times over while it is taken apart.
LINES_AT_ONCE = 2**20
NEWEST = "SELECT coalesce(max(id), 0) FROM billing_bookedline"
# Fewer are read one by one, and so are those that lie far apart or over a longer stretch than memory is for.
ASKED_MIN, APART_MAX, STRETCH_MAX, MARGIN_PARTS = 20_000, 64, 2**25, 16


@dataclass(frozen=True, kw_only=True)
class Booked:
    """The prices of the resolutions from `first` to `last`, as the books stood at a line; `frames.NO_NUMBER` where nothing is booked."""

    newest: int
    first: int
    last: int
    numbers: Mapping[str, Numbers]

    def look_up(self, *, ids: Numbers) -> pl.DataFrame:
        """Return what was read of resolutions, columns of PRICES, in the order asked for; null where nothing is booked."""
        taken = {name: frames.read_nulls(name=name, numbers=numbers[ids - self.first]) for name, numbers in self.numbers.items()}
        return _complete(pl.DataFrame(taken))


class _Shelf(threading.local):
    """What the thread that computes read last."""

    booked: Booked | None = None


_shelf = _Shelf()


def read_prices(*, resolution_ids: pl.Series, is_listed: bool) -> pl.DataFrame:
    """Read what is booked for resolutions: all lines of each added up, and the list price of the last one.

    Args:
        resolution_ids: each once, none null.
        is_listed: whether list prices are asked for.

    Returns: price_micros and list_micros i64 in the same order; null where nothing is booked, or it is not asked for.
    """
    ids = resolution_ids.to_numpy()
    if not ids.size:
        return pl.DataFrame(schema=dict.fromkeys(PRICES, pl.Int64()))
    first, last = int(ids.min()), int(ids.max())
    if are_few(resolution_ids=resolution_ids) or last - first > min(ids.size * APART_MAX, STRETCH_MAX):
        part = few(is_listed=is_listed)
        lines = frames.query_numbers(sql=part.sql, parameters={"ids": write_ids(resolution_ids=resolution_ids)}, schema=part.schema)
        return match_lines(resolution_ids=resolution_ids, lines=lines)
    with connection.cursor() as cursor:
        cursor.execute(NEWEST)
        (newest,) = cursor.fetchone()
    booked, wanted = _shelf.booked, PRICES if is_listed else PRICE
    if (
        booked is None
        or booked.newest != newest
        or first < booked.first
        or last > booked.last
        or not wanted.keys() <= booked.numbers.keys()
    ):
        # The next part starts a little earlier or ends a little later.
        margin = (last - first) // MARGIN_PARTS
        _shelf.booked = booked = _read_stretch(newest, (first - margin) // PACKED_TOGETHER, (last + margin) // PACKED_TOGETHER, wanted)
    return booked.look_up(ids=ids)


def few(*, is_listed: bool) -> frames.Numbers:
    """Return the query for lines of a few resolutions, for who asks something else with it.

    Its parameter is `ids`, as `write_ids` writes it; `match_lines` takes its rows.
    """
    return _lines(ONE_BY_ONE, PRICES if is_listed else PRICE)


def are_few(*, resolution_ids: pl.Series) -> bool:
    """Tell whether so many resolutions are asked for one by one."""
    return len(resolution_ids) < ASKED_MIN


def write_ids(*, resolution_ids: pl.Series) -> str:
    """Write the ids of at least one resolution as a parameter."""
    return f"{{{resolution_ids.sort().cast(pl.String).str.join(',').item()}}}"


def match_lines(*, resolution_ids: pl.Series, lines: pl.DataFrame) -> pl.DataFrame:
    """Return what `read_prices` does, of the rows of `few`."""
    asked = resolution_ids.to_frame("resolution_id")
    return _complete(
        asked.join(packed_prices.add_up(lines=lines), on="resolution_id", how="left", maintain_order="left").drop("resolution_id")
    )


def forget() -> None:
    """Let go of what is kept, when a run or a back-test is over."""
    _shelf.booked = None


def _lines(which: str, wanted: Mapping[str, str]) -> frames.Numbers:
    columns = ", ".join(("resolution_id", *wanted.values()))
    return frames.Numbers(sql=BOOKED.format(columns=columns, which=which), schema=dict.fromkeys(("resolution_id", *wanted), pl.Int64()))


def _complete(found: pl.DataFrame) -> pl.DataFrame:
    """Add what was not asked for."""
    missing = [pl.lit(None, dtype=pl.Int64).alias(name) for name in PRICES if name not in found.columns]
    return found.with_columns(missing) if missing else found


def _read_stretch(newest: int, first: int, last: int, wanted: Mapping[str, str]) -> Booked:
    """Read all packs from one to another, and what was booked since up to a line."""
    packed, numbers = packed_prices.read_packs(first=first, last=last, wanted=wanted)
    first_id, last_id = first * PACKED_TOGETHER, (last + 1) * PACKED_TOGETHER - 1
    part = _lines(SINCE, wanted)
    for after in range(packed, newest, LINES_AT_ONCE):
        given = {"after": after, "up_to": min(after + LINES_AT_ONCE, newest), "first": first_id, "last": last_id}
        lines = frames.query_numbers(sql=part.sql, parameters=given, schema=part.schema)
        packed_prices.add_lines(numbers=numbers, first=first_id, lines=lines)
    return Booked(newest=newest, first=first_id, last=last_id, numbers=numbers)
