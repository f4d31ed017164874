"""What is booked for resolutions. Parts of one run ask for neighbors, so what lies between the first and the last is read once for all."""

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from django.db import connection

from agents.queries import frames

Numbers = np.ndarray[Any, np.dtype[np.int64]]
LINES: dict[str, pl.DataType] = {"resolution_id": pl.Int64(), "price_micros": pl.Int64(), "list_micros": pl.Int64()}
# In the order of an index that holds all of it; of each resolution the lines in their order.
BOOKED = "SELECT resolution_id, amount_micros, list_micros FROM billing_bookedline WHERE {which} ORDER BY resolution_id, revision"
ONE_BY_ONE, BETWEEN = "resolution_id = ANY(%(ids)s::bigint[])", "resolution_id BETWEEN %(first)s AND %(last)s"
# With the parameter `ids`, as `write_ids` writes it: for who asks for a few with something else.
FEW = frames.Numbers(sql=BOOKED.format(which=ONE_BY_ONE), schema=LINES)
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
    prices: Numbers
    lists: Numbers

    def look_up(self, *, ids: Numbers) -> pl.DataFrame:
        """Return price_micros and list_micros of resolutions in the order asked for; null where nothing is booked."""
        places = self.places[ids - self.first]
        found = pl.Series(places >= 0)
        columns = {"price_micros": self.prices, "list_micros": self.lists}
        if not self.prices.size:
            return pl.DataFrame(dict.fromkeys(columns, pl.repeat(None, ids.size, dtype=pl.Int64, eager=True)))
        taken = pl.DataFrame({name: numbers[places] for name, numbers in columns.items()})
        return taken if found.all() else taken.select(pl.when(found).then(name).alias(name) for name in columns)


class _Shelf(threading.local):
    """What the thread that computes read last."""

    booked: Booked | None = None


_shelf = _Shelf()


def read_prices(*, resolution_ids: pl.Series) -> pl.DataFrame:
    """Read what is booked for resolutions: all lines of each added up, and the list price of the last one.

    Args:
        resolution_ids: each once, none null.

    Returns: price_micros and list_micros i64 in the same order; null where nothing is booked.
    """
    ids = resolution_ids.to_numpy()
    if not ids.size:
        return pl.DataFrame(schema={name: LINES[name] for name in ("price_micros", "list_micros")})
    first, last = int(ids.min()), int(ids.max())
    if are_few(resolution_ids=resolution_ids) or last - first > min(ids.size * APART_MAX, STRETCH_MAX):
        lines = frames.query_numbers(sql=FEW.sql, parameters={"ids": write_ids(resolution_ids=resolution_ids)}, schema=FEW.schema)
        return match_lines(resolution_ids=resolution_ids, lines=lines)
    with connection.cursor() as cursor:
        cursor.execute(NEWEST)
        (newest,) = cursor.fetchone()
    booked = _shelf.booked
    if booked is None or booked.newest != newest or first < booked.first or last > booked.last:
        # The next part starts a little earlier or ends a little later.
        margin = (last - first) // MARGIN_PARTS
        _shelf.booked = booked = _read_stretch(newest, first - margin, last + margin)
    return booked.look_up(ids=ids)


def are_few(*, resolution_ids: pl.Series) -> bool:
    """Tell whether so many resolutions are asked for one by one."""
    return len(resolution_ids) < ASKED_MIN


def write_ids(*, resolution_ids: pl.Series) -> str:
    """Write the ids of at least one resolution as a parameter."""
    return f"{{{resolution_ids.sort().cast(pl.String).str.join(',').item()}}}"


def match_lines(*, resolution_ids: pl.Series, lines: pl.DataFrame) -> pl.DataFrame:
    """Return what `read_prices` does, of the rows of FEW."""
    asked = resolution_ids.to_frame("resolution_id")
    return asked.join(_add_up(lines), on="resolution_id", how="left", maintain_order="left").drop("resolution_id")


def forget() -> None:
    """Let go of what is kept, when a run or a back-test is over."""
    _shelf.booked = None


def _read_stretch(newest: int | None, first: int, last: int) -> Booked:
    places = np.full(last - first + 1, -1, dtype=np.int32)
    count, prices, lists = 0, [], []
    for start in range(first, last + 1, PIECE_MAX):
        piece = {"first": start, "last": min(start + PIECE_MAX - 1, last)}
        lines = _add_up(frames.query_numbers(sql=BOOKED.format(which=BETWEEN), parameters=piece, schema=LINES))
        places[lines["resolution_id"].to_numpy() - first] = np.arange(count, count + lines.height, dtype=np.int32)
        count += lines.height
        prices.append(lines["price_micros"].to_numpy())
        lists.append(lines["list_micros"].to_numpy())
    return Booked(newest=newest, first=first, last=last, places=places, prices=np.concatenate(prices), lists=np.concatenate(lists))


def _add_up(lines: pl.DataFrame) -> pl.DataFrame:
    """Add the lines of each resolution up; they come in the order of resolutions, so that two of one stand side by side."""
    ids = lines["resolution_id"]
    if not (ids == ids.shift(1)).any():
        return lines
    amounts = (pl.col("price_micros").sum(), pl.col("list_micros").last())
    return lines.group_by("resolution_id", maintain_order=True).agg(amounts)
