"""Feedback as the agent reads it: customers' words, reviews and notes, newest first."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agents.models import Feedback

LIST_MAX = 100

ICONS = {"customer": "i-smile", "qa": "i-review", "coaching": "i-coaching"}


@dataclass(frozen=True, kw_only=True)
class FeedbackItem:
    """One piece of feedback, ready to be shown."""

    pk: int
    icon: str
    title: str
    is_customer: bool
    words: str
    tags: tuple[str, ...]
    given_at: datetime
    is_new: bool
    is_simulated: bool
    case_key: str
    resolution_id: int | None


def list_feedback(*, feedback: QuerySet[Feedback], limit: int = LIST_MAX) -> tuple[FeedbackItem, ...]:
    """Return the newest feedback, in one query."""
    found = feedback.select_related("source", "author", "resolution__case").order_by("-given_at", "-pk")[:limit]
    return tuple(_item(row) for row in found)


def _item(row: Feedback) -> FeedbackItem:
    by = _(" by %(author)s") % {"author": row.author} if row.author else ""
    return FeedbackItem(
        pk=row.pk,
        icon=ICONS.get(row.kind, "i-feedback"),
        title=f"{row.get_kind_display()}{by}",
        is_customer=row.kind == Feedback.Kind.CUSTOMER,
        words=row.words,
        tags=tuple(tag.replace("_", " ").capitalize() for tag in row.tags),
        given_at=row.given_at,
        is_new=row.read_at is None,
        is_simulated=row.source.is_simulated,
        case_key=row.resolution.case.key if row.resolution else "",
        resolution_id=row.resolution_id,
    )
