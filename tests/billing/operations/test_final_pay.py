"""Who left is paid before the others, once, and the month's run leaves them out."""

from datetime import UTC, date, datetime

import pytest

from billing.models import PayRun, Settlement
from billing.operations import approve_pay_run, calculate_pay_run, pay_out, refresh_accruals
from billing.queries import ledger as balances
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db
LEFT_ON, LAST_DAY = date(2016, 3, 16), datetime(2016, 3, 15, 20, tzinfo=UTC)
NEXT_DAY = datetime(2016, 3, 16, 12, tzinfo=UTC)


@pytest.fixture
def world():
    world = pay_world.make_busy_world(resolution_counts=(2, 2), as_of=NEXT_DAY)
    type(world.agents[0]).objects.filter(pk=world.agents[0].pk).update(employed_to=LEFT_ON)
    world.agents[0].refresh_from_db()
    return world


def final(world, as_of=NEXT_DAY):
    run = calculate_pay_run.open_final_run(agent=world.agents[0], as_of=as_of)
    assert calculate_pay_run.work_on_pay_run(run_id=run.pk)
    return PayRun.objects.get(pk=run.pk)


def pay(run, as_of):
    approver = factories.make_user(roles=["approver"])
    approve_pay_run.approve_pay_run(run_id=run.pk, person=approver, as_of=as_of)
    approve_pay_run.post_pay_run(run_id=run.pk, person=approver, as_of=as_of)
    return pay_out.mark_pay_run_paid(run_id=run.pk, person=approver, paid_on=as_of.date(), as_of=as_of)


def test_final_pay_is_paid_before_the_month_is_over_and_the_others_follow(world):
    leaver, stays = world.agents
    assert pay(final(world), NEXT_DAY).status == "paid"
    assert set(balances.party_balances(party="agent", on=LEFT_ON)) == set()

    refresh_accruals.refresh_accruals(as_of=NEXT_DAY.replace(day=20))
    assert Settlement.objects.get(agent=stays).status == "accruing"
    report = calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=pay_world.AFTER_MARCH)

    assert (report.agent_count, PayRun.objects.count()) == (1, 2)
    assert Settlement.objects.get(agent=leaver).run.agent == leaver
    pay(PayRun.objects.get(agent=None), pay_world.AFTER_MARCH)
    assert set(Settlement.objects.values_list("status", flat=True)) == {"paid"}


def test_it_waits_for_the_last_day_and_is_refused_once_the_month_is_calculated(world):
    with pytest.raises(calculate_pay_run.UnableToCalculate, match="is employed on 2016-03-15; final pay"):
        final(world, as_of=LAST_DAY)
    assert not PayRun.objects.exists()

    calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=pay_world.AFTER_MARCH)
    with pytest.raises(calculate_pay_run.UnableToCalculate, match="was started and pays"):
        final(world, as_of=pay_world.AFTER_MARCH)
    assert PayRun.objects.count() == 1


def test_it_is_calculated_again_until_somebody_approves_it(world):
    first = final(world)
    assert final(world, as_of=NEXT_DAY.replace(hour=13)).pk == first.pk
    pay(PayRun.objects.get(), NEXT_DAY.replace(hour=14))

    with pytest.raises(calculate_pay_run.UnableToCalculate, match="is paid and is not calculated again"):
        final(world, as_of=NEXT_DAY.replace(hour=15))
