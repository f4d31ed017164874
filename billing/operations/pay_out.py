"""Record what became of pay that was ordered: paid or returned, with the ledger and the run following."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import User
from billing.models import PayoutItem, PayRun, Settlement
from billing.models.settlements import SettlementStatus
from billing.operations import post_ledger, post_settlements
from billing.operations.lock_pay_run import lock_pay_run

Status = PayRun.Status


class UnableToMarkPaid(Exception):
    """A run that was not posted, a day before it could be paid, or payments that nobody ordered."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one payment: the day, and the bank's words where it gave some."""

    item: PayoutItem
    on: date
    words: str = ""


def mark_pay_run_paid(*, run_id: int, person: User, paid_on: date, as_of: datetime) -> PayRun:
    """Record that the money of a posted run was sent, without an answer of the bank.

    A run that was handed to payroll as a whole has no payments of its own: each settlement is paid then. Where payments were
    ordered from the bank, every one that is still open is paid, and all settlements must have one.

    Args:
        run_id: a posted run.
        person: who says so.
        paid_on: when the money was sent.
        as_of: business instant.

    Raises: UnableToMarkPaid; nothing is written then.
    Source: design.md section 9.
    """
    with transaction.atomic(), pghistory.context(user=person.pk, act="mark pay run paid"):
        run = lock_pay_run(run_id=run_id)
        if run.status != Status.POSTED or run.posted_at is None:
            raise UnableToMarkPaid(
                _("%(run)s is %(lower)s; only a posted run can be paid.") % {"run": run, "lower": run.get_status_display().lower()}
            )
        if paid_on < run.period_end and run.agent_id is None:
            raise UnableToMarkPaid(
                _("%(run)s ends before %(period_end)s; it cannot have been paid on %(paid_on)s.")
                % {"run": run, "period_end": run.period_end, "paid_on": paid_on}
            )
        if not PayoutItem.objects.filter(settlement__run=run).exists():
            post_settlements.post_pay_sent(run=run, paid_on=paid_on, posted_at=as_of, person_id=person.pk)
            _close(run, paid_on)
            return run
        left_out = unordered(run=run)
        if left_out:
            raise UnableToMarkPaid(
                _("No payment is under way for %(left_out)s; order it, then read what the bank answers.")
                % {"left_out": ", ".join(left_out)}
            )
        still = PayoutItem.objects.filter(settlement__run=run, status=PayoutItem.Status.EXPORTED)
        outcomes = [Outcome(item=item, on=paid_on, words=f"said by {person}") for item in still.select_related("settlement__agent")]
        record_paid(run=run, outcomes=outcomes, posted_at=as_of, person_id=person.pk)
    return run


def unordered(*, run: PayRun) -> list[str]:
    """Return the names of agents whose pay is neither paid nor under way."""
    settlements = Settlement.objects.filter(run=run, total_micros__gt=0).select_related("agent").order_by("agent__name", "agent__code")
    under_way = PayoutItem.objects.filter(settlement__run=run).exclude(status=PayoutItem.Status.RETURNED).values("settlement")
    return [found.agent.name for found in settlements.exclude(pk__in=under_way).defer("evidence")]


def record_paid(*, run: PayRun, outcomes: Sequence[Outcome], posted_at: datetime, person_id: int | None) -> None:
    """Mark ordered payments as paid, post that the money left, and close the run once nothing is left to pay.

    Args:
        run: locked by the caller's transaction.
        outcomes: payments that are under way, each once.
        posted_at: business instant.
        person_id: who read the answer.

    Raises: UnableToPostLedger if one was posted before with another amount.
    """
    _answer(outcomes, PayoutItem.Status.PAID)
    events = [post_settlements.pay_sent(settlement=one.item.settlement, on=one.on, reference=one.item.reference) for one in outcomes]
    post_ledger.post_events(events=events, posted_at=posted_at, person_id=person_id)
    ids = [one.item.settlement_id for one in outcomes]
    Settlement.objects.filter(pk__in=ids, status=SettlementStatus.POSTED).update(status=SettlementStatus.PAID)
    paid = PayoutItem.objects.filter(settlement__run=run, status=PayoutItem.Status.PAID)
    open_ones = Settlement.objects.filter(run=run, total_micros__gt=0).exclude(pk__in=paid.values("settlement"))
    if run.status == Status.POSTED and not open_ones.exists():
        days = [day for day in paid.values_list("answered_on", flat=True) if day is not None]
        _close(run, max(days))


def record_returned(*, run: PayRun, outcomes: Sequence[Outcome], posted_at: datetime, person_id: int | None) -> None:
    """Mark payments as returned: what was posted as sent is reversed, the pay is owed again and can be ordered again.

    Args:
        run: locked by the caller's transaction; a paid one is posted again.
        outcomes: payments that are under way or were paid, each once.
        posted_at: business instant.
        person_id: who read the answer.

    Source: design.md section 9: undo by reversal only.
    """
    were_paid = [one for one in outcomes if one.item.status == PayoutItem.Status.PAID]
    _answer(outcomes, PayoutItem.Status.RETURNED)
    for one in were_paid:
        words = f"Pay of {one.item.settlement.agent} returned by the bank: {one.words or 'no reason given'}"
        key = post_settlements.payout_key(reference=one.item.reference)
        post_ledger.reverse_event(key=key, on=one.on, words=words, posted_at=posted_at, person_id=person_id)
    ids = [one.item.settlement_id for one in were_paid]
    Settlement.objects.filter(pk__in=ids, status=SettlementStatus.PAID).update(status=SettlementStatus.POSTED)
    if were_paid and run.status == Status.PAID:
        run.status, run.paid_on = Status.POSTED, None
        run.save(update_fields=["status", "paid_on"])


def _answer(outcomes: Sequence[Outcome], status: PayoutItem.Status) -> None:
    for one in outcomes:
        one.item.status, one.item.answered_on, one.item.answer = status, one.on, one.words[:200]
    PayoutItem.objects.bulk_update([one.item for one in outcomes], ["status", "answered_on", "answer"], batch_size=500)


def _close(run: PayRun, paid_on: date) -> None:
    run.status, run.paid_on = Status.PAID, paid_on
    run.save(update_fields=["status", "paid_on"])
    Settlement.objects.filter(run=run, status=SettlementStatus.POSTED).update(status=SettlementStatus.PAID)
