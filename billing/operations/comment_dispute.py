"""Say something about a dispute, and mention people who may see it."""

from collections.abc import Collection
from datetime import datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import User
from billing.models import Dispute, DisputeComment
from billing.operations import dispute_notices
from billing.queries import dispute_people


class UnableToComment(Exception):
    """A comment without words, or one that mentions somebody who may not see the dispute."""


def comment_dispute(*, dispute_id: int, person: User, words: str, as_of: datetime, mentioned: Collection[int] = ()) -> DisputeComment:
    """Add a comment; who is mentioned is told by mail.

    Args:
        dispute_id: the dispute.
        person: who writes.
        words: the comment; everybody who sees the dispute reads it.
        as_of: business instant.
        mentioned: ids of people who may see the dispute.

    Returns: the comment; it never changes.
    Raises: UnableToComment; nothing is written then.
    """
    if not words.strip():
        raise UnableToComment(_("Write something; an empty comment tells nobody anything."))
    with transaction.atomic(), pghistory.context(user=person.pk, act="comment dispute"):
        dispute = Dispute.objects.select_for_update(of=["self"], no_key=True).select_related("agent").get(pk=dispute_id)
        readers = set(dispute_people.list_readers(dispute=dispute, on=as_of.date()).values_list("pk", flat=True))
        if set(mentioned) - readers:
            raise UnableToComment(_("Somebody whom you mention may not see this dispute; mention only people of the list."))
        made = DisputeComment.objects.create(dispute=dispute, author=person, words=words.strip(), written_at=as_of)
        made.mentioned.set(mentioned)
        if dispute.replied_at is None and person.pk not in dispute_people.list_openers(dispute=dispute):
            dispute.replied_at = as_of
            dispute.save(update_fields=["replied_at"])
        dispute_notices.note(dispute=dispute, kind="comment", people=set(mentioned) - {person.pk}, as_of=as_of, comment=made)
    return made
