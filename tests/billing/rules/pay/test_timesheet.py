"""Time becomes hours: no second is lost, none is counted twice, and none leaves its workday."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.rules.pay import facts, timesheet, workweeks

PERIOD = workweeks.PayPeriod(start=date(2026, 10, 20), end=date(2026, 11, 10), timezone="America/New_York", weekday=7)
BEGINNING = datetime(2026, 10, 18, tzinfo=UTC)


@st.composite
def shifts(draw):
    """Segments that never overlap, some of them outside the period, across the end of summer time."""
    at, made = BEGINNING, []
    for pause, length in draw(st.lists(st.tuples(st.integers(0, 90_000), st.integers(1, 50_000)), max_size=12)):
        start = at + timedelta(seconds=pause)
        at = start + timedelta(seconds=length)
        category = draw(st.sampled_from(["productive", "rest_break", "meal_unpaid"]))
        made.append(facts.TimeSegment(category=category, starts_at=start, ends_at=at))
    return made


def seconds_inside(segments):
    clipped = ((max(one.starts_at, PERIOD.starts_at), min(one.ends_at, PERIOD.ends_at)) for one in segments)
    return sum((max(timedelta(), end - start) for start, end in clipped), timedelta())


@given(segments=shifts(), order=st.randoms())
def test_hours_add_up_to_the_clipped_segments_in_any_order(segments, order):
    sheet = timesheet.classify_time(entries=segments, period=PERIOD)
    assert sum(part.hours for part in sheet.hours) * 3600 == Fraction(seconds_inside(segments) // timedelta(seconds=1))
    given_hours = sum((one.ends_at - one.starts_at for one in segments), timedelta()) // timedelta(seconds=1)
    assert sum(part.hours for part in sheet.hours) + sheet.hours_left_out == Fraction(given_hours, 3600)
    order.shuffle(segments)
    assert timesheet.classify_time(entries=segments, period=PERIOD) == sheet


@given(segments=shifts(), start=st.integers(0, 2_000_000), length=st.integers(1, 20_000))
def test_recovery_takes_its_time_out_of_what_recorded_it(segments, start, length):
    starts_at = BEGINNING + timedelta(seconds=start)
    rest = facts.Decision(effect="paid_recovery", starts_at=starts_at, ends_at=starts_at + timedelta(seconds=length))
    plain = timesheet.classify_time(entries=segments, period=PERIOD)
    rested = timesheet.classify_time(entries=segments, decisions=[rest, rest], period=PERIOD)
    recovered = sum(part.hours for part in rested.hours if part.category == facts.RECOVERY)
    assert recovered == sum(recovery.hours for recovery in rested.recoveries)
    assert recovered * 3600 == Fraction(
        seconds_inside([facts.TimeSegment(category="off", starts_at=rest.starts_at, ends_at=rest.ends_at)]) // timedelta(seconds=1)
    )
    taken = sum(part.hours for part in plain.hours) - sum(part.hours for part in rested.hours if part.category != facts.RECOVERY)
    assert 0 <= taken <= recovered


@given(segments=shifts())
def test_a_workday_never_holds_more_than_its_own_hours(segments):
    for part in timesheet.classify_time(entries=segments, period=PERIOD).hours:
        longest = workweeks.workday_starts_at(period=PERIOD, day=part.day + workweeks.DAY) - workweeks.workday_starts_at(
            period=PERIOD, day=part.day
        )
        assert part.hours * 3600 <= longest // timedelta(seconds=1)
        assert part.week == workweeks.workweek_of(period=PERIOD, day=part.day)


@pytest.mark.parametrize(
    ("minute", "second", "rounded"),
    [(0, 0, 0), (7, 29, 0), (7, 30, 15), (8, 0, 15), (22, 29, 15), (22, 30, 30), (52, 29, 45), (52, 30, 60)],
)
def test_rounding_to_the_quarter_hour_a_tie_up(minute, second, rounded):
    noon = datetime(2026, 10, 21, 16, tzinfo=UTC)
    start = noon.replace(minute=minute, second=second)
    segment = facts.TimeSegment(category="productive", starts_at=start, ends_at=noon + timedelta(hours=2))
    sheet = timesheet.classify_time(entries=[segment], period=PERIOD, rounding_minutes=15)
    assert sum(part.hours for part in sheet.hours) == 2 - Fraction(rounded, 60)


def test_a_segment_that_rounds_to_nothing_is_nothing():
    at = datetime(2026, 10, 21, 16, 1, tzinfo=UTC)
    segment = facts.TimeSegment(category="productive", starts_at=at, ends_at=at + timedelta(minutes=2))
    assert timesheet.classify_time(entries=[segment], period=PERIOD, rounding_minutes=15).hours == ()


def test_hours_of_a_week_and_of_its_days_add_up():
    week = date(2026, 10, 25)
    entries = [
        facts.TimeSum(category="productive", hours=Fraction(3), week=week),
        facts.TimeSum(category="productive", hours=Fraction(4), day=date(2026, 10, 26)),
        facts.TimeSum(category="productive", hours=Fraction(5), day=date(2026, 10, 26)),
        facts.TimeSum(category="productive", hours=Fraction(9), day=date(2026, 11, 10)),
        facts.TimeSum(category="productive", hours=Fraction(9), week=date(2026, 11, 15)),
    ]
    sheet = timesheet.classify_time(entries=entries, period=PERIOD)
    assert [(part.week, part.day, part.hours) for part in sheet.hours] == [(week, None, 3), (week, date(2026, 10, 26), 9)]
    assert sheet.hours_left_out == 18


def test_more_than_a_week_holds_is_refused():
    entries = [facts.TimeSum(category="productive", hours=Fraction(170), week=date(2026, 10, 25))]
    with pytest.raises(timesheet.InvalidTime) as refused:
        timesheet.classify_time(entries=entries, period=PERIOD)
    assert refused.value.path == ("time",)


@given(segments=shifts(), hours=st.integers(-26, 26), start=st.integers(0, 2_000_000), length=st.integers(1, 20_000))
def test_time_counts_from_where_another_clock_ended_and_keeps_its_day(segments, hours, start, length):
    moved = replace(PERIOD, hours_from=PERIOD.starts_at + timedelta(hours=hours))
    at = BEGINNING + timedelta(seconds=start)
    rest = facts.Decision(effect="paid_recovery", starts_at=at, ends_at=at + timedelta(seconds=length))
    sheet = timesheet.classify_time(entries=segments, decisions=[rest], period=moved)
    longer = replace(PERIOD, start=PERIOD.start - timedelta(days=2))
    whole = timesheet.classify_time(entries=segments, decisions=[rest], period=longer)
    kept = [
        piece for span in whole.spans if (piece := timesheet.cut_span(span=span, starts_at=moved.hours_start_at, ends_at=moved.ends_at))
    ]
    assert list(sheet.spans) == kept
