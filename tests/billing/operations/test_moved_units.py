"""Resolutions that nobody knew when the old site closed their month are paid at the new one, once."""

from datetime import UTC, datetime

import pytest

from agents.models import Agent, Site
from tests import factories
from tests.billing import pay_world
from tests.billing.operations import test_stored_plans
from tests.billing.operations.test_run_orders import AFTER_APRIL, approve, calculate

pytestmark = pytest.mark.django_db
AFTER, MANILA = pay_world.AFTER_MARCH, "Asia/Manila"
IN_MARCH, IN_APRIL = datetime(2016, 3, 20, 18, tzinfo=UTC), datetime(2016, 4, 20, 18, tzinfo=UTC)
CREDITING = pytest.mark.parametrize("crediting", ["resolver", "equal"])


def make_mover(crediting="resolver", zone=factories.NEW_YORK):
    """Somebody with a resolution of March that is paid, who then moves to a site that had no run before."""
    world, mover = test_stored_plans.make_world(test_stored_plans.make_plan(crediting=crediting))
    Site.objects.filter(pk=world.site.pk).update(timezone=zone)
    world.site.refresh_from_db()
    pay_world.resolve(world, mover, 1)
    return world, mover


def close_and_move(world, mover):
    approve(calculate(world.site, factories.MARCH, AFTER), AFTER)
    second = factories.make_site(name="Second")
    Agent.objects.filter(pk=mover.pk).update(site=second)
    mover.refresh_from_db()
    return second


def paid_by_month(agent):
    months = agent.earnings.order_by("verified_at").values_list("settlement__period_start", flat=True)
    return [month.month for month in months]


@CREDITING
def test_what_became_known_late_is_paid_at_the_new_site(crediting):
    world, mover = make_mover(crediting)
    second = close_and_move(world, mover)
    for first in (IN_MARCH, IN_APRIL):
        pay_world.resolve(world, mover, 1, first=first)

    approve(calculate(second, factories.APRIL, AFTER_APRIL), AFTER_APRIL)
    assert paid_by_month(mover) == [3, 4, 4]

    pay_world.resolve(world, mover, 1, first=IN_APRIL.replace(month=5))
    assert calculate(second, factories.MAY, AFTER_APRIL.replace(month=6)).failures == ()
    assert paid_by_month(mover) == [3, 4, 4, 5]


@CREDITING
def test_what_both_sites_closed_comes_once(crediting):
    world, mover = make_mover(crediting)
    second = close_and_move(world, mover)
    approve(calculate(second, factories.MARCH, AFTER), AFTER)
    for first in (IN_MARCH, IN_APRIL):
        pay_world.resolve(world, mover, 1, first=first)
    report = calculate(second, factories.APRIL, AFTER_APRIL)
    assert (report.failures, report.resolution_count) == ((), 2)
    assert paid_by_month(mover) == [3, 4, 4]


def test_what_was_verified_between_the_midnights_of_both_sites_is_paid_at_the_new_one():
    world, mover = make_mover(zone=MANILA)
    # April already in Manila, still March in New York.
    pay_world.resolve(world, mover, 1, first=datetime(2016, 3, 31, 18, tzinfo=UTC))
    second = close_and_move(world, mover)
    calculate(second, factories.APRIL, AFTER_APRIL)
    assert paid_by_month(mover) == [3, 4]


def test_what_the_old_site_has_not_closed_waits():
    world, mover = make_mover()
    calculate(world.site, factories.MARCH, AFTER)
    second = factories.make_site(name="Second")
    Agent.objects.filter(pk=mover.pk).update(site=second)
    pay_world.resolve(world, mover, 1, first=IN_MARCH)
    pay_world.resolve(world, mover, 1, first=IN_APRIL)
    calculate(second, factories.APRIL, AFTER_APRIL)
    assert paid_by_month(mover) == [3, 4]
