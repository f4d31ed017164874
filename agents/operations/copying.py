"""Move frames into PostgreSQL and rows of a query into frames, both by COPY."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import polars as pl
from django.db import connection
from django.db.backends.utils import CursorWrapper

ROWS_PER_BLOCK = 20_000
NULL = r"\N"
Parameters = Mapping[str, Any]


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
    """Append a frame to a table; text is quoted and null is not, so empty text stays empty text."""
    names = ", ".join(f'"{column}"' for column in frame.columns)
    with cursor.copy(f'COPY "{name}" ({names}) FROM STDIN (FORMAT csv)') as copy:
        for block in frame.iter_slices(ROWS_PER_BLOCK):
            copy.write(
                block.write_csv(
                    include_header=False, quote_style="non_numeric", datetime_format="%Y-%m-%dT%H:%M:%S%.6f%:z", date_format="%Y-%m-%d"
                )
            )


def query_frame(*, sql: str, parameters: Parameters | None = None, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Return the rows of a query as a frame.

    Args:
        sql: a SELECT with one column for each of the schema, in its order; instants through `instant`.
        parameters: values for its placeholders.
        schema: names and types of the frame; instants are Datetime in microseconds, UTC.
    """
    read = {name: _written_as(kind) for name, kind in schema.items()}
    with connection.cursor() as cursor, cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv, NULL '{NULL}')", parameters) as copy:
        content = b"".join(bytes(block) for block in copy)
    if not content:
        return pl.DataFrame(schema=dict(schema))
    frame = pl.read_csv(content, has_header=False, schema=read, null_values=NULL, empty_string_is_null=False)
    return frame.with_columns(_as_declared(name, kind) for name, kind in schema.items())


def instant(column: str) -> str:
    """Write an instant column as whole microseconds since 1970, which are exact and quick to read.

    >>> instant("e.occurred_at")
    '(extract(epoch FROM e.occurred_at) * 1000000)::bigint'
    """
    return f"(extract(epoch FROM {column}) * 1000000)::bigint"


def _written_as(kind: pl.DataType) -> pl.DataType:
    if isinstance(kind, pl.Datetime):
        return pl.Int64()
    return pl.String() if isinstance(kind, pl.Boolean) else kind


def _as_declared(name: str, kind: pl.DataType) -> pl.Expr:
    return pl.col(name) == "t" if isinstance(kind, pl.Boolean) else pl.col(name).cast(kind)
