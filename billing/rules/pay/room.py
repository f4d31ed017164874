"""How much may be kept or taken back: never below the required floors plus overtime, never below zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from billing.rules.pay import book, facts, floor, nights, nonproductive, wages, workweeks
from billing.rules.pay import carried as carried_weeks
from contracts.rules import exact, rule_packs

ZERO = Fraction(0)


@dataclass(frozen=True, kw_only=True)
class Protected:
    """What nothing may touch: the floors that the law and the plan require, overtime, and what the law pays for the night."""

    floors: Fraction
    overtime: Fraction

    @property
    def total(self) -> Fraction:
        """Both together, in the major unit."""
        return self.floors + self.overtime


def protect(
    *,
    paid: book.Book,
    tests: Sequence[floor.FloorTest],
    time: Sequence[facts.HourSlice],
    pack: rule_packs.RulePack,
    period: workweeks.PayPeriod,
    carried: Sequence[facts.CarriedWeek] = (),
) -> Protected:
    """Add up what later rules may not go below.

    Args:
        paid: what was earned up to and with overtime and true-ups.
        tests: floor tests; of a workweek that both floors test, the higher one counts.
        time: the agent's hours; where hours are tested by category, the others are required at the minimum wage.
        pack, period: minimum wages.
        carried: parts of workweeks that an earlier period paid; what they were paid is not required again of their own week, and what
            they were paid beyond it lowers no other week.

    Returns: required floors and overtime, in the major unit.
    Source: formats.md, "pay", "After".
    """
    by_week: dict[tuple[str, date | None], Fraction] = {(test.rule, test.week): test.required for test in tests}
    is_by_category = pack.floor_mode == "per_hour_category"
    for before in carried:
        for rule, without in (("guarantee", ()), ("min_wage", floor.APART if is_by_category else ())):
            is_tested = rule == "guarantee" or before.tells_all or not is_by_category
            if is_tested and (rule, before.week) in by_week:
                paid_before = carried_weeks.pay_of(before=before, without=without)
                by_week[rule, before.week] = max(ZERO, by_week[rule, before.week] - paid_before)
    if pack.min_wages and pack.floor_mode == "per_hour_category":
        _add_other_hours(by_week, paid, time, pack, period)
    weeks = {week for _, week in by_week}
    if None in weeks:
        wage = by_week["min_wage", None]
        guarantee = exact.total(values=(required for (rule, _), required in by_week.items() if rule == "guarantee"))
        floors = max(wage, guarantee)
    else:
        floors = exact.total(values=(max(by_week.get(("min_wage", week), ZERO), by_week.get(("guarantee", week), ZERO)) for week in weeks))
    return Protected(floors=max(ZERO, floors), overtime=paid.amount_of("overtime", "true_up") + nights.amount_of(paid=paid))


def _add_other_hours(
    by_week: dict[tuple[str, date | None], Fraction],
    paid: book.Book,
    time: Sequence[facts.HourSlice],
    pack: rule_packs.RulePack,
    period: workweeks.PayPeriod,
) -> None:
    """Require the minimum wage of the hours that are tested one by one, and rest pay, which no test covers."""
    required: list[tuple[date | None, Fraction]] = [
        (part.week, part.hours * wages.wage_of(part=part, pack=pack, period=period))
        for part in time
        if nonproductive.is_other(part=part, pack=pack)
    ]
    for week, amount in [*required, *paid.weekly_of("rest").items()]:
        by_week["min_wage", week] = by_week.get(("min_wage", week), ZERO) + amount


def room_of(*, paid: book.Book, protected: Protected) -> Fraction:
    """Return how much of the total so far may be kept or taken back, in whole minor units.

    Args:
        paid: all lines so far.
        protected: what may not be touched.

    Returns: zero or more; rounded down, so that a required cent is never taken.
    Source: formats.md, "pay", "After".
    """
    return max(ZERO, paid.cut(paid.total - max(ZERO, protected.total)))
