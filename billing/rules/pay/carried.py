"""What the earlier part of a workweek tells the rules of the later one, where a pay period cuts it.

A workweek is one whole to the law. Of each kind of pay the later part pays its own hours as the whole week gives them, and what the
earlier part lacks by then; what the earlier part was paid beyond that stays paid.
"""

from collections.abc import Collection
from fractions import Fraction

from billing.rules.pay import facts
from contracts.rules import exact

# The input of a line that says what an earlier part of the workweek was paid of it.
BEFORE = "paid_before"
# How the label of such a line ends.
EARLIER = ", earlier part of the week"


def slices_of(*, before: facts.CarriedWeek) -> tuple[facts.HourSlice, ...]:
    """Return the hours of the earlier part; where only their sum is known, as productive hours of no day.

    Source: pay_rules.md section 1, "Workweek": 168 hours, independent of the pay period.

    >>> from datetime import date
    >>> slices_of(before=facts.CarriedWeek(week=date(2026, 9, 28), hours=Fraction(26)))[0].category
    'productive'
    """
    if before.time or not before.hours:
        return before.time
    return (facts.HourSlice(week=before.week, day=None, category="productive", hours=before.hours),)


def pay_of(*, before: facts.CarriedWeek, without: Collection[str] = (), is_all: bool = False) -> Fraction:
    """Return what the earlier part earned: what entered the regular rate, or with `is_all` everything.

    Args:
        before: the earlier part.
        without: kinds that do not count. Where only a sum is known, all of it counts.

    Returns: the pay currency, exact.
    Source: pay_rules.md section 1, "Workweek": 168 hours, independent of the pay period.

    >>> from datetime import date
    >>> paid = (facts.CarriedPay(kind="base", amount=Fraction(90)), facts.CarriedPay(kind="rest", amount=Fraction(10)))
    >>> part = facts.CarriedWeek(week=date(2026, 9, 28), hours=Fraction(10), pay=Fraction(100), earned=paid)
    >>> pay_of(before=part), pay_of(before=part, without=("rest",))
    (Fraction(100, 1), Fraction(90, 1))
    """
    if not before.earned:
        return before.pay
    return exact.total(values=(one.amount for one in before.earned if (is_all or one.in_rate) and one.kind not in without))


def earned_of(*, before: facts.CarriedWeek, kind: str) -> Fraction:
    """Return what the earlier part earned of one kind, zero where only sums are known.

    Args:
        kind: of line, such as `rest`.

    Returns: the pay currency, exact.
    Source: pay_rules.md section 1, "Workweek": 168 hours, independent of the pay period.

    >>> from datetime import date
    >>> earned_of(before=facts.CarriedWeek(week=date(2026, 9, 28), hours=Fraction(10), pay=Fraction(100)), kind="rest")
    Fraction(0, 1)
    """
    return exact.total(values=(one.amount for one in before.earned if one.kind == kind))
