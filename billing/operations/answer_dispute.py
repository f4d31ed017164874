"""Answer a dispute: accept, accept in part or refuse, in words; what is due is added to pay by a second person, or credited."""

from datetime import datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import User
from agents.operations.quality_work import set_aside_review
from billing.models import Adjustment, Dispute
from billing.models.disputes import Kind
from billing.operations import change_bill, credit_case, dispute_notices
from billing.queries import dispute_people, pay_periods

Status = Dispute.Status
ANSWERS = (Status.ACCEPTED, Status.PARTLY_ACCEPTED, Status.REFUSED)


class UnableToAnswerDispute(Exception):
    """A dispute that is not open, or an answer without words or with an amount that does not fit it."""


def answer_dispute(
    *,
    dispute_id: int,
    person: User | None,
    status: str,
    words: str,
    as_of: datetime,
    amount_micros: int | None = None,
    bill: change_bill.Proposal | None = None,
) -> Dispute:
    """Answer an open dispute.

    Args:
        dispute_id: the dispute.
        person: who answers: not the agent whose pay it is, nor the reviewer of a disputed review; None is the default at the deadline.
        status: accepted, partly_accepted or refused.
        words: the reason, as the agent or client reads it.
        as_of: business instant. A correction of pay counts in the pay period that holds it.
        amount_micros: what is added to the pay, or given back to the client before tax; more than zero, in micros of the dispute's
            currency; none if refused, and none where an accepted review changes no pay.
        bill: what an agent's accepted dispute changes on the client's bill; it waits for another person of the office.

    Returns: the dispute. An agent's accepted one has an adjustment that waits for a second person's approval; a client's has a credit note.
    Raises: UnableToAnswerDispute; nothing is written then.
    Source: design.md sections 5 and 9: settled lines are corrected by adding, final invoices by a credit note.
    """
    with transaction.atomic(), pghistory.context(user=person.pk if person else None, act="answer dispute"):
        dispute = find_waiting(dispute_id=dispute_id)
        _check_answer(dispute, status, words, amount_micros, changes_bill=bill is not None)
        _check_person(dispute, person)
        dispute.status, dispute.answer, dispute.accepted_micros = status, words.strip(), amount_micros
        dispute.answered_at, dispute.answered_by = as_of, person
        if amount_micros is not None and dispute.is_by_client:
            _credit(dispute, amount_micros, person, as_of)
        elif amount_micros is not None:
            _propose_adjustment(dispute, amount_micros, person, as_of)
        if bill is not None:
            _change_bill(dispute, bill, person, as_of)
        dispute.replied_at = dispute.replied_at or as_of
        dispute.save(update_fields=["status", "answer", "accepted_micros", "answered_at", "answered_by", "credit_note", "replied_at"])
        if dispute.qa_review_id is not None and status != Status.ACCEPTED:
            set_aside_review.count_review_again(review_id=dispute.qa_review_id)
        dispute_notices.note(dispute=dispute, kind="answered", people=dispute_people.list_openers(dispute=dispute), as_of=as_of)
    return dispute


def withdraw_dispute(*, dispute_id: int, person: User, as_of: datetime) -> Dispute:
    """Withdraw an open dispute; only whoever it belongs to can.

    Args:
        dispute_id: the dispute.
        person: the agent whose pay it is, or whoever opened a client's.
        as_of: business instant.

    Returns: the dispute; those who were to answer are told.
    Raises: UnableToAnswerDispute if it is answered or somebody else's.
    """
    with transaction.atomic(), pghistory.context(user=person.pk, act="withdraw dispute"):
        dispute = find_waiting(dispute_id=dispute_id)
        if person.pk not in dispute_people.list_openers(dispute=dispute):
            raise UnableToAnswerDispute(_("%(dispute)s is not yours; only who opened it can withdraw it.") % {"dispute": dispute})
        people = dispute_people.list_answerers(disputes=[dispute], on=as_of.date())[dispute.pk]
        dispute.status = Status.WITHDRAWN
        dispute.save(update_fields=["status"])
        if dispute.qa_review_id is not None:
            set_aside_review.count_review_again(review_id=dispute.qa_review_id)
        dispute_notices.note(dispute=dispute, kind="withdrawn", people=people, as_of=as_of)
    return dispute


