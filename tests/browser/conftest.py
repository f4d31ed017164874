"""One portal for all browser tests: a real server, a small company in the database, and pages that report every fault.

The company is committed once per worker, because a server in its own thread has its own connection; what it filled is emptied
at the end, so that no other test ever meets it.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from pytest_django.live_server_helper import LiveServer

from tests.ppr_portal import company as companies

@pytest.fixture(scope="package")
def company(django_db_setup: None, django_db_blocker: Any) -> Iterator[companies.Company]:
    """Make the company, and leave the database as it was."""
    assert connection.settings_dict["NAME"] == connection.settings_dict["TEST"]["NAME"], "mark the test with django_db"
    with django_db_blocker.unblock(), override_settings(PPR_NOW=companies.NOW, DEBUG=False):
        empty_before = _empty_tables()
        try:
            yield companies.make_company()
        finally:
            filled = empty_before - _empty_tables()
            if filled:
                with connection.cursor() as cursor:
                    cursor.execute(f"TRUNCATE {', '.join(sorted(filled))} CASCADE")


@pytest.fixture(scope="package")
def portal(company: companies.Company) -> Iterator[str]:
    """Serve the portal and return its address."""
    server = LiveServer("127.0.0.1")
    try:
        yield server.url
    finally:
        server.stop()


def _empty_tables() -> set[str]:
    with connection.cursor() as cursor:
        tables = [connection.ops.quote_name(name) for name in connection.introspection.table_names(cursor)]
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}' WHERE NOT EXISTS (SELECT 1 FROM {name})" for name in tables))
        return {row[0] for row in cursor.fetchall()}
