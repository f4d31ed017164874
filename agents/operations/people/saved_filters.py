"""Filters that somebody keeps under a name: saved, made the one that a page opens with, deleted, and brought back."""

from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agents.models import SavedFilter, User

FILTERS_MAX = 30
NAME_MAX, QUERY_MAX = 60, 1000
# Where a page of a list begins and what a file is of no filter.
PASSING = frozenset({"after", "before", "format", "all", "deleted", "marked", "why"})


class UnableToSaveFilter(Exception):
    """A filter without a name, or one too many; nothing is written."""


def clean_query(*, text: str) -> str:
    """Return what of a query string is a filter, in one order.

    Args:
        text: a query string without its question mark; empty values, and what only places or shows a list, leave it.

    >>> clean_query(text="state=open&after=12&find=")
    'state=open'
    """
    return urlencode(sorted((name, value) for name, value in parse_qsl(text) if name not in PASSING))


@transaction.atomic
def save_filter(*, person: User, page: str, name: str, query: str, is_default: bool, as_of: datetime) -> SavedFilter:
    """Keep a filter of a page under a name; the same name again replaces what it was.

    Args:
        person: whose.
        page: name of the page's route.
        name: as they call it, 1 to 60 characters.
        query: the query string of the page.
        is_default: the page opens with it from now on, and with no other.
        as_of: business instant.

    Returns: the filter.
    Raises: UnableToSaveFilter without a name or a filter, with too long a filter, or beyond 30 of a page.
    """
    name, query = " ".join(name.split())[:NAME_MAX], clean_query(text=query)
    if not name:
        raise UnableToSaveFilter(_("Give the filter a name, such as the question that it answers; then save it again."))
    if not query or len(query) > QUERY_MAX:
        raise UnableToSaveFilter(_("Nothing is filtered here yet, or more than can be kept. Narrow the list first; then save it."))
    mine = _lock(person, page)
    found = mine.filter(name=name).first()
    if found is None and mine.count() >= FILTERS_MAX:
        words = _("You have %(most)s filters here already; delete one that you no longer use, then save this one.")
        raise UnableToSaveFilter(words % {"most": FILTERS_MAX})
    if is_default:
        mine.update(is_default=False)
    found = found or SavedFilter(person=person, page=page, name=name)
    found.query, found.is_default, found.saved_at = query, is_default or (found.pk is not None and found.is_default), as_of
    found.save()
    return found


@transaction.atomic
def set_default(*, person: User, filter_id: int, is_default: bool) -> SavedFilter | None:
    """Let a page open with a filter, or with none; None if the person has no such filter.

    Args:
        person: whose filter.
        filter_id: which.
        is_default: whether its page opens with it.
    """
    found = SavedFilter.objects.filter(person=person, pk=filter_id, deleted_at=None).first()
    if found is not None:
        _lock(person, found.page).update(is_default=False)
        found.is_default = is_default
        found.save(update_fields=["is_default"])
    return found


def delete_filter(*, person: User, filter_id: int, as_of: datetime) -> SavedFilter | None:
    """Delete a filter so that it can be brought back; None if the person has no such filter.

    Args:
        person: whose filter.
        filter_id: which.
        as_of: business instant.
    """
    found = SavedFilter.objects.filter(person=person, pk=filter_id, deleted_at=None).first()
    if found is not None:
        found.deleted_at, found.is_default = as_of, False
        found.save(update_fields=["deleted_at", "is_default"])
    return found


@transaction.atomic
def restore_filter(*, person: User, filter_id: int) -> SavedFilter | None:
    """Bring a deleted filter back, beside one that took its name since; None if the person has no such filter.

    Args:
        person: whose filter.
        filter_id: which.
    """
    found = SavedFilter.objects.filter(person=person, pk=filter_id, deleted_at__isnull=False).first()
    if found is not None:
        taken = set(_lock(person, found.page).values_list("name", flat=True))
        if found.name in taken:
            found.name = next(
                name for number in range(2, FILTERS_MAX + 3) if (name := f"{found.name[: NAME_MAX - 3]} {number}") not in taken
            )
        found.deleted_at = None
        found.save(update_fields=["deleted_at", "name"])
    return found


def _lock(person: User, page: str) -> QuerySet[SavedFilter]:
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    return SavedFilter.objects.filter(person=person, page=page, deleted_at=None)
