"""Paydays fall on working days, whatever weekday the month begins with."""

from datetime import date

import pytest

from billing.rules import paydays


@pytest.mark.parametrize(
    ("period_end", "working_day", "expected"),
    [
        (date(2016, 5, 1), 1, date(2016, 5, 2)),  # a Sunday
        (date(2016, 5, 1), 5, date(2016, 5, 6)),
        (date(2016, 4, 1), 1, date(2016, 4, 1)),  # a Friday
        (date(2016, 4, 1), 2, date(2016, 4, 4)),
        (date(2016, 10, 1), 1, date(2016, 10, 3)),  # a Saturday
        (date(2016, 2, 1), 20, date(2016, 2, 26)),
    ],
)
def test_a_payday_is_counted_in_working_days(period_end: date, working_day: int, expected: date) -> None:
    assert paydays.find_payday(period_end=period_end, working_day=working_day) == expected


@pytest.mark.parametrize("working_day", [0, 21])
def test_a_day_that_not_every_month_has_is_refused(working_day: int) -> None:
    with pytest.raises(paydays.InvalidPayday, match="choose 1 to 20"):
        paydays.find_payday(period_end=date(2016, 5, 1), working_day=working_day)
