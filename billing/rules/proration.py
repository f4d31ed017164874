"""A part of a period's amount, by its days."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from billing.rules import explain, money
from contracts.rules import errors, exact


class InvalidProration(errors.InvalidInput):
    """Days that are no part of a period."""


@dataclass(frozen=True, kw_only=True)
class ProratedLine:
    """One prorated amount, rounded and exact."""

    amount: Fraction
    exact: Fraction


@dataclass(frozen=True, kw_only=True)
class Prorated:
    """Prorated amounts, their rounded and exact sums, and the steps."""

    amount: Fraction
    exact: Fraction
    lines: tuple[ProratedLine, ...]
    steps: tuple[explain.Step, ...]


def share_of_days(*, days: Fraction, period_days: Fraction) -> Fraction:
    """Return the part of a period that some of its days are.

    Args:
        days: zero or more.
        period_days: days of the whole period, more than zero.

    Returns: days ÷ period_days, exact.
    Raises: InvalidProration if a number is out of range.
    Source: formats.md, `prorate` and `commitment`.

    >>> share_of_days(days=Fraction(10), period_days=Fraction(30))
    Fraction(1, 3)
    """
    if days < 0:
        raise InvalidProration("Days are zero or more.", path=("days",))
    if period_days <= 0:
        raise InvalidProration("A period has more than zero days.", path=("period_days",))
    return days / period_days


def prorate_amounts(*, amounts: Sequence[Fraction], days: Fraction, period_days: Fraction, rounding: money.Round) -> Prorated:
    """Take the days' part of each amount, rounded one by one, negative ones too.

    Args:
        amounts: major unit, of either sign.
        days: zero or more.
        period_days: days of the whole period, more than zero.
        rounding: how each line is rounded.

    Returns: the lines; their total adds the rounded ones.
    Raises: InvalidProration if the days are out of range.
    Source: formats.md, `prorate`.

    >>> half = prorate_amounts(amounts=[Fraction("0.01")] * 2, days=Fraction(1), period_days=Fraction(2), rounding=money.Round(places=2))
    >>> str(half.amount), str(half.exact)
    ('1/50', '1/100')
    """
    share = share_of_days(days=days, period_days=period_days)
    lines = tuple(ProratedLine(amount=rounding.apply(amount * share), exact=amount * share) for amount in amounts)
    steps = tuple(
        explain.Step(
            rule="prorate",
            inputs={"amount": amount, "days": days, "period_days": period_days},
            result=line.exact,
            words=f"{_show(amount)} for {_show(days)} of {_show(period_days)} days.",
        )
        for amount, line in zip(amounts, lines, strict=True)
    )
    total = sum((line.amount for line in lines), Fraction(0))
    return Prorated(amount=total, exact=sum((line.exact for line in lines), Fraction(0)), lines=lines, steps=steps)


def _show(value: Fraction) -> str:
    return exact.format_exact(value=value)
