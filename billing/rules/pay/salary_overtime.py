"""Salaries that pay no overtime hour by law: its hour is a part of the week, and each overtime hour earns it beside the salary."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from billing.rules.pay import book, day_overtime, facts, hours, overtime_hours
from billing.rules.pay import carried as carried_weeks
from contracts.rules import exact, pay_plans, rule_packs

ZERO = Fraction(0)


def covered_hours(*, terms: pay_plans.PayTerms, pack: rule_packs.RulePack) -> Fraction | None:
    """Return the hours of a week over which the law divides a salary; None where a salary pays all hours, or there is none.

    Args:
        terms: the salary and the hours that it was agreed for.
        pack: what a salary covers, and the hours above which a week is overtime.

    Source: California Labor Code 515(d).

    >>> law = rule_packs.RulePack(salary_covers="non_overtime_hours", ot_week=Fraction(40))
    >>> str(covered_hours(terms=pay_plans.PayTerms(salary=pay_plans.Salary(amount=Fraction(600))), pack=law))
    '40'
    """
    if terms.salary is None or pack.salary_covers == "all_hours":
        return None
    known = [hours for hours in (terms.salary.hours, pack.ot_week) if hours]
    return min(known) if known else None


def count_plain(
    *,
    time: Sequence[facts.HourSlice],
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
    carried: Sequence[facts.CarriedWeek] = (),
    carried_day: facts.CarriedDay | None = None,
) -> dict[date, hours.PlainHours]:
    """Count, by workweek, the hours of a salary that are no overtime: on each day as many as find a place among its straight hours.

    Args:
        time: the agent's hours.
        terms: the salary, and which hours have a rate of their own.
        pack: thresholds, and what a salary covers.
        carried, carried_day: parts of workweeks, and a workday, that an earlier period began.

    Returns: nothing where a salary pays all hours, or there is none.
    Source: California Labor Code 515(d).

    >>> monday = date(2026, 10, 5)
    >>> long = facts.HourSlice(week=monday, day=monday, category="productive", hours=Fraction(10))
    >>> law = rule_packs.RulePack(salary_covers="non_overtime_hours", ot_day=Fraction(8), ot_week=Fraction(40))
    >>> found = count_plain(time=[long], terms=pay_plans.PayTerms(salary=pay_plans.Salary(amount=Fraction(600))), pack=law)
    >>> str(found[monday].here)
    '8'
    """
    covered = covered_hours(terms=terms, pack=pack)
    if covered is None:
        return {}
    found = {}
    for week in hours.weeks_of(hours=time):
        before = facts.carried_of(carried=carried, week=week)
        earlier = overtime_hours.list_earlier_days(time=time, week=week, carried_day=carried_day)
        here = _plain([part for part in time if part.week == week], before, earlier, terms, pack)
        if before.time:
            had = _plain(before.time, facts.CarriedWeek(week=week, hours=ZERO), {}, terms, pack)
        else:
            had = before.hours - before.overtime_hours - before.double_time_hours
        found[week] = hours.PlainHours(before=had, here=here, covered=covered)
    return found


def _plain(
    time: Sequence[facts.HourSlice],
    before: facts.CarriedWeek,
    earlier: Mapping[date, Fraction],
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
) -> Fraction:
    counted = overtime_hours.count_overtime(time=time, pack=pack, before=before, earlier=earlier)
    placed = day_overtime.place_weekly(days=counted.days, weekly=counted.weekly)
    straight: dict[date | None, Fraction] = {one.day: one.straight for one in placed}
    dayless = hours.hours_worked(hours=[part for part in time if part.day is None])
    straight[None] = dayless - (counted.overtime - day_overtime.total_of(days=placed))
    return exact.total(
        values=(
            min(hours.salaried_hours(hours=[part for part in time if part.day == day], week=before.week, terms=terms, pack=pack), most)
            for day, most in straight.items()
        )
    )


def by_its_hour(
    *,
    paid: book.Book,
    before: facts.CarriedWeek,
    time: Sequence[facts.HourSlice],
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
) -> Fraction:
    """Return the week's pay here that makes its regular rate, to be divided with that of its earlier part over all its hours.

    A salary that pays no overtime counts by its own hour, in both parts: one for 40 hours is 40 of its hours however few of them were
    worked, so that its sum over the hours worked would not be its hour.

    Args:
        paid: what was earned up to and with the floor.
        before: the part of the week that an earlier period paid.
        time: hours of the week in this period.
        terms, pack: as `covered_hours` reads them.

    Source: California Labor Code 515(d); dir.ca.gov, overtime FAQ.
    """
    week = before.week
    regular, covered = paid.regular_pay_of(week=week), covered_hours(terms=terms, pack=pack)
    if terms.salary is None or covered is None:
        return regular
    had = paid.weekly_of("base").get(week, ZERO)
    salaried = hours.salaried_hours(hours=time, week=week, terms=terms, pack=pack)
    if before.salaried is not False:
        had += carried_weeks.earned_of(before=before, kind="base") if before.tells_all else before.pay
        salaried += hours.covered_before(terms=terms, pack=pack, carried=(before,), week=week)
    return regular - had + terms.salary.weekly / covered * salaried
