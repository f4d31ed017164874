"""Rest pay: where the law pays rest breaks apart, they earn the average of the workweek, never under the minimum wage."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from billing.rules.pay import book, earnings, facts, hours, wages, workweeks
from contracts.rules import errors, rule_packs

ZERO = Fraction(0)


class UnableToAverage(errors.InvalidInput):
    """A workweek without any other hours, over which nothing can be averaged."""


def pay_rest(
    *, paid: book.Book, time: Sequence[facts.HourSlice], pack: rule_packs.RulePack, period: workweeks.PayPeriod
) -> earnings.Earned:
    """Pay rest breaks at the average hourly pay of their workweek.

    Args:
        paid: what was earned so far; all of it counts in the average.
        time: the agent's hours.
        pack: whether rest pay is an average, and the minimum wage under it.
        period: to know which minimum wage was in force.

    Returns: one earning per workweek with rest breaks; none where rest pay is included in other pay.
    Raises: UnableToAverage if a week has rest breaks alone and no minimum wage.
    Source: formats.md, "pay", "Rest"; California Labor Code 226.2(a)(3).
    """
    if pack.rest_pay != "average":
        return earnings.Earned()
    made = [
        _pay_week(paid, time, week, pack, period) for week in hours.weeks_of(hours=[part for part in time if part.category == hours.REST])
    ]
    return earnings.Earned(
        earnings=tuple(made),
        weekly=tuple(earnings.WeekPay(week=earning.week, kind="rest", amount=earning.exact) for earning in made),
    )


def _pay_week(
    paid: book.Book, time: Sequence[facts.HourSlice], week: date, pack: rule_packs.RulePack, period: workweeks.PayPeriod
) -> earnings.Earning:
    breaks = [part for part in time if part.week == week and part.category == hours.REST]
    rest_hours = sum((part.hours for part in breaks), ZERO)
    others = hours.hours_worked(hours=time, week=week) - rest_hours
    wage = max((wages.wage_of(part=part, pack=pack, period=period) for part in breaks), default=ZERO)
    if not others and not wage:
        raise UnableToAverage(f"The workweek of {week} has rest breaks but no other hours to average pay over; add them.", path=("time",))
    pay = paid.pay_of(week=week)
    floor = {"min_wage": wage} if wage else {}
    inputs = {"pay": pay, "hours": others, "rest_hours": rest_hours} if others else {"rest_hours": rest_hours}
    return earnings.earn(
        kind="rest",
        label="Rest breaks",
        rule="rest" if others else "rest.min_wage",
        source="rule_pack/rest_pay",
        week=week,
        quantity=rest_hours,
        rate=max(pay / others, wage) if others else wage,
        inputs={**inputs, **floor},
    )
