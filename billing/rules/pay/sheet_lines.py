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

    Returns: minor units.
    Source: design.md section 6, step 11.

    >>> round_line(kind="unit", amount=(1, 200), places=2), round_line(kind="floor", amount=(1, 1000), places=2)
    (1, 1)
    """
    mode: exact.Rounding = "ceiling" if kind in earnings.ROUNDED_UP else "half_up"
    return exact.round_ratio(numerator=amount[0] * 10**places, denominator=amount[1], mode=mode)


class Written(dict[Ratio | None, str]):
    """Numbers as stored lines write them, each written once: rates, hours and counts come again and again in a month of pay.

    >>> Written()[10, 8], Written()[None]
    ('1.25', '')
    """

    def __missing__(self, value: Ratio | None) -> str:
        """Write a number that was not asked for before; nothing where there is none."""
        text = self[value] = "" if value is None else exact.format_ratio(numerator=value[0], denominator=value[1])
        return text


def inputs_of(*, line: SheetLine, written: Written) -> dict[str, str]:
    """Return what a line was made from, as `earnings.Line.inputs` names it.

    Args:
        line: any line of a sheet.
        written: what was written of other lines; takes up what is new.

    Source: design.md section 6, "Explanation".

    >>> made = SheetLine("base", "Base pay", "hours.rate", "plan", None, None, None, (15, 2), 750, {"hours": (1, 2), "rate": (15, 1)}, {})
    >>> inputs_of(line=made, written=Written())
    {'hours': '0.5', 'rate': '15'}
    """
    return {**line.details, **{name: written[number] for name, number in line.numbers.items()}}
