"""Who left is paid before the others, once, and the month's run leaves them out."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from billing.models import Adjustment, PayRun, Reversal, Settlement
from billing.operations import (
    approve_adjustment,
    approve_pay_run,
    book_resolutions,
    calculate_pay_run,
    decide_reversal,
    pay_out,
    refresh_accruals,
    withdraw_final_run,
)
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


def test_what_is_decided_after_the_final_pay_comes_with_a_later_run(world):
    leaver = pay_world.add_agent(world, plan=pay_world.make_plan(clawback_bp=10_000))
    pay_world.work_a_week(leaver)
    fell, *_ = pay_world.resolve(world, leaver, 2)
    book_resolutions.book_resolutions(as_of=NEXT_DAY)
    type(leaver).objects.filter(pk=leaver.pk).update(employed_to=LEFT_ON)
    leaver.refresh_from_db()
    world.agents.insert(0, leaver)
    pay(final(world), NEXT_DAY)
    lead, approver = factories.make_user(roles=["lead"]), factories.make_user(roles=["approver"])
    owed = {"agent": leaver, "currency": "USD"}
    own = Adjustment.objects.create(**owed, period_start=factories.MARCH, amount_micros=7_000_000, reason="Holiday", entered_by=lead)
    line, later = leaver.settlements.get().lines.filter(kind="unit").first(), NEXT_DAY.replace(day=20)
    taken = Reversal.objects.create(**owed, resolution=fell, cited_line=line, paid_micros=400_000, proposed_at=later)

    approve_adjustment.approve_adjustment(adjustment_id=own.pk, person=approver, as_of=later)
    decide_reversal.decide_reversal(reversal_id=taken.pk, person=approver, approve=True, reason="It was reopened", as_of=later)

    assert {Adjustment.objects.get().period_start, Reversal.objects.get().period_start} == {factories.APRIL}
    after_april = pay_world.AFTER_MARCH.replace(month=5)
    calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.APRIL, as_of=after_april)
    paid = Settlement.objects.get(agent=leaver, period_start=factories.APRIL)
    assert {line.kind: line.amount_micros for line in paid.lines.all() if line.amount_micros} == {"adjustment": 7_000_000}
    # Nothing is taken below zero: the rest of it waits.
    assert paid.evidence["balances"]["reversal"] == "0.4"


def test_final_pay_is_not_approved_without_what_was_decided_since(world):
    leaver, lead, approver = world.agents[0], factories.make_user(roles=["lead"]), factories.make_user(roles=["approver"])
    run, later = final(world), NEXT_DAY.replace(hour=15)
    own = Adjustment.objects.create(
        agent=leaver, period_start=factories.MARCH, amount_micros=7_000_000, currency="USD", reason="Holiday", entered_by=lead
    )
    approve_adjustment.approve_adjustment(adjustment_id=own.pk, person=approver, as_of=later)

    with pytest.raises(approve_pay_run.UnableToApprove, match="calculate it again, so that it is paid"):
        pay(run, later)
    pay(final(world, as_of=later), later)
    assert leaver.settlements.get().lines.get(kind="adjustment").amount_micros == 7_000_000


def test_final_pay_of_who_did_not_leave_then_is_withdrawn_and_the_month_pays(world, client, settings):
    settings.PPR_NOW = NEXT_DAY.replace(hour=15)
    leaver, approver = world.agents[0], factories.make_user(roles=["approver"])
    run = final(world)
    client.force_login(approver)
    step = reverse("run_step", args=[run.pk])
    for employed_to, words in ((None, "is employed on"), (date(2016, 2, 20), "in another pay period; withdraw this final pay")):
        type(leaver).objects.filter(pk=leaver.pk).update(employed_to=employed_to)
        assert words in client.post(step, {"step": "calculate"}, follow=True).content.decode()
    assert PayRun.objects.count() == 1

    assert "Withdraw this final pay" in client.get(reverse("pay_run", args=[run.pk])).content.decode()
    assert "pays this agent again" in client.post(step, {"step": "withdraw"}, follow=True).content.decode()

    assert not PayRun.objects.exists()
    assert not Settlement.objects.filter(agent=leaver).exists()
    type(leaver).objects.filter(pk=leaver.pk).update(employed_to=None)
    report = calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=pay_world.AFTER_MARCH)
    assert report.agent_count == 2


@pytest.mark.parametrize("employed_to", [None, date(2016, 3, 28), date(2016, 4, 2), date(2016, 3, 1)])
def test_final_pay_of_who_did_not_leave_then_is_not_approved_while_the_month_can_pay_them(world, employed_to):
    leaver, run = world.agents[0], final(world)
    type(leaver).objects.filter(pk=leaver.pk).update(employed_to=employed_to)
    later = NEXT_DAY.replace(day=20)

    with pytest.raises(
        approve_pay_run.UnableToApprove, match=f"The last day of {leaver.name} is no longer before 2016-03-20 in that month"
    ):
        pay(run, later)
    assert Settlement.objects.get(run=run).status == "calculated"

    calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=pay_world.AFTER_MARCH)
    month = PayRun.objects.get(agent=None)
    pay(month, pay_world.AFTER_MARCH)
    # The month left them out: nothing else pays them.
    assert pay(run, pay_world.AFTER_MARCH).status == "paid"


def test_who_works_on_after_final_pay_is_named_in_the_run_of_the_month(world):
    leaver, approver = world.agents[0], factories.make_user(roles=["approver"])
    pay(final(world), NEXT_DAY)
    before = list(Settlement.objects.filter(agent=leaver).values_list("pk", "run", "total_micros"))
    type(leaver).objects.filter(pk=leaver.pk).update(employed_to=None)
    after = pay_world.AFTER_MARCH
    first = calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=after)
    assert first.failures == ()
    pay_world.work_a_week(leaver, first=pay_world.MARCH_7.replace(day=21), days=1)

    with pytest.raises(approve_pay_run.PayChanged, match=leaver.name):
        approve_pay_run.approve_pay_run(run_id=first.run_id, person=approver, as_of=after)
    again = calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=after.replace(hour=13))

    assert [failure.message for failure in again.failures] == [
        f"{leaver.name} worked on after the final pay of March 2016 was calculated, which is approved; enter an adjustment for these hours."
    ]
    assert list(Settlement.objects.filter(agent=leaver).values_list("pk", "run", "total_micros")) == before
    with pytest.raises(approve_pay_run.UnableToApprove, match=f"could not pay {leaver.name}"):
        approve_pay_run.approve_pay_run(run_id=again.run_id, person=approver, as_of=after.replace(hour=14))
    done = approve_pay_run.approve_pay_run(run_id=again.run_id, person=approver, as_of=after.replace(hour=14), despite_failures=True)
    assert (done.status, done.changed) == ("approved", [])


def test_what_is_approved_or_of_a_month_is_not_withdrawn(world):
    approver = factories.make_user(roles=["approver"])
    run = final(world)
    approve_pay_run.approve_pay_run(run_id=run.pk, person=approver, as_of=NEXT_DAY)
    month = calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=pay_world.AFTER_MARCH)
    for run_id, state in ((run.pk, "approved"), (month.run_id, "calculated")):
        with pytest.raises(withdraw_final_run.UnableToWithdraw, match=f"is {state}; only final pay that is calculated"):
            withdraw_final_run.withdraw_final_run(run_id=run_id, person=approver)
    assert PayRun.objects.count() == 2


def test_final_pay_that_the_approved_month_left_out_stays(world, client, settings):
    settings.PPR_NOW = pay_world.AFTER_MARCH
    run = final(world)
    calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=pay_world.AFTER_MARCH)
    approver = factories.make_user(roles=["approver"])
    approve_pay_run.approve_pay_run(run_id=PayRun.objects.get(agent=None).pk, person=approver, as_of=pay_world.AFTER_MARCH)
    before = list(Settlement.objects.order_by("pk").values_list("agent", "run", "total_micros"))
    client.force_login(approver)

    page = client.post(reverse("run_step", args=[run.pk]), {"step": "withdraw"}, follow=True).content.decode()

    assert f"is approved without {run.agent} and pays nobody else any more" in page
    assert list(Settlement.objects.order_by("pk").values_list("agent", "run", "total_micros")) == before


def test_what_is_withdrawn_already_says_so(world):
    run, approver = final(world), factories.make_user(roles=["approver"])
    withdraw_final_run.withdraw_final_run(run_id=run.pk, person=approver)

    with pytest.raises(withdraw_final_run.AlreadyWithdrawn, match="is withdrawn already"):
        withdraw_final_run.withdraw_final_run(run_id=run.pk, person=approver)


def test_it_is_calculated_again_also_when_the_month_was_started_without_it(world):
    run = final(world)
    calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=pay_world.AFTER_MARCH)

    again = final(world, as_of=pay_world.AFTER_MARCH)

    assert (again.pk, again.as_of) == (run.pk, pay_world.AFTER_MARCH)
    assert {found.run_id for found in Settlement.objects.filter(agent=run.agent)} == {run.pk}


@pytest.mark.parametrize("is_approved", [False, True])
def test_who_moved_is_paid_by_the_run_of_the_site_that_pays_them_already(world, is_approved):
    leaver = world.agents[0]
    calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=pay_world.AFTER_MARCH)
    month = PayRun.objects.get()
    if is_approved:
        approve_pay_run.approve_pay_run(run_id=month.pk, person=factories.make_user(roles=["approver"]), as_of=pay_world.AFTER_MARCH)
    type(leaver).objects.filter(pk=leaver.pk).update(site=factories.make_site(name="Leeds"))
    leaver.refresh_from_db()

    with pytest.raises(calculate_pay_run.UnableToCalculate, match=f"of {month.site} was started and pays"):
        final(world, as_of=pay_world.AFTER_MARCH)

    assert Settlement.objects.get(agent=leaver).run == month
