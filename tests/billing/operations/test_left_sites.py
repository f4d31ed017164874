"""A site that somebody left: what it still owes them, and what is none of its business any more."""

from datetime import UTC, date, datetime, timedelta

import pytest

from agents.models import Agent, Site
from billing.models import PayRun, Settlement
from billing.operations import approve_pay_run, book_resolutions, calculate_pay_run, refresh_accruals, withdraw_final_run
from billing.queries import due_runs
from tests import factories
from tests.billing import pay_world
from tests.billing.operations import test_stored_plans
from tests.billing.operations.test_run_orders import AFTER_APRIL, approve, calculate

pytestmark = pytest.mark.django_db
AFTER = pay_world.AFTER_MARCH
APRIL_4 = datetime(2016, 4, 4, 14, tzinfo=UTC)


@pytest.fixture
def world():
    return pay_world.make_world(agent_count=2)


def make_other(world, *, works_from=pay_world.MARCH_7):
    """Another site with one agent who works there for a week."""
    site = factories.make_site(name="Leeds")
    stays = factories.make_agent(site=site)
    factories.assign_plan(agent=stays, version=world.plan)
    pay_world.work_a_week(stays, first=works_from)
    return site, stays


def move(agent, site):
    Agent.objects.filter(pk=agent.pk).update(site=site)
    agent.refresh_from_db()


def find_due(site, day=0):
    return due_runs.find_due_run(site=site, as_of=AFTER + timedelta(days=day), local_hour=2)


def test_a_site_that_everybody_left_long_ago_is_calculated_no_more(world, client, settings):
    settings.PPR_NOW = AFTER
    other, _stays = make_other(world)
    for agent in world.agents:
        move(agent, other)
    # The run of the new site looked at them: they were on leave.
    approve(calculate(other, factories.MARCH, AFTER), AFTER)
    client.force_login(factories.make_user(roles=["approver"]))

    assert find_due(world.site) is None
    assert [todo for todo in client.get("/").context["todos"] if "not calculated" in todo.title] == []
    assert calculate(world.site, factories.MARCH, AFTER).agent_count == 0


def test_who_was_left_out_at_the_new_site_stops_no_approval_at_the_old_one(world):
    mover, here = world.agents
    pay_world.work_a_week(here)
    other, _stays = make_other(world)
    move(mover, other)
    mover.plan_assignments.all().delete()
    pay_world.work_a_week(mover)
    first = calculate(world.site, factories.MARCH, AFTER)
    second = calculate(other, factories.MARCH, AFTER)
    assert [failure.agent_id for failure in second.failures] == [mover.pk]
    approver = factories.make_user(roles=["approver"])
    approve_pay_run.approve_pay_run(run_id=second.run_id, person=approver, as_of=AFTER, despite_failures=True)

    assert approve(first, AFTER).status == "approved"


def test_a_time_zone_that_nobody_can_read_at_the_old_site_stops_nobody_else_at_the_new_one(world):
    mover = world.agents[0]
    pay_world.work_a_week(mover)
    approve(calculate(world.site, factories.MARCH, AFTER), AFTER)
    other, stays = make_other(world, works_from=APRIL_4)
    pay_world.work_a_week(mover, first=APRIL_4)
    move(mover, other)
    Site.objects.filter(pk=world.site.pk).update(timezone="Atlantis/Poseidonis")

    report = calculate(other, factories.APRIL, AFTER_APRIL)

    words = 'clock of the site that paid the period from 2016-03-01 cannot be read: There is no time zone "Atlantis/Poseidonis"'
    assert [(failure.agent_id, words in failure.message) for failure in report.failures] == [(mover.pk, True)]
    assert Settlement.objects.filter(agent=stays, run=report.run_id).exists()


def test_what_was_held_by_a_clock_that_nobody_can_read_stops_nobody_else():
    world, mover = test_stored_plans.make_world(test_stored_plans.make_plan(holdback_bp=1_000, holdback_days=60))
    other = factories.make_site(name="Leeds")
    stays = pay_world.add_agent(pay_world.World(site=other, plan=world.plan, contract=world.contract))
    pay_world.resolve(world, mover, 2)
    approve(calculate(world.site, factories.MARCH, AFTER), AFTER)
    move(mover, other)
    pay_world.resolve(world, mover, 1, first=APRIL_4)
    approve(calculate(other, factories.APRIL, AFTER_APRIL), AFTER_APRIL)
    Site.objects.filter(pk=world.site.pk).update(timezone="Atlantis/Poseidonis")
    for agent in (mover, stays):
        pay_world.resolve(world, agent, 1, first=APRIL_4.replace(month=5))

    in_may = AFTER_APRIL.replace(day=20)
    book_resolutions.book_resolutions(as_of=in_may)
    report = refresh_accruals.refresh_accruals(as_of=in_may)

    assert ["2016-03-01 cannot be read" in failure.message for failure in report.failures] == [True]
    assert Settlement.objects.filter(agent=stays, period_start=factories.MAY).exists()


