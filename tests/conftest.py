"""Fixtures that every test may use."""

from collections.abc import Generator, Iterator
from typing import Any

import psutil
import pytest
from django.db import connections
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Playwright
from pytest_django.plugin import blocking_manager_key

from tests import chromium

# Two busy cores make single examples slow without any fault of the code. The examples of a test follow from its own text, so that
# the same commit passes or fails everywhere; `--hypothesis-profile=search` draws new ones in each run, to look for what they miss.
hypothesis_settings.register_profile("portal", deadline=None, max_examples=100, print_blob=True, derandomize=True)
hypothesis_settings.register_profile("search", deadline=None, max_examples=100, print_blob=True, derandomize=False)
hypothesis_settings.load_profile("portal")


def pytest_xdist_auto_num_workers() -> int:
    """Run one worker more than there are cores: tests that drive a browser or start processes wait much of their time."""
    return (psutil.cpu_count(logical=False) or 1) + 1


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_blocker: Any, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Clone the test database from an already migrated template."""
    from tests import template_database

    with django_db_blocker.unblock():
        template_database.use_template()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, None, None]:
    """Clone the database anew after a test that commits: it ends by emptying every table, those that migrations filled too.

    Such tests come last in one process; among several, whoever is done takes over tests of others.
    """
    yield
    marker = item.get_closest_marker("django_db")
    if nextitem is not None and marker is not None and marker.kwargs.get("transaction"):
        from tests import template_database

        with item.config.stash[blocking_manager_key].unblock():
            connections.close_all()
            template_database.clone(name=connections["default"].settings_dict["NAME"])


@pytest.fixture(scope="session")
def _connections_of_before() -> None:
    """Playwright keeps an event loop in the thread of the tests, and Django keeps other connections for it: close the usual ones."""
    connections.close_all()


@pytest.fixture(scope="session")
def playwright(_connections_of_before: None, playwright: Playwright) -> Iterator[Playwright]:
    """Run Playwright, and close the connections of its event loop before it ends: nobody finds them afterwards to close them."""
    yield playwright
    connections.close_all()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Drive the Chromium of this machine; without one the browser tests fail and say what to do."""
    found = chromium.find_chromium()
    if found is None:
        pytest.fail(chromium.HELP, pytrace=False)
    return {**browser_type_launch_args, "executable_path": found, "args": chromium.launch_flags()}
