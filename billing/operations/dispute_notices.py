"""Tell people of a dispute, in the transaction of what they are told."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from agents.operations.people.notify import notify
from billing.models import Dispute, DisputeComment

# English texts, whatever language whoever acts reads; agents.notice_kinds has them for translation.
STATES = {"accepted": "accepted", "partly_accepted": "accepted in part", "refused": "refused"}


def note(*, dispute: Dispute, kind: str, people: Iterable[int], as_of: datetime, comment: DisputeComment | None = None) -> int:
    """Tell people of a step of a dispute; whoever was told the same before is not told again.

    Args:
        dispute: what it is about.
        kind: opened, comment, reminder, escalated, answered or withdrawn.
        people: ids of users.
        as_of: business instant.
        comment: the comment that mentions them.

    Returns: how many were told.
    """
    facts: dict[str, str | int] = {
        "number": dispute.pk,
        "party": dispute.party_name,
        "due_on": timezone.localdate(dispute.due_at).isoformat(),
        "status_label": STATES.get(dispute.status, dispute.status),
        "author": str(comment.author) if comment else "",
    }
    key = f"D-{dispute.pk}" + (f"/{comment.pk}" if comment else "")
    return notify(kind=f"dispute_{kind}", people=people, key=key, facts=facts, path=reverse("dispute", args=[dispute.pk]), as_of=as_of)
