"""Who changes sites while a month is calculated and approved is paid by one run, and stops nobody else's."""

import pytest

from agents.models import Agent
from billing.models import PayRun, Settlement
from billing.operations import approve_pay_run, calculate_pay_run
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db
AFTER = pay_world.AFTER_MARCH


@pytest.fixture
def world():
    return pay_world.make_busy_world(resolution_counts=(2, 2), as_of=AFTER)


@pytest.fixture
def other(world):
    """Another site with one agent of its own."""
    site = factories.make_site(name="Leeds")
    stays = factories.make_agent(site=site)
    factories.assign_plan(agent=stays, version=world.plan)
    pay_world.work_a_week(stays)
    return site


def calculate(site, hour=12):
    report = calculate_pay_run.calculate_pay_run(site=site, period_start=factories.MARCH, as_of=AFTER.replace(hour=hour))
    return PayRun.objects.get(pk=report.run_id)


def approve(run, hour=18):
    person = factories.make_user(roles=["approver"])
    return approve_pay_run.approve_pay_run(run_id=run.pk, person=person, as_of=AFTER.replace(hour=hour))


def payees(run):
    return set(Settlement.objects.filter(run=run).values_list("agent", flat=True))


def test_who_was_paid_elsewhere_already_does_not_stop_the_run_of_the_new_site(world, other):
    first = approve(calculate(world.site))
    Agent.objects.filter(pk=world.agents[0].pk).update(site=other)

    second = calculate(other)

    assert (second.status, len(payees(second))) == ("calculated", 1)
    assert payees(first) == {agent.pk for agent in world.agents}
    assert approve(second).status == "approved"


def test_who_moves_between_two_calculations_stays_in_the_run_that_had_them(world, other):
    mover = world.agents[0]
    calculate(world.site)
    Agent.objects.filter(pk=mover.pk).update(site=other)
    pay_world.work_a_week(mover, first=pay_world.MARCH_7.replace(day=14), days=1)

    first, second = calculate(world.site, 13), calculate(other, 13)

    assert mover.pk in payees(first)
    assert mover.pk not in payees(second)
    # The hours that were recorded since are in it: nothing is left that an approval would ask for.
    assert {approve(run).status for run in (first, second)} == {"approved"}


def test_who_moves_before_the_first_calculation_is_paid_where_they_are(world, other):
    mover = world.agents[0]
    Agent.objects.filter(pk=mover.pk).update(site=other)

    assert mover.pk not in payees(calculate(world.site))
    assert mover.pk in payees(calculate(other))
