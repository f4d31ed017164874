"""Hours added up column by column: what no day or week holds is left to the scalar rule."""

from datetime import date, timedelta

import polars as pl
import pytest

from billing.rules.pay import hour_frames, timesheet, workweeks

PERIOD = workweeks.PayPeriod(start=date(2026, 10, 15), end=date(2026, 11, 12), timezone="America/New_York", weekday=7)
AGENT = 7
DAYS = tuple(PERIOD.start + timedelta(days=count) for count in range((PERIOD.end - PERIOD.start).days))


@pytest.mark.parametrize(("microseconds", "found"), [(int(timesheet.HOURS_OF_DAY_MAX * hour_frames.HOUR_US), set()), (0, {AGENT})])
def test_more_hours_than_a_day_holds_are_left_to_the_rule_that_names_them(microseconds, found):
    most = int(timesheet.HOURS_OF_DAY_MAX * hour_frames.HOUR_US) + 1
    days = pl.DataFrame({"agent_id": [AGENT], "day": [DAYS[0]], "category": ["off"], "microseconds": [microseconds or most]})
    assert hour_frames.list_overfull(days=days, period=PERIOD) == found


def test_more_hours_than_a_week_holds_are_left_to_the_rule_that_names_them():
    for hours, found in ((169, set()), (170, {AGENT})):
        parts = [hours // 7 * hour_frames.HOUR_US] * 6 + [(hours - hours // 7 * 6) * hour_frames.HOUR_US]
        days = pl.DataFrame({"agent_id": [AGENT] * 7, "day": DAYS[3:10], "category": ["off"] * 7, "microseconds": parts})
        assert hour_frames.list_overfull(days=days, period=PERIOD) == found
