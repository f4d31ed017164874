"""Pack the prices that were booked since they were last packed, so that a part of a pay run reads thousands of them as one row."""

from collections.abc import Iterator

import numpy as np
import polars as pl
from django.db import connection

from agents.queries import frames
from billing.models import PackedPrices
from billing.models.booking import PACKED_TOGETHER
from billing.queries.pay_inputs import packed_prices

# Fewer are read as lines meanwhile: for each of them thousands of numbers may have to be written again.
LINES_MIN = 10_000
LINES_AT_ONCE = 250_000
PACKS_AT_ONCE = 64
BOOKS = "SELECT coalesce((SELECT max(last_line) FROM billing_packedprices), 0), coalesce((SELECT max(id) FROM billing_bookedline), 0)"
LINES = """
    SELECT resolution_id, amount_micros, list_micros FROM billing_bookedline WHERE id > %(after)s AND id <= %(last)s
    ORDER BY resolution_id, revision"""
SCHEMA = dict.fromkeys(("resolution_id", *packed_prices.PRICES), pl.Int64())


def pack_prices(*, lines_min: int = LINES_MIN, at_once: int = LINES_AT_ONCE) -> int:
    """Pack the lines of the books that are not packed yet, in the transaction of a booking, which is the only writer of both.

    Args:
        lines_min: of fewer new lines than these, none is packed.
        at_once: how many lines are read at once, one or more; it changes nothing that is written.

    Returns: how many lines there were to pack, at most; 0 if none was.
    Source: docs/adr/0094-prices-are-packed.md.
    """
    with connection.cursor() as cursor:
        cursor.execute(BOOKS)
        packed, newest = cursor.fetchone()
    if newest - packed < lines_min:
        return 0
    # In the order of the books, for the list price of a resolution is that of its last line.
    for after in range(packed, newest, at_once):
        last = min(after + at_once, newest)
        lines = frames.query_numbers(sql=LINES, parameters={"after": after, "last": last}, schema=SCHEMA)
        for packs in _cut(lines):
            _pack(packs, last)
    return int(newest - packed)


def _cut(lines: pl.DataFrame) -> Iterator[dict[int, pl.DataFrame]]:
    """Give the lines of some packs at a time, by the number of the pack."""
    numbered = lines.with_columns(number=pl.col("resolution_id") // PACKED_TOGETHER)
    by_number = numbered.partition_by("number", as_dict=True, include_key=False, maintain_order=True)
    numbers = sorted(number for (number,) in by_number)
    for start in range(0, len(numbers), PACKS_AT_ONCE):
        yield {number: by_number[(number,)] for number in numbers[start : start + PACKS_AT_ONCE]}


def _pack(packs: dict[int, pl.DataFrame], last_line: int) -> None:
    stored = PackedPrices.objects.in_bulk(packs)
    written = [_add(stored.get(number), number, lines, last_line) for number, lines in packs.items()]
    fields = (*packed_prices.PACKED.values(), "last_line")
    PackedPrices.objects.bulk_create(written, update_conflicts=True, unique_fields=["number"], update_fields=fields)


def _add(stored: PackedPrices | None, number: int, lines: pl.DataFrame, last_line: int) -> PackedPrices:
    nothing = np.full(PACKED_TOGETHER, frames.NO_NUMBER, dtype=np.int64)
    numbers = {
        name: nothing.copy() if stored is None else np.frombuffer(getattr(stored, column), dtype=packed_prices.PACKED_AS).astype(np.int64)
        for name, column in packed_prices.PACKED.items()
    }
    packed_prices.add_lines(numbers=numbers, first=number * PACKED_TOGETHER, lines=lines)
    packed = {column: numbers[name].astype(packed_prices.PACKED_AS).tobytes() for name, column in packed_prices.PACKED.items()}
    return PackedPrices(number=number, last_line=last_line, **packed)
