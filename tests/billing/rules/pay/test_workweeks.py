"""Every instant belongs to exactly one workday and one workweek, wherever and whenever the clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules.pay import workweeks

ZONES = (
    "America/New_York",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Europe/London",
    "Asia/Kathmandu",
    "America/Havana",
)
HOURS = (time(0), time(1, 30), time(2, 30), time(6), time(23, 59))


def make_period(zone="UTC", weekday=1, hour=time(0), start=date(2026, 10, 5), end=date(2026, 10, 12)):
    return workweeks.PayPeriod(start=start, end=end, timezone=zone, weekday=weekday, hour=hour)


@given(
    zone=st.sampled_from(ZONES),
    weekday=st.integers(1, 7),
    hour=st.sampled_from(HOURS),
    minutes=st.integers(0, 16 * 365 * 24 * 60),
)
def test_an_instant_lies_in_its_workday_and_in_no_other(zone, weekday, hour, minutes):
    at = datetime(2011, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    period = make_period(zone, weekday, hour)
    day = workweeks.workday_of(period=period, at=at)
    assert workweeks.workday_starts_at(period=period, day=day) <= at
    assert at < workweeks.workday_starts_at(period=period, day=day + workweeks.DAY)
    week = workweeks.workweek_of(period=period, day=day)
    assert week.isoweekday() == weekday
    assert week <= day < week + workweeks.WEEK


@given(
    zone=st.sampled_from(ZONES), start=st.dates(date(2011, 1, 1), date(2026, 12, 1)), length=st.integers(1, 40), hour=st.sampled_from(HOURS)
)
def test_the_workweeks_of_a_period_hold_its_first_and_last_instant(zone, start, length, hour):
    period = make_period(zone, hour=hour, start=start, end=start + timedelta(days=length))
    weeks = workweeks.workweeks_of(period=period)
    for at in (period.starts_at, period.ends_at - timedelta.resolution):
        assert workweeks.workweek_of(period=period, day=workweeks.workday_of(period=period, at=at)) in (weeks[0], weeks[-1])
    assert all(later - earlier == workweeks.WEEK for earlier, later in pairwise(weeks))
    assert all(period.holds_week(week=week) for week in weeks)
    assert not period.holds_week(week=weeks[-1] + workweeks.WEEK)


def test_periods_that_follow_each_other_share_no_instant():
    october = make_period("America/New_York", start=date(2026, 10, 1), end=date(2026, 11, 1))
    november = make_period("America/New_York", start=date(2026, 11, 1), end=date(2026, 12, 1))
    assert october.ends_at == november.starts_at
    assert not october.holds(at=october.ends_at)
    assert november.holds(at=november.starts_at)
    assert october.holds_day(day=date(2026, 10, 31))
    assert not october.holds_day(day=date(2026, 11, 1))


@pytest.mark.parametrize(
    ("text", "read"),
    [("monday 00:00", (1, time(0))), (" Sunday 06:30 ", (7, time(6, 30))), ("friday", (5, time(0)))],
)
def test_a_workweek_start_is_a_day_and_a_time(text, read):
    assert workweeks.read_workweek_start(text=text) == read


@pytest.mark.parametrize("text", ["", "mon 00:00", "monday 24:00", "monday 6:00", "00:00 monday"])
def test_anything_else_is_refused(text):
    with pytest.raises(workweeks.InvalidPeriod):
        workweeks.read_workweek_start(text=text)


def test_employment_clips_a_period_and_may_not_leave_it_empty():
    october = make_period(start=date(2026, 10, 1), end=date(2026, 11, 1))
    clipped = workweeks.clip_period(period=october, starts_on=date(2026, 9, 1), ends_on=date(2026, 10, 20))
    assert (clipped.start, clipped.end) == (date(2026, 10, 1), date(2026, 10, 20))
    with pytest.raises(workweeks.InvalidPeriod) as refused:
        workweeks.clip_period(period=october, starts_on=date(2026, 11, 1), ends_on=None)
    assert refused.value.path == ("employed",)


@pytest.mark.parametrize("broken", [{"weekday": 0}, {"weekday": 8}, {"end": date(2026, 10, 5)}])
def test_a_period_checks_itself(broken):
    with pytest.raises(workweeks.InvalidPeriod):
        make_period(**broken)


def test_hours_before_the_first_workday_after_a_skipped_day_belong_to_the_one_before():
    """Samoa had no 30 December 2011: the workday that began on the 29th at 22:30 went on until 22:30 of the 31st."""
    samoa = make_period("Pacific/Apia", hour=time(22, 30), start=date(2011, 12, 26), end=date(2012, 1, 2))
    eve = datetime.fromisoformat("2011-12-31T01:30:00+14:00")
    assert workweeks.workday_of(period=samoa, at=eve) == date(2011, 12, 29)
    assert workweeks.workday_starts_at(period=samoa, day=date(2011, 12, 29)) <= eve
    assert workweeks.workday_of(period=samoa, at=eve + timedelta(hours=21)) == date(2011, 12, 31)
