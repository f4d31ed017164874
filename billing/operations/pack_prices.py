"""Pack the prices that were booked since they were last packed, so that a part of a pay run reads thousands of them as one row."""

from collections.abc import Iterator

import numpy as np
import polars as pl
import psycopg
from django.db import connection, transaction

from agents.queries import frames
from billing.models.booking import BOOKS_LOCK, PACKED_TOGETHER
from billing.queries.pay_inputs import packed_prices

# Fewer are read as lines meanwhile: for each of them thousands of numbers may have to be written again.
LINES_MIN = 10_000
LINES_AT_ONCE = 250_000
PACKS_AT_ONCE = 64
BOOKS = "SELECT coalesce((SELECT max(last_line) FROM billing_packedprices), 0), coalesce((SELECT max(id) FROM billing_bookedline), 0)"
LINES = """
    SELECT resolution_id, amount_micros, list_micros FROM billing_bookedline WHERE id > %(after)s AND id <= %(last)s ORDER BY id"""
SCHEMA = dict.fromkeys(("resolution_id", *packed_prices.PRICES), pl.Int64())
STORED = "SELECT number, amounts_micros, lists_micros FROM billing_packedprices WHERE number = ANY(%(numbers)s)"
# Bytes go as they are: written out as text they would be twice as many, and take the database as long as all the rest.
UPSERT = """
    INSERT INTO billing_packedprices (number, amounts_micros, lists_micros, last_line) VALUES (%s, %b, %b, %s)
    ON CONFLICT (number) DO UPDATE
    SET amounts_micros = excluded.amounts_micros, lists_micros = excluded.lists_micros, last_line = excluded.last_line"""


def pack_prices(*, lines_min: int | None = None, at_once: int = LINES_AT_ONCE) -> int:
    """Pack the lines of the books that are not packed yet; nobody else writes lines or packs meanwhile.

    Args:
        lines_min: of fewer new lines than these none is packed, LINES_MIN if None; numbers that a booking drew in vain count.
        at_once: how many lines are read at once, one or more; it changes nothing that is written.

    Returns: how many lines there were to pack, at most; 0 if none was.
    Source: docs/adr/0094-prices-are-packed.md.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [BOOKS_LOCK])
        cursor.execute(BOOKS)
        packed, newest = cursor.fetchone()
        if newest - packed < (LINES_MIN if lines_min is None else lines_min):
            return 0
        # In the order of the books, for the list price of a resolution is that of its last line.
        for after in range(packed, newest, at_once):
            last = min(after + at_once, newest)
            lines = frames.query_numbers(sql=LINES, parameters={"after": after, "last": last}, schema=SCHEMA)
            for packs in _cut(lines):
                _pack(packs, last)
    return int(newest - packed)


def _cut(lines: pl.DataFrame) -> Iterator[dict[int, pl.DataFrame]]:
    """Give the lines of some packs at a time, by the number of the pack, in the order of resolutions and of the books."""
    numbered = lines.sort("resolution_id", maintain_order=True).with_columns(number=pl.col("resolution_id") // PACKED_TOGETHER)
    by_number = numbered.partition_by("number", as_dict=True, include_key=False, maintain_order=True)
    numbers = [number for (number,) in by_number]
    for start in range(0, len(numbers), PACKS_AT_ONCE):
        yield {number: by_number[(number,)] for number in numbers[start : start + PACKS_AT_ONCE]}


def _pack(packs: dict[int, pl.DataFrame], last_line: int) -> None:
    found = frames.query_bytes(sql=STORED, parameters={"numbers": list(packs)}, types=("int8", "bytea", "bytea"))
    stored = {number: columns for number, *columns in found}
    rows = [(number, *_add(stored.get(number), number, lines), last_line) for number, lines in packs.items()]
    # The connection's own cursors write values into the statement.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.executemany(UPSERT, rows)


def _add(stored: list[bytes] | None, number: int, lines: pl.DataFrame) -> list[bytes]:
    """Return the columns of a pack with its later lines."""
    nothing = np.full(PACKED_TOGETHER, frames.NO_NUMBER, dtype=np.int64).tobytes()
    columns = stored or [nothing] * len(packed_prices.PRICES)
    numbers = {
        name: np.frombuffer(column, dtype=packed_prices.PACKED_AS).astype(np.int64)
        for name, column in zip(packed_prices.PRICES, columns, strict=True)
    }
    packed_prices.add_lines(numbers=numbers, first=number * PACKED_TOGETHER, lines=lines)
    return [found.astype(packed_prices.PACKED_AS).tobytes() for found in numbers.values()]
