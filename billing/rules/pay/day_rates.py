"""What an hour is worth by its own day: the workweek's regular rate without premiums of special days, times the day's multiplier."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from billing.rules.pay import book, facts, hours
from contracts.rules import exact, pay_plans, rule_packs

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, kw_only=True)
class DayRate:
    """Pay of a workweek without premiums of special days, and the hours it is divided by."""

    pay: Fraction
    hours: Fraction


def find_rate(
    *,
    paid: book.Book,
    time: Sequence[facts.HourSlice],
    week: date,
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
    carried: Sequence[facts.CarriedWeek] = (),
) -> DayRate:
    """Find the rate of an ordinary hour of a workweek.

    Args:
        paid: what was earned up to and with the floor; what enters the regular rate counts.
        time: the agent's hours in this period; of a workweek that a period cuts, the rate is that of this part.
        week: the workweek.
        terms: what an hour earns, to know what premiums of special days were.
        pack: multipliers of special days.
        carried: parts of workweeks that an earlier period paid. A salary pays the whole week there, so its rate is that of the whole week.

    Returns: pay and hours; their quotient is the rate.
    Source: Omnibus Rules Implementing the Labor Code of the Philippines, Book III, Rule I, section 9: "hourly rate on said day".
    """
    premiums = exact.total(
        values=(
            hours.day_premium(part=part, time=time, terms=terms, pack=pack, carried=carried)
            for part in time
            if part.week == week and part.day_type
        )
    )
    before = hours.salaried_before(terms=terms, carried=carried, week=week)
    return DayRate(
        pay=paid.regular_pay_of(week=week) - premiums + before.pay, hours=hours.hours_worked(hours=time, week=week) + before.hours
    )


def mult_of(*, day_type: str | None, pack: rule_packs.RulePack) -> Fraction:
    """Return the multiplier of a type of day; one for an ordinary day, and where the pack has none.

    >>> mult_of(day_type=None, pack=rule_packs.RulePack())
    Fraction(1, 1)
    """
    return (pack.day_mult(day_type=day_type) if day_type else None) or ONE
