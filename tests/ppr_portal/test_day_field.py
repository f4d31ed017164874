"""A day that a form takes has days before and after it in any calendar."""

import pytest
from django import forms

from ppr_portal.pages.fields import DayField


@pytest.mark.parametrize("text", ["0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31", "2016-02-30"])
def test_a_day_that_is_none_or_far_off_is_refused(text: str) -> None:
    with pytest.raises(forms.ValidationError, match="Write a day like 2016-03-31"):
        DayField().clean(text)


@pytest.mark.parametrize("text", ["1900-01-01", "2016-02-29", "2200-12-31"])
def test_other_days_are_read(text: str) -> None:
    assert str(DayField().clean(text)) == text


def test_no_day_is_none_where_none_is_asked_for() -> None:
    assert DayField(required=False).clean("") is None
