"""The company, committed once for all tests of a package: a server in its own thread sees it, and each test rolls its own changes back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import pgtrigger
from django.db import connection
from django.test import override_settings

from tests.ppr_portal import company as companies

T = TypeVar("T")


@contextmanager
def standing_company(*, blocker: Any) -> Iterator[companies.Company]:
    """Make the company at the instant at which its clock stands, and leave the database as it was."""
    with standing(blocker=blocker, make=companies.make_company) as made:
        yield made


@contextmanager
def standing(*, blocker: Any, make: Callable[[], T]) -> Iterator[T]:
    """Make anything that is committed, at the instant at which the company's clock stands, and leave the database as it was."""
    assert connection.settings_dict["NAME"] == connection.settings_dict["TEST"]["NAME"], "mark the test with django_db"
    with blocker.unblock(), override_settings(PPR_NOW=companies.NOW, DEBUG=False):
        empty_before = _empty_tables()
        try:
            yield make()
        finally:
            filled = empty_before - _empty_tables()
            if filled:
                with pgtrigger.ignore(), connection.cursor() as cursor:
                    cursor.execute(f"TRUNCATE {', '.join(sorted(filled))} CASCADE")


def _empty_tables() -> set[str]:
    with connection.cursor() as cursor:
        tables = [connection.ops.quote_name(name) for name in connection.introspection.table_names(cursor)]
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}' WHERE NOT EXISTS (SELECT 1 FROM {name})" for name in tables))
        return {row[0] for row in cursor.fetchall()}
