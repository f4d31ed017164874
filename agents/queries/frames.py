"""Rows of a query as a frame, moved by COPY: as text row by row, or, where all columns are numbers, column by column as bytes.

Queries of a few rows each come together, as JSON.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from django.db import connection

NULL = r"\N"
INSTANT = pl.Datetime("us", "UTC")
# Stands for null among packed numbers: the least that there is, which nothing stored ever is.
NO_NUMBER = -(2**63)
# The database sends an instant as microseconds since 2000.
SENT_SINCE_1970_US = 946_684_800_000_000
# What COPY writes before the only row (signature, flags, length of an extension, count of columns), and before each column.
HEAD_BYTES, LENGTH_BYTES = 21, 4


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """A query of whole numbers and instants, as `query_numbers` takes one."""

    sql: str
    schema: Mapping[str, pl.DataType]
    instants: Collection[str] = ()


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
    changed = [_as_declared(name, kind) for name, kind in schema.items() if read[name] != kind]
    return frame.with_columns(changed) if changed else frame


def query_numbers(
    *, sql: str, parameters: Mapping[str, Any] | None = None, schema: Mapping[str, pl.DataType], instants: Collection[str] = ()
) -> pl.DataFrame:
    """Return the rows of a query of many rows as a frame; the database packs each column, so nothing is done row by row here.

    Args:
        sql: a SELECT with one column for each of the schema, in its order, all of them whole numbers or instants; texts as
            numbers that the caller names. Of some million rows at most, for they leave as one.
        parameters: values for its placeholders.
        schema: names and types of the frame: whole numbers only.
        instants: columns that are instants (timestamptz); they come as microseconds since 1970, sent as they are stored.
    """
    (found,) = query_numbers_together(parts=(Numbers(sql=sql, schema=schema, instants=instants),), parameters=parameters)
    return found


def query_numbers_together(*, parts: Sequence[Numbers], parameters: Mapping[str, Any] | None = None) -> list[pl.DataFrame]:
    """Return the rows of several queries as `query_numbers` does, in one trip.

    Args:
        parts: the queries.
        parameters: values for the placeholders of all of them.
    """
    columns, tables = [], []
    for number, part in enumerate(parts):
        names = [f"p{number}_{place}" for place in range(len(part.schema))]
        columns += names
        tables.append(f"({_pack_rows(part, names)}) AS part_{number}")
    statement = connection.ops.compose_sql(  # type: ignore[attr-defined]
        f"COPY (SELECT {', '.join(columns)} FROM {', '.join(tables)}) TO STDOUT (FORMAT binary)",  # noqa: S608 (our own text)
        parameters,
    )
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        content = b"".join(copy)
    return _unpack(content, parts)


def query_pieces(*, part: Numbers, parameters: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, pl.DataFrame]]:
    """Give the rows of one query for each of some parameters as `query_numbers` does, all of them as the database was at one instant.

    They leave in one statement, piece by piece, so no more than one is held; nothing else can be asked until the last one is taken.

    Args:
        part: the query.
        parameters: values for its placeholders, by piece.

    Returns: each piece with its place among the parameters, in any order.
    """
    names = [f"p_{place}" for place in range(len(part.schema))]
    packed = _pack_rows(part, names)
    pieces = [
        connection.ops.compose_sql(f"SELECT {place}, packed.* FROM ({packed}) AS packed", given)  # type: ignore[attr-defined] # noqa: S608 (our own text)
        for place, given in enumerate(parameters)
    ]
    for place, *columns in query_bytes(sql=" UNION ALL ".join(pieces), types=("int4", *["bytea"] * len(names))):
        yield place, _read_rows(part, columns)


def query_bytes(*, sql: str, parameters: Mapping[str, Any] | None = None, types: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Give the rows of a query that holds numbers and bytes as the database stores them, one by one.

    Args:
        sql: a SELECT.
        parameters: values for its placeholders.
        types: how the database calls the type of each column.
    """
    statement = connection.ops.compose_sql(f"COPY ({sql}) TO STDOUT (FORMAT binary)", parameters)  # type: ignore[attr-defined]
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(types)
        yield from copy.rows()


def query_together(*, parts: Mapping[str, str], parameters: Mapping[str, Any] | None = None) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of several queries of few rows each, in one trip.

    Args:
        parts: each a SELECT whose columns have names, in the order of its own; instants through `instant`, decimals as text.
        parameters: values for the placeholders of all of them.

    Returns: by part, each row by column, as JSON tells values: numbers, texts, days as YYYY-MM-DD.
    """
    rows = (f"(SELECT coalesce(json_agg(part), '[]') FROM ({sql}) part)" for sql in parts.values())  # noqa: S608 (our own text)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT json_build_array({', '.join(rows)})::text", parameters)
        (found,) = cursor.fetchone()
    return dict(zip(parts, json.loads(found), strict=True))


def read_nulls(*, name: str, numbers: "np.ndarray[Any, np.dtype[np.int64]]") -> pl.Series:
    """Return packed numbers as a column: null where NO_NUMBER stands."""
    is_nothing = numbers == NO_NUMBER
    found = pl.Series(name, numbers, dtype=pl.Int64)
    return found.set(pl.Series(is_nothing), None) if is_nothing.any() else found


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


def _pack_rows(part: Numbers, names: Sequence[str]) -> str:
    """Write the statement that packs each column of a query, under a name, into the bytes of one row."""
    packed = ", ".join(f"{_pack(name, column in part.instants)} AS {name}" for name, column in zip(names, part.schema, strict=True))
    return f"SELECT {packed} FROM ({part.sql}) AS found ({', '.join(names)})"  # noqa: S608 (our own text)


def _pack(column: str, is_instant: bool) -> str:
    sent = f"coalesce(timestamptz_send({column}), int8send({NO_NUMBER}))" if is_instant else f"int8send(coalesce({column}, {NO_NUMBER}))"
    return f"string_agg({sent}, '')"


def _unpack(content: bytes, parts: Sequence[Numbers]) -> list[pl.DataFrame]:
    """Take the columns of a packed row apart, each all in one step."""
    found = []
    at = HEAD_BYTES
    for part in parts:
        columns: list[memoryview | None] = []
        for _ in part.schema:
            size = int.from_bytes(content[at : at + LENGTH_BYTES], "big", signed=True)
            at += LENGTH_BYTES
            columns.append(memoryview(content)[at : at + size] if size > 0 else None)
            at += max(size, 0)
        found.append(_read_rows(part, columns))
    return found


def _read_rows(part: Numbers, columns: Sequence[bytes | memoryview | None]) -> pl.DataFrame:
    """Read packed columns; those of a part without rows have no bytes at all."""
    found = [
        _read_column(content, name, name in part.instants).cast(kind)
        for (name, kind), content in zip(part.schema.items(), columns, strict=True)
        if content is not None
    ]
    return pl.DataFrame(found) if found else pl.DataFrame(schema=dict(part.schema))


def _read_column(content: bytes | memoryview, name: str, is_instant: bool) -> pl.Series:
    numbers = np.frombuffer(content, dtype=">i8").astype(np.int64)
    is_nothing = numbers == NO_NUMBER
    found = pl.Series(name, numbers + SENT_SINCE_1970_US if is_instant else numbers, dtype=pl.Int64)
    return found.set(pl.Series(is_nothing), None) if is_nothing.any() else found
