"""Move frames into PostgreSQL by COPY."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import polars as pl
from django.db.backends.utils import CursorWrapper

ROWS_PER_BLOCK = 20_000
ROWS_THAT_MATTER = 500
PART_THAT_MATTERS = 0.5

# What the last look counted; below zero before the first one.
GROWN = """
    SELECT relname FROM pg_class WHERE oid = ANY(%(tables)s::regclass[]) AND reltuples * %(part)s < %(row_count)s ORDER BY relname"""


@contextmanager
def temporary_table(*, cursor: CursorWrapper, name: str, columns: Mapping[str, str], frame: pl.DataFrame) -> Iterator[None]:
    """Hold a frame as a temporary table for as long as the block runs.

    Args:
        cursor: inside a transaction.
        name: of the table; ours, never a user's.
        columns: PostgreSQL type by column; the frame has these.
        frame: what the table holds.
    """
    declared = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
    cursor.execute(f'DROP TABLE IF EXISTS pg_temp."{name}"')
    cursor.execute(f'CREATE TEMPORARY TABLE "{name}" ({declared}) ON COMMIT DROP')
    copy_frame(cursor=cursor, name=name, frame=frame.select(list(columns)))
    cursor.execute(f'ANALYZE "{name}"')
    yield
    cursor.execute(f'DROP TABLE pg_temp."{name}"')


def copy_frame(*, cursor: CursorWrapper, name: str, frame: pl.DataFrame) -> None:
    """Append a frame to a table; text is quoted and null is not, so empty text stays empty text.

    Args:
        cursor: inside a transaction.
        name: of the table; ours, never a user's.
        frame: its columns are named as the table's, in any order; instants with a time zone.
    """
    names = ", ".join(f'"{column}"' for column in frame.columns)
    with cursor.copy(f'COPY "{name}" ({names}) FROM STDIN (FORMAT csv)') as copy:
        for block in frame.iter_slices(ROWS_PER_BLOCK):
            copy.write(
                block.write_csv(
                    include_header=False, quote_style="non_numeric", datetime_format="%Y-%m-%dT%H:%M:%S%.6f%:z", date_format="%Y-%m-%d"
                )
            )


def refresh_statistics(*, cursor: CursorWrapper, tables: Sequence[str], row_count: int) -> None:
    """Let the database look at tables that grew much, so that it plans the next queries for what they hold now.

    Its own look comes a minute later, which is too late for what follows in the same breath.

    A table that held most of its rows before is known well enough, and looking at it costs the more the wider it is.

    Args:
        cursor: of the present transaction.
        tables: ours.
        row_count: how many rows were written to them.
    """
    if row_count < ROWS_THAT_MATTER:
        return
    cursor.execute(GROWN, {"tables": list(tables), "row_count": row_count, "part": PART_THAT_MATTERS})
    grown = [table for (table,) in cursor.fetchall()]
    if grown:
        cursor.execute(f"ANALYZE {', '.join(grown)}")
