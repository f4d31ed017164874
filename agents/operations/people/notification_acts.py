"""What people do with what they were told: read it, mark it new again, and say how they want to be told."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from agents.models import Notification, NotificationPreference, User
from agents.notice_kinds import KINDS


class InvalidPreference(Exception):
    """A wish that a kind does not leave to people; nothing is written."""


def mark_read(*, person: User, as_of: datetime, up_to: int, only: int = 0) -> int:
    """Mark what a person was told as read; a second call changes nothing.

    Args:
        person: whose.
        as_of: business instant.
        up_to: the newest id that they have seen; what came since stays new.
        only: the id of the one that is meant; zero means all.

    Returns: how many were new.
    """
    found = Notification.objects.filter(person=person, read_at=None, pk__lte=up_to)
    return (found.filter(pk=only) if only else found).update(read_at=as_of)


def mark_new(*, person: User, read_at: datetime) -> int:
    """Take back what one press marked as read.

    Args:
        person: whose.
        read_at: the instant of that press.

    Returns: how many are new again.
    """
    return Notification.objects.filter(person=person, read_at=read_at).update(read_at=None)


def save_preferences(*, person: User, channels: Mapping[str, str]) -> None:
    """Keep how a person wants to be told, kind by kind; it counts for what happens from now on.

    Args:
        person: whose.
        channels: kind to channel; kinds that are not named keep what they have.

    Raises: InvalidPreference if a kind is unknown or does not leave that channel to people.
    """
    for kind, channel in channels.items():
        known = KINDS.get(kind)
        if known is None or channel not in known.channels:
            raise InvalidPreference(f'"{kind}" cannot be told "{channel}"; choose one of the ways that the page offers.')
    rows = [NotificationPreference(person=person, kind=kind, channel=channel) for kind, channel in sorted(channels.items())]
    with transaction.atomic():
        NotificationPreference.objects.bulk_create(rows, update_conflicts=True, unique_fields=["person", "kind"], update_fields=["channel"])
