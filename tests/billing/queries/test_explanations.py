"""Every stored line recomputes itself to the last micro and says so in words; a tampered one is refused."""

from datetime import timedelta
from fractions import Fraction

import pytest

from agents.models import GuardrailDecision
from billing.models import Adjustment, SettlementLine
from billing.operations import book_resolutions, calculate_pay_run
from billing.queries import explanations
from billing.rules.pay import explain
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines():
    """A run with every kind of line that stored facts can make today."""
    world = pay_world.make_world(agent_count=2)
    for agent in world.agents:
        pay_world.work_a_week(agent, hours=9)
        resolved = pay_world.resolve(world, agent, 6)
        resolved += pay_world.resolve(world, agent, 1, first=pay_world.MARCH_7 + timedelta(days=1), state="assumed")
        pay_world.answer_surveys(resolved, favorable=5)
    base = {"agent": world.agents[0], "limit": "occupancy", "value": 1, "threshold": 1, "level": "act", "decided_at": pay_world.MARCH_7}
    rest = pay_world.MARCH_7 + timedelta(hours=3)
    GuardrailDecision.objects.create(effect="paid_recovery", starts_at=rest, ends_at=rest + timedelta(minutes=20), **base)
    GuardrailDecision.objects.create(effect="premium_suspended", starts_at=resolved[5].verified_at, **base)
    Adjustment.objects.create(
        agent=world.agents[0],
        period_start=factories.MARCH,
        amount_micros=1_400_000,
        currency="USD",
        reason="Credit was whole",
        entered_by=factories.make_user(),
        approved_by=factories.make_user(),
        approved_at=pay_world.MARCH_7,
    )
    book_resolutions.book_resolutions(as_of=pay_world.AFTER_MARCH)
    calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=pay_world.AFTER_MARCH)
    return list(SettlementLine.objects.select_related("settlement__plan_version__plan").order_by("pk"))


def test_every_line_recomputes_itself_to_the_last_micro(lines):
    assert {line.kind for line in lines} == {
        "unit",
        "tier_uplift",
        "quality",
        "guardrail",
        "base",
        "recovery",
        "floor",
        "overtime",
        "adjustment",
    }
    for line in lines:
        assert explain.recompute(rule=line.rule, inputs=line.inputs) == Fraction(line.exact)
        found = explanations.explain_line(line=line)
        assert found.steps[-1].value * 1_000_000 == line.amount_micros
        assert all(step.name for step in found.steps)


def test_a_unit_line_says_how_its_resolutions_were_verified(lines):
    line = next(line for line in lines if line.kind == "unit")
    assert explanations.explain_line(line=line).notes == (
        "6 confirmed by the customer, 1 assumed after silence.",
        "Care plan, version 1; pay rules United States, federal, 2026.1; arithmetic 2026.4, as known on April 2, 2016.",
    )


def test_an_adjustment_cites_where_it_comes_from(lines):
    line = next(line for line in lines if line.kind == "adjustment")
    assert explanations.explain_line(line=line).notes[0] == f"It comes from {line.source}."


def test_a_line_whose_inputs_do_not_give_its_amount_is_refused(lines):
    line = next(line for line in lines if line.kind == "base")
    line.exact = "562.51"
    with pytest.raises(explain.UnableToExplain, match="is stored"):
        explanations.explain_line(line=line)


def test_explaining_reads_nothing_more(lines, django_assert_num_queries):
    with django_assert_num_queries(0):
        one_by_one = [explanations.explain_line(line=line) for line in lines]
        assert explanations.explain_lines(lines=lines) == one_by_one
