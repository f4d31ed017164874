"""What is counted for a value report, channel by channel, from the books, the cases' events, first contacts and surveys."""

import zoneinfo
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from agents.models import Resolution
from agents.queries import first_contacts
from agents.rules import fcr_report
from billing.rules import periods
from contracts.models import Channel, Contract, ContractVersion, VersionStatus

# A resolution counts where its last booked line stands, and what was booked for it counts with its corrections.
BOOKED = """
    SELECT r.channel_id,
           count(*) FILTER (WHERE b.position > 0 AND r.is_payable AND b.revision = (
               SELECT max(l.revision) FROM billing_bookedline l WHERE l.resolution_id = b.resolution_id)),
           sum(b.amount_micros)::bigint
    FROM billing_bookedline b JOIN agents_resolution r ON r.id = b.resolution_id
    WHERE b.version_id = ANY(%(versions)s) AND b.period_start = %(start)s
    GROUP BY 1"""
# Where a source records contacts, those are counted; where it does not, each time that the customer came: when the case was
# opened, and when it came back. A return that two events tell of is one.
CONTACTS = """
    SELECT told.channel_id,
           sum(CASE WHEN told.recorded > 0 THEN told.recorded ELSE told.opened + greatest(told.returned, told.reopened) END)::bigint,
           sum(told.recorded)::bigint
    FROM (
        SELECT e.case_id, coalesce(e.channel_id, first.channel_id) AS channel_id,
               count(*) FILTER (WHERE e.type = 'contact') AS recorded,
               count(*) FILTER (WHERE e.type = 'opened') AS opened,
               count(*) FILTER (WHERE e.type = 'customer_returned') AS returned,
               count(*) FILTER (WHERE e.type = 'reopened') AS reopened
        FROM agents_caseevent e JOIN agents_case c ON c.id = e.case_id
        LEFT JOIN LATERAL (
            SELECT o.channel_id FROM agents_caseevent o WHERE o.case_id = e.case_id AND o.channel_id IS NOT NULL
            ORDER BY o.occurred_at, o.sequence, o.id LIMIT 1
        ) first ON e.channel_id IS NULL
        WHERE c.contract_id = %(contract)s AND e.occurred_at >= %(from)s AND e.occurred_at < %(until)s
          AND e.type IN ('contact', 'opened', 'customer_returned', 'reopened')
        GROUP BY 1, 2
    ) told
    GROUP BY 1"""
ANSWERS = """
    SELECT r.channel_id, count(*) FILTER (WHERE s.is_favorable), count(*)
    FROM agents_survey s JOIN agents_resolution r ON r.id = s.resolution_id JOIN agents_case c ON c.id = r.case_id
    WHERE c.contract_id = %(contract)s AND s.answered_at >= %(from)s AND s.answered_at < %(until)s
    GROUP BY 1"""


@dataclass(kw_only=True)
class ChannelCounts:
    """What was counted of one channel; `channel_id` None where no channel was told."""

    channel_id: int | None
    resolution_count: int = 0
    paid_micros: int = 0
    contact_count: int = 0
    recorded_count: int = 0
    fcr_yes_count: int = 0
    fcr_count: int = 0
    pending_count: int = 0
    favorable_count: int = 0
    answer_count: int = 0


def count_channels(*, contract: Contract, currency: str, start: date, end: date) -> tuple[ChannelCounts, ...]:
    """Count a billing period of a contract by channel, in five queries.

    Args:
        contract: whose period.
        currency: of the versions whose bookings count.
        start: first day, in the contract's time zone.
        end: first day after it.

    Returns: one entry per channel of which anything was counted, in no order.
    """
    zone = zoneinfo.ZoneInfo(contract.timezone)
    since, until = (periods.first_instant(day=day, timezone=zone) for day in (start, end))
    versions = ContractVersion.objects.filter(contract=contract, currency=currency).exclude(status=VersionStatus.DRAFT)
    ids: list[int] = list(versions.values_list("pk", flat=True))
    asked: dict[str, Any] = {"versions": ids, "contract": contract.pk, "start": start, "from": since, "until": until}
    found: dict[int | None, ChannelCounts] = {}

    def of(channel_id: int | None) -> ChannelCounts:
        return found.setdefault(channel_id, ChannelCounts(channel_id=channel_id))

    with connection.cursor() as cursor:
        cursor.execute(BOOKED, asked)
        for channel_id, count, micros in cursor.fetchall():
            of(channel_id).resolution_count, of(channel_id).paid_micros = count, micros
        cursor.execute(CONTACTS, asked)
        for channel_id, count, recorded in cursor.fetchall():
            of(channel_id).contact_count, of(channel_id).recorded_count = count, recorded
        cursor.execute(ANSWERS, asked)
        for channel_id, favorable, count in cursor.fetchall():
            of(channel_id).favorable_count, of(channel_id).answer_count = favorable, count
    for channel_id, summary in _first_contacts(contract, since, until).items():
        counts = of(channel_id)
        counts.fcr_yes_count, counts.fcr_count, counts.pending_count = summary.yes_count, summary.n, summary.pending_count
    return tuple(found.values())


def _first_contacts(contract: Contract, since: datetime, until: datetime) -> dict[int | None, fcr_report.FcrSummary]:
    asked = first_contacts.list_asked(resolutions=Resolution.objects.filter(case__contract=contract), start=since, end=until)
    by_code: dict[str, list[fcr_report.FcrCount]] = {}
    for row in first_contacts.count_by(resolutions=asked, dimension="channel"):
        by_code.setdefault(row.key, []).append(row.counted)
    known = dict(Channel.objects.filter(code__in=by_code).values_list("code", "pk"))
    return {known.get(code): fcr_report.summarize_fcr(counts=counts) for code, counts in by_code.items()}
