"""Disputes, adjustments and reversals: decided by people, added to an open period, refused without leaving a trace."""

from datetime import UTC, date, datetime, timedelta

import pghistory.models
import pytest
from django.db import IntegrityError, transaction

from billing.models import Adjustment, Dispute, Reversal
from billing.operations import answer_dispute, approve_adjustment, decide_reversal, open_dispute
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db
LINE = {"kind": "unit", "label": "Network outage, chat", "amount_micros": 2_400_000}
# 11 p.m. on April 30 in New York is May 1 in UTC: the site's day decides.
LATE_APRIL = datetime(2016, 5, 1, 3, tzinfo=UTC)


@pytest.fixture
def agent():
    return factories.make_agent_with_account()


@pytest.fixture
def lead():
    return factories.make_user(name="Dana Okafor", roles=["lead"])


@pytest.fixture
def approver():
    return factories.make_user(name="Ruth Adeyemi", roles=["approver"])


@pytest.fixture
def settlement(agent):
    return factories.make_settlement(
        agent=agent,
        plan_version=pay_world.make_plan(clawback_bp=10_000),
        period_start=factories.MARCH,
        period_end=factories.APRIL,
        status="paid",
        lines=[LINE],
    )


def dispute_line(agent, settlement, **values):
    line = settlement.lines.get()
    claim = open_dispute.Claim(words="I solved it alone.", **values)
    return open_dispute.open_dispute(agent=agent, person=agent.user, claim=claim, as_of=factories.NOON, line_id=line.pk)


def test_a_dispute_of_a_line_is_due_in_a_week(agent, settlement):
    dispute = dispute_line(agent, settlement, proposed_micros=4_800_000)
    assert (dispute.status, dispute.currency, dispute.due_at - dispute.opened_at) == ("open", "USD", timedelta(days=7))


def test_a_second_dispute_of_the_same_line_is_refused(agent, settlement):
    dispute_line(agent, settlement)
    with pytest.raises(open_dispute.UnableToOpenDispute, match="is about the same"):
        dispute_line(agent, settlement)
    assert Dispute.objects.count() == 1


def test_a_line_of_another_agent_cannot_be_disputed(settlement):
    other = factories.make_agent_with_account(name="Ben")
    with pytest.raises(open_dispute.UnableToOpenDispute, match="Ben has no line"):
        dispute_line(other, settlement)


def test_a_line_that_still_accrues_cannot_be_disputed(agent):
    open_one = factories.make_settlement(agent=agent, plan_version=factories.make_plan_version(), lines=[LINE])
    with pytest.raises(open_dispute.UnableToOpenDispute, match="still changes every day"):
        dispute_line(agent, open_one)


@pytest.mark.parametrize(
    ("words", "reason", "things", "refusal"),
    [
        (" ", "other", 1, "Write what is wrong"),
        ("No.", "guess", 1, "is no reason"),
        ("No.", "other", 0, "name one of them"),
        ("No.", "other", 2, "name one of them"),
    ],
)
def test_a_dispute_without_words_reason_or_one_object_is_refused(agent, settlement, words, reason, things, refusal):
    named = dict(list({"line_id": settlement.lines.get().pk, "resolution_id": 1}.items())[:things])
    claim = open_dispute.Claim(words=words, reason=reason)
    with pytest.raises(open_dispute.UnableToOpenDispute, match=refusal):
        open_dispute.open_dispute(agent=agent, person=agent.user, claim=claim, as_of=factories.NOON, **named)
    assert not Dispute.objects.exists()


def test_a_resolution_can_be_disputed_before_the_statement_exists(agent):
    resolution = factories.make_resolution(agent=agent, version=factories.make_contract_version(), state="reopened")
    factories.assign_plan(agent=agent, version=factories.make_plan_version())
    claim = open_dispute.Claim(words="The customer wrote thanks.")
    dispute = open_dispute.open_dispute(agent=agent, person=agent.user, claim=claim, as_of=factories.NOON, resolution_id=resolution.pk)
    assert (dispute.resolution, dispute.currency) == (resolution, "USD")


def test_an_accepted_dispute_waits_for_a_second_person_and_counts_in_the_open_period(agent, settlement, lead, approver):
    dispute = dispute_line(agent, settlement)
    answer_dispute.answer_dispute(
        dispute_id=dispute.pk, person=lead, status="accepted", words="You are right.", as_of=LATE_APRIL, amount_micros=1_400_000
    )
    adjustment = Adjustment.objects.get()
    assert (adjustment.period_start, adjustment.amount_micros, adjustment.approved_by) == (factories.APRIL, 1_400_000, None)
    with pytest.raises(approve_adjustment.UnableToApproveAdjustment, match="entered"):
        approve_adjustment.approve_adjustment(adjustment_id=adjustment.pk, person=lead, as_of=LATE_APRIL)
    approve_adjustment.approve_adjustment(adjustment_id=adjustment.pk, person=approver, as_of=LATE_APRIL + timedelta(hours=2))
    adjustment.refresh_from_db()
    assert (adjustment.approved_by, adjustment.period_start) == (approver, date(2016, 5, 1))
    with pytest.raises(approve_adjustment.UnableToApproveAdjustment, match="already"):
        approve_adjustment.approve_adjustment(adjustment_id=adjustment.pk, person=approver, as_of=LATE_APRIL)


