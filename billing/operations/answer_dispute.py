"""Answer a dispute: accept, accept in part or refuse, in words; what is due becomes an adjustment that another person approves."""

from datetime import datetime

import pghistory
from django.db import transaction

from agents.models import User
from billing.models import Adjustment, Dispute
from billing.queries import pay_periods

Status = Dispute.Status
ANSWERS = (Status.ACCEPTED, Status.PARTLY_ACCEPTED, Status.REFUSED)


class UnableToAnswerDispute(Exception):
    """A dispute that is not open, or an answer without words or with an amount that does not fit it."""


def answer_dispute(*, dispute_id: int, person: User, status: str, words: str, as_of: datetime, amount_micros: int | None = None) -> Dispute:
    """Answer an open dispute.

    Args:
        dispute_id: the dispute.
        person: who answers; not the agent whose pay it is.
        status: accepted, partly_accepted or refused.
        words: the reason, as the agent reads it.
        as_of: business instant. The correction counts in the pay period that holds it.
        amount_micros: what is added to the pay, more than zero, in micros of the dispute's currency; none if refused.

    Returns: the dispute. An accepted one has an adjustment that waits for a second person's approval.
    Raises: UnableToAnswerDispute; nothing is written then.
    Source: design.md section 9: settled lines are corrected by adding.
    """
    _check_answer(status, words, amount_micros)
    with transaction.atomic(), pghistory.context(user=person.pk, act="answer dispute"):
        dispute = Dispute.objects.select_for_update(of=["self"]).select_related("agent__site").get(pk=dispute_id)
        if dispute.status != Status.OPEN:
            raise UnableToAnswerDispute(f"{dispute} is {dispute.get_status_display().lower()} already; the agent can open another one.")
        if dispute.agent.user_id == person.pk:
            raise UnableToAnswerDispute(f"{dispute} is about your own pay; somebody else answers it.")
        dispute.status, dispute.answer = status, words.strip()
        dispute.answered_at, dispute.answered_by = as_of, person
        dispute.save(update_fields=["status", "answer", "answered_at", "answered_by"])
        if amount_micros is not None:
            Adjustment.objects.create(
                agent=dispute.agent,
                period_start=pay_periods.period_at(site=dispute.agent.site, at=as_of).start,
                amount_micros=amount_micros,
                currency=dispute.currency,
                reason=f"Dispute D-{dispute.pk}: {words.strip()}",
                dispute=dispute,
                entered_by=person,
            )
    return dispute


def _check_answer(status: str, words: str, amount_micros: int | None) -> None:
    if status not in ANSWERS:
        raise UnableToAnswerDispute(f'"{status}" is no answer; choose one of {", ".join(ANSWERS)}.')
    if not words.strip():
        raise UnableToAnswerDispute("Give the reason in words; the agent reads it.")
    if status == Status.REFUSED and amount_micros is not None:
        raise UnableToAnswerDispute("A refused dispute adds nothing; leave the amount out, or accept it in part.")
    if status != Status.REFUSED and (amount_micros is None or amount_micros <= 0):
        raise UnableToAnswerDispute("An accepted dispute adds something; give the amount that is added to the pay, more than zero.")
