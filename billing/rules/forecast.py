"""Where an open pay period is heading: a range and never a promise, from what each day brought so far.

Days differ by weekday, so each day left is expected to bring what its weekday brought; how much days of one weekday differ
from each other gives the range, which eight of ten such periods end in.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import isqrt

from contracts.rules import errors

ZERO = Fraction(0)
# Two-sided 80% quantiles of Student's t by degrees of freedom, from 5 to 30; beyond, that of the normal distribution.
QUANTILES = (
    *("1.476", "1.440", "1.415", "1.397", "1.383", "1.372", "1.363", "1.356", "1.350", "1.345", "1.341", "1.337", "1.333"),
    *("1.330", "1.328", "1.325", "1.323", "1.321", "1.319", "1.318", "1.316", "1.315", "1.314", "1.313", "1.311", "1.310"),
)
FREEDOM_MIN = 5
NORMAL = Fraction("1.282")
ROOT_PLACES = 10**6


class InvalidForecast(errors.InvalidInput):
    """Days from which no range can be worked out."""


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """Where a period is heading, in the major unit: eight of ten times between low and high.

    `day_count` are the days that it rests on, `days_left` those that it is about. None of low, middle and high is below what
    is earned already.
    """

    low: Fraction
    middle: Fraction
    high: Fraction
    day_count: int
    days_left: int


def forecast_period(
    *, earned: Fraction, pay_by_day: Mapping[date, Fraction], days_left: Sequence[date], today_pay: Fraction = ZERO
) -> Forecast | None:
    """Tell where the pay of an open period is heading.

    What is earned beside the days, such as quality, is expected to go on in the same proportion.

    Args:
        earned: so far in the period, before tax, zero or more, everything included.
        pay_by_day: what each whole day that is over brought, days off with zero.
        days_left: days of the period that are not over, in order, today first.
        today_pay: what today brought so far; it is in what is earned, and not to come again.

    Returns: the range; None while the days that are over are too few or too uneven to tell: there must be five more of them
        than weekdays among them, and pay on at least one.
    Raises: InvalidForecast if an amount is below zero, or a day is both over and left.
    Source: design.md section 10; docs/agent-home.md.

    >>> from datetime import timedelta
    >>> paid = {date(2026, 11, 1) + timedelta(days=day): Fraction(100 + day % 2) for day in range(21)}
    >>> left = [date(2026, 11, 22) + timedelta(days=day) for day in range(9)]
    >>> found = forecast_period(earned=Fraction(2110), pay_by_day=paid, days_left=left)
    >>> round(found.low), round(found.middle), round(found.high)
    (3011, 3014, 3017)
    """
    if min(earned, today_pay, *pay_by_day.values()) < 0:
        raise InvalidForecast("What was earned is zero or more; leave corrections out of the days.")
    if set(pay_by_day) & set(days_left):
        raise InvalidForecast("A day is over or left, never both.")
    counted = Counter(day.weekday() for day in pay_by_day)
    freedom = len(pay_by_day) - len(counted)
    total = sum(pay_by_day.values(), ZERO)
    if freedom < FREEDOM_MIN or not total:
        return None
    means = {weekday: _mean([pay for day, pay in pay_by_day.items() if day.weekday() == weekday]) for weekday in counted}
    overall = total / len(pay_by_day)
    expected = [means.get(day.weekday(), overall) for day in days_left]
    to_come = sum(expected, ZERO) - min(today_pay, expected[0] if expected else ZERO)
    spread = sum(((pay - means[day.weekday()]) ** 2 for day, pay in pay_by_day.items()), ZERO) / freedom
    half = _quantile(freedom) * _root(spread * _variance_factor(days_left, counted, len(pay_by_day)))
    beside = earned / (total + today_pay)
    middle = earned + to_come * beside
    return Forecast(
        low=max(middle - half * beside, earned),
        middle=middle,
        high=middle + half * beside,
        day_count=len(pay_by_day),
        days_left=len(days_left),
    )


def _variance_factor(days_left: Sequence[date], counted: Mapping[int, int], day_count: int) -> Fraction:
    """Days left vary one by one, and all days of a weekday share the error of its mean."""
    left = Counter(day.weekday() for day in days_left)
    shared = sum((Fraction(count**2, counted.get(weekday, day_count)) for weekday, count in left.items()), ZERO)
    return len(days_left) + shared


def _mean(amounts: Sequence[Fraction]) -> Fraction:
    return sum(amounts, ZERO) / len(amounts)


def _quantile(freedom: int) -> Fraction:
    place = freedom - FREEDOM_MIN
    return Fraction(QUANTILES[place]) if place < len(QUANTILES) else NORMAL


def _root(value: Fraction) -> Fraction:
    """Return the square root, cut to six decimals."""
    return Fraction(isqrt(int(value * ROOT_PLACES**2)), ROOT_PLACES)
