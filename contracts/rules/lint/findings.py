"""What lint finds in terms: what is wrong, where, how much money is at stake, and what to do."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from contracts.rules import errors, exact

Severity = Literal["error", "warning"]

CENTS = 2
PLACES_SHOWN = 4


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing in terms that would surprise somebody later.

    Args:
        code: stable name of the check, such as "total_falls".
        severity: an error stops an activation; a warning is shown and can be accepted.
        path: where in the document it lies, outermost part first.
        what: what is wrong, as a person would say it.
        remedy: what to do about it.
        amount: money at stake in the major unit, exact; None where it cannot be known.
        amount_of: what the amount is for, such as "each time the bound is crossed"; empty without an amount.
    """

    code: str
    severity: Severity
    path: tuple[errors.PathPart, ...]
    what: str
    remedy: str
    amount: Fraction | None = None
    amount_of: str = ""

    def inside(self, *outer: errors.PathPart) -> "Finding":
        """Return the same finding, seen from a document that holds the terms at `outer`."""
        return replace(self, path=(*outer, *self.path))


def show_amount(value: Fraction) -> str:
    """Write an amount as people read it: grouped, with cents, and with more decimals only where there are some.

    An amount that does not end within four decimals is cut there; the finding itself carries it exactly.

    Args:
        value: in the major unit, above or below zero.

    Source: docs/lint.md.

    >>> show_amount(Fraction(33022, 10)), show_amount(Fraction(1, 8)), show_amount(Fraction(-1, 3))
    ('3,302.20', '0.125', '-0.3333')
    """
    return _group(value, CENTS)


def show_count(value: Fraction) -> str:
    """Write a count as people read it.

    Args:
        value: units, whole or in parts; at most four decimals are shown.

    Source: docs/lint.md.

    >>> show_count(Fraction(1500)), show_count(Fraction(3, 2))
    ('1,500', '1.5')
    """
    return _group(value, 0)


def show_cases(count: Fraction) -> str:
    """Write a count of cases.

    Args:
        count: cases, zero or more.

    Source: docs/lint.md.

    >>> show_cases(Fraction(1)), show_cases(Fraction(41))
    ('1 case', '41 cases')
    """
    return "1 case" if count == 1 else f"{show_count(count)} cases"


def show_percent(part: Fraction) -> str:
    """Write a part of one as percent.

    Args:
        part: of one; 18/100 is 18 percent.

    Source: docs/lint.md.

    >>> show_percent(Fraction(18, 100))
    '18%'
    """
    return f"{show_count(part * 100)}%"


def _group(value: Fraction, places_min: int) -> str:
    rounded = exact.round_exact(value=value, places=PLACES_SHOWN)
    whole, _, decimals = exact.format_exact(value=abs(rounded)).partition(".")
    decimals = decimals.ljust(places_min, "0")
    sign = "-" if rounded < 0 else ""
    return f"{sign}{int(whole):,}{'.' if decimals else ''}{decimals}"
