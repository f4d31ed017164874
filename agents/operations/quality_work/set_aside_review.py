"""Let a QA review not count while it is disputed, and for good once the dispute was accepted."""

from datetime import datetime

from agents.models import QaReview


def set_review_aside(*, review_id: int, as_of: datetime) -> None:
    """Let a review not count from now on; one that is set aside already keeps its time.

    Args:
        review_id: the review.
        as_of: business instant.

    Source: issue "The portal"; mockup lead-review: a disputed review does not count until it is decided.
    """
    QaReview.objects.filter(pk=review_id, set_aside_at=None).update(set_aside_at=as_of)


def count_review_again(*, review_id: int) -> None:
    """Let a review count again: its dispute was refused, accepted only in part, or withdrawn.

    Args:
        review_id: the review.
    """
    QaReview.objects.filter(pk=review_id).update(set_aside_at=None)
