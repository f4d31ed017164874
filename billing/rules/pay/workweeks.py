"""Pay periods, workweeks and workdays: every instant belongs to exactly one of each, clock changes included.

A workday starts at the workweek's hour on each local day. Instants are compared as UTC, so an hour that a clock change
repeats or leaves out belongs to one workday all the same.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from billing.rules import periods
from contracts.rules import errors

DAY, WEEK = timedelta(days=1), timedelta(days=7)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WORKWEEK_START = re.compile(r"([a-z]+)(?: ([01]\d|2[0-3]):([0-5]\d))?")


class InvalidPeriod(errors.InvalidInput):
    """A period that ends before it starts, or a time zone or workweek start that is none."""


@dataclass(frozen=True, kw_only=True)
class PayPeriod:
    """One pay period of one site: local days, the end exclusive, and where its workweeks start.

    `weekday` is 1 for Monday to 7 for Sunday, `hour` the local time at which each workday starts. `hours_from` is the instant from which
    on time counts for somebody who was paid in another time zone before, None for everybody else: earlier than the period begins here,
    such time keeps its own day. Fingerprints name it for those alone.
    """

    start: date
    end: date
    timezone: str = "UTC"
    weekday: int = 1
    hour: time = time(0)
    hours_from: datetime | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise InvalidPeriod(f"The period ends on {self.end}, not after it starts on {self.start}; the end is exclusive.", path=("end",))
        if not 1 <= self.weekday <= 7:
            raise InvalidPeriod("A workweek starts on day 1 (Monday) to 7 (Sunday).", path=("workweek_start",))
        periods.load_timezone(name=self.timezone)

    @property
    def starts_at(self) -> datetime:
        """First instant of the period."""
        return _to_instant(self.timezone, self.start, time(0))

    @property
    def ends_at(self) -> datetime:
        """First instant after the period."""
        return _to_instant(self.timezone, self.end, time(0))

    @property
    def hours_start_at(self) -> datetime:
        """First instant whose time counts: that of the period, or where the clock ended that paid the month before."""
        return self.starts_at if self.hours_from is None else self.hours_from

    @property
    def first_day(self) -> date:
        """First local day on which time counts: that of the period, or one before it."""
        return self.start if self.hours_from is None else min(self.start, self.local_day(at=self.hours_from))

    def holds(self, *, at: datetime) -> bool:
        """Say whether an instant belongs to the period."""
        return self.starts_at <= at < self.ends_at

    def holds_day(self, *, day: date) -> bool:
        """Say whether time of a day belongs to the period."""
        return self.first_day <= day < self.end

    def holds_week(self, *, week: date) -> bool:
        """Say whether any instant of a workweek belongs to the period."""
        return week in workweeks_of(period=self)

    def local_day(self, *, at: datetime) -> date:
        """Return the calendar day of an instant at the site."""
        return at.astimezone(periods.load_timezone(name=self.timezone)).date()


def read_workweek_start(*, text: str) -> tuple[int, time]:
    """Read where workweeks start.

    Args:
        text: a weekday and a local time, such as "sunday 06:00"; the time may be left out.

    Returns: 1 for Monday to 7 for Sunday, and the time.
    Raises: InvalidPeriod if the text is neither.
    Source: formats.md, `pay`, period.workweek_start.

    >>> read_workweek_start(text="sunday 06:00")
    (7, datetime.time(6, 0))
    """
    found = _WORKWEEK_START.fullmatch(text.strip().lower())
    if not found or found[1] not in WEEKDAYS:
        raise InvalidPeriod(f'"{text}" is not where a workweek starts; write a day and a time such as "monday 00:00".')
    return WEEKDAYS.index(found[1]) + 1, time(int(found[2] or 0), int(found[3] or 0))


def clip_period(*, period: PayPeriod, starts_on: date | None, ends_on: date | None) -> PayPeriod:
    """Return the part of a period in which an agent is employed.

    Args:
        period: the pay period.
        starts_on: first day of employment, or None.
        ends_on: first day after it, or None.

    Raises: InvalidPeriod if no day is left.
    Source: formats.md, `pay`: `employed` clips the period.

    >>> clip_period(period=PayPeriod(start=date(2026, 10, 1), end=date(2026, 11, 1)), starts_on=date(2026, 10, 12), ends_on=None).start
    datetime.date(2026, 10, 12)
    """
    start, end = max(period.start, starts_on or period.start), min(period.end, ends_on or period.end)
    if end <= start:
        raise InvalidPeriod(
            f"The agent is not employed on any day from {period.start} until {period.end}; leave the agent out.", path=("employed",)
        )
    return replace(period, start=start, end=end)


def workday_of(*, period: PayPeriod, at: datetime) -> date:
    """Return the workday that an instant belongs to, named by the local day on which it starts.

    Where the calendar skips a day, its workday is empty, and an instant before the next one begins belongs to the one before.

    Args:
        period: its time zone, and the hour at which its workdays start.
        at: with an offset; also outside the period.

    Source: pay_rules.md section 1, "Workweek"; Fact Sheet 23.

    >>> night = PayPeriod(start=date(2026, 10, 5), end=date(2026, 10, 12), hour=time(6))
    >>> workday_of(period=night, at=datetime(2026, 10, 6, 3, tzinfo=UTC))
    datetime.date(2026, 10, 5)
    """
    day = period.local_day(at=at)
    while at < workday_starts_at(period=period, day=day):
        day -= DAY
    return day + DAY if at >= workday_starts_at(period=period, day=day + DAY) else day


def workday_starts_at(*, period: PayPeriod, day: date) -> datetime:
    """Return the first instant of a workday.

    Args:
        period: its time zone, and the hour at which its workdays start.
        day: the local day on which the workday starts.

    Source: pay_rules.md section 1, "Workweek"; Fact Sheet 23.
    """
    return _to_instant(period.timezone, day, period.hour)


def workweek_of(*, period: PayPeriod, day: date) -> date:
    """Return the workweek of a workday, named by its first day.

    Args:
        period: the weekday on which its workweeks start.
        day: a workday; also outside the period.

    Source: pay_rules.md section 1, "Workweek"; Fact Sheet 23.

    >>> workweek_of(period=PayPeriod(start=date(2026, 10, 5), end=date(2026, 10, 12), weekday=7), day=date(2026, 10, 5))
    datetime.date(2026, 10, 4)
    """
    return day - timedelta(days=(day.isoweekday() - period.weekday) % 7)


def workweeks_of(*, period: PayPeriod) -> tuple[date, ...]:
    """Return the workweeks that share an instant with the period, or with time that counts in it, in order.

    Returns: their first days; the first and the last may lie half outside.
    Source: pay_rules.md section 1, "Workweek"; Fact Sheet 23.

    >>> len(workweeks_of(period=PayPeriod(start=date(2026, 10, 1), end=date(2026, 11, 1))))
    5
    """
    days = (
        workday_of(period=period, at=at) for at in (min(period.starts_at, period.hours_start_at), period.ends_at - timedelta.resolution)
    )
    first, last = (workweek_of(period=period, day=day) for day in days)
    return tuple(first + count * WEEK for count in range((last - first) // WEEK + 1))


def cut_week_of(*, period: PayPeriod) -> date | None:
    """Return the workweek that goes on after a period, or None where one ends with it.

    Returns: its first day.
    Source: pay_rules.md section 1, "Workweek"; Fact Sheet 23.

    >>> cut_week_of(period=PayPeriod(start=date(2026, 10, 1), end=date(2026, 11, 1)))
    datetime.date(2026, 10, 26)
    >>> cut_week_of(period=PayPeriod(start=date(2026, 10, 5), end=date(2026, 10, 12)))
    """
    week = workweeks_of(period=period)[-1]
    return week if workday_starts_at(period=period, day=week + WEEK) > period.ends_at else None


@lru_cache(maxsize=4096)
def _to_instant(timezone: str, day: date, hour: time) -> datetime:
    """Return the instant of a local time; asked anew for every credit and second of a period, hence remembered."""
    zone = periods.load_timezone(name=timezone)
    if hour == time(0):
        return periods.first_instant(day=day, timezone=zone).astimezone(UTC)
    return datetime.combine(day, hour, tzinfo=zone).astimezone(UTC)
