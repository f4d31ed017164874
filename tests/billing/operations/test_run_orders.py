"""Orders of steps in which somebody could be paid twice, not at all, or unseen."""

from datetime import UTC, datetime

import pytest

from agents import models as work
from agents.models import Agent
from billing.models import Adjustment, PayRun, Settlement
from billing.operations import approve_pay_run, book_resolutions, calculate_pay_run, changed_pay, refresh_accruals
from tests import factories
from tests.billing import pay_world
from tests.billing.operations import test_stored_plans

pytestmark = pytest.mark.django_db
AFTER_APRIL = datetime(2016, 5, 3, 12, tzinfo=UTC)


def calculate(site, month, as_of):
    book_resolutions.book_resolutions(as_of=as_of)
    return calculate_pay_run.calculate_pay_run(site=site, period_start=month, as_of=as_of)


def approve(report, as_of):
    return approve_pay_run.approve_pay_run(run_id=report.run_id, person=factories.make_user(roles=["approver"]), as_of=as_of)


@pytest.mark.parametrize(("first_zone", "second_zone"), [(factories.NEW_YORK, "Asia/Manila"), ("Asia/Manila", factories.NEW_YORK)])
def test_hours_of_who_moves_between_time_zones_are_paid_once(first_zone, second_zone):
    world = pay_world.make_world(timezone=first_zone)
    mover = world.agents[0]
    # Six hours before and after each of the two midnights at which the month may end.
    start = datetime(2016, 3, 31, 10, tzinfo=UTC)
    factories.make_time(agent=mover, started_at=start, hours=24)
    approve(calculate(world.site, factories.MARCH, pay_world.AFTER_MARCH), pay_world.AFTER_MARCH)
    second = factories.make_site(name="Second", timezone=second_zone)
    Agent.objects.filter(pk=mover.pk).update(site=second)

    calculate(second, factories.APRIL, AFTER_APRIL)

    paid = {found.period_start: found.paid_seconds for found in Settlement.objects.filter(agent=mover)}
    assert sum(paid.values()) == 24 * 3600, paid


def test_what_is_held_is_released_once_where_the_agent_moves_between_time_zones():
    world, mover = test_stored_plans.make_world(test_stored_plans.make_plan(holdback_bp=1_000, holdback_days=30))
    # Verified on March 31 in New York, which is April 1 in Manila: due on the last day of April, or on the first of May.
    pay_world.resolve(world, mover, 2, first=datetime(2016, 3, 31, 20, tzinfo=UTC))
    approve(calculate(world.site, factories.MARCH, pay_world.AFTER_MARCH), pay_world.AFTER_MARCH)
    pay_world.resolve(world, mover, 1, first=datetime(2016, 4, 20, 20, tzinfo=UTC))
    approve(calculate(world.site, factories.APRIL, AFTER_APRIL), AFTER_APRIL)
    assert pay_world.lines_of(mover, factories.APRIL) == [("unit", "1.20"), ("holdback", "-0.12"), ("release", "0.24")]
    second = factories.make_site(name="Second", timezone="Asia/Manila")
    Agent.objects.filter(pk=mover.pk).update(site=second)

    report = calculate(second, factories.MAY, AFTER_APRIL.replace(month=6))

    assert report.failures == ()
    assert pay_world.lines_of(mover, factories.MAY) == [("release", "0.12")]


def months_of_a_draw():
    """A month that is paid an advance of 2.60, and one that pays 1.10 of it back."""
    version = test_stored_plans.make_plan(draw_micros=5_000_000, is_draw_recoverable=True, draw_recovery_bp=5_000)
    world, agent = test_stored_plans.make_world(version)
    pay_world.resolve(world, agent, 2)
    pay_world.resolve(world, agent, 6, first=datetime(2016, 4, 4, 14, tzinfo=UTC))
    return world, agent


def test_a_month_is_not_approved_before_one_that_is_calculated_and_may_change():
    world, _agent = months_of_a_draw()
    march = calculate(world.site, factories.MARCH, pay_world.AFTER_MARCH)
    april = calculate(world.site, factories.APRIL, AFTER_APRIL)
    approver = factories.make_user(roles=["approver"])

    words = r"2016-03 is calculated and comes before .*2016-04; approve it first"
    with pytest.raises(approve_pay_run.UnableToApprove, match=words):
        approve_pay_run.approve_pay_run(run_id=april.run_id, person=approver, as_of=AFTER_APRIL)
    assert set(Settlement.objects.values_list("status", flat=True)) == {"calculated"}

    approve(march, AFTER_APRIL)
    assert approve(april, AFTER_APRIL).status == "approved"


