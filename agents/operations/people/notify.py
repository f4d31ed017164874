"""Tell people something, once, the way each of them wants to be told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from agents.models import Notification, NotificationPreference, User
from agents.models.notifications import Channel
from agents.notice_kinds import KINDS, NoticeKind

FactValue = str | int


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one person is told."""

    person_id: int
    key: str
    facts: Mapping[str, FactValue]
    path: str


class UnableToNotify(Exception):
    """What is to be told has no words, or they lack a fact; nothing is written."""


def notify(*, kind: str, people: Iterable[int], key: str, facts: Mapping[str, FactValue], path: str, as_of: datetime) -> int:
    """Tell active people something, in the transaction of what they are told; whoever was told the same is not told again.

    A mail goes out within a minute, or with the next daily one; whoever switched the kind off is not told.

    Args:
        kind: code of agents.notice_kinds.
        people: ids of users, in any order, repeats allowed.
        key: what it is about, for example "D-12"; a person is told a kind about a key once, ever. At most 120 characters.
        facts: what the words of the kind name; days and instants as ISO text. No amounts and no customers.
        path: page of the portal that it leads to, beginning with a slash.
        as_of: business instant.

    Returns: how many people were told who were not told before.
    Raises: UnableToNotify if the kind is unknown, a fact that its words need is missing, or the path leads elsewhere.

    >>> notify(kind="horoscope", people=[1], key="today", facts={}, path="/", as_of=datetime(2016, 3, 1))
    Traceback (most recent call last):
    ...
    agents.operations.people.notify.UnableToNotify: "horoscope" is nothing that people are told; add it to agents.notice_kinds.
    """
    told = [Told(person_id=person, key=key, facts=facts, path=path) for person in sorted(set(people))]
    _check(kind, facts, path)
    return notify_each(kind=kind, told=told, as_of=as_of)


def notify_each(*, kind: str, told: Sequence[Told], as_of: datetime) -> int:
    """Tell many people one kind of thing, each with facts of their own, in a fixed number of queries; else as `notify`.

    Args:
        kind: code of agents.notice_kinds.
        told: who is told what.
        as_of: business instant.

    Returns: how many rows are new.
    Raises: UnableToNotify as `notify`; nothing is written then.
    """
    if not told:
        return 0
    for one in told:
        found = _check(kind, one.facts, one.path)
    people = {one.person_id for one in told}
    chosen = dict(NotificationPreference.objects.filter(person__in=people, kind=kind).values_list("person_id", "channel"))
    active = set(User.objects.filter(pk__in=people, is_active=True).values_list("pk", flat=True))
    said = Notification.objects.filter(person__in=people, kind=kind, key__in={one.key for one in told})
    known = set(said.values_list("person_id", "key"))
    rows = [
        Notification(person_id=one.person_id, kind=kind, key=one.key, facts=dict(one.facts), path=one.path, channel=channel, noted_at=as_of)
        for one in told
        if one.person_id in active
        and (one.person_id, one.key) not in known
        and (channel := _allowed(found, chosen.get(one.person_id))) != Channel.OFF
    ]
    # Another worker may tell the same at the same moment; one of both rows stays.
    Notification.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    return len(rows)


def _check(kind: str, facts: Mapping[str, FactValue], path: str) -> NoticeKind:
    found = KINDS.get(kind)
    if found is None:
        raise UnableToNotify(f'"{kind}" is nothing that people are told; add it to agents.notice_kinds.')
    try:
        str(found.title) % facts, str(found.words) % facts
    except KeyError as missing:
        raise UnableToNotify(f'"{kind}" cannot be told without the fact {missing}; pass it with the others.') from None
    if not path.startswith("/") or path.startswith("//"):
        raise UnableToNotify(f'"{kind}" cannot lead to {path}; name a page of the portal, beginning with one slash.')
    return found


def _allowed(kind: NoticeKind, chosen: str | None) -> str:
    """Return the wish of a person where the kind leaves it to them, else the kind's own."""
    return chosen if chosen in kind.channels else kind.channel
