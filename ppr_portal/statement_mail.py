"""The mail that tells an agent that a statement is ready: sent once, with a link and no amount."""

import smtplib
from zoneinfo import ZoneInfo

from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Count, F, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from billing.models import StatementNotice
from billing.queries import pay_periods, references
from billing.rules import paydays
from contracts import clock, reading
from ppr_portal import notification_mail

BATCH = 200
# At a try every quarter of an hour, two days.
TRIES_MAX = 192


def send_notices() -> int:
    """Send the mails that posting noted down and that were not sent yet; two workers never send the same.

    Returns: how many were sent. One that the mail server refuses is noted with its words and tried again by the next call that
        the schedule starts; it stops no other. Without a mail server, the rest waits for that call too.
    """
    sent_count = 0
    unsent = StatementNotice.objects.filter(sent_at=None, refused_count__lt=TRIES_MAX)
    for pk in list(unsent.order_by("refused_count", "pk").values_list("pk", flat=True)[:BATCH]):
        try:
            sent_count += _send_one(pk)
        except smtplib.SMTPException as refused:
            _note_refusal(pk, str(refused))
        except OSError as away:
            _note_refusal(pk, str(away))
            break
    return sent_count


def count_mails(*, run_id: int) -> dict[str, int]:
    """Return how many mails about the statements of a run were sent, wait, and are given up after so many tries."""
    rows = StatementNotice.objects.filter(settlement__run=run_id)
    return rows.aggregate(
        sent=Count("pk", filter=Q(sent_at__isnull=False)),
        waiting=Count("pk", filter=Q(sent_at=None, refused_count__lt=TRIES_MAX)),
        given_up=Count("pk", filter=Q(sent_at=None, refused_count__gte=TRIES_MAX)),
    )


@transaction.atomic
def _send_one(pk: int) -> int:
    unsent = StatementNotice.objects.filter(pk=pk, sent_at=None).select_for_update(skip_locked=True, of=["self"])
    found = (
        unsent.select_related("settlement__agent__site", "settlement__agent__user", "settlement__run__site")
        .defer("settlement__evidence")
        .first()
    )
    if found is None:
        return 0
    _send(found)
    found.sent_at = clock.now()
    found.save(update_fields=["sent_at"])
    return 1


def _note_refusal(pk: int, words: str) -> None:
    StatementNotice.objects.filter(pk=pk, sent_at=None).update(refused_count=F("refused_count") + 1, refusal=words[:200])


def _send(notice: StatementNotice) -> None:
    settlement = notice.settlement
    site = pay_periods.site_of(settlement=settlement)
    context = {
        "settlement": settlement,
        "reference": references.statement_reference(settlement=settlement),
        "payday": paydays.find_payday(period_end=settlement.period_end, working_day=site.payday_rule),
        "url": notification_mail.absolute_url(reverse("statement", args=[settlement.agent_id, settlement.period_start])),
    }
    with timezone.override(ZoneInfo(site.timezone)), reading.told_to(settlement.agent.user):
        subject = render_to_string("mail/statement_subject.txt", context).strip()
        send_mail(subject, render_to_string("mail/statement.txt", context), None, [notice.address])
