"""Fill tables with very many rows at once: their indexes are made afterwards, from all rows together."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

# Generated rows fit each other; asking for each of their parents would take most of the time.
PREPARE = """
    SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '768MB'; SET work_mem = '256MB';
    SET max_parallel_maintenance_workers = 2"""
FINISH = """
    RESET session_replication_role; RESET synchronous_commit; RESET maintenance_work_mem; RESET work_mem;
    RESET max_parallel_maintenance_workers"""
UNIQUE = """
    SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint c
    WHERE conrelid = %(table)s::regclass AND contype IN ('u', 'x')
        AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.conindid = c.conindid)"""
PLAIN = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = %(table)s::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND conrelid = indrelid)"""
Rows = tuple[dict[str, str], str]


def fill(*, tables: Iterable[tuple[type[Model], Rows]], asked: Mapping[str, Any]) -> None:
    """Insert the rows of each model in turn.

    Args:
        tables: a model, with its columns as SQL and where they come from.
        asked: what the SQL is asked with.
    """
    with connection.cursor() as cursor:
        cursor.execute(PREPARE)
        for model, (columns, rows) in tables:
            _fill(cursor, model, insert_rows(model, columns, rows), asked)
        cursor.execute(FINISH)


def _fill(cursor: CursorWrapper, model: type[Model], insert: str, asked: Mapping[str, Any]) -> None:
    table = model._meta.db_table
    cursor.execute(UNIQUE, {"table": table})
    constraints = cursor.fetchall()
    cursor.execute(PLAIN, {"table": table})
    indexes = cursor.fetchall()
    for name, _ in constraints:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")
    cursor.execute(insert, asked)
    for _, definition in indexes:
        cursor.execute(definition)
    for name, definition in constraints:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    cursor.execute(f"ANALYZE {table}")


def insert_rows(model: type[Model], columns: dict[str, str], rows: str) -> str:
    """Write the statement that fills a model's table; a column that is not named holds the default of its field, or nothing."""
    filled = dict(columns)
    for field in model._meta.local_concrete_fields:
        if field.column not in columns and not field.primary_key and not field.null:
            value = field.get_default() if field.has_default() else ""
            filled[field.column] = "'{}'".format(str(value).replace("%", "%%").replace("'", "''"))
    names = ", ".join(connection.ops.quote_name(name) for name in filled)
    return f"INSERT INTO {model._meta.db_table} ({names}) SELECT {', '.join(filled.values())} FROM {rows}"
