"""Dated exchange rates into the pay currencies of a scope's agents."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from fractions import Fraction

from billing.models import ExchangeRate
from billing.rules.pay import facts


def read_rates(*, currencies: Collection[str], before: date) -> dict[str, tuple[facts.ExchangeRate, ...]]:
    """Read the rates known for days before one, by pay currency, in one query.

    Args:
        currencies: pay currencies.
        before: first day after the pay period; a rate that starts later can convert nothing of it.
    """
    found: dict[str, list[facts.ExchangeRate]] = defaultdict(list)
    rows = ExchangeRate.objects.filter(pay_currency__in=set(currencies), starts_on__lt=before).order_by("currency", "starts_on")
    for row in rows:
        rate = facts.ExchangeRate(currency=row.currency, starts_on=row.starts_on, rate=Fraction(row.rate))
        found[row.pay_currency].append(rate)
    return {currency: tuple(rates) for currency, rates in found.items()}


def used_rates(
    *, rates: Collection[facts.ExchangeRate], currencies: Collection[str], start: date, end: date
) -> tuple[facts.ExchangeRate, ...]:
    """Return those of some rates that could convert anything of a period: in force on one of its days.

    Args:
        rates: rates into one pay currency.
        currencies: currencies of the agent's credits and amounts.
        start, end: days of the period, the end exclusive.

    >>> from fractions import Fraction as F
    >>> old, new = (facts.ExchangeRate(currency="EUR", starts_on=date(2026, month, 1), rate=F(1)) for month in (1, 3))
    >>> used_rates(rates=[old, new], currencies={"EUR"}, start=date(2026, 3, 1), end=date(2026, 4, 1)) == (new,)
    True
    """
    kept = []
    for currency in sorted(set(currencies)):
        known = sorted((rate for rate in rates if rate.currency == currency and rate.starts_on < end), key=lambda rate: rate.starts_on)
        first = max((rate.starts_on for rate in known if rate.starts_on <= start), default=date.min)
        kept += [rate for rate in known if rate.starts_on >= first]
    return tuple(kept)
