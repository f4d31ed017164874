"""Rows of a query as a frame, moved by COPY."""

from collections.abc import Mapping
from typing import Any

import polars as pl
from django.db import connection

NULL = r"\N"
INSTANT = pl.Datetime("us", "UTC")


def query_frame(*, sql: str, parameters: Mapping[str, Any] | None = None, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Return the rows of a query as a frame.

    Args:
        sql: a SELECT with one column for each of the schema, in its order; instants through `instant`.
        parameters: values for its placeholders.
        schema: names and types of the frame; instants are INSTANT.
    """
    read = {name: _written_as(kind) for name, kind in schema.items()}
    # Filled in here, for the cursor that counts and logs queries copies a finished statement only.
    statement = connection.ops.compose_sql(f"COPY ({sql}) TO STDOUT (FORMAT csv, NULL '{NULL}')", parameters)  # type: ignore[attr-defined]
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
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
