"""A paid resolution that falls: proposed with exactly what it brought, taken back only when a person says so."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction

from agents.models import Hold, Resolution
from agents.operations.holds import held_things
from billing.models import PayRun, Reversal, Settlement, SettlementLine
from billing.operations import approve_pay_run, book_resolutions, calculate_pay_run, decide_reversal, pay_out, propose_reversals
from billing.queries import unit_amounts
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db
APRIL_10 = datetime(2016, 4, 10, 12, tzinfo=UTC)


@pytest.fixture
def approver():
    return factories.make_user(name="Ruth Adeyemi", roles=["approver"])


def pay(world, approver, *, month=factories.MARCH, as_of=pay_world.AFTER_MARCH):
    book_resolutions.book_resolutions(as_of=as_of)
    report = calculate_pay_run.calculate_pay_run(site=world.site, period_start=month, as_of=as_of)
    approve_pay_run.approve_pay_run(run_id=report.run_id, person=approver, as_of=as_of)
    approve_pay_run.post_pay_run(run_id=report.run_id, person=approver, as_of=as_of)
    return pay_out.mark_pay_run_paid(run_id=report.run_id, person=approver, paid_on=as_of.date(), as_of=as_of)


@pytest.fixture
def world():
    """Five resolutions, two of them in the second tier, the last one while premium was suspended; quality above one."""
    world = pay_world.make_world()
    agent = world.agents[0]
    agent.plan_assignments.update(plan=pay_world.make_plan(clawback_bp=10_000).plan)
    pay_world.work_a_week(agent)
    resolved = pay_world.resolve(world, agent, 5)
    pay_world.answer_surveys(resolved, favorable=5)
    pay_world.suspend_premium(agent, starts_at=resolved[4].verified_at)
    return world


def reopen(*resolutions):
    Resolution.objects.filter(pk__in=[one.pk for one in resolutions]).update(is_payable=False, state="reopened", reason="reopened")


def resolved(world):
    return list(Resolution.objects.filter(agent=world.agents[0]).order_by("verified_at"))


def test_the_parts_of_all_resolutions_add_up_to_the_lines(world, approver):
    pay(world, approver)
    settlement = Settlement.objects.select_related("agent__site").get()
    amounts = unit_amounts.amounts_of_settlements(settlements=[settlement])[settlement.pk]
    for kind in ("unit", "tier_uplift", "quality", "guardrail"):
        lines = SettlementLine.objects.filter(kind=kind).values_list("exact", flat=True)
        assert sum(getattr(amount, kind) for amount in amounts.values()) == sum(Fraction(text) for text in lines) != 0


def test_each_proposal_is_what_that_resolution_brought(world, approver):
    pay(world, approver)
    first, *_, fourth, fifth = resolved(world)
    reopen(first, fourth, fifth)
    report = propose_reversals.propose_reversals(as_of=APRIL_10)
    assert (report.proposed_count, report.dropped_count) == (3, 0)
    # The multiplier is 0.8 + 2 x (0.88 + 0.6 / 55 - 0.76) = 1.0618...: 0.48 and 0.60 with it, and 0.48 bare where premium was suspended.
    paid = dict(Reversal.objects.values_list("resolution", "paid_micros"))
    assert paid == {first.pk: 509_673, fourth.pk: 637_091, fifth.pk: 480_000}
    assert set(Reversal.objects.values_list("status", "cited_line__kind", "currency")) == {("proposed", "unit", "USD")}
    assert propose_reversals.propose_reversals(as_of=APRIL_10).proposed_count == 0


def test_nothing_is_proposed_while_the_month_can_still_be_calculated_again(world):
    book_resolutions.book_resolutions(as_of=pay_world.AFTER_MARCH)
    calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=pay_world.AFTER_MARCH)
    reopen(*resolved(world))
    assert propose_reversals.propose_reversals(as_of=APRIL_10).proposed_count == 0


def test_a_proposal_is_dropped_when_the_resolution_counts_again(world, approver):
    pay(world, approver)
    reopen(resolved(world)[0])
    propose_reversals.propose_reversals(as_of=APRIL_10)
    Resolution.objects.update(is_payable=True, state="confirmed")
    assert propose_reversals.propose_reversals(as_of=APRIL_10).dropped_count == 1
    assert not Reversal.objects.exists()


def test_an_approved_reversal_is_taken_back_in_the_open_period_and_cites_the_line(world, approver):
    pay(world, approver)
    reopen(resolved(world)[0])
    propose_reversals.propose_reversals(as_of=APRIL_10)
    reversal = Reversal.objects.get()
    decide_reversal.decide_reversal(reversal_id=reversal.pk, person=approver, approve=True, reason="It was an advance.", as_of=APRIL_10)
    pay_world.work_a_week(world.agents[0], first=APRIL_10 + timedelta(days=1, hours=2))
    calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.APRIL, as_of=datetime(2016, 5, 2, 12, tzinfo=UTC))
    line = SettlementLine.objects.get(kind="reversal")
    assert line.amount_micros == -510_000
    assert line.source == f"reversal {reversal.pk} of settlement {reversal.cited_line.settlement_id}, line 1"


def test_what_was_taken_back_is_held_for_a_person_when_the_resolution_counts_again(world, approver):
    pay(world, approver)
    first = resolved(world)[0]
    reopen(first)
    propose_reversals.propose_reversals(as_of=APRIL_10)
    reversal = Reversal.objects.get()
    decide_reversal.decide_reversal(reversal_id=reversal.pk, person=approver, approve=True, reason="It was an advance.", as_of=APRIL_10)
    assert propose_reversals.propose_reversals(as_of=APRIL_10).held_count == 0
    assert not Hold.objects.exists()
    counts = {"is_payable": True, "state": "confirmed", "reason": "counted"}
    Resolution.objects.filter(pk=first.pk).update(**counts)
    for _ in range(2):
        book_resolutions.book_resolutions(as_of=APRIL_10)
        report = propose_reversals.propose_reversals(as_of=APRIL_10)
        assert (report.proposed_count, report.dropped_count, report.held_count) == (0, 0, 1)
    hold = Hold.objects.get()
    assert (hold.resolution, hold.reason, hold.amount_micros, hold.currency) == (first, "reversed_but_payable", 509_673, "USD")
    name = world.agents[0].name
    assert hold.message == (
        f"Case {first.case.key} counts again, but on 2016-04-10 it was decided to take back what it brought {name} (0.51 USD). "
        f"Enter an adjustment for {name} of what was taken back, let another person approve it, then release this hold with a note."
    )
    history = Hold.pgh_event_model.objects.count()
    book_resolutions.book_resolutions(as_of=APRIL_10)
    propose_reversals.propose_reversals(as_of=APRIL_10)
    assert Hold.pgh_event_model.objects.count() == history
    reopen(first)
    assert propose_reversals.propose_reversals(as_of=APRIL_10).held_count == 0
    assert Hold.objects.get().released_at == APRIL_10
    Resolution.objects.filter(pk=first.pk).update(**counts)
    propose_reversals.propose_reversals(as_of=APRIL_10)
    waiting = Hold.objects.get(released_at=None)
    held_things.release_holds(hold_ids=[waiting.pk], note="Given back by adjustment 1.", as_of=APRIL_10)
    propose_reversals.propose_reversals(as_of=APRIL_10)
    assert not Hold.objects.filter(released_at=None).exists()


def test_a_refused_reversal_holds_nothing_when_the_resolution_counts_again(world, approver):
    pay(world, approver)
    reopen(resolved(world)[0])
    propose_reversals.propose_reversals(as_of=APRIL_10)
    decide = {"reversal_id": Reversal.objects.get().pk, "person": approver, "reason": "Too late.", "as_of": APRIL_10}
    decide_reversal.decide_reversal(approve=False, **decide)
    Resolution.objects.update(is_payable=True, state="confirmed")
    assert propose_reversals.propose_reversals(as_of=APRIL_10).held_count == 0


def test_a_plan_that_takes_nothing_back_refuses_the_approval(world, approver):
    world.agents[0].plan_assignments.update(plan=world.plan.plan)
    pay(world, approver)
    reopen(resolved(world)[0])
    propose_reversals.propose_reversals(as_of=APRIL_10)
    decide = {"reversal_id": Reversal.objects.get().pk, "person": approver, "reason": "It fell.", "as_of": APRIL_10}
    with pytest.raises(decide_reversal.UnableToDecideReversal, match="takes nothing back"):
        decide_reversal.decide_reversal(approve=True, **decide)
    assert decide_reversal.decide_reversal(approve=False, **decide).status == "refused"


def test_the_person_who_prepared_a_run_cannot_approve_it(world, approver):
    book_resolutions.book_resolutions(as_of=pay_world.AFTER_MARCH)
    report = calculate_pay_run.calculate_pay_run(
        site=world.site, period_start=factories.MARCH, as_of=pay_world.AFTER_MARCH, prepared_by=approver
    )
    with pytest.raises(approve_pay_run.UnableToApprove, match=r"prepared .* ask another approver"):
        approve_pay_run.approve_pay_run(run_id=report.run_id, person=approver, as_of=pay_world.AFTER_MARCH)
    assert set(Settlement.objects.values_list("status", flat=True)) == {"calculated"}
    with pytest.raises(IntegrityError, match="pay_run_approved_by_another"), transaction.atomic():
        PayRun.objects.update(approved_by=approver)
    with pytest.raises(approve_pay_run.UnableToPost, match="only an approved run"):
        approve_pay_run.post_pay_run(run_id=report.run_id, person=approver, as_of=pay_world.AFTER_MARCH)
    with pytest.raises(pay_out.UnableToMarkPaid, match="only a posted run"):
        pay_out.mark_pay_run_paid(run_id=report.run_id, person=approver, paid_on=factories.APRIL, as_of=factories.NOON)


def test_a_run_is_not_paid_before_its_period_ended(world, approver):
    book_resolutions.book_resolutions(as_of=pay_world.AFTER_MARCH)
    report = calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=pay_world.AFTER_MARCH)
    approve_pay_run.approve_pay_run(run_id=report.run_id, person=approver, as_of=pay_world.AFTER_MARCH)
    approve_pay_run.post_pay_run(run_id=report.run_id, person=approver, as_of=pay_world.AFTER_MARCH)
    with pytest.raises(pay_out.UnableToMarkPaid, match="cannot have been paid"):
        pay_out.mark_pay_run_paid(run_id=report.run_id, person=approver, paid_on=factories.MARCH, as_of=factories.NOON)
    with pytest.raises(approve_pay_run.UnableToApprove, match="only a calculated run"):
        approve_pay_run.approve_pay_run(run_id=report.run_id, person=approver, as_of=pay_world.AFTER_MARCH)


def test_what_was_paid_in_one_currency_is_not_taken_back_in_another(world, approver):
    """The plan pays in another currency from the period on that a reversal was decided for, as somebody entered after the decision."""
    agent = world.agents[0]
    pay(world, approver)
    reopen(resolved(world)[0])
    propose_reversals.propose_reversals(as_of=APRIL_10)
    reversal = Reversal.objects.get()
    decide_reversal.decide_reversal(reversal_id=reversal.pk, person=approver, approve=True, reason="It was an advance.", as_of=APRIL_10)
    euros = pay_world.make_plan(currency="EUR", clawback_bp=10_000)
    agent.plan_assignments.update(effective_to=factories.APRIL)
    assigned = factories.assign_plan(agent=agent, version=euros, since=factories.APRIL)
    pay_world.work_a_week(agent, first=pay_world.MARCH_7 + timedelta(days=31))
    as_of = datetime(2016, 5, 2, 12, tzinfo=UTC)
    calculate = {"site": world.site, "period_start": factories.APRIL, "as_of": as_of}

    [failure] = calculate_pay_run.calculate_pay_run(**calculate).failures
    assert failure.name == agent.name
    assert failure.message == (
        f"A reversal of {agent.name} takes back what was paid in USD, but {euros} pays in EUR; "
        "keep a plan that pays in USD until the period after it, then calculate again."
    )
    assert not SettlementLine.objects.filter(kind="reversal").exists()

    assigned.delete()
    agent.plan_assignments.update(effective_to=None)
    assert not calculate_pay_run.calculate_pay_run(**calculate | {"as_of": as_of + timedelta(hours=1)}).failures
    assert SettlementLine.objects.get(kind="reversal").amount_micros == -510_000
