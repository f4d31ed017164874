"""One portal for all browser tests: a real server in front of a small company, and people who are signed in."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from agents.models import User
from tests.browser import pages
from tests.ppr_portal import company as companies
from tests.ppr_portal import standing

Visits = Callable[..., pages.Visit]


@pytest.fixture(scope="package")
def company(django_db_setup: None, django_db_blocker: Any) -> Iterator[companies.Company]:
    """Make the company once."""
    with standing.standing_company(blocker=django_db_blocker) as made:
        yield made


@pytest.fixture(scope="package")
def sessions(company: companies.Company) -> dict[int, str]:
    """Sign everybody in once, where the server sees it; a test of its own uses the form."""
    found = {}
    for user in User.objects.all():
        client = Client()
        client.force_login(user)
        found[user.pk] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return found


@pytest.fixture(scope="package")
def portal(company: companies.Company) -> Iterator[str]:
    """Serve the portal and return its address."""
    server = LiveServer("127.0.0.1")
    try:
        yield server.url
    finally:
        server.stop()


@pytest.fixture
def visits(browser: Browser, portal: str, sessions: dict[int, str]) -> Iterator[Visits]:
    """Return what opens a browser for somebody; all are closed in the end."""
    opened: list[pages.Visit] = []

    def start(user: User | None = None, **look: Any) -> pages.Visit:
        visit = pages.start_visit(browser, portal, session=sessions[user.pk] if user else "", **look)
        opened.append(visit)
        return visit

    yield start
    for visit in opened:
        visit.page.context.close()
