"""Keep what an agent does with a piece of feedback: read it, take it in, answer it, or take the reading back."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from agents.models import Feedback, TeamMembership
from agents.operations.people import notify

WORDS_MAX = 4000


class UnableToAnswer(Exception):
    """An answer that says nothing, is too long, or was given before."""


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


def acknowledge_feedback(*, feedback: Feedback, as_of: datetime) -> None:
    """Keep that the agent has taken feedback in, which is not to agree with it; the first time counts.

    Args:
        feedback: addressed to the person who acts; the caller looked it up through access.
        as_of: business instant.
    """
    mark_feedback(feedback=feedback, read_at=as_of)
    Feedback.objects.filter(pk=feedback.pk, acknowledged_at=None).update(acknowledged_at=as_of)


def answer_feedback(*, feedback: Feedback, words: str, as_of: datetime) -> None:
    """Keep what the agent says to feedback; the author and the lead of the day are told. One answer is given, and it stays.

    Args:
        feedback: addressed to the person who acts; the caller looked it up through access.
        words: the answer, 1 to 4,000 characters.
        as_of: business instant.

    Raises: UnableToAnswer; nothing is written then.
    """
    words = words.strip()
    if not words:
        raise UnableToAnswer(_("Write something, then send it."))
    if len(words) > WORDS_MAX:
        raise UnableToAnswer(
            _("An answer has at most %(words_max)s characters; yours has %(words)s.")
            % {"words_max": f"{WORDS_MAX:,}", "words": f"{len(words):,}"}
        )
    with transaction.atomic():
        acknowledge_feedback(feedback=feedback, as_of=as_of)
        if not Feedback.objects.filter(pk=feedback.pk, answered_at=None).update(answer=words, answered_at=as_of):
            raise UnableToAnswer(_("You have answered this already; your lead has read it or will."))
        notify.notify(
            kind="feedback_answered",
            people=_readers(feedback, as_of),
            key=f"feedback-{feedback.pk}",
            facts={"agent": feedback.agent.name},
            path=reverse("feedback_answers"),
            as_of=as_of,
        )


def _readers(feedback: Feedback, as_of: datetime) -> list[int]:
    on = as_of.date()
    leads = TeamMembership.objects.filter(
        Q(effective_to=None) | Q(effective_to__gt=on), agent=feedback.agent_id, effective_from__lte=on, team__lead__isnull=False
    ).values_list("team__lead", flat=True)
    return [person for person in {feedback.author_id, *leads} if person is not None]
