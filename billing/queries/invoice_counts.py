"""What was counted in a billing period, and what was not, by reason."""

import zoneinfo
from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import connection

from billing.rules import periods
from contracts.models import Contract, ContractVersion, VersionStatus

# A resolution counts where its last booked line stands.
COUNTED = """
    SELECT r.state, count(*)
    FROM billing_bookedline b JOIN agents_resolution r ON r.id = b.resolution_id
    WHERE b.version_id = ANY(%(versions)s) AND b.period_start = %(start)s AND b.position > 0 AND r.is_payable
      AND b.revision = (SELECT max(l.revision) FROM billing_bookedline l WHERE l.resolution_id = b.resolution_id)
    GROUP BY r.state"""
# What was claimed in the period and is not in it: its state, and for an excluded one the code that excluded it.
UNCOUNTED = """
    SELECT CASE WHEN EXISTS (SELECT 1 FROM agents_hold h WHERE h.resolution_id = r.id AND h.released_at IS NULL) THEN 'held'
                WHEN r.is_payable AND r.verified_at >= %(until)s THEN 'later'
                WHEN r.is_payable THEN 'unpriced'
                WHEN r.state IN ('confirmed', 'assumed') THEN 'capped' ELSE r.state END AS outcome,
           CASE WHEN r.state = 'void' THEN coalesce((
               SELECT coalesce(nullif(t.detail, ''), t.rule) FROM agents_resolutiontransition t
               WHERE t.resolution_id = r.id AND t.state = 'void' ORDER BY t.at DESC, t.id DESC LIMIT 1), '') ELSE '' END AS reason,
           count(*)
    FROM agents_resolution r JOIN agents_case c ON c.id = r.case_id
    WHERE c.contract_id = %(contract)s AND r.resolved_at >= %(from)s AND r.resolved_at < %(until)s
      AND (NOT r.is_payable OR r.verified_at >= %(until)s
           OR NOT EXISTS (SELECT 1 FROM billing_bookedline b WHERE b.resolution_id = r.id))
    GROUP BY 1, 2"""


def count_resolutions(*, contract: Contract, currency: str, start: date, end: date) -> list[dict[str, str | int]]:
    """Return the resolutions of a billing period by outcome: counted ones as they were verified, and those that do not count.

    Args:
        contract: whose period.
        currency: of the versions whose prices count.
        start: first day, in the contract's time zone.
        end: first day after it.

    Returns: `outcome`, `reason` and `count`, counted ones first, most frequent first. Outcomes: confirmed and assumed are
        counted; pending, later (verified after the period, so billed with a later one), unpriced, reopened, capped, void
        and held are not.
    """
    found = ContractVersion.objects.filter(contract=contract, currency=currency).exclude(status=VersionStatus.DRAFT)
    versions: Collection[int] = found.values_list("pk", flat=True)
    zone = zoneinfo.ZoneInfo(contract.timezone)
    asked: dict[str, Any] = {
        "versions": list(versions),
        "contract": contract.pk,
        "start": start,
        "from": periods.first_instant(day=start, timezone=zone),
        "until": periods.first_instant(day=end, timezone=zone),
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, asked)
        counted = [(state, "", count) for state, count in cursor.fetchall()]
        cursor.execute(UNCOUNTED, asked)
        uncounted = cursor.fetchall()
    rows = [*sorted(counted, reverse=True), *sorted(uncounted, key=_most_first)]
    return [{"outcome": outcome, "reason": reason, "count": count} for outcome, reason, count in rows]


def _most_first(row: tuple[str, str, int]) -> tuple[int, str, str]:
    return (-row[2], row[0], row[1])