def test_a_month_is_not_approved_before_one_that_still_accrues():
    world, agent = months_of_a_draw()
    in_march = pay_world.MARCH_7.replace(day=20)
    book_resolutions.book_resolutions(as_of=in_march)
    refresh_accruals.refresh_accruals(as_of=in_march)
    april = calculate(world.site, factories.APRIL, AFTER_APRIL)

    with pytest.raises(approve_pay_run.UnableToApprove, match=f"The pay of {agent.name} for March 2016 is in no run yet"):
        approve(april, AFTER_APRIL)

    approve(calculate(world.site, factories.MARCH, AFTER_APRIL), AFTER_APRIL)
    assert approve(calculate(world.site, factories.APRIL, AFTER_APRIL), AFTER_APRIL).status == "approved"
    assert pay_world.lines_of(agent, factories.APRIL) == [("unit", "7.20"), ("draw_recovery", "-1.10")]


def test_a_month_that_nobody_calculated_pays_nobody_whose_later_one_is_approved_and_its_cases_follow():
    world, agent = months_of_a_draw()
    april = calculate(world.site, factories.APRIL, AFTER_APRIL)
    assert approve(april, AFTER_APRIL).status == "approved"
    before = Settlement.objects.values_list("agent", "period_start", "total_micros").get()

    march = calculate(world.site, factories.MARCH, AFTER_APRIL)

    [failure] = march.failures
    assert failure.message == (
        f"The pay of {agent.name} for April 2016 is approved already, and this month comes before it: its cases come with the next period "
        "once this run is approved; enter an adjustment for its hours."
    )
    assert Settlement.objects.values_list("agent", "period_start", "total_micros").get() == before
    assert changed_pay.list_changed(run=PayRun.objects.get(pk=march.run_id), as_of=AFTER_APRIL) == ()

    approver = factories.make_user(roles=["approver"])
    approve_pay_run.approve_pay_run(run_id=march.run_id, person=approver, as_of=AFTER_APRIL, despite_failures=True)
    assert calculate(world.site, factories.MAY, AFTER_APRIL.replace(month=6)).resolution_count == 2


def test_what_was_decided_for_who_could_not_be_computed_comes_with_the_next_month_once():
    world = pay_world.make_busy_world(resolution_counts=(2, 2), as_of=pay_world.AFTER_MARCH)
    agent, lead, approver = world.agents[0], factories.make_user(roles=["lead"]), factories.make_user(roles=["approver"])
    entered = {"agent": agent, "period_start": factories.MARCH, "amount_micros": 7_000_000, "currency": "USD", "reason": "Bonus"}
    Adjustment.objects.create(**entered, entered_by=lead, approved_by=approver, approved_at=pay_world.MARCH_7)
    assigned = agent.plan_assignments.get()
    agent.plan_assignments.all().delete()
    march = calculate(world.site, factories.MARCH, pay_world.AFTER_MARCH)
    assert [failure.name for failure in march.failures] == [agent.name]
    approve_pay_run.approve_pay_run(run_id=march.run_id, person=approver, as_of=pay_world.AFTER_MARCH, despite_failures=True)
    factories.assign_plan(agent=agent, version=assigned.plan.versions.get())

    approve(calculate(world.site, factories.APRIL, AFTER_APRIL), AFTER_APRIL)
    assert ("adjustment", "7.00") in pay_world.lines_of(agent, factories.APRIL)
    work.ReferenceRate.objects.create(metric="csat", period_start=factories.MAY, success_count=88, observation_count=100, basis="test")
    pay_world.work_a_week(agent, first=pay_world.MARCH_7.replace(month=5), days=1)
    calculate(world.site, factories.MAY, AFTER_APRIL.replace(month=6))

    assert [kind for kind, _amount in pay_world.lines_of(agent, factories.MAY) if kind == "adjustment"] == []
