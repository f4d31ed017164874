"""Lines whose rounded amounts add up: each is the difference of the rounded running total."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from billing.rules import money


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a result.

    Args:
        kind: tier, usage_discount, percent_discount, maximum, minimum, booked, credits or phase.
        quantity: what the line counts; None for a step about money.
        unit_amount: amount of one quantity; None where there is no such amount.
        flat_amount: amount added once; None for a step.
        exact: the line's amount in the major unit, not rounded.
        amount: the line's amount, rounded so that lines add up to the rounded total.
        units: units behind the quantity, where blocks or packages are counted.
        tier: position of the tier, from 0; None where there is none.
        inputs: what a step read, by name; a tier reads its quantity and amounts.
        words: why, as one sentence.
    """

    kind: str
    quantity: Fraction | None = None
    unit_amount: Fraction | None = None
    flat_amount: Fraction | None = None
    exact: Fraction
    amount: Fraction = Fraction(0)
    units: Fraction | None = None
    tier: int | None = None
    inputs: Mapping[str, Fraction] = field(default_factory=dict)
    words: str = ""


def round_running(*, amounts: Iterable[Fraction], rounding: money.Round) -> tuple[Fraction, ...]:
    """Round amounts so that they add up: each is the rounded running total less the one before.

    Args:
        amounts: exact amounts in the major unit, in order.
        rounding: how a total is rounded.

    Returns: rounded amounts; their sum is the rounded sum.
    Source: formats.md, `price`: "amounts are differences of the rounded running total".

    >>> thirds = [Fraction(1, 3)] * 3
    >>> [str(amount) for amount in round_running(amounts=thirds, rounding=money.Round(places=2))]
    ['33/100', '17/50', '33/100']
    """
    rounded = []
    running = shown = Fraction(0)
    for amount in amounts:
        running += amount
        total = rounding.apply(running)
        rounded.append(total - shown)
        shown = total
    return tuple(rounded)
