"""The open period grows with the facts, touches only those whose facts changed, and becomes the settlement that is paid."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from billing.models import Earning, Settlement
from billing.operations import book_resolutions, calculate_pay_run, refresh_accruals
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db
MARCH_12 = pay_world.MARCH_7 + timedelta(days=5)


@pytest.fixture
def world():
    return pay_world.make_busy_world(resolution_counts=(2, 2))


def refresh(as_of=MARCH_12, **values):
    book_resolutions.book_resolutions(as_of=as_of)
    return refresh_accruals.refresh_accruals(as_of=as_of, **values)


def test_the_open_period_accrues_by_the_same_rules_as_the_run(world):
    report = refresh()
    assert (report.seen_count, report.changed_count, report.failures) == (2, 2, ())
    accrued = {agent.pk: pay_world.lines_of(agent) for agent in world.agents}
    assert accrued[world.agents[0].pk] == [("unit", "0.96"), ("quality", "0.00"), ("base", "500.00"), ("floor", "0.00")]
    assert set(Settlement.objects.values_list("status", "run")) == {("accruing", None)}
    calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=pay_world.AFTER_MARCH)
    assert set(Settlement.objects.values_list("status", flat=True)) == {"calculated"}
    assert {agent.pk: pay_world.lines_of(agent) for agent in world.agents} == accrued
    assert Settlement.objects.count() == 2


def test_only_agents_whose_facts_changed_are_written(world):
    refresh()
    before = dict(Settlement.objects.values_list("agent", "as_of"))
    assert refresh(MARCH_12 + timedelta(hours=1)).changed_count == 0
    pay_world.resolve(world, world.agents[1], 1, first=MARCH_12)
    later = MARCH_12 + timedelta(hours=3)
    assert refresh(later).changed_count == 1
    after = dict(Settlement.objects.values_list("agent", "as_of"))
    assert (after[world.agents[0].pk], after[world.agents[1].pk]) == (before[world.agents[0].pk], later)
    assert Earning.objects.filter(agent=world.agents[1]).count() == 3


def test_who_began_earlier_leaves_what_a_later_instant_accrued(world):
    pay_world.resolve(world, world.agents[0], 1, first=MARCH_12)
    later = MARCH_12 + timedelta(hours=3)
    refresh(later)
    refresh(MARCH_12)
    found = Settlement.objects.get(agent=world.agents[0])
    assert (found.resolution_count, found.as_of) == (3, later)


def test_a_settlement_stays_that_of_its_agent(world):
    refresh()
    first, second = world.agents[0], world.agents[1]
    with pytest.raises(DatabaseError, match="stays that of its agent"), transaction.atomic():
        Settlement.objects.filter(agent=first).update(agent=second, period_start=MARCH_12)


def test_one_agent_can_be_refreshed_alone(world):
    report = refresh(agent_ids=[world.agents[1].pk])
    assert (report.seen_count, report.changed_count) == (1, 1)
    assert list(Settlement.objects.values_list("agent", flat=True)) == [world.agents[1].pk]


def test_a_period_that_a_run_has_taken_up_is_left_to_it(world):
    refresh()
    calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=pay_world.AFTER_MARCH)
    pay_world.resolve(world, world.agents[0], 1)
    refresh(pay_world.AFTER_MARCH)
    assert set(Settlement.objects.values_list("period_start", "status")) == {(factories.MARCH, "calculated")}


def test_the_month_before_accrues_until_a_run_takes_it_up(world):
    refresh()
    pay_world.resolve(world, world.agents[0], 1)
    assert refresh(pay_world.AFTER_MARCH).changed_count == 1
    assert Settlement.objects.get(agent=world.agents[0], period_start=factories.MARCH).resolution_count == 3


def test_an_agent_who_fails_is_named_and_the_others_accrue(world):
    factories.work.PlanAssignment.objects.filter(agent=world.agents[0]).delete()
    report = refresh()
    assert (report.changed_count, [failure.agent_id for failure in report.failures]) == (1, [world.agents[0].pk])


def test_refreshing_one_agent_takes_few_queries(world, django_assert_max_num_queries):
    refresh()
    pay_world.resolve(world, world.agents[0], 1)
    book_resolutions.book_resolutions(as_of=MARCH_12)
    with django_assert_max_num_queries(18):
        refresh_accruals.refresh_accruals(as_of=MARCH_12, agent_ids=[world.agents[0].pk])
