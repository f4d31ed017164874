"""Orders of steps in which somebody could be paid twice, not at all, or unseen."""

from datetime import UTC, datetime

import pytest

from agents.models import Agent
from billing.models import Settlement
from billing.operations import approve_pay_run, book_resolutions, calculate_pay_run
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
