"""Feedback as the agent reads it: customers' words, reviews and notes, newest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.utils.translation import gettext as _

from agents.models import AssessmentAnswer, Feedback

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
    review_id: int | None
    review_score: int | None
    review_is_passed: bool
    failed_items: tuple[str, ...]
    pass_score: int | None
    review_is_set_aside: bool
    session_id: int | None
    acknowledged_at: datetime | None
    answer: str
    answered_at: datetime | None
    dispute_id: int | None = None
    dispute_state: str = ""
    may_dispute: bool = False

    @property
    def has_score(self) -> bool:
        """Whether the score stands apart from the words, as with reviews made in the portal."""
        return self.review_score is not None

    @property
    def why_not_passed(self) -> str:
        """Which critical items failed, or what score was needed; empty for what passed and for reviews from elsewhere."""
        if not self.has_score or self.review_is_passed:
            return ""
        if self.failed_items:
            words = _("Critical and not met: %(items)s. Such a no makes the score zero.")
            return words % {"items": ", ".join(self.failed_items)}
        return _("A review passes from %(score)s on.") % {"score": self.pass_score}


WIDE = ("source", "author", "resolution__case", "review__assessment")


def list_feedback(*, feedback: QuerySet[Feedback], limit: int = LIST_MAX) -> tuple[FeedbackItem, ...]:
    """Return the newest feedback, in one query."""
    return items_of(rows=widened(feedback=feedback).order_by("-given_at", "-pk")[:limit])


def widened(*, feedback: QuerySet[Feedback]) -> QuerySet[Feedback]:
    """Read feedback with all that a page shows of it: source, author, case, review, and why a review did not pass."""
    failed = AssessmentAnswer.objects.filter(
        assessment__qa_review=OuterRef("review"), item__is_critical=True, answer=AssessmentAnswer.Answer.NO
    )
    return feedback.select_related(*WIDE).annotate(
        failed_items=ArraySubquery(failed.order_by("item__position").values("item__title")),
        pass_score=F("review__assessment__sampled__draw__scorecard_version__pass_score"),
    )


def items_of(*, rows: Iterable[Feedback]) -> tuple[FeedbackItem, ...]:
    """Return feedback as it is shown; the rows were read as `widened` does."""
    return tuple(_item(row) for row in rows)


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
        review_id=row.review_id,
        # Words of reviews from elsewhere begin with the score already.
        review_score=row.review.score if row.review and hasattr(row.review, "assessment") else None,
        review_is_passed=bool(row.review and row.review.is_passed),
        failed_items=tuple(getattr(row, "failed_items", ())),
        pass_score=getattr(row, "pass_score", None),
        review_is_set_aside=bool(row.review and row.review.set_aside_at),
        session_id=row.session_id,
        acknowledged_at=row.acknowledged_at,
        answer=row.answer,
        answered_at=row.answered_at,
    )