def find_waiting(*, dispute_id: int) -> Dispute:
    """Return a dispute that waits for an answer, locked.

    Raises: UnableToAnswerDispute if it was answered or withdrawn.
    """
    wanted = ("agent__site", "client", "qa_review", "invoice")
    dispute = Dispute.objects.select_for_update(of=["self"]).select_related(*wanted).get(pk=dispute_id)
    if not dispute.is_waiting:
        raise UnableToAnswerDispute(
            _("%(dispute)s is %(lower)s already; another one can be opened.")
            % {"dispute": dispute, "lower": dispute.get_status_display().lower()}
        )
    return dispute


def _check_person(dispute: Dispute, person: User | None) -> None:
    if person is None:
        return
    if dispute.agent is not None and dispute.agent.user_id == person.pk:
        raise UnableToAnswerDispute(_("%(dispute)s is about your own pay; somebody else answers it.") % {"dispute": dispute})
    if dispute.qa_review is not None and dispute.qa_review.reviewer_id == person.pk:
        raise UnableToAnswerDispute(_("%(dispute)s is about your own review; somebody else answers it.") % {"dispute": dispute})


def _check_answer(dispute: Dispute, status: str, words: str, amount_micros: int | None, *, changes_bill: bool) -> None:
    if status not in ANSWERS:
        raise UnableToAnswerDispute(
            _('"%(status)s" is no answer; choose one of %(answers)s.') % {"status": status, "answers": ", ".join(ANSWERS)}
        )
    if not words.strip():
        raise UnableToAnswerDispute(
            _("Give the reason in words; the client reads it.")
            if dispute.is_by_client
            else _("Give the reason in words; the agent reads it.")
        )
    if status == Status.REFUSED:
        if amount_micros is not None:
            raise UnableToAnswerDispute(_("A refused dispute adds nothing; leave the amount out, or accept it in part."))
        return
    if amount_micros is None and (dispute.kind == Kind.QA_REVIEW or changes_bill):
        return
    if amount_micros is None or amount_micros <= 0:
        raise UnableToAnswerDispute(_("An accepted dispute adds something; give the amount that is added to the pay, more than zero."))
    if not dispute.currency:
        raise UnableToAnswerDispute(
            _("%(agent)s has no plan and no statement yet, so nothing says in which currency to add it.") % {"agent": dispute.agent}
        )


def _propose_adjustment(dispute: Dispute, amount_micros: int, person: User | None, as_of: datetime) -> None:
    assert dispute.agent is not None
    Adjustment.objects.create(
        agent=dispute.agent,
        period_start=pay_periods.period_at(site=dispute.agent.site, at=as_of).start,
        amount_micros=amount_micros,
        currency=dispute.currency,
        reason=f"Dispute D-{dispute.pk}: {dispute.answer}",
        dispute=dispute,
        entered_by=person,
    )


def _credit(dispute: Dispute, amount_micros: int, person: User | None, as_of: datetime) -> None:
    """Give back what a final invoice billed for the case."""
    assert dispute.invoice_id is not None
    assert dispute.resolution_id is not None
    try:
        dispute.credit_note = credit_case.credit_case(
            invoice_id=dispute.invoice_id,
            resolution_id=dispute.resolution_id,
            amount_micros=amount_micros,
            dispute_id=dispute.pk,
            words=dispute.answer,
            person=person,
            as_of=as_of,
        )
    except credit_case.UnableToCreditCase as refusal:
        raise UnableToAnswerDispute(str(refusal)) from refusal


def _change_bill(dispute: Dispute, proposal: change_bill.Proposal, person: User | None, as_of: datetime) -> None:
    if dispute.status == Status.REFUSED or person is None:
        raise UnableToAnswerDispute(_("A refused dispute changes no bill; leave the client's bill as it is."))
    try:
        change_bill.propose_bill_change(dispute=dispute, proposal=proposal, person=person, as_of=as_of)
    except change_bill.UnableToChangeBill as refusal:
        raise UnableToAnswerDispute(str(refusal)) from refusal
