"""Many rows into a table in one COPY, inside the caller's transaction; constraints and triggers act as always."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import polars as pl
from django.db import connection
from django.db.models import JSONField, Model

from agents.queries import frames

# A few megabytes, whatever the size of the frame.
ROWS_AT_ONCE = 50_000
# How the database takes numbers in binary: by column type, as which number. Before the first row come signature, flags and the length
# of an extension, after the last one a count of columns that no row has.
NUMBER_TYPES = {"bigint": ">i8", "integer": ">i4", "smallint": ">i2", "timestamp with time zone": ">i8"}
BINARY_HEAD, BINARY_END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


class UnableToCopyNumbers(Exception):
    """A number that is missing, or larger than its column holds; nothing of the frame stays written."""


def copy_rows(*, model: type[Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Append rows to a model's table.

    Args:
        model: its table takes the rows; the primary key comes from the database.
        fields: names of model fields, every one without a database default.
        rows: values in the order of `fields`; for a JSON field, plain JSON values.

    Returns: how many rows were written.
    """
    found = [model._meta.get_field(name) for name in fields]
    is_json = [isinstance(field, JSONField) for field in found]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in found)  # type: ignore[union-attr]
    table = connection.ops.quote_name(model._meta.db_table)
    count = 0
    statement = f"COPY {table} ({columns}) FROM STDIN"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([_json(value) if encode else value for value, encode in zip(row, is_json, strict=True)])
            count += 1
    return count


def copy_frame(*, model: type[Model], fields: Sequence[str], frame: pl.DataFrame) -> int:
    """Append the rows of a frame to a model's table; the database reads them faster in the order of its indexes.

    Args:
        model: its table takes the rows.
        fields: names of model fields, every one without a database default.
        frame: one column for each of `fields`, in their order: whole numbers, days, texts, instants as text.

    Returns: how many rows were written.
    """
    columns = ", ".join(connection.ops.quote_name(str(model._meta.get_field(name).column)) for name in fields)  # type: ignore[union-attr]
    statement = f"COPY {connection.ops.quote_name(model._meta.db_table)} ({columns}) FROM STDIN (FORMAT csv)"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for part in frame.iter_slices(ROWS_AT_ONCE):
            copy.write(part.write_csv(include_header=False).encode())
    return frame.height


def copy_numbers(*, model: type[Model], fields: Sequence[str], frame: pl.DataFrame) -> int:
    """Append rows of whole numbers and instants to a model's table, laid side by side as the database stores them.

    Args:
        model: its table takes the rows.
        fields: names of model fields, every one without a database default: whole numbers, row numbers of others, instants.
        frame: one column for each of `fields`, in their order, all i64 and none null; instants as microseconds since 1970.

    Returns: how many rows were written.
    Raises: UnableToCopyNumbers.
    """
    found = [model._meta.get_field(name) for name in fields]
    types = [str(field.rel_db_type(connection) if field.is_relation else field.db_type(connection)) for field in found]  # type: ignore[union-attr]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in found)  # type: ignore[union-attr]
    statement = f"COPY {connection.ops.quote_name(model._meta.db_table)} ({columns}) FROM STDIN (FORMAT binary)"
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(BINARY_HEAD)
        for part in frame.iter_slices(ROWS_AT_ONCE):
            copy.write(_lay_rows(part, types, model))
        copy.write(BINARY_END)
    return frame.height


def _lay_rows(frame: pl.DataFrame, types: Sequence[str], model: type[Model]) -> bytearray:
    """Write each row as a count of columns, then each column as its length and its number."""
    layout = [("count", ">i2")]
    for place, kind in enumerate(types):
        layout += [(f"length_{place}", ">i4"), (f"number_{place}", NUMBER_TYPES[kind])]
    # All but the numbers is the same in each row, so one of them is repeated.
    row = np.array((len(types), *(part for kind in types for part in (np.dtype(NUMBER_TYPES[kind]).itemsize, 0))), dtype=layout)
    content = bytearray(row.tobytes() * frame.height)
    rows = np.frombuffer(content, dtype=layout)
    for place, (series, kind) in enumerate(zip(frame.iter_columns(), types, strict=True)):
        bounds = np.iinfo(np.dtype(NUMBER_TYPES[kind]))
        if series.null_count() or not series.is_between(int(bounds.min), int(bounds.max)).all():
            raise UnableToCopyNumbers(
                f"The column {series.name} of {model._meta.db_table} takes whole numbers from {bounds.min} to {bounds.max}; "
                f"it was given {series.null_count()} without a number, from {series.min()!r} to {series.max()!r}."
            )
        numbers = series.to_numpy()
        rows[f"number_{place}"] = numbers - frames.SENT_SINCE_1970_US if kind.startswith("timestamp") else numbers
    return content


def _json(value: Any) -> str:
    """Write JSON in one fixed form, so that equal values are equal bytes."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
