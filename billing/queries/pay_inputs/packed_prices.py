"""Prices of neighboring resolutions as they are packed: thousands of numbers in one row (docs/adr/0094-prices-are-packed.md)."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from agents.queries import frames
from billing.models.booking import PACKED_TOGETHER

Numbers = np.ndarray[Any, np.dtype[np.int64]]
# What a line books by the name that it has here. List prices are read where a plan pays by them.
PRICE = {"price_micros": "amount_micros"}
PRICES = {**PRICE, "list_micros": "list_micros"}
# Where they are packed.
PACKED = {"price_micros": "amounts_micros", "list_micros": "lists_micros"}
PACKED_AS = np.dtype("<i8")
# What is packed and up to which line, as they were at one instant; one row at least.
PACKS = """
    SELECT coalesce(up_to.line, 0), packed.number, {columns} FROM (SELECT max(last_line) AS line FROM billing_packedprices) up_to
    LEFT JOIN billing_packedprices packed ON packed.number BETWEEN %(first)s AND %(last)s"""


def add_up(*, lines: pl.DataFrame) -> pl.DataFrame:
    """Add the lines of each resolution up.

    Args:
        lines: resolution_id i64 and columns of PRICES, in the order of resolutions and revisions.

    Returns: one row per resolution: the sum of its prices, and the list price of its last line.
    """
    ids = lines["resolution_id"]
    if not (ids == ids.shift(1)).any():
        return lines
    amounts = [pl.col(name).sum() if name == "price_micros" else pl.col(name).last() for name in lines.columns[1:]]
    return lines.group_by("resolution_id", maintain_order=True).agg(amounts)


def add_lines(*, numbers: Mapping[str, Numbers], first: int, lines: pl.DataFrame) -> None:
    """Add later lines to the prices of neighboring resolutions, in place.

    Args:
        numbers: by name of PRICES, what is booked for each resolution from `first` on, `frames.NO_NUMBER` where nothing is.
        first: a resolution.
        lines: of resolutions among these, as `add_up` takes them.
    """
    added = add_up(lines=lines)
    places = added["resolution_id"].to_numpy() - first
    for name, booked in numbers.items():
        news = added[name].to_numpy()
        before = booked[places]
        booked[places] = np.where(before == frames.NO_NUMBER, 0, before) + news if name == "price_micros" else news


def read_packs(*, first: int, last: int, wanted: Mapping[str, str]) -> tuple[int, dict[str, Numbers]]:
    """Read packed prices.

    Args:
        first: the number of a pack.
        last: the number of the same or a later one.
        wanted: which of PRICES.

    Returns: the line of the books up to which all lines are packed (0: none is), and by name the numbers of all resolutions of these packs,
        one after the other; `frames.NO_NUMBER` where nothing is packed.
    """
    numbers = {name: np.full((last - first + 1) * PACKED_TOGETHER, frames.NO_NUMBER, dtype=np.int64) for name in wanted}
    sql = PACKS.format(columns=", ".join(PACKED[name] for name in wanted))
    types = ("int8", "int8", *["bytea"] * len(wanted))
    up_to = 0
    for packed, number, *columns in frames.query_bytes(sql=sql, parameters={"first": first, "last": last}, types=types):
        up_to = packed
        if number is not None:
            start = (number - first) * PACKED_TOGETHER
            for content, into in zip(columns, numbers.values(), strict=True):
                into[start : start + PACKED_TOGETHER] = np.frombuffer(content, dtype=PACKED_AS)
    return up_to, numbers