def test_final_pay_is_withdrawn_where_a_site_that_they_left_pays_the_month(world):
    mover, stays = world.agents
    for agent in (mover, stays):
        pay_world.work_a_week(agent)
    other, _stays = make_other(world)
    approve(calculate(other, factories.MARCH, AFTER), AFTER)
    move(mover, other)
    Agent.objects.filter(pk=mover.pk).update(employed_to=date(2016, 3, 20))
    mover.refresh_from_db()
    run = calculate_pay_run.open_final_run(agent=mover, as_of=AFTER)
    assert calculate_pay_run.work_on_pay_run(run_id=run.pk)
    approver = factories.make_user(roles=["approver"])

    withdraw_final_run.withdraw_final_run(run_id=run.pk, person=approver)

    report = calculate(world.site, factories.MARCH, AFTER)
    assert Settlement.objects.get(agent=mover).run_id == report.run_id
    approve(report, AFTER)


def test_final_pay_is_not_withdrawn_once_every_site_of_theirs_is_approved(world):
    mover, stays = world.agents
    for agent in (mover, stays):
        pay_world.work_a_week(agent)
    other, _stays = make_other(world)
    approve(calculate(other, factories.MARCH, AFTER), AFTER)
    move(mover, other)
    Agent.objects.filter(pk=mover.pk).update(employed_to=date(2016, 3, 20))
    mover.refresh_from_db()
    run = calculate_pay_run.open_final_run(agent=mover, as_of=AFTER)
    assert calculate_pay_run.work_on_pay_run(run_id=run.pk)
    approve(calculate(world.site, factories.MARCH, AFTER), AFTER)

    with pytest.raises(withdraw_final_run.UnableToWithdraw, match="pays nobody else any more"):
        withdraw_final_run.withdraw_final_run(run_id=run.pk, person=factories.make_user(roles=["approver"]))


def employ_from(agent, day):
    Agent.objects.filter(pk=agent.pk).update(employed_from=day)


def test_who_was_hired_again_before_the_month_is_calculated_is_paid_for_it(world):
    mover, stays = world.agents
    for agent in (mover, stays):
        pay_world.work_a_week(agent)
        pay_world.work_a_week(agent, first=APRIL_4)
    approve(calculate(world.site, factories.MARCH, AFTER), AFTER)
    # Left on April 20, hired again from June 1 on, before April is calculated.
    employ_from(mover, date(2016, 6, 1))

    report = calculate(world.site, factories.APRIL, AFTER_APRIL)

    assert report.failures == ()
    assert Settlement.objects.filter(agent=mover, period_start=factories.APRIL, run=report.run_id).exists()


def test_a_site_where_everybody_starts_after_their_work_is_calculated_at_night_so_that_they_are_named(world):
    assert find_due(world.site) is not None
    for agent in world.agents:
        employ_from(agent, date(2016, 4, 1))
    assert find_due(world.site) is None

    pay_world.work_a_week(world.agents[0])

    assert find_due(world.site) is not None
    assert [failure.agent_id for failure in calculate(world.site, factories.MARCH, AFTER).failures] == [world.agents[0].pk]


def test_who_is_paid_by_the_site_that_they_left_is_not_new_there(world):
    mover, stays = world.agents
    for agent in (mover, stays):
        pay_world.work_a_week(agent)
        pay_world.work_a_week(agent, first=APRIL_4)
    approve(calculate(world.site, factories.MARCH, AFTER), AFTER)
    other, _stays = make_other(world, works_from=APRIL_4)
    approve(calculate(other, factories.APRIL, AFTER_APRIL), AFTER_APRIL)
    move(mover, other)

    run = PayRun.objects.get(pk=calculate(world.site, factories.APRIL, AFTER_APRIL).run_id)

    assert run.settlements.filter(agent=mover).exists()
    assert "new_agent" not in [flag for one in run.variance["flagged"] for flag in one["flags"]]
