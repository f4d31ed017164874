"""Lines of a sheet: amounts as quotients of whole numbers, rounded once, and written as stored lines are."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from billing.rules.pay import earnings
from contracts.rules import exact

# Numerator and denominator, the denominator above zero; not reduced before it is written.
Ratio = tuple[int, int]


class SheetLine(NamedTuple):
    """One line: what `earnings.Line` holds before its numbers are written. Made for millions, hence a plain tuple.

    `minor` is the amount in minor units, rounded. `numbers` alone recompute `exact`.
    """

    kind: earnings.Kind
    label: str
    rule: str
    source: str
    week: date | None
    quantity: Ratio | None
    rate: Ratio | None
    exact: Ratio
    minor: int
    numbers: Mapping[str, Ratio]
    details: Mapping[str, str]


def round_line(*, kind: earnings.Kind, amount: Ratio, places: int) -> int:
    """Round a line's exact amount to minor units, as `earnings.round_earning` does.

    Args:
        kind: legal minima round up.
        amount: in the major unit.
        places: decimals of the currency, zero or more.

    >>> round_line(kind="unit", amount=(1, 200), places=2), round_line(kind="floor", amount=(1, 1000), places=2)
    (1, 1)
    """
    mode: exact.Rounding = "ceiling" if kind in earnings.ROUNDED_UP else "half_up"
    return exact.round_ratio(numerator=amount[0] * 10**places, denominator=amount[1], mode=mode)


def write_ratio(*, value: Ratio | None) -> str:
    """Write a number as a stored line does; nothing where there is none."""
    return "" if value is None else exact.format_ratio(numerator=value[0], denominator=value[1])


def inputs_of(*, line: SheetLine) -> dict[str, str]:
    """Return what a line was made from, as `earnings.Line.inputs` names it.

    >>> made = SheetLine("base", "Base pay", "hours.rate", "plan", None, None, None, (15, 2), 750, {"hours": (1, 2), "rate": (15, 1)}, {})
    >>> inputs_of(line=made)
    {'hours': '0.5', 'rate': '15'}
    """
    numbers = {name: exact.format_ratio(numerator=above, denominator=below) for name, (above, below) in line.numbers.items()}
    return {**line.details, **numbers}
