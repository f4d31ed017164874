"""One portal for all browser tests: a real server in front of a small company."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from tests.ppr_portal import company as companies
from tests.ppr_portal import standing


@pytest.fixture(scope="package")
def company(django_db_setup: None, django_db_blocker: Any) -> Iterator[companies.Company]:
    """Make the company once."""
    with standing.standing_company(blocker=django_db_blocker) as made:
        yield made


@pytest.fixture(scope="package")
def portal(company: companies.Company) -> Iterator[str]:
    """Serve the portal and return its address."""
    server = LiveServer("127.0.0.1")
    try:
        yield server.url
    finally:
        server.stop()
