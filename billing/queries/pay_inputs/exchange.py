"""Dated exchange rates into the pay currencies of a scope's agents."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from fractions import Fraction

from billing.rules.pay import facts

# A rate that starts after the pay period can convert nothing of it.
RATES = """
    SELECT pay_currency, currency, starts_on, rate::text AS rate FROM billing_exchangerate
    WHERE pay_currency = ANY(%(currencies)s) AND starts_on < %(end)s
    ORDER BY currency, starts_on"""


def rates_of(*, rows: Iterable[Mapping[str, str]]) -> dict[str, tuple[facts.ExchangeRate, ...]]:
    """Return the rates known in a period, by pay currency.

    Args:
        rows: of RATES.
    """
    found: dict[str, list[facts.ExchangeRate]] = defaultdict(list)
    for row in rows:
        starts_on = date.fromisoformat(row["starts_on"])
        rate = facts.ExchangeRate(currency=row["currency"], starts_on=starts_on, rate=Fraction(row["rate"]))
        found[row["pay_currency"]].append(rate)
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
