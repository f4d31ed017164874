"""Take in a webhook whose sender is proven: its events are stored, or the body is kept as it came for somebody to look at."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic_core import from_json

from agents.intake.vendors import translators
from agents.intake.vendors.story import Hook, NotUnderstood, Story
from agents.models import ImportRun, RawDelivery, Source
from agents.operations.deliveries import held_deliveries, receive_events
from agents.operations.deliveries.event_outcomes import Hold
from agents.operations.deliveries.receive_events import DeliveryReport

# Long enough to add a meaning to a mapping, and no longer, for such a body holds what customers wrote.
KEPT_FOR = timedelta(days=14)
DELETE_OLD = """
    DELETE FROM agents_rawdelivery d USING agents_source s LEFT JOIN contracts_client l ON l.id = s.client_id
    WHERE s.id = d.source_id AND d.last_received_at < %(now)s - make_interval(days => coalesce(l.raw_days, %(days)s))"""


@dataclass(frozen=True, kw_only=True)
class HookReport:
    """What became of a webhook: what was stored, or why it was kept; and what in it is no matter of ours."""

    delivery: DeliveryReport | None
    ignored: tuple[str, ...]
    kept_reason: str = ""
    kept_message: str = ""


def receive_hook(
    *,
    source: Source,
    vendor: str,
    headers: Mapping[str, str] | None,
    body: bytes,
    content_type: str,
    received_at: datetime,
    arrived_at: datetime | None = None,
) -> HookReport:
    """Store the events of a webhook; the same webhook again changes nothing.

    Args:
        source: whose webhook it is, proven.
        vendor: the help desk, one of agents.intake.vendors.translators.TRANSLATORS.
        headers: of the request, names in small letters; None of one that was kept, for its head was not.
        body: exactly as it came.
        content_type: of the body, as told.
        received_at: business instant.
        arrived_at: when it came, by which something without a time is dated; none for one that comes now.

    Returns: what became of it.
    Source: formats.md, "Events API".
    """
    sha256 = hashlib.sha256(body).hexdigest()
    try:
        hook = Hook(
            source=source.code,
            document=_document(body),
            headers=headers,
            received_at=arrived_at or received_at,
            body_sha256=sha256,
            states=held_deliveries.load_states(source_id=source.pk),
        )
        tale = translators.translate(vendor=vendor, hook=hook)
    except NotUnderstood as fault:
        keep_raw_delivery(source=source, vendor=vendor, body=body, content_type=content_type, reason=fault.reason, message=str(fault))
        return HookReport(delivery=None, ignored=(), kept_reason=fault.reason, kept_message=str(fault))
    return HookReport(delivery=_store(source, vendor, tale, sha256, received_at), ignored=tuple(dict.fromkeys(tale.ignored)))


def keep_raw_delivery(*, source: Source, vendor: str, body: bytes, content_type: str, reason: str, message: str) -> None:
    """Keep a body as it came; one that is kept already is only counted.

    Args:
        source: whose it is.
        vendor: the help desk.
        body: exactly as it came.
        content_type: as told.
        reason: stable code of why it was not understood.
        message: the same as a sentence.
    """
    now = timezone.now()
    kept, is_new = RawDelivery.objects.get_or_create(
        source=source,
        body_sha256=hashlib.sha256(body).hexdigest(),
        defaults={
            "vendor": vendor,
            "reason": reason,
            # It may quote what came, zero bytes and all, which no text holds.
            "message": message.replace("\x00", ""),
            "content_type": content_type[:120],
            "body": body,
            "first_received_at": now,
            "last_received_at": now,
        },
    )
    if not is_new:
        RawDelivery.objects.filter(pk=kept.pk).update(delivery_count=F("delivery_count") + 1, last_received_at=now)


def delete_old_deliveries(*, now: datetime) -> int:
    """Delete the bodies that were kept for as long as the source's client says.

    Args:
        now: wall clock.

    Returns: how many were deleted.
    """
    with connection.cursor() as cursor:
        cursor.execute(DELETE_OLD, {"now": now, "days": KEPT_FOR.days})
        return int(cursor.rowcount)


def _document(body: bytes) -> object:
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as fault:
        raise NotUnderstood(
            _("It is no JSON (%(fault)s). A table is imported as a file, by a mapping.") % {"fault": fault}, reason="not_json"
        ) from fault


def _store(source: Source, vendor: str, tale: Story, sha256: str, received_at: datetime) -> DeliveryReport:
    return receive_events.receive_events(
        source=source,
        origin=ImportRun.Origin.WEBHOOK,
        deliverer=f"{vendor} webhook",
        body_sha256=sha256,
        read=tale.events,
        received_at=received_at,
        holds={number: Hold(reason=doubt.reason, message=doubt.message) for number, doubt in tale.doubts.items()},
    )
