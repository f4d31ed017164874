"""Simulated shifts contain the real work they are laid around, and never overlap."""

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ppr_portal.demo import roster

MONDAY = datetime(2016, 3, 7, tzinfo=UTC)
FAR = datetime(2016, 12, 31, tzinfo=UTC)
SHIFT_MIN = timedelta(hours=4)

minutes = st.lists(st.integers(min_value=0, max_value=60 * 24 * 20), min_size=1, max_size=60, unique=True)


def shifts(*hours: float, until: datetime = FAR) -> tuple[roster.Shift, ...]:
    return roster.shifts_around(
        agent="a-001", instants=[MONDAY + timedelta(hours=hour) for hour in hours], shift_min=SHIFT_MIN, until=until
    )


def test_a_day_of_work_is_one_shift_that_begins_before_and_ends_after_it() -> None:
    (shift,) = shifts(9, 11.5, 16)
    assert MONDAY + timedelta(hours=8) <= shift.start < MONDAY + timedelta(hours=9)
    assert MONDAY + timedelta(hours=16) < shift.end <= MONDAY + timedelta(hours=17)


def test_a_single_resolution_still_makes_a_shift_of_the_least_length() -> None:
    (shift,) = shifts(9)
    assert shift.length >= SHIFT_MIN


def test_a_pause_of_five_and_a_half_hours_is_within_a_shift_and_a_longer_one_is_not() -> None:
    assert len(shifts(6, 11.5)) == 1
    assert len(shifts(6, 11.51)) == 2


def test_a_stretch_that_no_shift_could_last_through_is_split_at_its_longest_pause() -> None:
    early, late = shifts(6, 8, 10, 14, 16, 19)
    assert early.end < MONDAY + timedelta(hours=14) <= late.start + timedelta(hours=1)


def test_a_running_shift_is_clocked_up_to_the_present() -> None:
    present = MONDAY + timedelta(hours=9, minutes=2)
    (shift,) = shifts(9, until=present)
    assert shift.end == present


def test_the_same_work_gives_the_same_shifts_whatever_the_machine() -> None:
    assert shifts(9, 12, 16) == shifts(9, 12, 16)
    (shift,) = shifts(9, 12, 16)
    assert (shift.start, shift.end) == (MONDAY + timedelta(hours=8, minutes=30), MONDAY + timedelta(hours=16, minutes=15))


def test_a_long_shift_has_an_unpaid_meal_and_two_paid_rests() -> None:
    (shift,) = shifts(9, 12, 16)
    categories = [segment.category for segment in roster.segments_of(agent="a-001", shift=shift)]
    assert categories == ["system_boot", "productive", "rest_break", "productive", "meal_unpaid", "productive", "rest_break", "productive"]


def test_a_short_shift_has_one_rest_and_no_meal() -> None:
    shift = roster.Shift(start=MONDAY, end=MONDAY + timedelta(hours=4))
    categories = [segment.category for segment in roster.segments_of(agent="a-001", shift=shift)]
    assert categories == ["system_boot", "productive", "rest_break", "productive"]


@given(minutes)
def test_shifts_hold_all_work_in_order_and_segments_fill_them(moments: list[int]) -> None:
    instants = [MONDAY + timedelta(minutes=minute) for minute in sorted(moments)]
    found = roster.shifts_around(agent="a-001", instants=instants, shift_min=SHIFT_MIN, until=FAR)
    assert all(any(shift.start <= instant < shift.end for shift in found) for instant in instants)
    assert all(earlier.end <= later.start for earlier, later in itertools.pairwise(found))
    for shift in found:
        segments = roster.segments_of(agent="a-001", shift=shift)
        assert (segments[0].start, segments[-1].end) == (shift.start, shift.end)
        assert all(segment.start < segment.end for segment in segments)
        assert all(one.end == other.start for one, other in itertools.pairwise(segments))
