"""The night is found to the second: whatever the shifts, each night hour is counted once, and with the hours before it."""

from datetime import timedelta
from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings

from billing.rules import periods
from billing.rules.pay import facts, nights, timesheet, workweeks
from contracts.rules import rule_packs
from tests.billing.rules.pay import test_timesheet

PERIOD = test_timesheet.PERIOD
PACK = rule_packs.RulePack(night_share=Fraction(1, 10))
MINUTE = timedelta(minutes=1)


def to_minutes(segments):
    """Move shifts to whole minutes, so that each can be walked minute by minute."""
    return [
        facts.TimeSegment(
            category=one.category,
            starts_at=one.starts_at.replace(second=0),
            ends_at=max(one.starts_at.replace(second=0) + MINUTE, one.ends_at.replace(second=0)),
        )
        for one in segments
    ]


def walk(segments):
    """Say of each workday, minute by minute, how much is worked in all and at night."""
    found = {}
    for one in segments:
        at = one.starts_at
        while at < one.ends_at:
            if PERIOD.holds(at=at) and one.category != "meal_unpaid":
                day = workweeks.workday_of(period=PERIOD, at=at)
                worked, dark = found.get(day, (0, 0))
                local = at.astimezone(periods.load_timezone(name=PERIOD.timezone))
                found[day] = (worked + 1, dark + (local.hour >= 22 or local.hour < 6))
            at += MINUTE
    return found


@settings(max_examples=25, deadline=None)
@given(segments=test_timesheet.shifts())
def test_night_hours_are_those_of_a_walk_minute_by_minute(segments):
    whole = to_minutes(segments)
    if any(after.starts_at < before.ends_at for before, after in pairwise(whole)):
        whole = whole[:1]
    sheet = timesheet.classify_time(entries=whole, period=PERIOD)
    found = nights.find_nights(sheet=sheet, pack=PACK, period=PERIOD)
    walked = walk(whole)
    assert {day: sum(one.hours for one in found if one.day == day) * 60 for day in {one.day for one in found}} == {
        day: dark for day, (_, dark) in walked.items() if dark
    }
    for one in found:
        assert one.hours_before >= 0
        assert (one.hours_before + one.hours) * 60 <= walked[one.day][0]
    assert nights.find_nights(sheet=sheet, pack=rule_packs.RulePack(), period=PERIOD) == ()
