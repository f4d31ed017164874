"""Fields that many models share."""

import pytest
from django.core.exceptions import ValidationError

from contracts.models import ContractVersion

CURRENCY = ContractVersion._meta.get_field("currency")


@pytest.mark.parametrize("code", ["USD", "JPY", "KWD", "HRK"])
def test_a_currency_that_is_or_lately_was_is_taken(code):
    assert CURRENCY.clean(code, None) == code


@pytest.mark.parametrize("code", ["USF", "usd", "US", "DOLLAR"])
def test_a_currency_whose_decimals_nobody_knows_is_refused(code):
    with pytest.raises(ValidationError, match=r"write a code of ISO 4217 such as USD|at most 3 characters"):
        CURRENCY.clean(code, None)
