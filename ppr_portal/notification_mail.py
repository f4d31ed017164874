"""Notifications by mail: at once, or gathered into one mail a day, each in the language and time zone of whoever reads it."""

import smtplib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from agents.models import Notification, User
from agents.models.notifications import Channel
from agents.queries import people
from contracts import reading
from ppr_portal import notification_words

MAILS_MAX = 500
# By the clock of the person. One digest a day, however often the job runs.
DIGEST_HOUR = 7
DIGEST_APART = timedelta(hours=20)
DIGEST_ITEMS_MAX = 50


@dataclass(frozen=True, kw_only=True)
class MailReport:
    """How many mails were sent, and how many the mail server refused; those are tried again."""

    sent_count: int
    failed_count: int


def absolute_url(path: str) -> str:
    """Return the address of a page as mails carry it, on the first host that the portal answers to."""
    environment = settings.ENVIRONMENT
    if environment.is_production:
        return f"https://{environment.hosts[0].lstrip('.')}{path}"
    return f"http://{environment.host}:{environment.port}{path}"


def send_mails() -> MailReport:
    """Send what people want to hear of at once, each in a transaction of its own, so that one bad address stops no other."""
    waiting = Notification.objects.filter(channel=Channel.MAIL, mailed_at=None).order_by("pk")
    found = list(waiting.values_list("pk", "person_id")[:MAILS_MAX])
    readers = {user.pk: user for user in people.load_users(user_ids={person for _, person in found})}
    return _send_each((([pk], readers[person]) for pk, person in found), template="mail/notification")


def send_digests(*, as_of: datetime) -> MailReport:
    """Send the mail of the day to everybody whose morning it is and who was told something since the last one.

    Args:
        as_of: business instant.
    """
    waiting: dict[int, list[int]] = {}
    rows = Notification.objects.filter(channel=Channel.DIGEST, mailed_at=None).order_by("pk")
    for pk, person in rows.values_list("pk", "person_id"):
        waiting.setdefault(person, []).append(pk)
    recent = Notification.objects.filter(channel=Channel.DIGEST, mailed_at__gt=timezone.now() - DIGEST_APART, person__in=list(waiting))
    had_one = set(recent.values_list("person_id", flat=True))
    due = [user for user in people.load_users(user_ids=waiting.keys() - had_one) if _is_morning(user, as_of)]
    return _send_each(((waiting[user.pk], user) for user in due), template="mail/digest")


def _is_morning(user: User, as_of: datetime) -> bool:
    zone = reading.zone_of(user) or people.describe(user=user).zone
    return as_of.astimezone(zone).hour >= DIGEST_HOUR


def _send_each(letters: Iterable[tuple[Sequence[int], User]], *, template: str) -> MailReport:
    sent = failed = 0
    for ids, reader in letters:
        try:
            sent += _send(ids, reader, template)
        except (smtplib.SMTPException, OSError):
            failed += 1
    return MailReport(sent_count=sent, failed_count=failed)


@transaction.atomic
def _send(ids: Sequence[int], reader: User, template: str) -> int:
    rows = Notification.objects.select_for_update(skip_locked=True).filter(pk__in=ids, mailed_at=None).order_by("pk")
    found = list(rows)
    if not found:
        return 0
    can_be_told = reader.is_active and bool(reader.email)
    if can_be_told:
        with _in_their_words(reader):
            items = [(notification_words.words_of(row), absolute_url(row.path)) for row in found[:DIGEST_ITEMS_MAX]]
            context = {
                "name": str(reader),
                "items": items,
                "first": items[0],
                "item_count": len(found),
                "more_count": len(found) - len(items),
                "list_url": absolute_url("/notifications/"),
            }
            subject = " ".join(render_to_string(f"{template}_subject.txt", context).split())
            send_mail(subject, render_to_string(f"{template}.txt", context), None, [reader.email])
    Notification.objects.filter(pk__in=[row.pk for row in found]).update(mailed_at=timezone.now())
    return int(can_be_told)


@contextmanager
def _in_their_words(reader: User) -> Iterator[None]:
    zone = reading.zone_of(reader) or people.describe(user=reader).zone
    with reading.told_to(reader), timezone.override(zone):
        yield
