"""Watch the deadlines of disputes: remind before, and carry out the default outcome at the deadline."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pghistory
from django.db import transaction

from agents.access import Role
from billing.models import Dispute, DisputeTerms
from billing.models.disputes import DefaultOutcome, Kind
from billing.operations import answer_dispute, dispute_notices
from billing.queries import dispute_people

DEFAULT_WORDS = "Nobody answered by the deadline, so it is decided as you proposed."


@dataclass(frozen=True, kw_only=True)
class WatchReport:
    """How many disputes were reminded of, decided by default, and escalated; had no reply in time, or no decision once escalated."""

    reminded_count: int
    accepted_count: int
    escalated_count: int
    unreplied_count: int = 0
    overdue_count: int = 0


def watch_disputes(*, as_of: datetime) -> WatchReport:
    """Remind of disputes that are due soon, and act on those that are overdue; a second run at the same instant changes nothing.

    Args:
        as_of: business instant.

    Returns: the counts. A default in the contester's favor without a usable proposed value is escalated: no amount is guessed.
    Source: design.md sections 5 and 6; the stored terms of each kind.
    """
    unreplied, reminded = _ask_for_reply(as_of), _remind(as_of)
    overdue = Dispute.objects.filter(status=Dispute.Status.OPEN, due_at__lte=as_of, default_outcome=DefaultOutcome.IN_FAVOR)
    accepted = sum(_accept(dispute, as_of) for dispute in overdue.order_by("pk"))
    return WatchReport(
        reminded_count=reminded,
        accepted_count=accepted,
        escalated_count=_escalate(as_of),
        unreplied_count=unreplied,
        overdue_count=_tell_overdue(as_of),
    )


@transaction.atomic
def _ask_for_reply(as_of: datetime) -> int:
    """Tell whoever answers that nobody has said anything yet, once."""
    found = Dispute.objects.select_for_update(skip_locked=True).filter(
        status=Dispute.Status.OPEN, replied_at=None, reply_due_at__lte=as_of, due_at__gt=as_of
    )
    return _tell(list(found.order_by("pk")), "reply", {"reply_due_at": None}, as_of)


@transaction.atomic
def _tell_overdue(as_of: datetime) -> int:
    """Tell whoever decides escalated disputes that the days for it are over, once."""
    found = Dispute.objects.select_for_update(skip_locked=True).filter(
        status=Dispute.Status.ESCALATED, decide_by_at__lte=as_of, overdue_told_at=None
    )
    return _tell(list(found.order_by("pk")), "overdue", {"overdue_told_at": as_of}, as_of)


@transaction.atomic
def _remind(as_of: datetime) -> int:
    found = Dispute.objects.select_for_update(skip_locked=True).filter(
        status=Dispute.Status.OPEN, reminded_at=None, remind_at__lte=as_of, due_at__gt=as_of
    )
    return _tell(list(found.order_by("pk")), "reminder", {"reminded_at": as_of}, as_of)


@transaction.atomic
def _escalate(as_of: datetime) -> int:
    found = list(Dispute.objects.select_for_update(skip_locked=True).filter(status=Dispute.Status.OPEN, due_at__lte=as_of).order_by("pk"))
    days = dict(DisputeTerms.objects.values_list("kind", "decide_days"))
    told = 0
    for kind in sorted({dispute.kind for dispute in found}):
        decide_by = as_of + timedelta(days=days.get(kind, DisputeTerms(kind=kind).decide_days))
        changes = {"status": Dispute.Status.ESCALATED, "escalated_at": as_of, "decide_by_at": decide_by}
        told += _tell([dispute for dispute in found if dispute.kind == kind], "escalated", changes, as_of)
    return told


def _tell(disputes: list[Dispute], kind: str, changes: dict[str, object], as_of: datetime) -> int:
    if not disputes:
        return 0
    people = dispute_people.list_answerers(disputes=disputes, on=as_of.date())
    if kind in ("escalated", "overdue"):
        office = set(dispute_people.with_roles(*dispute_people.OFFICE).values_list("pk", flat=True))
        approvers = set(dispute_people.with_roles(Role.APPROVER).values_list("pk", flat=True))
        people = {dispute.pk: office if dispute.is_by_client else approvers for dispute in disputes}
    for dispute in disputes:
        dispute_notices.note(dispute=dispute, kind=kind, people=people[dispute.pk], as_of=as_of)
    with pghistory.context(act=f"watch disputes: {kind}"):
        return Dispute.objects.filter(pk__in=[dispute.pk for dispute in disputes]).update(**changes)


def _accept(dispute: Dispute, as_of: datetime) -> int:
    amount = proposed_change(dispute=dispute)
    if amount is None or amount <= 0:
        return 0
    try:
        answer_dispute.answer_dispute(
            dispute_id=dispute.pk, person=None, status="accepted", words=DEFAULT_WORDS, as_of=as_of, amount_micros=amount
        )
    except answer_dispute.UnableToAnswerDispute:
        return 0
    return 1


def proposed_change(*, dispute: Dispute) -> int | None:
    """Return what the proposed value adds to the pay or gives back, in micros; None where nothing was proposed for pay.

    Args:
        dispute: any.
    """
    if dispute.kind == Kind.CLIENT_CASE:
        return (dispute.disputed_micros or 0) - (dispute.proposed_micros or 0)
    if dispute.proposed_micros is None:
        return None
    return dispute.proposed_micros - (dispute.disputed_micros or 0)
