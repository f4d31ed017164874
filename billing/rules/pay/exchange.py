"""Exchange: an amount in another currency becomes pay at the dated rate of its day."""

from collections.abc import Sequence
from datetime import date

from billing.rules.pay import facts
from contracts.rules import errors


class MissingExchangeRate(errors.InvalidInput):
    """A currency without a rate on the day of an amount."""


class AmbiguousExchangeRate(errors.InvalidInput):
    """Two different rates of one currency that begin on one day."""


def find_rate(
    *, currency: str | None, pay_currency: str, day: date, rates: Sequence[facts.ExchangeRate], path: tuple[str | int, ...]
) -> facts.ExchangeRate | None:
    """Return the rate in force on a day, or None for an amount in the pay currency.

    Args:
        currency: currency of the amount; None is the pay currency.
        pay_currency: currency of the settlement.
        day: local day of the amount.
        rates: dated rates into the pay currency, in any order.
        path: where the currency stands in the agent's facts.

    Raises: MissingExchangeRate if no rate is in force on that day; AmbiguousExchangeRate if two are.
    Source: formats.md, "pay"; design.md section 6.

    >>> from fractions import Fraction
    >>> spring = facts.ExchangeRate(currency="EUR", starts_on=date(2026, 4, 1), rate=Fraction(11, 10))
    >>> find_rate(currency="EUR", pay_currency="USD", day=date(2026, 5, 2), rates=[spring], path=()).rate
    Fraction(11, 10)
    """
    if currency is None or currency == pay_currency:
        return None
    in_force = [rate for rate in rates if rate.currency == currency and rate.starts_on <= day]
    if not in_force:
        raise MissingExchangeRate(
            f"There is no exchange rate from {currency} to {pay_currency} on {day}; add one that is in force from that day or before.",
            path=path,
        )
    latest = max(in_force, key=lambda rate: rate.starts_on)
    if any(rate.rate != latest.rate for rate in in_force if rate.starts_on == latest.starts_on):
        raise AmbiguousExchangeRate(
            f"There are two exchange rates from {currency} to {pay_currency} from {latest.starts_on} on; keep the right one.",
            path=("exchange_rates",),
        )
    return latest
