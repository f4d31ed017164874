"""Counting in calendar months: a day some months later, and the months from one to another."""

import calendar
from datetime import date

MONTHS = 12


def add_months(*, day: date, months: int) -> date:
    """Return the same day so many months later, or the last day of that month if it is shorter.

    Args:
        day: any day.
        months: how many, below zero for earlier ones.

    Source: docs/terms.md, billing calendars; a month end stays within its month.

    >>> [str(add_months(day=date(2016, 1, 31), months=months)) for months in (1, -2)]
    ['2016-02-29', '2015-11-30']
    """
    year, month = divmod(day.year * MONTHS + day.month - 1 + months, MONTHS)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def count_months(*, first: date, last: date) -> int:
    """Return how many months one month is after another, below zero where it is before; days do not count.

    Args:
        first, last: any days of the two months.

    Source: Gregorian calendar, twelve months a year.

    >>> count_months(first=date(2015, 12, 1), last=date(2016, 2, 1))
    2
    """
    return (last.year - first.year) * MONTHS + last.month - first.month


def list_months(*, first: date, last: date) -> tuple[date, ...]:
    """Return the first day of every month from one to another, both included.

    Args:
        first, last: any days of the two months; there are none where `last` is in an earlier one.

    Source: Gregorian calendar, twelve months a year.

    >>> [str(month) for month in list_months(first=date(2015, 12, 1), last=date(2016, 1, 1))]
    ['2015-12-01', '2016-01-01']
    """
    return tuple(add_months(day=first.replace(day=1), months=count) for count in range(count_months(first=first, last=last) + 1))
