"""Migrates once, then copies: each test run clones a template database named for the migrations it was made from."""

import hashlib
import pathlib
from importlib import metadata

import psutil
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.backends.utils import CursorWrapper

ROOT = pathlib.Path(__file__).resolve().parent.parent
PREFIX = "ppr_template_"
LOCK_KEY = 704_112_498
TEMPLATES_KEPT = 4


def use_template() -> None:
    """Point Django's test database at a template that holds every migration, making it if need be."""
    name = PREFIX + _fingerprint()
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
        try:
            _drop_what_others_left(cursor)
            if name not in _databases(cursor, PREFIX):
                _make(cursor, name)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK_KEY])
    connection.settings_dict["TEST"]["TEMPLATE"] = name


def clone(*, name: str) -> None:
    """Make one more database from the template, for a test whose processes commit."""
    template = connection.settings_dict["TEST"]["TEMPLATE"]
    drop(name=name)
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def drop(*, name: str) -> None:
    """Remove a database that `clone` made, whoever is still connected."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for app in apps.get_app_configs():
        folder = pathlib.Path(app.path) / "migrations"
        if folder.is_relative_to(ROOT) and ".venv" not in folder.parts:
            for path in sorted(folder.rglob("*")):
                if path.suffix in {".py", ".sql"}:
                    digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    for package in ("django", "django-allauth", "django-celery-beat", "django-pghistory", "django-pgtrigger"):
        digest.update(f"{package}{metadata.version(package)}".encode())
    return digest.hexdigest()[:16]


def _make(cursor: CursorWrapper, name: str) -> None:
    unfinished = name + "_unfinished"
    cursor.execute(f'DROP DATABASE IF EXISTS "{unfinished}"')
    cursor.execute(f'CREATE DATABASE "{unfinished}"')
    usual = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = unfinished
    try:
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual
    cursor.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')


def _drop_what_others_left(cursor: CursorWrapper) -> None:
    """Drop test databases of runs that were killed, and templates of migrations long changed."""
    for name in _databases(cursor, "test_ppr_"):
        pid = name.removeprefix("test_ppr_").partition("_")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    for name in _databases(cursor, PREFIX)[TEMPLATES_KEPT:]:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')


def _databases(cursor: CursorWrapper, prefix: str) -> list[str]:
    """List databases by prefix, newest first."""
    cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid DESC", [prefix])
    return [name for (name,) in cursor.fetchall()]
