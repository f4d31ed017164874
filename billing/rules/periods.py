"""Calendars of periods: every instant belongs to exactly one, by the days of a time zone."""

import calendar as months
import zoneinfo
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from typing import Literal

import polars as pl

from contracts.rules import errors

Calendar = Literal["week", "two_weeks", "half_month", "month"]

MONDAY = date(1970, 1, 5)
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
SECOND_HALF = 16
_WEEKS = {"week": 1, "two_weeks": 2}


class InvalidPeriod(errors.InvalidInput):
    """A calendar without the day it counts from, a time zone that is none, or an instant beyond the calendar."""


@dataclass(frozen=True, kw_only=True, order=True)
class Period:
    """Whole days of a time zone: from start_date, up to and without end_date."""

    start_date: date
    end_date: date


def load_timezone(*, name: str) -> zoneinfo.ZoneInfo:
    """Return a time zone by its IANA name.

    Raises: InvalidPeriod if there is none of that name.

    >>> load_timezone(name="Europe/Berlin").key
    'Europe/Berlin'
    """
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise InvalidPeriod(
            f'There is no time zone "{name}"; write an IANA name such as "America/New_York".', path=("timezone",)
        ) from unknown


def find_period(*, at: datetime, calendar: Calendar, timezone: zoneinfo.ZoneInfo, anchor: date | None = None) -> Period:
    """Find the period that an instant belongs to.

    Args:
        at: an instant with its offset.
        calendar: week, two_weeks, half_month (1 to 15, 16 to the end) or month.
        timezone: whose days count; a day starts at its first instant there.
        anchor: the first day of some week or two-week period; weeks start on Monday without it, two weeks need it.

    Returns: the period; its end is exclusive.
    Raises: InvalidPeriod if two_weeks has no anchor, or the instant lies in the first or last year there is.
    Source: design.md section 11: every instant belongs to exactly one period.

    >>> berlin = load_timezone(name="Europe/Berlin")
    >>> found = find_period(at=datetime(2026, 3, 31, 22, tzinfo=UTC), calendar="month", timezone=berlin)
    >>> str(found.start_date), str(found.end_date)
    ('2026-04-01', '2026-05-01')
    """
    if at.year in (MINYEAR, MAXYEAR):
        raise InvalidPeriod(f"The calendar holds the years {MINYEAR + 1} to {MAXYEAR - 1}, but an instant is {at.isoformat()}.")
    return period_of_day(day=at.astimezone(timezone).date(), calendar=calendar, anchor=anchor)


def period_of_day(*, day: date, calendar: Calendar, anchor: date | None = None) -> Period:
    """Find the period that a day belongs to.

    Args:
        day: a day of the calendar's time zone.
        calendar: as in `find_period`.
        anchor: as in `find_period`.

    Returns: the period; its end is exclusive.
    Raises: InvalidPeriod if two_weeks has no anchor.
    Source: design.md section 11: every instant belongs to exactly one period.

    >>> str(period_of_day(day=date(2028, 2, 29), calendar="half_month").start_date)
    '2028-02-16'
    """
    if calendar in _WEEKS:
        if anchor is None and calendar == "two_weeks":
            raise InvalidPeriod("Two weeks are counted from a day; give the first day of one such period as anchor.", path=("anchor",))
        length = 7 * _WEEKS[calendar]
        into = (day - (anchor or MONDAY)).days % length
        start = day - timedelta(days=into)
        return Period(start_date=start, end_date=start + timedelta(days=length))
    after_month = day.replace(day=months.monthrange(day.year, day.month)[1]) + timedelta(days=1)
    if calendar == "month":
        return Period(start_date=day.replace(day=1), end_date=after_month)
    if day.day < SECOND_HALF:
        return Period(start_date=day.replace(day=1), end_date=day.replace(day=SECOND_HALF))
    return Period(start_date=day.replace(day=SECOND_HALF), end_date=after_month)


def period_starts(*, day: pl.Expr, calendar: Calendar, anchor: date | None = None) -> pl.Expr:
    """Return the first day of the period of each day of a column, as `period_of_day` does.

    Args:
        day: Date column.
        calendar: as in `find_period`.
        anchor: as in `find_period`.

    Returns: Date column.
    Raises: InvalidPeriod if two_weeks has no anchor.
    Source: design.md section 11: every instant belongs to exactly one period.
    """
    if calendar in _WEEKS:
        if anchor is None and calendar == "two_weeks":
            raise InvalidPeriod("Two weeks are counted from a day; give the first day of one such period as anchor.", path=("anchor",))
        length = 7 * _WEEKS[calendar]
        epoch_days = day.cast(pl.Int32)
        into = (epoch_days - (anchor or MONDAY).toordinal() + EPOCH_ORDINAL) % length
        return (epoch_days - into).cast(pl.Date)
    first = day.dt.truncate("1mo")
    return first if calendar == "month" else pl.when(day.dt.day() < SECOND_HALF).then(first).otherwise(first.dt.offset_by("15d"))


def first_instant(*, day: date, timezone: zoneinfo.ZoneInfo) -> datetime:
    """Return the instant at which a day starts in a time zone, also where the clock skips or repeats midnight.

    Args:
        day: the day.
        timezone: whose day it is.

    Returns: its first instant, with the offset in force then.
    Source: design.md section 11: clock changes included.

    >>> first_instant(day=date(2018, 11, 4), timezone=load_timezone(name="America/Sao_Paulo")).isoformat()
    '2018-11-04T01:00:00-02:00'
    """
    return datetime.combine(day, time.min, tzinfo=timezone).astimezone(UTC).astimezone(timezone)
