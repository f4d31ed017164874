"""Overtime under a salary: where the law says that it pays no overtime hour, each of them earns the salary's hour at its multiplier."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from billing.rules.pay import book, earnings, facts, flat_sums
from billing.rules.pay import carried as carried_weeks
from contracts.rules import pay_plans, rule_packs

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


def without_salary(
    *, paid: book.Book, before: facts.CarriedWeek, terms: pay_plans.PayTerms, pack: rule_packs.RulePack
) -> tuple[Fraction, facts.CarriedWeek]:
    """Return what of a week's pay is divided by all its hours, and its earlier part, both without the salary where that pays no overtime.

    Args:
        paid: what was earned up to and with the floor.
        before: the part of the week that an earlier period paid.
        terms, pack: as `covered_hours` reads them.
    """
    regular, covered = paid.regular_pay_of(week=before.week), covered_hours(terms=terms, pack=pack)
    if terms.salary is None or covered is None:
        return regular, before
    had = carried_weeks.earned_of(before=before, kind="base") if before.tells_all else before.pay
    weighted = before.overtime_hours * pack.ot_mult + before.double_time_hours * pack.dt_mult
    left = max(ZERO, before.overtime - terms.salary.weekly / covered * weighted)
    return regular - paid.weekly_of("base").get(before.week, ZERO), replace(before, pay=before.pay - had, overtime=left)


def pay_overtime_hours(
    *,
    before: facts.CarriedWeek,
    counted: Sequence[Fraction],
    credited: Fraction,
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
) -> list[earnings.Earning]:
    """Pay the salary's hour for each hour of overtime and double time of this part of a week.

    Args:
        before: the part of the week that an earlier period paid, with its own overtime.
        counted: hours of overtime, and of double time.
        credited: what is left of true premiums that were entered for the week.
        terms, pack: as `covered_hours` reads them, and multipliers.

    Returns: up to two earnings; none where a salary pays all hours.
    Source: California Labor Code 515(d); dir.ca.gov, overtime FAQ.
    """
    covered = covered_hours(terms=terms, pack=pack)
    if terms.salary is None or covered is None:
        return []
    made = []
    for label, mult, found in (("overtime", pack.ot_mult, counted[0]), ("double time", pack.dt_mult, counted[1])):
        if not found:
            continue
        hourly = terms.salary.weekly / covered * mult
        taken = min(hourly * found, credited)
        credited -= taken
        made.append(
            earnings.earn(
                kind="overtime",
                label=f"Salary in {label}",
                rule="overtime.salary",
                source="rule_pack/salary_covers",
                week=before.week,
                quantity=found,
                rate=hourly,
                inputs={
                    "weekly_salary": terms.salary.weekly,
                    "covered_hours": covered,
                    "multiplier": mult,
                    "overtime_hours": found,
                    **({flat_sums.CREDITED: taken} if taken else {}),
                },
            )
        )
    return made
