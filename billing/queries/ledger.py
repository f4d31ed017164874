"""Balances of the ledger: by account, agent or client, at any day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q, Sum

from billing.models import Account, LedgerEntry


@dataclass(frozen=True, kw_only=True)
class TrialRow:
    """One account in one currency: what stood before a period, what moved in it, and what stands after, in micros."""

    account: str
    label: str
    currency: str
    before: int
    debits: int
    credits: int
    after: int


def trial_balance(*, first: date, last: date, client_ids: Collection[int] | None = None) -> list[TrialRow]:
    """Return every account that ever moved, by currency, in the order of the chart of accounts.

    Args:
        first: first day of the period.
        last: last day of it.
        client_ids: only what concerns these clients; None is everything, and then each currency adds up to zero.

    Returns: debits above zero and credits below; `after` = `before` + `debits` + `credits`.
    """
    inside = Q(on__gte=first)
    entries = LedgerEntry.objects.filter(on__lte=last)
    if client_ids is not None:
        entries = entries.filter(client_id__in=client_ids)
    found = entries.values("account", "currency").annotate(
        before=Sum("amount_micros", filter=~inside, default=0),
        debits=Sum("amount_micros", filter=inside & Q(amount_micros__gt=0), default=0),
        credits=Sum("amount_micros", filter=inside & Q(amount_micros__lt=0), default=0),
    )
    order = {value: place for place, value in enumerate(Account.values)}
    rows = [
        TrialRow(
            account=row["account"],
            label=str(Account(row["account"]).label),
            currency=row["currency"],
            before=int(row["before"]),
            debits=int(row["debits"]),
            credits=int(row["credits"]),
            after=int(row["before"] + row["debits"] + row["credits"]),
        )
        for row in found
    ]
    return sorted(rows, key=lambda row: (row.currency, order[row.account]))


def party_balances(*, party: str, on: date, ids: Collection[int] | None = None) -> dict[int, dict[tuple[str, str], int]]:
    """Return what each agent's or client's accounts hold at the end of a day.

    Args:
        party: "agent" or "client".
        on: the day.
        ids: only these; None is everybody.

    Returns: micros by account and currency, by id of the party; balances of zero are left out.
    """
    entries = LedgerEntry.objects.filter(on__lte=on, **{f"{party}__isnull": False})
    if ids is not None:
        entries = entries.filter(**{f"{party}_id__in": list(ids)})
    rows = entries.values_list(f"{party}_id", "account", "currency").annotate(total=Sum(F("amount_micros"))).exclude(total=0)
    found: dict[int, dict[tuple[str, str], int]] = {}
    for party_id, account, currency, total in rows:
        found.setdefault(party_id, {})[account, currency] = int(total)
    return found
