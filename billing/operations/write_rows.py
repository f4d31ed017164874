"""Many rows into a table in one COPY, inside the caller's transaction; constraints and triggers act as always."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl
from django.db import connection
from django.db.models import JSONField, Model

# A few megabytes of text, whatever the size of the frame.
ROWS_AT_ONCE = 50_000


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


def _json(value: Any) -> str:
    """Write JSON in one fixed form, so that equal values are equal bytes."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
