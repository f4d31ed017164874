"""Post to the ledger what a pay run owes, and that it was sent."""

from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction

from billing.models import LedgerTransaction, PayRun, Settlement
from billing.operations import post_ledger
from billing.queries.ledger import party_balances
from billing.rules import ledger, money

# The settlement's balances by their account; an advance is owed to us, the others are owed by us.
KEPT = {"draw": ("advances", 1), "holdback": ("holdback", -1), "cap": ("deferred_pay", -1), "reversal": ("recovery", 1)}


def post_settlements(*, run: PayRun, posted_at: datetime, person_id: int | None) -> int:
    """Post every settlement of a run: what is owed now, and what moved to or from later. A second call posts nothing.

    An agent's balances in the ledger are brought to what the settlement leaves, so ledger and statement never differ.

    Args:
        run: approved; its settlements no longer change. It counts on the last day of its period, or today where that is earlier.
        posted_at: business instant.
        person_id: who posts.

    Returns: how many settlements were new to the ledger.
    Raises: UnableToPostLedger if one was posted before with other amounts.
    Source: design.md section 9.
    """
    # Final pay is posted before its month is over.
    on = min(date.fromordinal(run.period_end.toordinal() - 1), posted_at.date())
    settlements = list(Settlement.objects.filter(run=run).select_related("agent").order_by("agent__code"))
    keys = {f"settlement:{found.pk}" for found in settlements}
    known = set(LedgerTransaction.objects.filter(key__in=keys).values_list("key", flat=True))
    fresh = [found for found in settlements if f"settlement:{found.pk}" not in known]
    standing = party_balances(party="agent", on=on, ids=[found.agent_id for found in fresh])
    events = [_owed(settlement, standing.get(settlement.agent_id, {}), on) for settlement in fresh]
    return post_ledger.post_events(events=[event for event in events if event.postings], posted_at=posted_at, person_id=person_id)


def post_pay_sent(*, run: PayRun, paid_on: date, posted_at: datetime, person_id: int | None) -> int:
    """Post that a run's pay left the bank, settlement by settlement; a second call posts nothing.

    Returns: how many were new.
    Raises: UnableToPostLedger if one was posted before with another amount.
    """
    settlements = Settlement.objects.filter(run=run, total_micros__gt=0).select_related("agent").order_by("agent__code")
    events = [pay_sent(settlement=settlement, on=paid_on) for settlement in settlements]
    return post_ledger.post_events(events=events, posted_at=posted_at, person_id=person_id)


def payout_key(*, reference: str) -> str:
    """Return what the ledger calls a payment that left."""
    return f"payout:{reference}"


def pay_sent(*, settlement: Settlement, on: date, reference: str = "") -> post_ledger.Event:
    """Return the event that a settlement's pay left the bank, under the reference of the payment where there is one."""
    return post_ledger.Event(
        key=payout_key(reference=reference or str(settlement.pk)),
        kind=LedgerTransaction.Kind.PAYOUT,
        on=on,
        words=f"Pay of {settlement.agent} for {settlement.period_start:%B %Y} sent",
        currency=settlement.currency,
        postings=ledger.post_payout(agent_id=settlement.agent_id, amount=settlement.total_micros),
    )


def _owed(settlement: Settlement, standing: Mapping[tuple[str, str], int], on: date) -> post_ledger.Event:
    before = {name: sign * standing.get((account, settlement.currency), 0) for name, (account, sign) in KEPT.items()}
    left = settlement.evidence.get("balances", {})
    after = {name: int(Fraction(left.get(name, 0)) * money.MICROS) for name in KEPT}
    return post_ledger.Event(
        key=f"settlement:{settlement.pk}",
        kind=LedgerTransaction.Kind.SETTLEMENT,
        on=on,
        words=f"Pay of {settlement.agent} for {settlement.period_start:%B %Y}",
        currency=settlement.currency,
        postings=ledger.post_settlement(
            agent_id=settlement.agent_id,
            total=settlement.total_micros,
            before=ledger.AgentBalances(**before),
            after=ledger.AgentBalances(**after),
        ),
    )
