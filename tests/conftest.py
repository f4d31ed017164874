"""Fixtures that every test may use."""

from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings

from tests import chromium

# Two busy cores make single examples slow without any fault of the code.
hypothesis_settings.register_profile("portal", deadline=None, max_examples=100, print_blob=True)
hypothesis_settings.load_profile("portal")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_blocker: Any, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Clone the test database from an already migrated template."""
    from tests import template_database

    with django_db_blocker.unblock():
        template_database.use_template()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Drive the Chromium of this machine; without one the browser tests fail and say what to do."""
    found = chromium.find_chromium()
    if found is None:
        pytest.fail(chromium.HELP, pytrace=False)
    return {**browser_type_launch_args, "executable_path": found, "args": chromium.launch_flags()}
