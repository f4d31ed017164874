"""Tell people of a dispute by mail: noted with what it tells, in the same transaction, and sent afterwards, once."""

import smtplib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from billing.models import Dispute, DisputeComment, DisputeNotice

SENT_AT_ONCE_MAX = 500
SUBJECTS = {
    "opened": "Dispute D-{number} waits for your answer",
    "comment": "You are mentioned in dispute D-{number}",
    "reminder": "Dispute D-{number} is due on {due}",
    "escalated": "Dispute D-{number} was not answered in time",
    "answered": "Dispute D-{number} is answered",
    "withdrawn": "Dispute D-{number} was withdrawn",
}
# No amount and no name of a customer leaves the portal by mail.
BODIES = {
    "opened": "{party} has opened dispute D-{number}. Answer it by {due}.",
    "comment": "{author} mentioned you in a comment on dispute D-{number} of {party}.",
    "reminder": "Dispute D-{number} of {party} still waits for an answer. It is due on {due}.",
    "escalated": "Nobody answered dispute D-{number} of {party} by {due}, so it is yours to decide now.",
    "answered": "Dispute D-{number} is {status}. The reason stands beside it.",
    "withdrawn": "{party} has withdrawn dispute D-{number}. Nothing is left to do.",
}
FOOT = "Sign in to the portal and open Disputes, D-{number}."


@dataclass(frozen=True, kw_only=True)
class SendReport:
    """How many notices were sent, and how many the mail server refused; those are tried again."""

    sent_count: int
    failed_count: int


def note(
    *, dispute: Dispute, kind: str, people: Iterable[int], as_of: datetime, comment: DisputeComment | None = None
) -> list[DisputeNotice]:
    """Note that people are to be told; whoever was told the same before is not told again.

    Args:
        dispute: what it is about.
        kind: of the notice.
        people: ids of users.
        as_of: business instant.
        comment: the comment that mentions them.
    """
    rows = [DisputeNotice(dispute=dispute, comment=comment, person_id=person, kind=kind, noted_at=as_of) for person in sorted(set(people))]
    return DisputeNotice.objects.bulk_create(rows, ignore_conflicts=True)


def send_notices() -> SendReport:
    """Send what is noted and not sent yet, each in a transaction of its own, so that one bad address stops no other.

    Returns: the counts.
    """
    sent = failed = 0
    waiting = list(DisputeNotice.objects.filter(sent_at=None).order_by("pk").values_list("pk", flat=True)[:SENT_AT_ONCE_MAX])
    for pk in waiting:
        try:
            sent += _send_one(pk)
        except (smtplib.SMTPException, OSError):
            failed += 1
    return SendReport(sent_count=sent, failed_count=failed)


@transaction.atomic
def _send_one(pk: int) -> int:
    found = (
        DisputeNotice.objects.select_for_update(of=["self"], skip_locked=True)
        .select_related("dispute__agent", "dispute__client", "comment__author", "person")
        .filter(pk=pk, sent_at=None)
        .first()
    )
    if found is None:
        return 0
    if found.person.is_active and found.person.email:
        subject, body = _words(found)
        send_mail(subject, body, None, [found.person.email])
    found.sent_at = timezone.now()
    found.save(update_fields=["sent_at"])
    return 1


def _words(notice: DisputeNotice) -> tuple[str, str]:
    dispute = notice.dispute
    facts = {
        "number": dispute.pk,
        "party": dispute.party_name,
        "due": f"{dispute.due_at:%B %-d}",
        "status": dispute.get_status_display().lower(),
        "author": str(notice.comment.author) if notice.comment else "",
    }
    told = BODIES[notice.kind].format(**facts)
    return SUBJECTS[notice.kind].format(**facts), f"Hello {notice.person},\n\n{told}\n{FOOT.format(**facts)}\n"
