"""One agent's load: days cut at midnight and at clock changes, and limits as the guardrails measure them."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from agents.models import TimeEntry
from agents.queries import load_now
from agents.rules.load import Limits
from tests import factories

ZONE = ZoneInfo(factories.NEW_YORK)


def entry(start: datetime, hours: float, category: str = "productive") -> TimeEntry:
    return TimeEntry(category=category, started_at=start, ended_at=start + timedelta(hours=hours))


def seconds(entries: list[TimeEntry], *, first: date, end: date, as_of: datetime) -> dict[date, int]:
    return load_now.seconds_by_day(entries=entries, first=first, end=end, zone=ZONE, as_of=as_of)


def test_a_night_shift_belongs_to_both_days() -> None:
    ten_pm = datetime(2016, 4, 5, 2, tzinfo=UTC)
    found = seconds([entry(ten_pm, 4)], first=date(2016, 4, 1), end=date(2016, 5, 1), as_of=ten_pm + timedelta(days=1))

    assert found == {date(2016, 4, 4): 7200, date(2016, 4, 5): 7200}


def test_the_day_of_a_clock_change_has_its_true_length() -> None:
    # At 2:00 on March 13, 2016 New York went to 3:00.
    midnight = datetime(2016, 3, 13, 5, tzinfo=UTC)
    found = seconds([entry(midnight, 23)], first=date(2016, 3, 1), end=date(2016, 4, 1), as_of=midnight + timedelta(days=2))

    assert found == {date(2016, 3, 13): 23 * 3600}


def test_meals_are_not_worked_and_what_is_ahead_is_not_counted() -> None:
    nine = datetime(2016, 4, 4, 13, tzinfo=UTC)
    entries = [entry(nine, 4), entry(nine + timedelta(hours=4), 1, "meal_unpaid"), entry(nine + timedelta(hours=5), 3)]
    found = seconds(entries, first=date(2016, 4, 1), end=date(2016, 5, 1), as_of=nine + timedelta(hours=6))

    assert found == {date(2016, 4, 4): 5 * 3600}


def test_days_outside_the_period_are_left_out() -> None:
    nine = datetime(2016, 3, 31, 13, tzinfo=UTC)

    assert seconds([entry(nine, 8)], first=date(2016, 4, 1), end=date(2016, 5, 1), as_of=nine + timedelta(days=1)) == {}


@pytest.mark.django_db
def test_limits_are_measured_in_two_queries(django_assert_num_queries) -> None:
    agent = factories.make_agent()
    for day in range(3):
        factories.make_time(agent=agent, started_at=factories.NOON - timedelta(days=day, hours=2), hours=8)
    with django_assert_num_queries(2):
        entries = load_now.list_entries(agent_id=agent.pk, as_of=factories.NOON)
        now = load_now.measure_load(agent_id=agent.pk, entries=entries, limits=Limits(), zone=ZONE, as_of=factories.NOON)
    values = {decision.limit: decision.value for decision in now.decisions}

    assert now.is_known
    assert now.is_on_shift
    assert values["consecutive_days"] == 3
    assert values["break_after"] == Fraction(2)


@pytest.mark.django_db
def test_who_never_worked_is_not_known() -> None:
    now = load_now.measure_load(agent_id=factories.make_agent().pk, entries=[], limits=Limits(), zone=ZONE, as_of=factories.NOON)

    assert not now.is_known
    assert not now.is_on_shift
