"""When pay is sent: on a working day of the month after the pay period."""

from datetime import date, timedelta

from contracts.rules import errors

SATURDAY = 5
WORKING_DAYS_MAX = 20


class InvalidPayday(errors.InvalidInput):
    """A working day that not every month has."""


def find_payday(*, period_end: date, working_day: int) -> date:
    """Return the day on which a period's pay is sent.

    Args:
        period_end: first day after the period; working days are counted from it on.
        working_day: 1 is the first Monday to Friday, at most 20. Public holidays are not known here; payroll moves the day.

    Returns: the day.
    Raises: InvalidPayday if there need not be such a working day.
    Source: agents.Site.payday_rule.

    >>> find_payday(period_end=date(2016, 5, 1), working_day=5).isoformat()
    '2016-05-06'
    """
    if not 1 <= working_day <= WORKING_DAYS_MAX:
        raise InvalidPayday(f"Working day {working_day} is not in every month; choose 1 to {WORKING_DAYS_MAX}.", path=("payday_rule",))
    day, left = period_end, working_day
    while True:
        left -= day.weekday() < SATURDAY
        if left == 0:
            return day
        day += timedelta(days=1)
