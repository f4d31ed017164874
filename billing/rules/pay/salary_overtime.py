"""Salaries that pay no overtime hour by law: its hour is a part of the week, and each overtime hour earns it beside the salary."""

from dataclasses import replace
from fractions import Fraction

from billing.rules.pay import book, facts
from billing.rules.pay import carried as carried_weeks
from contracts.rules import pay_plans, rule_packs


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


def by_its_hour(
    *,
    paid: book.Book,
    before: facts.CarriedWeek,
    salaried: Fraction,
    salaried_before: Fraction,
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
) -> tuple[Fraction, facts.CarriedWeek]:
    """Return what of a week's pay makes its regular rate, and its earlier part: a salary that pays no overtime counts by its own hour.

    A salary for 40 hours is 40 of its hours however few of them were worked, so that its sum over the hours worked would not be its hour.

    Args:
        paid: what was earned up to and with the floor.
        before: the part of the week that an earlier period paid.
        salaried: hours of the week that the salary pays, in this period.
        salaried_before: those of the earlier part.
        terms, pack: as `covered_hours` reads them.

    Source: California Labor Code 515(d); dir.ca.gov, overtime FAQ.
    """
    regular, covered = paid.regular_pay_of(week=before.week), covered_hours(terms=terms, pack=pack)
    if terms.salary is None or covered is None:
        return regular, before
    hourly = terms.salary.weekly / covered
    had = carried_weeks.earned_of(before=before, kind="base") if before.tells_all else before.pay
    earlier = replace(before, pay=before.pay - had + hourly * salaried_before)
    return regular - paid.weekly_of("base").get(before.week, Fraction(0)) + hourly * salaried, earlier
