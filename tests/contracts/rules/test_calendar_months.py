"""Calendar months: over the end of a year, to shorter months, and back again."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.rules import calendar_months

DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        (date(2016, 1, 31), 0, date(2016, 1, 31)),
        (date(2016, 1, 31), 1, date(2016, 2, 29)),
        (date(2015, 1, 29), 1, date(2015, 2, 28)),
        (date(1900, 1, 31), 1, date(1900, 2, 28)),
        (date(2000, 1, 31), 1, date(2000, 2, 29)),
        (date(2016, 12, 1), 1, date(2017, 1, 1)),
        (date(2016, 1, 1), -1, date(2015, 12, 1)),
        (date(2016, 3, 31), -13, date(2015, 2, 28)),
    ],
)
def test_a_day_some_months_later_is_the_same_day_or_the_last_of_a_shorter_month(day: date, months: int, found: date) -> None:
    assert calendar_months.add_months(day=day, months=months) == found


@settings(max_examples=50)
@given(first=DAYS, months=st.integers(-600, 600))
def test_what_is_added_is_what_is_counted(first: date, months: int) -> None:
    assert calendar_months.count_months(first=first, last=calendar_months.add_months(day=first, months=months)) == months


def test_the_months_from_one_to_another_hold_both_and_none_where_the_last_comes_first() -> None:
    first, last = date(2015, 11, 1), date(2016, 2, 1)

    assert calendar_months.list_months(first=first, last=last) == (first, date(2015, 12, 1), date(2016, 1, 1), last)
    assert calendar_months.list_months(first=first, last=first) == (first,)
    assert calendar_months.list_months(first=last, last=first) == ()
