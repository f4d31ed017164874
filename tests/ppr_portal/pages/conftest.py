"""The company whose pages are tested, at the instant at which its clock stands."""

from typing import Any

import pytest

from tests.ppr_portal import company as companies


@pytest.fixture
def company(db: None, settings: Any) -> companies.Company:
    """Make the company; what a test changes is rolled back."""
    settings.PPR_NOW = companies.NOW
    return companies.make_company()
