"""Guardrails: what must hold for every history of shifts."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules import load, load_words, worked_time
from contracts.rules.pay_plans import Limit

MONDAY = datetime(2026, 10, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)


@st.composite
def histories(draw: st.DrawFn) -> tuple[tuple[worked_time.Shift, ...], datetime]:
    """Draw shifts with gaps of hours to days, some with a break, and an instant within reach of them."""
    shifts, at = [], MONDAY
    for _ in range(draw(st.integers(1, 30))):
        start = at + timedelta(minutes=draw(st.integers(60, 60 * 40)))
        minutes = draw(st.integers(60, 60 * 14))
        pause = draw(st.integers(0, 30))
        breaks = (worked_time.Break(start=start + timedelta(minutes=10), end=start + timedelta(minutes=10 + pause)),) if pause else ()
        at = start + timedelta(minutes=minutes)
        shifts.append(worked_time.Shift(start=start, end=at, breaks=breaks))
    return tuple(shifts), MONDAY + timedelta(minutes=draw(st.integers(0, int((at - MONDAY) / HOUR) * 60 + 60 * 24 * 8)))


def _check(shifts: tuple[worked_time.Shift, ...], as_of: datetime, code: str, limits: load.Limits | None = None) -> load.Decision:
    found = load.check_load(shifts=shifts, contacts=(), as_of=as_of, limits=limits)
    return next(decision for decision in found if decision.limit == code)


def _cut(shifts: tuple[worked_time.Shift, ...], at: datetime) -> tuple[worked_time.Shift, ...]:
    """Return the shifts with all work after an instant left out."""
    kept = []
    for shift in shifts:
        end = min(shift.end or at, at)
        if shift.start < end:
            breaks = tuple(
                worked_time.Break(start=pause.start, end=min(pause.end or end, end)) for pause in shift.breaks if pause.start < end
            )
            kept.append(worked_time.Shift(start=shift.start, end=end, breaks=breaks))
    return tuple(kept)


@given(history=histories(), act=st.integers(5, 60))
@settings(max_examples=60, deadline=None)
def test_weekly_hours_hold_from_when_until_when(history: tuple[tuple[worked_time.Shift, ...], datetime], act: int) -> None:
    shifts, as_of = history
    limits = load.Limits(by_code={"weekly_hours": Limit(act=Fraction(act))}, weekly_hours_absolute=None)
    found = _check(shifts, as_of, "weekly_hours", limits)
    if found.level == "ok":
        assert found.value < act
        return
    assert found.from_at is not None
    assert found.until_at is not None
    assert found.from_at <= as_of <= found.until_at
    assert _check(shifts, found.from_at, "weekly_hours", limits).value >= act
    assert _check(shifts, found.from_at - MICROSECOND, "weekly_hours", limits).value < act
    rested = _cut(shifts, as_of)
    assert _check(rested, found.until_at, "weekly_hours", limits).value >= act
    assert _check(rested, found.until_at + 2 * MICROSECOND, "weekly_hours", limits).value < act


@given(history=histories(), code=st.sampled_from(["daily_rest", "weekly_rest"]))
@settings(max_examples=100, deadline=None)
def test_a_stop_for_rest_ends_when_rested(history: tuple[tuple[worked_time.Shift, ...], datetime], code: str) -> None:
    shifts, as_of = history
    found = _check(shifts, as_of, code)
    if found.level == "ok":
        assert found.value >= (found.threshold or 0)
        return
    assert found.from_at is not None
    assert found.until_at is not None
    assert found.from_at <= as_of < found.until_at
    rested = _cut(shifts, as_of)
    assert _check(rested, found.until_at, code).level == "ok"
    assert _check(rested, found.until_at - MICROSECOND, code).level == "act"
    assert _check(shifts, found.from_at + MICROSECOND, code).level == "act"
    assert _check(shifts, found.from_at - MICROSECOND, code).level == "ok"


@given(history=histories())
@settings(max_examples=60, deadline=None)
def test_the_order_of_shifts_changes_nothing_and_resting_never_adds_a_stop(history: tuple[tuple[worked_time.Shift, ...], datetime]) -> None:
    shifts, as_of = history
    found = load.check_load(shifts=shifts, contacts=(), as_of=as_of)
    assert load.check_load(shifts=reversed(shifts), contacts=(), as_of=as_of) == found
    later = load.check_load(shifts=_cut(shifts, as_of), contacts=(), as_of=as_of + timedelta(days=30))
    assert all(decision.level == "ok" for decision in later if decision.limit != "weekly_hours")


def test_seventeen_weeks_of_44_hours_are_a_notice_and_48_a_stop() -> None:
    def shifts(hours: Fraction) -> tuple[worked_time.Shift, ...]:
        days = [MONDAY + timedelta(weeks=week, days=day, hours=8) for week in range(17) for day in range(5)]
        return tuple(worked_time.Shift(start=day, end=day + worked_time.from_hours(hours / 5)) for day in days)

    friday = MONDAY + timedelta(weeks=16, days=5)
    assert [_check(shifts(Fraction(hours)), friday, "weekly_hours").level for hours in (43, 44, 47, 48)] == ["ok", "warn", "warn", "act"]


def test_every_limit_has_a_default_an_effect_and_words() -> None:
    assert set(load.DEFAULT_LIMITS) == set(load.ACT_EFFECTS) == set(load_words.LIMIT_WORDS)


def test_an_open_shift_is_refused_before_another_one() -> None:
    open_ended = worked_time.Shift(start=MONDAY)
    with pytest.raises(worked_time.InvalidShifts):
        load.check_load(shifts=[open_ended, worked_time.Shift(start=MONDAY + HOUR)], contacts=(), as_of=MONDAY + 2 * HOUR)


def test_the_hour_that_clocks_repeat_counts() -> None:
    new_york = ZoneInfo("America/New_York")
    night = worked_time.Shift(start=datetime(2026, 10, 31, 20, tzinfo=new_york), end=datetime(2026, 11, 1, 7, tzinfo=new_york))
    assert _check((night,), datetime(2026, 11, 1, 6, 59, tzinfo=new_york), "shift_length").level == "ok"
    reached = _check((night,), datetime(2026, 11, 1, 7, tzinfo=new_york), "shift_length")
    assert (reached.value, reached.level, reached.from_at) == (12, "act", datetime(2026, 11, 1, 12, tzinfo=UTC))
    again = worked_time.Shift(
        start=datetime(2026, 11, 1, 1, 45, tzinfo=new_york), end=datetime(2026, 11, 1, 1, 30, fold=1, tzinfo=new_york)
    )
    assert _check((again,), datetime(2026, 11, 1, 2, tzinfo=new_york), "shift_length").value == Fraction(3, 4)
