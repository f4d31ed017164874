"""Prepaid credits: what is left of them on a day, the oldest used first, and none after it expired."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from contracts.rules import calendar_months, errors

ZERO = Fraction(0)


class InvalidPrepaid(errors.InvalidInput):
    """More was used than there was on a day."""


@dataclass(frozen=True, kw_only=True)
class Moved:
    """An amount granted or used on a day, major unit, more than zero."""

    on: date
    amount: Fraction


def left_on(*, grants: Sequence[Moved], uses: Sequence[Moved], day: date, expiry_months: int | None = None) -> Fraction:
    """Return how much prepaid credit can be used on a day.

    Args:
        grants: what was paid in advance.
        uses: what invoices that are not void used, each on a day when there was enough.
        day: the day.
        expiry_months: a grant can be used until the day before it turns so many months old; None is without end.

    Raises: InvalidPrepaid if a use was more than there was.
    Source: design.md section 5, "prepaid credits".

    >>> grants = [Moved(on=date(2016, 1, 31), amount=Fraction(100))]
    >>> [str(left_on(grants=grants, uses=(), day=day, expiry_months=1)) for day in (date(2016, 2, 28), date(2016, 2, 29))]
    ['100', '0']
    """
    lots = [(grant.on, grant.amount) for grant in sorted(grants, key=lambda grant: grant.on) if grant.on <= day]
    for use in sorted((use for use in uses if use.on <= day), key=lambda use: use.on):
        rest = use.amount
        # What had expired by this count comes last: it was used under terms in which it had not, and is gone all the same.
        for place in sorted(range(len(lots)), key=lambda place: _has_expired(lots[place][0], use.on, expiry_months)):
            on, amount = lots[place]
            taken = min(rest, amount) if on <= use.on else ZERO
            lots[place] = (on, amount - taken)
            rest -= taken
        if rest > 0:
            raise InvalidPrepaid(f"on {use.on} {use.amount} was used, {rest} more than there was.")
    return sum((amount for on, amount in lots if not _has_expired(on, day, expiry_months)), ZERO)


def _has_expired(granted: date, day: date, months: int | None) -> bool:
    return months is not None and day >= calendar_months.add_months(day=granted, months=months)
