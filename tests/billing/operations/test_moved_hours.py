"""Hours around the midnights of two sites: who moves from one to the other is paid each of them once, on the day it was worked."""

from datetime import UTC, date, datetime, timedelta

import pytest

from agents import models as work
from agents.models import Agent
from billing.models import Settlement
from billing.operations import refresh_accruals
from tests import factories
from tests.billing import pay_world
from tests.billing.operations import test_stored_plans
from tests.billing.operations.test_run_orders import AFTER_APRIL, approve, calculate

pytestmark = pytest.mark.django_db
AFTER, NEW_YORK, MANILA, LOS_ANGELES = pay_world.AFTER_MARCH, factories.NEW_YORK, "Asia/Manila", "America/Los_Angeles"
BOTH_WAYS = pytest.mark.parametrize(("first_zone", "second_zone"), [(NEW_YORK, MANILA), (MANILA, NEW_YORK)])
# Six hours before the first of the two midnights at which March may end; they are twelve hours apart.
START = datetime(2016, 3, 31, 10, tzinfo=UTC)


def make_mover(zone, **plan):
    """A site in a zone, and somebody who is paid 10.00 an hour there and worked an hour of March."""
    version = test_stored_plans.activate(test_stored_plans.make_plan(tiers=(), base_hourly_micros=10_000_000, **plan))
    world = pay_world.World(site=factories.make_site(timezone=zone), plan=version, contract=factories.make_contract_version())
    mover = pay_world.add_agent(world)
    factories.make_time(agent=mover, started_at=datetime(2016, 3, 21, 14, tzinfo=UTC), hours=1)
    return world, mover


def move(agent, zone):
    second = factories.make_site(name="Second", timezone=zone)
    Agent.objects.filter(pk=agent.pk).update(site=second)
    agent.refresh_from_db()
    return second


def settle_both(world, mover, zone):
    """Approve March, move, and calculate April at a site in another zone; return what both found."""
    approve(calculate(world.site, factories.MARCH, AFTER), AFTER)
    report = calculate(move(mover, zone), factories.APRIL, AFTER_APRIL)
    assert report.failures == ()
    return report


def hours_of(agent):
    return sum(found.paid_seconds for found in Settlement.objects.filter(agent=agent)) / 3600


@BOTH_WAYS
@pytest.mark.parametrize("rule_pack", ["none", "ph", "us-ca"])
def test_hours_are_paid_once_under_every_law(first_zone, second_zone, rule_pack):
    # The Philippine night is read entry by entry.
    world, mover = make_mover(first_zone, rule_pack=rule_pack)
    factories.make_time(agent=mover, started_at=START, hours=24)
    settle_both(world, mover, second_zone)
    assert hours_of(mover) == 25


@BOTH_WAYS
@pytest.mark.parametrize("rest_at", [START + timedelta(hours=10), datetime(2016, 4, 12, 11, tzinfo=UTC)])
def test_a_paid_rest_is_paid_once_and_loses_no_hours_beside_it(first_zone, second_zone, rest_at):
    world, mover = make_mover(first_zone)
    spans = [
        (START, 10),
        (START + timedelta(hours=11), 13),
        (datetime(2016, 4, 12, 10, tzinfo=UTC), 1),
        (datetime(2016, 4, 12, 12, tzinfo=UTC), 1),
    ]
    for started_at, hours in spans:
        factories.make_time(agent=mover, started_at=started_at, hours=hours)
    rest = {"limit": "pace", "value": 1, "threshold": 1, "level": "act", "effect": "paid_recovery", "decided_at": rest_at}
    work.GuardrailDecision.objects.create(agent=mover, starts_at=rest_at, ends_at=rest_at + timedelta(hours=1), **rest)
    settle_both(world, mover, second_zone)
    assert hours_of(mover) == 1 + 23 + 2 + 1


def test_hours_before_the_new_midnight_keep_their_day_so_that_no_overtime_is_made_up():
    # Two evenings of eight hours in Manila, from 21:00.
    world, mover = make_mover(MANILA, rule_pack="us-ca")
    for day in range(2):
        factories.make_time(agent=mover, started_at=datetime(2016, 3, 31, 13, tzinfo=UTC) + timedelta(days=day), hours=8)
    settle_both(world, mover, LOS_ANGELES)
    assert "overtime" not in dict(pay_world.lines_of(mover, factories.APRIL))
    assert hours_of(mover) == 17


def test_more_hours_than_a_day_holds_are_those_of_two_days():
    world, mover = make_mover(MANILA)
    for started_at in (datetime(2016, 3, 31, 16, tzinfo=UTC), datetime(2016, 4, 1, 4, tzinfo=UTC), datetime(2016, 4, 1, 19, tzinfo=UTC)):
        factories.make_time(agent=mover, started_at=started_at, hours=9)
    settle_both(world, mover, LOS_ANGELES)
    assert hours_of(mover) == 28


def test_a_special_day_before_the_first_pays_those_alone_whose_hours_count_then():
    world, mover = make_mover(MANILA, rule_pack="ph")
    factories.make_time(agent=mover, started_at=datetime(2016, 3, 31, 16, tzinfo=UTC), hours=1)
    approve(calculate(world.site, factories.MARCH, AFTER), AFTER)
    second = move(mover, "Asia/Kolkata")
    stays = pay_world.add_agent(pay_world.World(site=second, plan=world.plan, contract=world.contract))
    factories.make_time(agent=stays, started_at=datetime(2016, 4, 5, 4, tzinfo=UTC), hours=1)
    in_april = datetime(2016, 4, 20, tzinfo=UTC)
    refresh_accruals.refresh_accruals(as_of=in_april)
    before = dict(Settlement.objects.filter(period_start=factories.APRIL).values_list("agent", "inputs_hash"))

    work.SpecialDay.objects.create(site=second, day=date(2016, 3, 31), day_type="regular_holiday")
    refresh_accruals.refresh_accruals(as_of=in_april)

    after = dict(Settlement.objects.filter(period_start=factories.APRIL).values_list("agent", "inputs_hash"))
    assert before[stays.pk] == after[stays.pk]
    assert before[mover.pk] != after[mover.pk]
    assert ("category", "10.00") in pay_world.lines_of(mover, factories.APRIL)
