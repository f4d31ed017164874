"""A client's account months as the post-sale measures read them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db.models import QuerySet

from agents.models import AccountMonth
from agents.rules import after_sale

MICROS = 1_000_000
PLAIN = after_sale.AccountMonth._fields[:-1]


@dataclass(frozen=True, kw_only=True)
class KnownAccounts:
    """Account months of a year up to a month, in the currency that most revenue is in; other currencies are told as unknown."""

    rows: tuple[after_sale.AccountMonth, ...]
    currency: str
    foreign_count: int
    account_count: int


def list_months(*, months: QuerySet[AccountMonth]) -> tuple[date, ...]:
    """Return the months of which anything is known, newest first, in one query."""
    return tuple(months.order_by("-month").values_list("month", flat=True).distinct())


def read_accounts(*, months: QuerySet[AccountMonth], last: date, first: date) -> KnownAccounts:
    """Read what measures from `first` to `last` need, the year before it for revenue included, in one query.

    Args:
        months: of one client.
        last: first day of the last month.
        first: first day of the first month.
    """
    since = min(first, date(last.year - 1, last.month, 1))
    found = list(months.filter(month__gte=since, month__lte=last).values_list(*PLAIN, "recurring_micros", "currency"))
    currency = _currency([(row[-1], row[-2]) for row in found if row[-1]])
    # Most accounts bring the same every month.
    revenues = {micros: Fraction(micros, MICROS) for micros in {row[-2] for row in found} if micros is not None}
    rows = tuple(after_sale.AccountMonth._make((*row[:-2], revenues.get(row[-2]) if row[-1] == currency else None)) for row in found)
    return KnownAccounts(
        rows=rows,
        currency=currency,
        foreign_count=len({row[0] for row in found if row[-1] and row[-1] != currency}),
        account_count=len({row.account for row in rows if row.month == last}),
    )


def _currency(told: Sequence[tuple[str, int]]) -> str:
    sums: Counter[str] = Counter()
    for currency, micros in told:
        sums[currency] += micros
    return max(sorted(sums), key=lambda currency: sums[currency], default="")
