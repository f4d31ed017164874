"""What each day of the open period brought, and this week."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from billing.models import Settlement
from billing.queries import open_period, pending_pay

CONFIRMED = "confirmed"
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class DayRow:
    """What one day of the period brought."""

    day: date
    is_today: bool
    seconds: int
    resolution_count: int
    hours_micros: int
    confirmed_micros: int
    assumed_micros: int
    pending_micros: int

    @property
    def earned_micros(self) -> int:
        """What the day brought so far."""
        return self.hours_micros + self.confirmed_micros + self.assumed_micros


@dataclass(frozen=True, kw_only=True)
class Days:
    """All days of the open period."""

    rows: tuple[DayRow, ...]

    @property
    def earned_micros(self) -> int:
        """The sum of the bars."""
        return sum(row.earned_micros for row in self.rows)

    @property
    def today(self) -> DayRow | None:
        """Today's row, if today is in the period."""
        return next((row for row in self.rows if row.is_today), None)


def list_days(
    *,
    settlement: Settlement,
    parts: Sequence[open_period.Part],
    hours_micros: int,
    seconds_by_day: Mapping[date, int],
    units: Sequence[pending_pay.OpenUnit],
    today: date,
    zone: ZoneInfo,
) -> Days:
    """Return every day of the open period: what hours and verified resolutions brought, and what waits for the end of its window."""
    by_day = open_period.split_hours(amount_micros=hours_micros, seconds_by_day=dict(seconds_by_day), currency=settlement.currency)
    return Days(rows=tuple(_rows(settlement, parts, by_day, seconds_by_day, _window_ends(units, today, zone), today)))


def _window_ends(units: Iterable[pending_pay.OpenUnit], today: date, zone: ZoneInfo) -> dict[date, int]:
    """Return what would be earned on the days on which windows end; what is overdue stands with today."""
    found: dict[date, int] = {}
    for unit in units:
        if not unit.is_held and unit.window_ends_at is not None:
            day = max(unit.window_ends_at.astimezone(zone).date(), today)
            found[day] = found.get(day, 0) + (unit.amount_micros or 0)
    return found


def _rows(
    settlement: Settlement,
    parts: Sequence[open_period.Part],
    hours_by_day: Mapping[date, int],
    seconds_by_day: Mapping[date, int],
    ends: Mapping[date, int],
    today: date,
) -> Iterable[DayRow]:
    for number in range((settlement.period_end - settlement.period_start).days):
        day = settlement.period_start + timedelta(days=number)
        ours = [part for part in parts if part.day == day]
        yield DayRow(
            day=day,
            is_today=day == today,
            seconds=seconds_by_day.get(day, 0),
            resolution_count=sum(part.resolution_count for part in ours),
            hours_micros=hours_by_day.get(day, 0),
            confirmed_micros=sum(part.amount_micros for part in ours if part.state == CONFIRMED),
            assumed_micros=sum(part.amount_micros for part in ours if part.state != CONFIRMED),
            pending_micros=ends.get(day, 0),
        )


@dataclass(frozen=True, kw_only=True)
class Week:
    """This week by day, and what it adds up to."""

    first: date
    end: date
    days: tuple[DayRow, ...]

    @property
    def seconds(self) -> int:
        """Seconds worked in the week so far."""
        return sum(day.seconds for day in self.days)

    @property
    def resolution_count(self) -> int:
        """Resolutions verified in the week so far."""
        return sum(day.resolution_count for day in self.days)

    @property
    def earned_micros(self) -> int:
        """What the week brought so far."""
        return sum(day.earned_micros for day in self.days)


def week_of(*, days: Sequence[DayRow], today: date) -> Week:
    """Return the days of this week up to today, Monday first."""
    first = today - timedelta(days=today.weekday())
    return Week(first=first, end=first + timedelta(days=7), days=tuple(day for day in days if first <= day.day <= today))
