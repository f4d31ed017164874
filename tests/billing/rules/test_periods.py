"""Every instant belongs to exactly one period, clock changes included."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.rules import periods

ZONES = [
    "UTC",
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/London",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Australia/Lord_Howe",
]
CALENDARS = ["week", "two_weeks", "half_month", "month"]
SECONDS = 67 * 365 * 86_400
ANCHOR = date(2026, 10, 5)


@given(
    at=st.integers(0, SECONDS).map(lambda second: datetime.fromtimestamp(second, UTC)),
    zone=st.sampled_from(ZONES),
    calendar=st.sampled_from(CALENDARS),
)
@settings(max_examples=150, deadline=None)
def test_an_instant_lies_in_its_period_and_the_neighbors_join_without_gap(at, zone, calendar):
    timezone = periods.load_timezone(name=zone)
    found = periods.find_period(at=at, calendar=calendar, timezone=timezone, anchor=ANCHOR)
    start = periods.first_instant(day=found.start_date, timezone=timezone)
    end = periods.first_instant(day=found.end_date, timezone=timezone)
    assert start <= at < end
    before = periods.find_period(at=start - timedelta(microseconds=1), calendar=calendar, timezone=timezone, anchor=ANCHOR)
    after = periods.find_period(at=end, calendar=calendar, timezone=timezone, anchor=ANCHOR)
    assert before.end_date == found.start_date
    assert after.start_date == found.end_date
    assert periods.find_period(at=start, calendar=calendar, timezone=timezone, anchor=ANCHOR) == found


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        (date(2026, 2, 15), date(2026, 2, 1), date(2026, 2, 16)),
        (date(2026, 2, 16), date(2026, 2, 16), date(2026, 3, 1)),
        (date(2026, 2, 28), date(2026, 2, 16), date(2026, 3, 1)),
    ],
)
def test_half_months_turn_on_the_sixteenth(day, start, end):
    assert periods.period_of_day(day=day, calendar="half_month") == periods.Period(start_date=start, end_date=end)


def test_a_day_that_never_was_starts_with_the_next():
    apia = periods.load_timezone(name="Pacific/Apia")
    assert periods.first_instant(day=date(2011, 12, 30), timezone=apia) == periods.first_instant(day=date(2011, 12, 31), timezone=apia)
