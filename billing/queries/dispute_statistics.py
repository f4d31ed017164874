"""How disputes end: by reason, and by who answered them."""

import statistics
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.db.models import QuerySet

from billing.models import Dispute
from contracts.translation import gettext_lazy as _

ACCEPTED = (Dispute.Status.ACCEPTED, Dispute.Status.PARTLY_ACCEPTED)
DAY_SECONDS = 86_400
BY_DEFAULT = _("Nobody, by the deadline")


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What became of the disputes of one reason or one reviewer."""

    label: str
    count: int
    waiting_count: int
    answered_count: int
    accepted_count: int
    overdue_count: int
    median_days: Fraction | None
    replied_count: int = 0
    median_reply_days: Fraction | None = None

    @property
    def accepted_part(self) -> Fraction | None:
        """The accepted ones, in full or in part, of those that were answered."""
        return Fraction(self.accepted_count, self.answered_count) if self.answered_count else None


@dataclass(frozen=True, kw_only=True)
class _Fact:
    reason: str
    status: str
    opened_at: datetime
    due_at: datetime
    answered_at: datetime | None
    replied_at: datetime | None
    reviewer: str


def read_statistics(*, disputes: QuerySet[Dispute], as_of: datetime) -> tuple[tuple[Tally, ...], tuple[Tally, ...]]:
    """Return the tallies by reason and by who answered, most disputes first.

    Args:
        disputes: those that count.
        as_of: business instant; what waits beyond its deadline then is overdue, as is what was answered after it.
    """
    names = ("reason", "status", "opened_at", "due_at", "answered_at", "replied_at", "answered_by__name", "answered_by__email")
    facts = [
        _Fact(
            reason=str(Dispute.Reason(reason).label),
            status=status,
            opened_at=opened_at,
            due_at=due_at,
            answered_at=answered_at,
            replied_at=replied_at,
            reviewer=(name or email or BY_DEFAULT) if answered_at else "",
        )
        for reason, status, opened_at, due_at, answered_at, replied_at, name, email in disputes.order_by().values_list(*names)
    ]
    by_reason, by_reviewer = defaultdict(list), defaultdict(list)
    for fact in facts:
        by_reason[fact.reason].append(fact)
        if fact.reviewer:
            by_reviewer[fact.reviewer].append(fact)
    return _tallies(by_reason, as_of), _tallies(by_reviewer, as_of)


def _tallies(groups: dict[str, list[_Fact]], as_of: datetime) -> tuple[Tally, ...]:
    found = [_tally(label, facts, as_of) for label, facts in groups.items()]
    return tuple(sorted(found, key=lambda tally: (-tally.count, tally.label)))


def _tally(label: str, facts: Iterable[_Fact], as_of: datetime) -> Tally:
    facts = list(facts)
    replies = [int((fact.replied_at - fact.opened_at).total_seconds()) for fact in facts if fact.replied_at]
    took = [int((fact.answered_at - fact.opened_at).total_seconds()) for fact in facts if fact.answered_at]
    waiting = [fact for fact in facts if fact.status in (Dispute.Status.OPEN, Dispute.Status.ESCALATED)]
    late = sum(fact.due_at <= as_of for fact in waiting) + sum(
        fact.answered_at > fact.due_at for fact in facts if fact.answered_at is not None
    )
    return Tally(
        label=label,
        count=len(facts),
        waiting_count=len(waiting),
        answered_count=len(took),
        accepted_count=sum(fact.status in ACCEPTED for fact in facts),
        overdue_count=late,
        median_days=_median_days(took),
        replied_count=len(replies),
        median_reply_days=_median_days(replies),
    )


def _median_days(seconds: list[int]) -> Fraction | None:
    return Fraction(statistics.median(map(Fraction, seconds))) / DAY_SECONDS if seconds else None
