"""The company whose pages are tested; what a test changes is rolled back."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from tests.ppr_portal import company as companies
from tests.ppr_portal import standing


@pytest.fixture(scope="package")
def standing_company(django_db_setup: None, django_db_blocker: Any) -> Iterator[companies.Company]:
    """Make the company once."""
    with standing.standing_company(blocker=django_db_blocker) as company:
        yield company


@pytest.fixture
def company(standing_company: companies.Company, db: None) -> companies.Company:
    """Return the company, with nothing worked out of it that a test before changed."""
    cache.clear()
    return standing_company
