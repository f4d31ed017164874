"""Rows of the database as polars frames, read in one statement however many they are.

Instants are read as Int64 microseconds since 1970 in UTC and money as Int64 micros, so no float comes near either.
"""

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from django.db import connection

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def read_frame(*, sql: str, params: Sequence[Any] | Mapping[str, Any], schema: Mapping[str, Any]) -> pl.DataFrame:
    """Return the rows of a SELECT as a frame with these columns, in the statement's order.

    Args:
        sql: a SELECT whose columns are those of the schema; instants as `microseconds` writes them.
        params: its parameters.
        schema: name and polars type of each column.
    """
    statement = connection.ops.compose_sql(f"COPY ({sql}) TO STDOUT (FORMAT csv)", params)  # type: ignore[attr-defined]
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as rows:
        data = b"".join(rows)
    if not data:
        return pl.DataFrame(schema=schema)
    return pl.read_csv(io.BytesIO(data), has_header=False, schema=schema)


def microseconds(column: str) -> str:
    """Return SQL that gives an instant as whole microseconds since 1970."""
    return f"(extract(epoch FROM {column}) * 1000000)::bigint"


def to_microseconds(at: datetime) -> int:
    """Return an instant as whole microseconds since 1970."""
    return (at - EPOCH) // MICROSECOND


def to_instant(microseconds_since: int) -> datetime:
    """Return the instant of whole microseconds since 1970, in UTC."""
    return EPOCH + timedelta(microseconds=microseconds_since)
