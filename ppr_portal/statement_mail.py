"""The mail that tells an agent that a statement is ready: sent once, with a link and no amount."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from billing.models import StatementNotice
from billing.queries import references
from billing.rules import paydays
from contracts import clock

BATCH = 200


def send_notices() -> int:
    """Send the mails that posting noted down and that were not sent yet; two workers never send the same.

    Returns: how many were sent. A mail server that refuses one stops the batch, and the next call goes on with it.
    """
    sent_count = 0
    waiting = list(StatementNotice.objects.filter(sent_at=None).order_by("pk").values_list("pk", flat=True)[:BATCH])
    for pk in waiting:
        with transaction.atomic():
            unsent = StatementNotice.objects.filter(pk=pk, sent_at=None).select_for_update(skip_locked=True, of=["self"])
            found = unsent.select_related("settlement__agent__site").defer("settlement__evidence").first()
            if found is not None:
                _send(found)
                found.sent_at = clock.now()
                found.save(update_fields=["sent_at"])
                sent_count += 1
    return sent_count


def _send(notice: StatementNotice) -> None:
    settlement = notice.settlement
    site = settlement.agent.site
    context = {
        "settlement": settlement,
        "reference": references.statement_reference(settlement=settlement),
        "payday": paydays.find_payday(period_end=settlement.period_end, working_day=site.payday_rule),
        "url": absolute_url(reverse("statement", args=[settlement.agent_id, settlement.period_start])),
    }
    with timezone.override(ZoneInfo(site.timezone)), translation.override(settings.LANGUAGE_CODE):
        subject = render_to_string("mail/statement_subject.txt", context).strip()
        send_mail(subject, render_to_string("mail/statement.txt", context), None, [notice.address])


def absolute_url(path: str) -> str:
    """Return the address of a page as mails carry it, on the first host that the portal answers to."""
    environment = settings.ENVIRONMENT
    if environment.is_production:
        return f"https://{environment.hosts[0].lstrip('.')}{path}"
    return f"http://{environment.host}:{environment.port}{path}"
