"""What an agent notes about their own day, for themself alone. Nobody else reads it and no figure uses it."""

from datetime import datetime

from django.utils.translation import gettext as _

from agents.models import Agent
from agents.models.check_ins import CheckIn

WORDS_MAX = 2000


class UnableToCheckIn(Exception):
    """A check-in without a choice, or with too many words."""


def note_check_in(*, agent: Agent, day: str, words: str, as_of: datetime) -> CheckIn:
    """Keep how an agent says their day was.

    Args:
        agent: the agent of the person who acts.
        day: very_good, good, so_so, hard or very_hard.
        words: anything, at most 2,000 characters; may be empty.
        as_of: business instant.

    Returns: the note.
    Raises: UnableToCheckIn; nothing is written then.
    Source: design.md section 8: check-ins are voluntary, visible to the agent alone, and never enter pay.
    """
    if day not in CheckIn.Day.values:
        raise UnableToCheckIn(_("Choose how your day was, then keep it."))
    if len(words) > WORDS_MAX:
        raise UnableToCheckIn(
            _("A note has at most %(most)s characters; yours has %(count)s.") % {"most": f"{WORDS_MAX:,}", "count": f"{len(words):,}"}
        )
    return CheckIn.objects.create(agent=agent, day=day, words=words.strip(), noted_at=as_of)


def delete_check_in(*, agent: Agent, check_in_id: int) -> bool:
    """Delete a note of an agent for good; tell whether there was one.

    Args:
        agent: the agent of the person who acts.
        check_in_id: the note.
    """
    return CheckIn.objects.filter(agent=agent, pk=check_in_id).delete()[0] > 0
