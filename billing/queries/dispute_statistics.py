"""How disputes end: by reason, and by who answered them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from billing.models import Dispute
from contracts.translation import gettext_lazy as _

ACCEPTED = (Dispute.Status.ACCEPTED, Dispute.Status.PARTLY_ACCEPTED)
WAITING = (Dispute.Status.OPEN, Dispute.Status.ESCALATED)
DAY_SECONDS = 86_400
BY_DEFAULT = _("Nobody, by the deadline")
# Who answered is empty where the deadline did, and null where nobody did yet.
COUNT = """
    SELECT reason, grouping(reviewer) = 1, reviewer, count(*), count(*) FILTER (WHERE status = ANY(%s)), count(answered_at),
        count(*) FILTER (WHERE status = ANY(%s)),
        count(*) FILTER (WHERE (status = ANY(%s) AND due_at <= %s) OR answered_at > due_at),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY trunc(extract(epoch FROM answered_at - opened_at))), count(replied_at),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY trunc(extract(epoch FROM replied_at - opened_at)))
    FROM (
        SELECT d.*, CASE WHEN d.answered_at IS NOT NULL THEN coalesce(nullif(u.name, ''), u.email, '') END AS reviewer
        FROM billing_dispute d LEFT JOIN agents_user u ON u.id = d.answered_by_id WHERE d.id IN ({disputes})
    ) told
    GROUP BY GROUPING SETS ((reason), (reviewer))"""


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


def read_statistics(*, disputes: QuerySet[Dispute], as_of: datetime) -> tuple[tuple[Tally, ...], tuple[Tally, ...]]:
    """Return the tallies by reason and by who answered, most disputes first, in one query.

    Args:
        disputes: those that count.
        as_of: business instant; what waits beyond its deadline then is overdue, as is what was answered after it.
    """
    try:
        found, values = disputes.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return (), ()
    reasons, reviewers = [], []
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(disputes=found), [list(WAITING), list(ACCEPTED), list(WAITING), as_of, *values])
        for reason, is_by_reason, reviewer, *counts in cursor.fetchall():
            if is_by_reason:
                reasons.append(_tally(str(Dispute.Reason(reason).label), counts))
            elif reviewer is not None:
                reviewers.append(_tally(reviewer or str(BY_DEFAULT), counts))
    return _sorted(reasons), _sorted(reviewers)


def _sorted(tallies: list[Tally]) -> tuple[Tally, ...]:
    return tuple(sorted(tallies, key=lambda tally: (-tally.count, tally.label)))


def _tally(label: str, counts: Sequence[Any]) -> Tally:
    count, waiting, answered, accepted, overdue, seconds, replied, reply_seconds = counts
    return Tally(
        label=label,
        count=count,
        waiting_count=waiting,
        answered_count=answered,
        accepted_count=accepted,
        overdue_count=overdue,
        median_days=_days(seconds),
        replied_count=replied,
        median_reply_days=_days(reply_seconds),
    )


def _days(seconds: float | None) -> Fraction | None:
    """Return days; a median of whole seconds is whole or a half, which a float holds exactly."""
    return None if seconds is None else Fraction(seconds) / DAY_SECONDS
