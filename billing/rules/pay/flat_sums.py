"""Flat sums: where the law divides them by the hours that are no overtime, each overtime hour earns that part of them once more."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from billing.rules.pay import earnings
from contracts.rules import errors, rule_packs

# The inputs of a line that say what of it was paid for the workweek before, and what a true premium on a line of its own has paid.
BEFORE, CREDITED = "overtime_before", "overtime_credited"


class UnableToDivideFlatSum(errors.InvalidInput):
    """A flat sum in a workweek that has overtime but no other hours."""


def pay_flat_sum(
    *,
    flat_sum: Fraction,
    hours: Fraction,
    counted: tuple[Fraction, Fraction],
    week: date,
    taken: Mapping[str, Fraction],
    pack: rule_packs.RulePack,
) -> list[earnings.Earning]:
    """Pay what a flat sum adds to each overtime hour, divided by the other hours of the whole workweek.

    Args:
        flat_sum: flat sums of the workweek, those of an earlier part of it included.
        hours: its hours that are neither overtime nor double time.
        counted: its hours of overtime, and of double time.
        week: the workweek.
        taken: what was paid for the week before and what is left of true premiums; both are taken off, in the order of the lines.
        pack: multipliers.

    Returns: up to two earnings.
    Raises: UnableToDivideFlatSum if the whole week has overtime and no other hours.
    Source: Alvarado v. Dart Container Corp., 4 Cal.5th 542 (2018); California DLSE manual 49.2.4.2.

    >>> law = rule_packs.RulePack(flat_sum_divisor="non_overtime_hours")
    >>> made = pay_flat_sum(flat_sum=Fraction(15), hours=Fraction(40), counted=(Fraction(6), Fraction(0)), week=date(2026, 10, 5),
    ...                     taken={}, pack=law)
    >>> str(made[0].exact)
    '27/8'
    """
    made, left = [], dict(taken)
    for label, mult, found in (("overtime", pack.ot_mult, counted[0]), ("double time", pack.dt_mult, counted[1])):
        if not flat_sum or not found:
            continue
        if not hours:
            raise UnableToDivideFlatSum(
                f"The workweek of {week} has a flat sum and overtime but no other hours to divide it by; check the hours.",
                path=("amounts",),
            )
        due, off = flat_sum / hours * mult * found, {}
        for name, value in left.items():
            off[name] = min(due, value)
            due, left[name] = due - off[name], value - off[name]
        made.append(
            earnings.earn(
                kind="overtime",
                label=f"Flat sum in {label}",
                rule="overtime.flat_sum",
                source="rule_pack/flat_sum_divisor",
                week=week,
                quantity=found,
                rate=flat_sum / hours * mult,
                inputs={
                    "flat_sum": flat_sum,
                    "non_overtime_hours": hours,
                    "multiplier": mult,
                    "overtime_hours": found,
                    **{name: value for name, value in off.items() if value},
                },
            )
        )
    return made
