"""What is stored of a settlement is the same, whether columns or the pipeline made it."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from agents.models import GuardrailDecision, Resolution, SpecialDay
from billing.models import PayRun
from billing.operations import book_resolutions, calculate_pay_run, earning_rows, settle_agents, settlement_rows
from billing.operations.settled import Settled
from billing.queries import pay_periods
from billing.queries.pay_inputs.scope import Scope
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db
NIGHTS = timedelta(days=24)


@pytest.fixture
def world() -> pay_world.World:
    """Five agents with two classes and prices, overtime, a suspension, and a workweek that March and April share."""
    world = pay_world.make_world(agent_count=5)
    for place, agent in enumerate(world.agents):
        for first in (pay_world.MARCH_7, pay_world.MARCH_7 + NIGHTS):
            for day in range(6):
                factories.make_time(agent=agent, started_at=first + timedelta(days=day), hours=8 + place % 2)
        pay_world.resolve(world, agent, 3 + place)
        pay_world.resolve(world, agent, 2, state="assumed", first=pay_world.MARCH_7 + timedelta(days=2))
        pay_world.resolve(world, agent, 2, first=pay_world.MARCH_7 + NIGHTS + timedelta(days=2))
    factories.make_channel(code="email", name="E-mail")
    for resolution in Resolution.objects.order_by("pk")[::3]:
        Resolution.objects.filter(pk=resolution.pk).update(channel=factories.make_channel(code="email"))
    pay_world.suspend_premium(world.agents[1])
    book_resolutions.book_resolutions(as_of=pay_world.AFTER_MARCH)
    return world


def compute(world: pay_world.World, *, month=factories.MARCH, as_of=pay_world.AFTER_MARCH) -> settle_agents.Computed:
    period = pay_periods.period_of(site=world.site, day=month)
    scope = Scope(site=world.site, agent_ids=[agent.pk for agent in world.agents], period=period, as_of=as_of)
    return settle_agents.compute_settlements(scope=scope)


def stored(computed: settle_agents.Computed, settled: list[Settled]) -> tuple[object, ...]:
    placed = earning_rows.place_credits(credits=computed.credits, settled=settled)
    rows = settlement_rows.make_settlements(settled=settled, outcomes=earning_rows.count_outcomes(placed=placed)).rows(named=True)
    return (
        settlement_rows.make_lines(settled=settled, period=computed.scope.period).rows(),
        [{**row, "evidence": json.loads(row["evidence"])} for row in rows],
        earning_rows.make_earnings(placed=placed).rows(),
    )


def assert_same(computed: settle_agents.Computed) -> None:
    assert all(one.sheet for one in computed.settled)
    piped = [replace(one, sheet=None) for one in computed.settled]
    assert stored(computed, computed.settled) == stored(computed, piped)
    for one, other in zip(computed.settled, piped, strict=True):
        assert (one.total, one.multiplier, one.total_micros, one.paid_seconds) == (
            other.total,
            other.multiplier,
            other.total_micros,
            other.paid_seconds,
        )
        for kind in ("unit", "floor", "guardrail", "overtime"):
            assert one.sum_of(kind=kind) == other.sum_of(kind=kind)


def test_every_stored_text_is_the_same(world: pay_world.World) -> None:
    computed = compute(world)

    assert len(computed.settled) == 5
    assert {line.kind for one in computed.settled for line in one.pay.lines} >= {
        "unit",
        "tier_uplift",
        "quality",
        "guardrail",
        "base",
        "overtime",
    }
    assert_same(computed)


def test_a_workweek_that_the_month_before_began_is_the_same(world: pay_world.World) -> None:
    calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=pay_world.AFTER_MARCH)
    PayRun.objects.update(status="approved")
    later = pay_world.AFTER_MARCH + timedelta(days=20)
    for agent in world.agents:
        pay_world.resolve(world, agent, 3, first=pay_world.AFTER_MARCH + timedelta(days=1))
    book_resolutions.book_resolutions(as_of=later)
    computed = compute(world, month=factories.APRIL, as_of=later)

    assert any(one.inputs.raw.carried for one in computed.settled)
    assert_same(computed)


def test_whom_columns_do_not_hold_goes_through_the_pipeline(world: pay_world.World) -> None:
    agent = world.agents[2]
    GuardrailDecision.objects.create(
        agent=agent,
        limit="occupancy",
        value=1,
        threshold=1,
        level="act",
        effect="paid_recovery",
        starts_at=pay_world.MARCH_7 + timedelta(hours=1),
        ends_at=pay_world.MARCH_7 + timedelta(hours=2),
        decided_at=pay_world.MARCH_7,
    )
    computed = compute(world)

    assert [one.inputs.payee.agent_id for one in computed.settled if one.sheet is None] == [agent.pk]
    assert "recovery" in {line.kind for one in computed.settled for line in one.pay.lines}


def test_a_special_day_without_a_premium_stays_in_columns(world: pay_world.World) -> None:
    SpecialDay.objects.create(site=world.site, day=pay_world.MARCH_7.date(), day_type="holiday")

    assert_same(compute(world))
