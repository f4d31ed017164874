"""A bonus that is a percentage of all pay of a week, overtime included: it needs no overtime of its own."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from billing.rules.pay import amounts, book, earnings, facts, workweeks
from contracts.rules import pay_plans, rule_packs

ZERO, HUNDRED = Fraction(0), Fraction(100)


def pay_percent_bonuses(
    *,
    paid: book.Book,
    entered: Sequence[facts.Amount],
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
    period: workweeks.PayPeriod,
) -> earnings.Earned:
    """Pay each percent bonus of its week's straight time and overtime together.

    Args:
        paid: what was earned up to and with overtime, true premiums included.
        entered: amounts; those of kind percent_bonus are paid here.
        terms, pack, period: to place amounts.

    Returns: one earning per percent bonus; it stays out of the regular rate.
    Raises: UnableToPlaceAmount if a bonus has no week, or several.
    Source: 29 CFR 778.210.
    """
    made = []
    for bonus in entered:
        if bonus.kind != "percent_bonus":
            continue
        week = _week_of(bonus, terms, pack, period)
        inputs = {
            "straight_pay": paid.regular_pay_of(week=week),
            "overtime": sum((line.exact for line in paid.lines if line.kind == "overtime" and line.week == week), ZERO),
            "percent": bonus.percent or ZERO,
            "hundred": HUNDRED,
        }
        made.append(
            earnings.earn(
                kind="bonus",
                label=bonus.label or "Percent bonus",
                rule="amount.percent",
                source=f"amounts/{bonus.place}",
                week=week,
                quantity=inputs["straight_pay"] + inputs["overtime"],
                rate=inputs["percent"] / HUNDRED,
                inputs=inputs,
            )
        )
    weekly = tuple(earnings.WeekPay(week=earning.week, kind="bonus", amount=earning.exact, in_rate=False) for earning in made)
    return earnings.Earned(earnings=tuple(made), weekly=weekly)


def _week_of(bonus: facts.Amount, terms: pay_plans.PayTerms, pack: rule_packs.RulePack, period: workweeks.PayPeriod) -> date:
    if bonus.weeks:
        raise amounts.UnableToPlaceAmount(
            "A percent bonus is taken of one week at a time; enter one for each week.", path=("amounts", bonus.place, "weeks")
        )
    week = amounts.week_of(amount=bonus, terms=terms, pack=pack, period=period)
    if week is None:
        raise amounts.UnableToPlaceAmount("A percent bonus names its week.", path=("amounts", bonus.place, "week"))
    return week
