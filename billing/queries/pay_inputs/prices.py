"""What is booked for resolutions. Parts of one run ask for neighbors, so what lies between the first and the last is read once for all."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from django.db import connection

from agents.queries import frames

Numbers = np.ndarray[Any, np.dtype[np.int64]]
# What a line books by the name that it has here. List prices are read where a plan pays by them.
PRICE = {"price_micros": "amount_micros"}
PRICES = {**PRICE, "list_micros": "list_micros"}
# In the order of an index that holds all of it; of each resolution the lines in their order.
BOOKED = "SELECT {columns} FROM billing_bookedline WHERE {which} ORDER BY resolution_id, revision"
ONE_BY_ONE, BETWEEN = "resolution_id = ANY(%(ids)s::bigint[])", "resolution_id BETWEEN %(first)s AND %(last)s"
NEWEST = "SELECT max(id) FROM billing_bookedline"
# Fewer are read one by one, and so are those that lie far apart or over a longer stretch than memory is for.
ASKED_MIN, APART_MAX, STRETCH_MAX, MARGIN_PARTS = 20_000, 64, 2**25, 16
# A longer stretch comes piece by piece: what comes at once is held several times over while it is taken apart.
PIECE_MAX = 2**20


@dataclass(frozen=True, kw_only=True)
class Booked:
    """The prices of a stretch of resolutions, as the books stood at a line.

    `places` tells where each resolution from `first` on stands, or -1. Lines are never changed or deleted and are written by one
    writer at a time, so that the books are the same as long as their newest line is.
    """

    newest: int | None
    first: int
    last: int
    places: "np.ndarray[Any, np.dtype[np.int32]]"
    numbers: Mapping[str, Numbers]

    def look_up(self, *, ids: Numbers) -> pl.DataFrame:
        """Return what was read of resolutions, columns of PRICES, in the order asked for; null where nothing is booked."""
        places = self.places[ids - self.first]
        found = pl.Series(places >= 0)
        if not self.numbers["price_micros"].size:
            return pl.DataFrame(dict.fromkeys(PRICES, pl.repeat(None, ids.size, dtype=pl.Int64, eager=True)))
        taken = pl.DataFrame({name: numbers[places] for name, numbers in self.numbers.items()})
        return _complete(taken if found.all() else taken.select(pl.when(found).then(name).alias(name) for name in taken.columns))


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
        _shelf.booked = booked = _read_stretch(newest, first - margin, last + margin, wanted)
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
    return _complete(asked.join(_add_up(lines), on="resolution_id", how="left", maintain_order="left").drop("resolution_id"))


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


def _read_stretch(newest: int | None, first: int, last: int, wanted: Mapping[str, str]) -> Booked:
    places = np.full(last - first + 1, -1, dtype=np.int32)
    count, part = 0, _lines(BETWEEN, wanted)
    found: dict[str, list[Numbers]] = {name: [] for name in wanted}
    for start in range(first, last + 1, PIECE_MAX):
        piece = {"first": start, "last": min(start + PIECE_MAX - 1, last)}
        lines = _add_up(frames.query_numbers(sql=part.sql, parameters=piece, schema=part.schema))
        places[lines["resolution_id"].to_numpy() - first] = np.arange(count, count + lines.height, dtype=np.int32)
        count += lines.height
        for name in wanted:
            found[name].append(lines[name].to_numpy())
    numbers = {name: np.concatenate(pieces) for name, pieces in found.items()}
    return Booked(newest=newest, first=first, last=last, places=places, numbers=numbers)


def _add_up(lines: pl.DataFrame) -> pl.DataFrame:
    """Add the lines of each resolution up; they come in the order of resolutions, so that two of one stand side by side."""
    ids = lines["resolution_id"]
    if not (ids == ids.shift(1)).any():
        return lines
    amounts = [pl.col(name).sum() if name == "price_micros" else pl.col(name).last() for name in lines.columns[1:]]
    return lines.group_by("resolution_id", maintain_order=True).agg(amounts)
