"""Propose to take back what was paid for resolutions that fell later. A person decides; nothing is taken back by itself.

Nor is it given back by itself when such a resolution counts again: it is held, and the hold says what a person has to do.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

import pghistory
import polars as pl
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from agents.operations.holds import holds
from billing.models import Earning, Reversal, Settlement, SettlementLine
from billing.models.corrections import Decision
from billing.models.settlements import SettlementStatus
from billing.queries import unit_amounts
from billing.rules import money
from contracts.models import PayPlanVersion
from contracts.rules import exact

FIXED = (SettlementStatus.APPROVED, SettlementStatus.POSTED, SettlementStatus.PAID)
FALLEN = Q(resolution__is_payable=False) | Q(resolution__correction="deduct_later")


@dataclass(frozen=True, kw_only=True)
class ProposalReport:
    """How many reversals were proposed, and what became of those whose resolution counts again.

    Undecided ones are dropped; approved ones are held, until somebody gave the money back.
    """

    proposed_count: int
    dropped_count: int
    held_count: int


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
        held_count = _hold_reversed_but_payable(as_of)
    return ProposalReport(proposed_count=len(made), dropped_count=dropped_count, held_count=held_count)


def _hold_reversed_but_payable(as_of: datetime) -> int:
    """Hold each resolution that counts again after a person approved to take it back; one that fell again is released."""
    approved = Reversal.objects.filter(status=Decision.APPROVED).exclude(FALLEN)
    # Where one agent gets all of it and that is somebody else now, booking holds it for that reason.
    still_theirs = Q(resolution__agent=F("agent")) | Q(cited_line__settlement__plan_version__crediting=PayPlanVersion.Crediting.EQUAL)
    found: dict[int, list[Reversal]] = defaultdict(list)
    for reversal in approved.filter(still_theirs).select_related("agent", "resolution__case").order_by("resolution", "agent"):
        found[reversal.resolution_id].append(reversal)
    rows = [
        {
            "resolution_id": resolution_id,
            "message": " ".join(_tell_give_back(reversal) for reversal in reversals),
            "amount_micros": sum(reversal.paid_micros for reversal in reversals),
            "currency": reversals[0].currency,
        }
        for resolution_id, reversals in found.items()
    ]
    holds.sync_holds(reason=holds.REVERSED_BUT_PAYABLE, wanted=pl.DataFrame(rows, schema=holds.WANTED_SCHEMA), as_of=as_of)
    return len(rows)


def _tell_give_back(reversal: Reversal) -> str:
    places = money.currency_places(currency=reversal.currency)
    amount = exact.write_rounded(value=money.from_micros(micros=reversal.paid_micros), places=places)
    return (
        f"Case {reversal.resolution.case.key} counts again, but on {reversal.decided_at:%Y-%m-%d} it was decided to take back what it "
        f"brought {reversal.agent} ({amount} {reversal.currency}). Enter an adjustment for {reversal.agent} of what was taken back, let "
        "another person approve it, then release this hold with a note."
    )


def _reversals(fallen: list[Earning], as_of: datetime) -> list[Reversal]:
    settlements = list(
        Settlement.objects.filter(pk__in={earning.settlement_id for earning in fallen}).select_related("agent__site", "run__site")
    )
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
