"""The payments of a run as people follow them: who gets how much on which account, and how far it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from billing.models import BankAccount, PayoutItem, PayRun, Settlement
from contracts.translation import gettext_lazy as _

# An account is missing before it is open: nothing can be ordered then.
STATE_WORDS = {
    "no_account": _("No bank account"),
    "open": _("To be ordered"),
    "exported": _("Ordered"),
    "paid": _("Paid"),
    "returned": _("Returned, to be ordered again"),
    "nothing": _("Nothing to pay"),
}


@dataclass(frozen=True, kw_only=True)
class Payment:
    """One agent of a run: the latest payment, if any was ordered, and the account, masked, of the day asked for."""

    agent_id: int
    name: str
    currency: str
    amount_micros: int
    account: str
    state: str
    reference: str
    answered_on: date | None
    answer: str
    attempt_count: int

    @property
    def words(self) -> str:
        """How far it is."""
        return STATE_WORDS[self.state]

    @property
    def can_be_ordered(self) -> bool:
        """Whether an order would hold it."""
        return self.state in ("open", "returned")


def list_payments(*, run: PayRun, on: date) -> list[Payment]:
    """Return the payments of a run in order of name, in three queries.

    Args:
        run: posted or paid; another has none.
        on: day that accounts are asked for.
    """
    settlements = Settlement.objects.filter(run=run).order_by("agent__name", "agent__code")
    rows = list(settlements.values_list("pk", "agent", "agent__name", "currency", "total_micros", "status"))
    accounts = _accounts(run, on)
    items: dict[int, list[PayoutItem]] = {}
    for item in PayoutItem.objects.filter(settlement__run=run).order_by("pk"):
        items.setdefault(item.settlement_id, []).append(item)
    return [_payment(row, accounts, items.get(row[0], [])) for row in rows]


def _accounts(run: PayRun, on: date) -> dict[int, str]:
    paid = Settlement.objects.filter(run=run).order_by().values("agent")
    in_force = BankAccount.objects.filter(Q(effective_to=None) | Q(effective_to__gt=on), agent__in=paid, effective_from__lte=on)
    return {account.agent_id: account.masked for account in in_force}


def _payment(row: tuple[int, int, str, str, int, str], accounts: dict[int, str], items: Sequence[PayoutItem]) -> Payment:
    _other, agent_id, name, currency, total, status = row
    last = items[-1] if items else None
    return Payment(
        agent_id=agent_id,
        name=name,
        currency=currency,
        amount_micros=total,
        account=accounts.get(agent_id, ""),
        state=_state(total, status, accounts.get(agent_id, ""), last),
        reference=last.reference if last else "",
        answered_on=last.answered_on if last else None,
        answer=last.answer if last else "",
        attempt_count=len(items),
    )


def _state(total: int, status: str, account: str, last: PayoutItem | None) -> str:
    if total <= 0:
        return "nothing"
    if last is None and status == "paid":
        return "paid"
    if last is not None and last.status != PayoutItem.Status.RETURNED:
        return str(last.status)
    if not account:
        return "no_account"
    return "returned" if last else "open"
