"""What a run reads: column by column the same as one by one, on every day and at every clock change."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.operations import book_resolutions, settle_agents
from billing.queries import pay_periods
from billing.queries.pay_inputs import hours, raw, unit_totals
from billing.queries.pay_inputs.scope import Scope
from billing.rules.pay import facts, gather, timesheet, unit_frames, workweeks
from tests import factories
from tests.billing import pay_world

# March 2016 in New York loses an hour on the 13th.
MARCH = workweeks.PayPeriod(start=date(2016, 3, 1), end=date(2016, 4, 1), timezone="America/New_York")
STARTS_US = 1_456_808_400_000_000
SPAN_MINUTES = 60 * (24 * 31 - 1)

entries = st.lists(
    st.tuples(st.integers(0, SPAN_MINUTES - 1), st.integers(1, 60 * 40), st.sampled_from(["productive", "training", "meal_unpaid"])),
    max_size=6,
)


@settings(max_examples=60)
@given(drawn=entries, hours_before=st.sampled_from([0, 13, 26, -6]))
def test_hours_by_day_are_those_of_the_scalar_rule(drawn, hours_before):
    # Who was paid in another time zone before begins at the midnight there.
    starts_us = STARTS_US - hours_before * hours.HOUR_US
    origin = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=starts_us)
    period = replace(MARCH, hours_from=origin) if hours_before else MARCH
    spans, at = [], 0
    for gap, minutes, category in drawn:
        start = at + gap // 8
        end = min(start + minutes, SPAN_MINUTES)
        if start >= end:
            break
        spans.append((start, end, category))
        at = end
    frame = pl.DataFrame(
        [(1, category, starts_us + start * 60_000_000, starts_us + end * 60_000_000) for start, end, category in spans],
        schema=hours.SCHEMA,
        orient="row",
    )
    summed = [
        facts.TimeSum(category=row["category"], day=row["day"], hours=Fraction(row["microseconds"], hours.HOUR_US))
        for row in hours.sum_days(entries=frame, period=period).iter_rows(named=True)
    ]
    exact = [
        facts.TimeSegment(category=category, starts_at=origin + timedelta(minutes=start), ends_at=origin + timedelta(minutes=end))
        for start, end, category in spans
    ]
    sheet = timesheet.classify_time(entries=exact, period=period)
    # Only exact time has spans.
    assert timesheet.classify_time(entries=summed, period=period) == replace(sheet, spans=())
    kept = sum(end - start for start, end, _category in spans)
    assert sum(part.hours for part in sheet.hours) == Fraction(kept, 60)


def test_the_first_instant_of_the_property_is_the_first_of_march():
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=STARTS_US) == MARCH.starts_at


@pytest.fixture
def world():
    """Three agents with tiers, late credits, a suspension and two prices; one of them under a plan that takes list prices."""
    world = pay_world.make_busy_world(resolution_counts=(3, 4, 5))
    for agent in world.agents:
        pay_world.resolve(world, agent, 2, state="assumed", first=pay_world.MARCH_7 + timedelta(days=2))
    pay_world.suspend_premium(world.agents[1])
    book_resolutions.book_resolutions(as_of=pay_world.AFTER_MARCH)
    return world


def load(world):
    period = pay_periods.period_of(site=world.site, day=factories.MARCH)
    scope = Scope(site=world.site, agent_ids=[agent.pk for agent in world.agents], period=period, as_of=pay_world.AFTER_MARCH)
    return scope, raw.load_inputs(scope=scope)


@pytest.mark.django_db
def test_unit_totals_of_frames_are_those_of_the_scalar_rule(world):
    scope, loaded = load(world)
    sums = unit_totals.Sums(credits=loaded.credits).of(agents=loaded.agents)
    assert set(sums) == {agent.pk for agent in world.agents}
    for inputs in loaded.agents:
        plan = inputs.plan
        one_by_one = gather.gather_facts(
            raw=inputs.with_credits, terms=plan.pay, pack=inputs.pack, period=scope.period, currency=plan.currency
        ).units
        assert unit_frames.to_totals(sums=sums[inputs.payee.agent_id], terms=plan.pay.unit) == one_by_one


@pytest.mark.django_db
def test_an_agent_without_a_price_is_left_to_the_scalar_rule_which_names_the_resolution(world):
    pay_world.resolve(world, world.agents[2], 1, first=pay_world.MARCH_7 + timedelta(days=3))
    scope, loaded = load(world)
    assert world.agents[2].pk not in unit_totals.Sums(credits=loaded.credits).of(agents=loaded.agents)
    computed = settle_agents.compute_settlements(scope=scope)
    assert len(computed.settled) == 2
    assert "has no price, and the plan pays a share of it" in computed.failures[0].message


@pytest.mark.django_db
def test_the_fingerprint_changes_with_any_fact_and_with_nothing_else(world):
    def fingerprints():
        return [inputs.inputs_hash for inputs in load(world)[1].agents]

    before = fingerprints()
    assert fingerprints() == before
    factories.make_time(agent=world.agents[0], started_at=pay_world.MARCH_7 + timedelta(days=6), hours=1)
    after = fingerprints()
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, True, True]
