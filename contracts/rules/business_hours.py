"""A client's business hours, and where a window of calendar or business time ends."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from contracts.rules import errors

MINUTES_OF_DAY = 24 * 60
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class InvalidBusinessHours(errors.InvalidInput):
    """Business hours that overlap, never open, or lie outside a day."""


@dataclass(frozen=True, kw_only=True)
class OpenHours:
    """Hours of one weekday (Monday is 0), in minutes after local midnight; the end is exclusive and at most 1440."""

    weekday: int
    start_minute: int
    end_minute: int


@dataclass(frozen=True, kw_only=True)
class BusinessHours:
    """When a client is open: weekly hours in a time zone, less holidays.

    Raises: InvalidBusinessHours if it never opens, hours overlap, or the time zone is unknown.
    """

    timezone: str
    weekly: tuple[OpenHours, ...]
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        find_zone(name=self.timezone)
        if not self.weekly:
            raise InvalidBusinessHours("Business hours never open; list at least one weekday with its hours.", path=("weekly",))
        for position, hours in enumerate(self.weekly):
            if not (0 <= hours.weekday <= 6 and 0 <= hours.start_minute < hours.end_minute <= MINUTES_OF_DAY):
                raise InvalidBusinessHours(
                    "Hours of a weekday (Monday to Sunday) start before they end; write those over midnight as two, cut at 24:00.",
                    path=("weekly", position),
                )
        ordered = sorted(self.weekly, key=lambda hours: (hours.weekday, hours.start_minute))
        for earlier, later in itertools.pairwise(ordered):
            if earlier.weekday == later.weekday and earlier.end_minute > later.start_minute:
                raise InvalidBusinessHours(f"Hours of {WEEKDAYS[later.weekday]} overlap; join them.", path=("weekly",))

    @property
    def open_time(self) -> timedelta:
        """How long a week without holidays is open."""
        return timedelta(minutes=sum(part.end_minute - part.start_minute for part in self.weekly))


def find_zone(*, name: str) -> ZoneInfo:
    """Return a time zone by its IANA name.

    Args:
        name: as IANA writes it, capitals included.

    Raises: InvalidBusinessHours if there is no such zone.
    Source: IANA Time Zone Database.

    >>> find_zone(name="America/New_York").key
    'America/New_York'
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as unknown:
        raise InvalidBusinessHours(
            f'There is no time zone "{name}"; use an IANA name such as "America/New_York".', path=("timezone",)
        ) from unknown


def window_end(*, start: datetime, length: timedelta, hours: BusinessHours | None) -> datetime:
    """Return the first instant at which a window has passed.

    Args:
        start: when the window opens, with an offset.
        length: calendar time, or open time if `hours` are given; 0 or more.
        hours: business hours; None counts every hour.

    Returns: the end, in the offset of `start`; the window is [start, end).
    Raises: InvalidBusinessHours if the calendar ends before the window does.
    Source: design.md section 4, "silence window".

    >>> office = BusinessHours(timezone="UTC", weekly=tuple(OpenHours(weekday=day, start_minute=540, end_minute=1020) for day in range(5)))
    >>> window_end(start=datetime(2026, 10, 2, 15, tzinfo=UTC), length=timedelta(hours=4), hours=office).isoformat()
    '2026-10-05T11:00:00+00:00'
    """
    if hours is None or not length:
        return (start.astimezone(UTC) + length).astimezone(start.tzinfo)
    left = length
    for opens, closes in open_spans(hours=hours, first_day=start.astimezone(ZoneInfo(hours.timezone)).date()):
        begins = max(opens, start.astimezone(UTC))
        if begins < closes:
            if left <= closes - begins:
                return (begins + left).astimezone(start.tzinfo)
            left -= closes - begins
    raise InvalidBusinessHours("Business hours end before the window does; the calendar is exhausted.")


def open_spans(*, hours: BusinessHours, first_day: date) -> Iterator[tuple[datetime, datetime]]:
    """Yield open spans in UTC from a local day on, in order and without end; clock changes make one longer or shorter.

    Args:
        hours: weekly hours and holidays; their time zone says what a local day is.
        first_day: where to begin; it may be a closed day.

    Yields: when a span opens and when it closes, the end exclusive.
    Source: design.md section 4, "silence window".

    >>> office = BusinessHours(timezone="Europe/Paris", weekly=(OpenHours(weekday=0, start_minute=540, end_minute=1020),))
    >>> [span.isoformat() for span in next(open_spans(hours=office, first_day=date(2026, 10, 6)))]
    ['2026-10-12T07:00:00+00:00', '2026-10-12T15:00:00+00:00']
    """
    zone = ZoneInfo(hours.timezone)
    by_weekday = sorted(hours.weekly, key=lambda part: part.start_minute)
    day = first_day
    while day < date.max - timedelta(days=2):
        if day not in hours.holidays:
            for part in by_weekday:
                if part.weekday == day.weekday():
                    opens, closes = _instant(day, part.start_minute, zone), _instant(day, part.end_minute, zone)
                    if opens < closes:
                        yield opens, closes
        day += timedelta(days=1)


def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """Return when the clock first shows a local time or, where it skips that, when it skips it."""
    local = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
    found = local.replace(tzinfo=zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == local:
        return found
    skipped_to = found.astimezone(zone).utcoffset()
    earlier = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    minutes = itertools.takewhile(lambda at: at < found, (earlier + timedelta(minutes=count) for count in itertools.count()))
    return next((at for at in minutes if at.astimezone(zone).utcoffset() == skipped_to), found)
