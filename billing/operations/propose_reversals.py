"""Propose to take back what was paid for resolutions that fell later. A person decides; nothing is taken back by itself."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

import pghistory
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from billing.models import Earning, Reversal, Settlement, SettlementLine
from billing.models.corrections import Decision
from billing.models.settlements import SettlementStatus
from billing.queries import unit_amounts
from billing.rules import money
from contracts.rules import exact

FIXED = (SettlementStatus.APPROVED, SettlementStatus.POSTED, SettlementStatus.PAID)
FALLEN = Q(resolution__is_payable=False) | Q(resolution__correction="deduct_later")


@dataclass(frozen=True, kw_only=True)
class ProposalReport:
    """How many reversals were proposed, and how many proposals were dropped because the resolution counts again."""

    proposed_count: int
    dropped_count: int


def propose_reversals(*, as_of: datetime) -> ProposalReport:
    """Propose a reversal for each paid earning whose resolution is no longer payable; a second run proposes nothing.

    Args:
        as_of: business instant that the proposals carry.

    Returns: the counts.
    Source: design.md section 6: after a unit was paid, nothing is taken back automatically.
    """
    with transaction.atomic(), pghistory.context(act="propose reversals"):
        standing = Reversal.objects.filter(status=Decision.PROPOSED).exclude(FALLEN)
        dropped_count, _ = standing.delete()
        known = Reversal.objects.filter(agent=OuterRef("agent"), resolution=OuterRef("resolution"))
        fallen = Earning.objects.filter(FALLEN, ~Exists(known), settlement__status__in=FIXED, line_position__gt=0).order_by("pk")
        made = _reversals(list(fallen), as_of)
        Reversal.objects.bulk_create(made, ignore_conflicts=True)
    return ProposalReport(proposed_count=len(made), dropped_count=dropped_count)


def _reversals(fallen: list[Earning], as_of: datetime) -> list[Reversal]:
    settlements = list(Settlement.objects.filter(pk__in={earning.settlement_id for earning in fallen}).select_related("agent__site"))
    currencies = {settlement.pk: settlement.currency for settlement in settlements}
    amounts = unit_amounts.amounts_of_settlements(settlements=settlements)
    lines: dict[int, dict[int, int]] = defaultdict(dict)
    for pk, settlement_id, position in SettlementLine.objects.filter(settlement__in=currencies).values_list("pk", "settlement", "position"):
        lines[settlement_id][position] = pk
    return [
        Reversal(
            agent_id=earning.agent_id,
            resolution_id=earning.resolution_id,
            cited_line_id=lines[earning.settlement_id][earning.line_position],
            paid_micros=_micros(amounts[earning.settlement_id][earning.resolution_id]),
            currency=currencies[earning.settlement_id],
            proposed_at=as_of,
        )
        for earning in fallen
    ]


def _micros(amount: unit_amounts.UnitAmount) -> int:
    return int(exact.round_exact(value=amount.total * money.MICROS, places=0))