def test_the_agent_cannot_approve_their_own_adjustment(agent, settlement, lead):
    dispute = dispute_line(agent, settlement)
    answer_dispute.answer_dispute(
        dispute_id=dispute.pk, person=lead, status="partly_accepted", words="Half of it.", as_of=factories.NOON, amount_micros=1
    )
    with pytest.raises(approve_adjustment.UnableToApproveAdjustment, match="is paid by"):
        approve_adjustment.approve_adjustment(adjustment_id=Adjustment.objects.get().pk, person=agent.user, as_of=factories.NOON)


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "accepted", "amount_micros": None},
        {"status": "accepted", "amount_micros": 0},
        {"status": "refused", "amount_micros": 5},
        {"status": "open", "amount_micros": None},
        {"status": "refused", "amount_micros": None, "words": " "},
    ],
)
def test_an_answer_that_does_not_fit_is_refused_and_writes_nothing(agent, settlement, lead, answer):
    dispute = dispute_line(agent, settlement)
    with pytest.raises(answer_dispute.UnableToAnswerDispute):
        answer_dispute.answer_dispute(**{"dispute_id": dispute.pk, "person": lead, "words": "No.", "as_of": factories.NOON, **answer})
    dispute.refresh_from_db()
    assert (dispute.status, Adjustment.objects.count()) == ("open", 0)


def test_nobody_answers_a_dispute_twice_or_about_themselves(agent, settlement, lead):
    dispute = dispute_line(agent, settlement)
    answer = {"dispute_id": dispute.pk, "status": "refused", "words": "Two of you worked on it.", "as_of": factories.NOON}
    with pytest.raises(answer_dispute.UnableToAnswerDispute, match="your own pay"):
        answer_dispute.answer_dispute(person=agent.user, **answer)
    answer_dispute.answer_dispute(person=lead, **answer)
    with pytest.raises(answer_dispute.UnableToAnswerDispute, match="refused already"):
        answer_dispute.answer_dispute(person=lead, **answer)


@pytest.fixture
def reversal(agent, settlement):
    resolution = factories.make_resolution(agent=agent, version=factories.make_contract_version(), state="reopened")
    return Reversal.objects.create(
        agent=agent,
        resolution=resolution,
        cited_line=settlement.lines.get(),
        paid_micros=480_000,
        currency="USD",
        proposed_at=factories.NOON,
    )


def test_a_reversal_counts_only_once_a_person_approves_it_with_a_reason(reversal, lead):
    decide = {"reversal_id": reversal.pk, "person": lead, "approve": True, "as_of": LATE_APRIL}
    with pytest.raises(decide_reversal.UnableToDecideReversal, match="reason"):
        decide_reversal.decide_reversal(reason="", **decide)
    decided = decide_reversal.decide_reversal(reason="The plan pays it as an advance.", **decide)
    assert (decided.status, decided.period_start, decided.decided_by) == ("approved", factories.APRIL, lead)
    with pytest.raises(decide_reversal.UnableToDecideReversal, match="already"):
        decide_reversal.decide_reversal(reason="Again.", **decide)
    actors = pghistory.models.Events.objects.references(reversal).values_list("pgh_context__user", flat=True)
    assert lead.pk in set(actors)


def test_a_refused_reversal_belongs_to_no_period(reversal, lead):
    decided = decide_reversal.decide_reversal(
        reversal_id=reversal.pk, person=lead, approve=False, reason="The client broke it.", as_of=LATE_APRIL
    )
    assert (decided.status, decided.period_start) == ("refused", None)


def test_the_database_itself_refuses_an_approver_who_entered_the_amount(agent, lead):
    with pytest.raises(IntegrityError, match="adjustment_approved_by_another"), transaction.atomic():
        Adjustment.objects.create(
            agent=agent, period_start=factories.APRIL, amount_micros=1, currency="USD", reason="x", entered_by=lead, approved_by=lead
        )


def test_what_a_person_decided_about_money_is_kept_raw_sql_included(reversal, agent, lead):
    entered = Adjustment.objects.create(
        agent=agent, period_start=factories.APRIL, amount_micros=1, currency="USD", reason="x", entered_by=factories.make_user()
    )
    Adjustment.objects.update(amount_micros=2)
    Adjustment.objects.filter(pk=entered.pk).update(approved_by=lead, approved_at=LATE_APRIL)
    decide_reversal.decide_reversal(reversal_id=reversal.pk, person=lead, approve=True, reason="An advance.", as_of=LATE_APRIL)
    for model, change in ((Adjustment, {"amount_micros": 3}), (Reversal, {"status": "proposed"})):
        with pytest.raises(IntegrityError, match="is decided and cannot change"), transaction.atomic():
            model.objects.update(**change)
        with pytest.raises(IntegrityError, match="is decided and cannot change"), transaction.atomic():
            model.objects.all()._raw_delete(using="default")
    assert Adjustment.objects.get().amount_micros == 2
    assert Reversal.objects.get().status == "approved"


def test_nothing_is_taken_back_in_another_currency_than_it_was_paid_in(agent, settlement, approver):
    factories.assign_plan(agent=agent, version=pay_world.make_plan(currency="EUR", clawback_bp=10_000))
    resolution = factories.make_resolution(agent=agent, version=factories.make_contract_version(), state="reopened")
    paid = {"paid_micros": 2_400_000, "currency": "USD", "proposed_at": factories.NOON}
    taken = Reversal.objects.create(agent=agent, resolution=resolution, cited_line=settlement.lines.get(), **paid)

    with pytest.raises(decide_reversal.UnableToDecideReversal, match="is in USD, but Care plan, version 1 pays in EUR"):
        decide_reversal.decide_reversal(reversal_id=taken.pk, person=approver, approve=True, reason="Reopened", as_of=factories.NOON)
    refused = decide_reversal.decide_reversal(reversal_id=taken.pk, person=approver, approve=False, reason="Paid", as_of=factories.NOON)
    assert (refused.status, refused.period_start) == ("refused", None)
