"""Who changes sites while a month is calculated and approved is paid by one run, and stops nobody else's."""

import pytest

from agents.models import Agent
from billing.models import PayRun, Settlement
from billing.operations import approve_pay_run, calculate_pay_run
from billing.queries import due_runs, pay_periods
from tests import factories
from tests.billing import pay_world
from tests.contracts.forms import read_form

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


def move(agent, site):
    Agent.objects.filter(pk=agent.pk).update(site=site)
    agent.refresh_from_db()


def test_who_moves_to_a_site_whose_month_is_approved_is_paid_by_the_site_that_they_left(world, other):
    mover = world.agents[0]
    second = approve(calculate(other))
    move(mover, other)

    first = calculate(world.site)

    assert payees(first) == {agent.pk for agent in world.agents}
    assert Settlement.objects.get(agent=mover).total_micros == 500_960_000
    assert approve(first).status == "approved"
    assert mover.pk not in payees(second)


def test_a_run_that_was_calculated_without_them_is_not_approved_once_no_other_run_pays_them(world, other):
    mover = world.agents[0]
    second = calculate(other)
    move(mover, other)
    first = calculate(world.site)
    assert mover.pk not in payees(first)
    # The approver of the new site was told, and said why they are left out.
    with pytest.raises(approve_pay_run.PayChanged, match=mover.name):
        approve(second)
    approver = factories.make_user(roles=["approver"])
    approve_pay_run.approve_pay_run(run_id=second.pk, person=approver, as_of=AFTER, despite_changes=True, reason="The old site pays.")

    with pytest.raises(approve_pay_run.PayChanged, match=mover.name):
        approve(first)
    assert mover.pk in payees(calculate(world.site, 13))


def test_a_site_that_everybody_left_is_calculated_at_night_and_told_of_until_somebody_is_paid(world, other, client, settings):
    settings.PPR_NOW = AFTER
    approve(calculate(other))
    for agent in world.agents:
        move(agent, other)
    client.force_login(factories.make_user(roles=["approver"]))

    assert due_runs.find_due_run(site=world.site, as_of=AFTER, local_hour=2) is not None
    assert [todo.fact for todo in client.get("/").context["todos"] if "not calculated" in todo.title] == [
        f"{world.site.name}. The nightly job does it in the first days of a month; you can do it now."
    ]

    approve(calculate(world.site))
    assert due_runs.find_due_run(site=world.site, as_of=AFTER, local_hour=2) is None
    assert [todo for todo in client.get("/").context["todos"] if "not calculated" in todo.title] == []


def test_who_moved_and_left_has_final_pay_where_no_run_of_a_month_pays_them(world, other):
    mover = world.agents[0]
    approve(calculate(other))
    move(mover, other)
    Agent.objects.filter(pk=mover.pk).update(employed_to=factories.MARCH.replace(day=20))
    mover.refresh_from_db()

    run = calculate_pay_run.open_final_run(agent=mover, as_of=AFTER)
    assert calculate_pay_run.work_on_pay_run(run_id=run.pk)
    assert payees(run) == {mover.pk}
    assert mover.pk not in payees(calculate(world.site))


def test_who_moves_while_both_sites_are_calculated_is_in_one_run_alone(world, other):
    mover = world.agents[0]
    period = pay_periods.period_of(site=world.site, day=factories.MARCH)
    first = calculate_pay_run.open_pay_run(site=world.site, period=period, as_of=AFTER)
    move(mover, other)
    second = approve(calculate(other))
    before = pay_world.lines_of(mover)
    assert mover.pk in payees(second)

    assert calculate_pay_run.work_on_pay_run(run_id=first.pk)

    first.refresh_from_db()
    assert (first.status, payees(first)) == ("calculated", {world.agents[1].pk})
    assert mover.pk in payees(second)
    assert pay_world.lines_of(mover) == before
    assert approve(first).status == "approved"


def test_the_time_zone_of_a_site_stays_once_a_run_counted_by_it(world, other, client):
    client.force_login(factories.make_user(is_staff=True, is_superuser=True))
    calculate(world.site)

    for site, is_open in ((world.site, False), (other, True)):
        page = f"/admin/agents/site/{site.pk}/change/"
        form = {**read_form(client.get(page).content), "name": "Named anew", "timezone": "Asia/Manila"}
        assert client.post(page, form).status_code == 302
        site.refresh_from_db()
        assert (site.name, site.timezone) == ("Named anew", "Asia/Manila" if is_open else factories.NEW_YORK)
