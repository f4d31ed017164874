"""The demo company in a database of its own: set up once for the code as it is, then reused by every test run and worker.

Browser tests and journeys that want the whole company use it too: `with demo_database.in_use(): ...` points Django's connection at
it. Tests must leave it as it is; wrap what they write in a transaction that is rolled back, or `CREATE DATABASE mine TEMPLATE <name>`.
"""

import contextlib
import hashlib
import io
import pathlib
from collections.abc import Iterator

from django.core.management import call_command
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.test import override_settings

from tests import template_database

PREFIX = "ppr_demo_"
LOCK_KEY = 704_112_499
KEPT = 2
PARTS = ("contracts", "agents", "billing", "ppr_portal/demo", "ppr_portal/management/commands/demo.py")
SUFFIXES = {".py", ".sql", ".yaml", ".csv", ".gz"}


def ensure(*, var_dir: pathlib.Path) -> str:
    """Return the name of a database that holds the demo company as this code sets it up, setting it up if need be.

    Args:
        var_dir: where the demo may leave the instant at which its clock stands.
    """
    name = PREFIX + _fingerprint()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
        try:
            if name not in _databases(cursor):
                _make(cursor, name, var_dir)
            for stale in _databases(cursor)[KEPT:]:
                cursor.execute(f'DROP DATABASE IF EXISTS "{stale}" WITH (FORCE)')
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK_KEY])
    return name


@contextlib.contextmanager
def in_use(*, name: str) -> Iterator[None]:
    """Point Django's connection at a database for the length of the block."""
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual


def run_demo(*, var_dir: pathlib.Path) -> str:
    """Run `manage.py demo --no-serve` on the present database and return what it printed."""
    printed = io.StringIO()
    with override_settings(PPR_VAR_DIR=var_dir), contextlib.redirect_stdout(printed):
        call_command("demo", "--no-serve")
    return printed.getvalue()


def _make(cursor: CursorWrapper, name: str, var_dir: pathlib.Path) -> None:
    """Set the company up under another name first, so that a run that is killed leaves nothing half made."""
    unfinished = f"{name}_unfinished"
    cursor.execute(f'DROP DATABASE IF EXISTS "{unfinished}" WITH (FORCE)')
    cursor.execute(f'CREATE DATABASE "{unfinished}" TEMPLATE "{connection.settings_dict["TEST"]["TEMPLATE"]}"')
    with in_use(name=unfinished):
        # The connection is opened before the demo's own directory is named, so that it stays at the usual server.
        connection.ensure_connection()
        run_demo(var_dir=var_dir)
    cursor.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for part in PARTS:
        top = template_database.ROOT / part
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.suffix in SUFFIXES:
                digest.update(str(path.relative_to(template_database.ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _databases(cursor: CursorWrapper) -> list[str]:
    """List finished demo databases, newest first."""
    cursor.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND datname !~ 'unfinished$' ORDER BY oid DESC", [PREFIX]
    )
    return [name for (name,) in cursor.fetchall()]
