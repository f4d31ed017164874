"""Where windows of business time end, and hours that are refused."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.rules import business_hours
from contracts.rules.business_hours import BusinessHours, OpenHours

HOUR = timedelta(hours=1)
OFFICE = BusinessHours(
    timezone="America/New_York",
    weekly=tuple(OpenHours(weekday=day, start_minute=9 * 60, end_minute=17 * 60) for day in range(5)),
    holidays=frozenset({date(2026, 11, 26)}),
)


def _end(start: str, hours: int, calendar: BusinessHours | None = OFFICE) -> str:
    return business_hours.window_end(start=datetime.fromisoformat(start), length=hours * HOUR, hours=calendar).isoformat()


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-10-05T09:00:00-04:00", 8, "2026-10-05T17:00:00-04:00"),
        ("2026-10-05T09:00:01-04:00", 8, "2026-10-06T09:00:01-04:00"),
        ("2026-10-05T17:00:00-04:00", 1, "2026-10-06T10:00:00-04:00"),
        ("2026-10-09T18:00:00-04:00", 1, "2026-10-12T10:00:00-04:00"),
        ("2026-11-25T16:00:00-05:00", 2, "2026-11-27T10:00:00-05:00"),
        ("2026-10-05T03:00:00+00:00", 1, "2026-10-05T14:00:00+00:00"),
        ("2026-10-10T12:00:00-04:00", 0, "2026-10-10T12:00:00-04:00"),
    ],
)
def test_a_window_counts_open_time(start: str, hours: int, end: str) -> None:
    assert _end(start, hours) == end


def test_calendar_hours_are_elapsed_hours_across_a_clock_change() -> None:
    assert _end("2026-10-31T12:00:00-04:00", 72, None) == "2026-11-03T12:00:00-04:00"
    zoned = datetime(2026, 10, 31, 12, tzinfo=business_hours.find_zone(name="America/New_York"))
    assert business_hours.window_end(start=zoned, length=72 * HOUR, hours=None).isoformat() == "2026-11-03T11:00:00-05:00"


def test_a_night_with_a_clock_change_is_as_long_as_it_is() -> None:
    nights = BusinessHours(timezone="America/New_York", weekly=(OpenHours(weekday=6, start_minute=0, end_minute=1440),))
    assert _end("2026-11-01T00:00:00-04:00", 25, nights) == "2026-11-02T01:00:00-04:00"


@given(minutes=st.integers(0, 60 * 24 * 14), first=st.integers(0, 30), second=st.integers(0, 30))
@settings(max_examples=100, deadline=None)
def test_two_windows_in_a_row_end_where_one_of_both_does(minutes: int, first: int, second: int) -> None:
    start = datetime(2026, 11, 20, tzinfo=UTC) + timedelta(minutes=minutes)
    middle = business_hours.window_end(start=start, length=first * HOUR, hours=OFFICE)
    whole = business_hours.window_end(start=start, length=(first + second) * HOUR, hours=OFFICE)
    assert business_hours.window_end(start=middle, length=second * HOUR, hours=OFFICE) == whole
    assert start <= middle <= whole


@pytest.mark.parametrize(
    ("weekly", "path"),
    [
        ((), ("weekly",)),
        ((OpenHours(weekday=7, start_minute=0, end_minute=60),), ("weekly", 0)),
        ((OpenHours(weekday=0, start_minute=60, end_minute=60),), ("weekly", 0)),
        ((OpenHours(weekday=0, start_minute=0, end_minute=1441),), ("weekly", 0)),
        ((OpenHours(weekday=0, start_minute=0, end_minute=61), OpenHours(weekday=0, start_minute=60, end_minute=90)), ("weekly",)),
    ],
)
def test_refuses_hours_that_cannot_be(weekly: tuple[OpenHours, ...], path: tuple[str | int, ...]) -> None:
    with pytest.raises(business_hours.InvalidBusinessHours) as refused:
        BusinessHours(timezone="UTC", weekly=weekly)
    assert refused.value.path == path


def test_refuses_a_zone_that_does_not_exist() -> None:
    with pytest.raises(business_hours.InvalidBusinessHours) as refused:
        BusinessHours(timezone="Mars/Olympus", weekly=(OpenHours(weekday=0, start_minute=0, end_minute=60),))
    assert refused.value.path == ("timezone",)
