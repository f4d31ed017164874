"""Back-tests: a version on a real month costs what it would cost, hurts whom it would hurt, and writes nothing."""

from fractions import Fraction

import pytest

from billing.models import Settlement
from billing.queries import back_test, read_ahead
from contracts.models import PayPlanVersion
from contracts.operations import versions
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> pay_world.World:
    return pay_world.make_busy_world(resolution_counts=(2, 4, 6), as_of=pay_world.AFTER_MARCH)


def draft_of(world: pay_world.World, *, share_bp: int, hourly_micros: int = 12_500_000) -> PayPlanVersion:
    draft = versions.clone_version(version=world.plan, effective_from=factories.APRIL)
    draft.base_hourly_micros = hourly_micros
    draft.save()
    draft.tiers.update(share_bp=share_bp)
    return draft


def run(version: PayPlanVersion) -> back_test.BackTest:
    return back_test.run_back_test(version=version, month=factories.MARCH, as_of=pay_world.AFTER_MARCH)


def test_the_version_in_force_changes_nobody(world: pay_world.World) -> None:
    found = run(world.plan)

    assert [outcome.difference for outcome in found.outcomes] == [0, 0, 0]
    assert (found.summary.winner_count, found.summary.loser_count, found.summary.cost_difference) == (0, 0, 0)
    assert (found.summary.agent_count, found.summary.unit_count) == (3, 12)


def test_a_draft_is_paid_by_the_same_rules(world: pay_world.World) -> None:
    found = run(draft_of(world, share_bp=5_000))

    # 2.40 at 50% instead of 20% up to three, and 25% above.
    assert [outcome.difference for outcome in found.outcomes] == [Fraction(144, 100), Fraction(276, 100), Fraction(396, 100)]
    assert found.summary.winner_count == 3
    assert found.summary.cost_difference == sum(outcome.difference for outcome in found.outcomes)


def test_a_draft_whose_tier_begins_earlier_is_paid_by_its_own_tiers(world: pay_world.World) -> None:
    draft = draft_of(world, share_bp=2_000)
    draft.tiers.filter(up_to__isnull=True).update(share_bp=2_500)
    same = run(draft)
    draft.tiers.filter(up_to__isnull=False).update(up_to=1)
    found = run(draft)

    assert [outcome.difference for outcome in same.outcomes] == [0, 0, 0]
    # 2.40 at 25% instead of 20%: the second unit of the first, the second and third of the others.
    assert [outcome.difference for outcome in found.outcomes] == [Fraction(12, 100), Fraction(24, 100), Fraction(24, 100)]


def test_losers_are_named_with_what_they_lose(world: pay_world.World) -> None:
    found = run(draft_of(world, share_bp=0))

    assert found.summary.loser_count == 3
    assert found.summary.lost == -sum(-outcome.difference for outcome in found.outcomes)
    assert [quantile.percent for quantile in found.summary.spread] == [0, 10, 25, 50, 75, 90, 100]
    assert found.summary.spread[0].difference == min(outcome.difference for outcome in found.outcomes)


def test_lower_hours_are_caught_by_the_floor_and_counted(world: pay_world.World) -> None:
    found = run(draft_of(world, share_bp=2_000, hourly_micros=1_000_000))

    assert found.summary.now_floor_count == 0
    assert found.summary.then_floor_count == 3


def test_nothing_is_written_and_agents_of_other_plans_are_left_out(world: pay_world.World) -> None:
    other = pay_world.add_agent(world, plan=pay_world.make_plan())
    pay_world.work_a_week(other)
    found = run(draft_of(world, share_bp=5_000))

    assert found.summary.agent_count == 3
    assert not Settlement.objects.exists()


def test_who_cannot_be_paid_by_the_draft_is_named(world: pay_world.World) -> None:
    draft = draft_of(world, share_bp=2_000)
    draft.currency = "EUR"
    draft.save()
    found = run(draft)

    assert {failed.name for failed in found.failures} == {agent.name for agent in world.agents}
    assert found.outcomes == ()


@pytest.mark.django_db(transaction=True)
def test_parts_that_are_read_ahead_give_the_same(world: pay_world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = draft_of(world, share_bp=5_000)
    whole = run(draft)
    monkeypatch.setattr(back_test, "AGENTS_AT_ONCE", 1)
    told: list[tuple[int, int]] = []

    found = back_test.run_back_test(
        version=draft, month=factories.MARCH, as_of=pay_world.AFTER_MARCH, tell=lambda done, count: told.append((done, count))
    )

    assert found == whole
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.django_db(transaction=True)
def test_a_part_that_cannot_be_read_ahead_is_told() -> None:
    def read(part: int) -> int:
        if part == 2:
            raise ValueError("the second part")
        return part * 10

    parts = read_ahead.read_ahead(asked=[1, 2, 3], read=read)
    assert next(parts) == (1, 10)
    with pytest.raises(ValueError, match="the second part"):
        next(parts)
