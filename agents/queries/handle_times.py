"""Handle time, shown so that people can plan their day. It is never paid for."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.db.models import Count, Sum

from agents.models import CaseEvent


@dataclass(frozen=True, kw_only=True)
class HandleTime:
    """Contacts whose handle time the source tells, and their mean in seconds."""

    contact_count: int
    mean_seconds: Fraction


def read_handle_time(*, agent_id: int, start: datetime, end: datetime) -> HandleTime | None:
    """Return an agent's mean handle time in a stretch of time, in one query; None where no source tells it."""
    found = CaseEvent.objects.filter(
        type=CaseEvent.Type.CONTACT,
        agent_identity__agent=agent_id,
        occurred_at__gte=start,
        occurred_at__lt=end,
        handle_seconds__isnull=False,
    ).aggregate(count=Count("pk"), total=Sum("handle_seconds"))
    if not found["count"]:
        return None
    return HandleTime(contact_count=found["count"], mean_seconds=Fraction(found["total"], found["count"]))
