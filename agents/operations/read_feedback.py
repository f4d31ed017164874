"""Keep that an agent has read a piece of feedback, or take that back."""

from datetime import datetime

from agents.models import Feedback


def mark_feedback(*, feedback: Feedback, read_at: datetime | None) -> None:
    """Mark feedback as read, or as new again.

    Args:
        feedback: addressed to the person who acts; the caller looked it up through access.
        read_at: business instant of reading; None makes it new again. A first reading is kept.
    """
    if read_at is None:
        Feedback.objects.filter(pk=feedback.pk).update(read_at=None)
    else:
        Feedback.objects.filter(pk=feedback.pk, read_at=None).update(read_at=read_at)
