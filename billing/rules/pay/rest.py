"""Rest pay: where the law pays rest breaks apart, they earn the average of the workweek, never under the minimum wage."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from billing.rules.pay import book, earnings, facts, hours, wages, workweeks
from billing.rules.pay import carried as carried_weeks
from contracts.rules import errors, exact, rule_packs

ZERO = Fraction(0)


class UnableToAverage(errors.InvalidInput):
    """A workweek without any other hours, over which nothing can be averaged."""


def pay_rest(
    *,
    paid: book.Book,
    time: Sequence[facts.HourSlice],
    pack: rule_packs.RulePack,
    period: workweeks.PayPeriod,
    carried: Sequence[facts.CarriedWeek] = (),
) -> earnings.Earned:
    """Pay rest breaks at the average hourly pay of their workweek.

    Args:
        paid: what was earned so far; all of it counts in the average.
        time: the agent's hours.
        pack: whether rest pay is an average, and the minimum wage under it.
        period: to know which minimum wage was in force.
        carried: parts of workweeks paid before; the average is that of the whole week.

    Returns: one earning per workweek with rest breaks, and what those of an earlier part lack to the average of the whole week; none where
        rest pay is included in other pay.
    Raises: UnableToAverage if a week has rest breaks alone and no minimum wage.
    Source: formats.md, "pay", "Rest"; California Labor Code 226.2(a)(3).
    """
    if pack.rest_pay != "average":
        return earnings.Earned()
    made = []
    for week in hours.weeks_of(hours=[part for part in time if part.category == hours.REST]):
        breaks = [part for part in time if part.week == week and part.category == hours.REST]
        wage = max(wages.wage_of(part=part, pack=pack, period=period) for part in breaks)
        made.append(_earn(week, "Rest breaks", breaks, wage, _average_of(paid, week, time, pack, carried), None))
    for before in carried:
        breaks = [part for part in carried_weeks.slices_of(before=before) if part.category == hours.REST]
        if not breaks:
            continue
        wage = max(wages.wage_of_carried(part=part, pack=pack, period=period) for part in breaks)
        had = carried_weeks.earned_of(before=before, kind="rest")
        lacking = _earn(
            before.week, f"Rest breaks{carried_weeks.EARLIER}", breaks, wage, _average_of(paid, before.week, time, pack, carried), had
        )
        made += [lacking] if lacking.exact else []
    return earnings.Earned(
        earnings=tuple(made),
        weekly=tuple(earnings.WeekPay(week=earning.week, kind="rest", amount=earning.exact) for earning in made),
    )


def _average_of(
    paid: book.Book, week: date, time: Sequence[facts.HourSlice], pack: rule_packs.RulePack, carried: Sequence[facts.CarriedWeek]
) -> tuple[Fraction, Fraction]:
    """Return the pay and the other hours of a workweek whose quotient its rest breaks earn.

    Of the earlier part, what the pipeline pays after rest breaks is left out, as it is of this one.
    """
    before = facts.carried_of(carried=carried, week=week)
    after = ("rest", "guarantee") if pack.floor_mode == "per_hour_category" else ("rest", "guarantee", "floor")
    others = [part for part in (*time, *carried_weeks.slices_of(before=before)) if part.category != hours.REST]
    pay = paid.pay_of(week=week) + carried_weeks.pay_of(before=before, without=after, is_all=True)
    return pay, hours.hours_worked(hours=others, week=week)


def _earn(
    week: date,
    label: str,
    breaks: Sequence[facts.HourSlice],
    wage: Fraction,
    average: tuple[Fraction, Fraction],
    had: Fraction | None,
) -> earnings.Earning:
    """Pay some rest breaks; `had` is what those of an earlier part were paid."""
    rest_hours = exact.total(values=(part.hours for part in breaks))
    pay, others = average
    if not others and not wage:
        raise UnableToAverage(f"The workweek of {week} has rest breaks but no other hours to average pay over; add them.", path=("time",))
    floor = {"min_wage": wage} if wage else {}
    inputs = {"pay": pay, "hours": others, "rest_hours": rest_hours} if others else {"rest_hours": rest_hours}
    return earnings.earn(
        kind="rest",
        label=label,
        rule="rest" if others else "rest.min_wage",
        source="rule_pack/rest_pay",
        week=week,
        quantity=rest_hours,
        rate=max(pay / others, wage) if others else wage,
        inputs={**inputs, **floor, **({} if had is None else {carried_weeks.BEFORE: had})},
    )
