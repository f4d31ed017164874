"""Hourly pay: base pay, pay per time category, premium of special days, and salaries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from billing.rules.pay import carried as carried_weeks
from billing.rules.pay import earnings, facts
from contracts.rules import errors, exact, pay_plans, rule_packs

ZERO, ONE = Fraction(0), Fraction(1)
REST, OFF = "rest_break", "off"


@dataclass(frozen=True, kw_only=True)
class PlainHours:
    """The hours of a salary in one workweek that are no overtime, where it pays no others.

    `before` are those of the part that an earlier period paid, `here` those of this one; `covered` divide the salary into its hour.
    """

    before: Fraction
    here: Fraction
    covered: Fraction


NOTHING: Mapping[date, PlainHours] = {}


class UnknownDayType(errors.InvalidInput):
    """A type of day that the rule pack has no multiplier for."""

    def __init__(self, message: str, *, path: tuple[errors.PathPart, ...] = (), day_type: str = "") -> None:
        super().__init__(message, path=path)
        self.day_type = day_type


def is_worked(*, part: facts.HourSlice) -> bool:
    """Say whether hours are hours worked: all but unpaid meals and time off.

    Source: formats.md, "pay", "Hours"; 29 CFR 778.223.
    """
    return part.category not in pay_plans.UNPAID


def hours_worked(*, hours: Sequence[facts.HourSlice], week: date | None = None) -> Fraction:
    """Return the hours worked of a workweek, or of the whole period.

    Args:
        hours: the agent's hours.
        week: first day of the workweek, None for all of them.

    Source: formats.md, "pay", "Hours".

    >>> monday = date(2026, 10, 5)
    >>> hours_worked(hours=[facts.HourSlice(week=monday, day=None, category="training", hours=Fraction(4))], week=monday)
    Fraction(4, 1)
    """
    return exact.total(values=(part.hours for part in hours if is_worked(part=part) and week in (None, part.week)))


def weeks_of(*, hours: Sequence[facts.HourSlice]) -> tuple[date, ...]:
    """Return the workweeks that have time of any kind, in order."""
    return tuple(sorted({part.week for part in hours}))


def pay_hours(
    *,
    hours: Sequence[facts.HourSlice],
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
    carried: Sequence[facts.CarriedWeek] = (),
    without_overtime: Mapping[date, PlainHours] = NOTHING,
) -> earnings.Earned:
    """Pay hours worked by category rate, else by base pay or salary, and the premium of special days.

    Args:
        hours: the agent's hours by week, day and category.
        terms: rates per hour.
        pack: multipliers of special days; where rest pay is an average, rest breaks earn nothing here.
        carried: parts of workweeks paid before; their salary is paid once.
        without_overtime: by workweek, the hours of a salary that are no overtime, where the law says that it pays no others.

    Returns: one earning per rate, and per workweek for a salary.
    Raises: UnknownDayType if the pack has multipliers but not this one.
    Source: formats.md, "pay", "Hours".
    """
    paid = [part for part in hours if is_paid_here(part=part, pack=pack)]
    made: list[earnings.Earned] = [
        _pay_categories(paid, terms),
        _pay_base([part for part in paid if part.category not in terms.category_rates], terms),
        _pay_salary(hours, terms, pack, carried, without_overtime),
        _pay_day_types(paid, terms, pack, carried),
    ]
    return earnings.Earned(
        earnings=tuple(earning for part in made for earning in part.earnings), weekly=tuple(pay for part in made for pay in part.weekly)
    )


def covered_before(*, terms: pay_plans.PayTerms, pack: rule_packs.RulePack, carried: Sequence[facts.CarriedWeek], week: date) -> Fraction:
    """Return the hours of a workweek that an earlier period paid with the salary of the whole week; without a salary, none.

    Args:
        terms: the salary, and rates of categories.
        pack: whether rest breaks are paid apart.
        carried: parts of workweeks paid before.
        week: first day of the workweek.

    Source: formats.md, "pay", "Hours".

    >>> monday = date(2026, 10, 26)
    >>> before = facts.CarriedWeek(week=monday, hours=Fraction(40), pay=Fraction(4000))
    >>> covered_before(terms=pay_plans.PayTerms(base_hourly=ONE), pack=rule_packs.RulePack(), carried=[before], week=monday)
    Fraction(0, 1)
    """
    if terms.salary is None:
        return ZERO
    parts = carried_weeks.slices_of(before=facts.carried_of(carried=carried, week=week))
    return salaried_hours(hours=parts, week=week, terms=terms, pack=pack)


def rate_of(
    *,
    category: str,
    week: date,
    hours: Sequence[facts.HourSlice],
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
    carried: Sequence[facts.CarriedWeek] = (),
) -> Fraction:
    """Return what an hour of a category earns by the plan: its category rate, base pay, or its part of the salary.

    Args:
        category: a time category.
        week: the workweek; a salary is spread over its hours.
        hours: the agent's hours.
        terms: rates per hour.
        pack: whether rest breaks are paid apart.
        carried: parts of workweeks paid before; a salary is spread over their hours too.

    Returns: exact hourly rate, zero if the plan has none.
    Source: formats.md, "pay", "Hours".
    """
    if category in terms.category_rates:
        return terms.category_rates[category]
    if terms.salary is None:
        return terms.base_hourly or ZERO
    here = salaried_hours(hours=hours, week=week, terms=terms, pack=pack)
    covered = here + covered_before(terms=terms, pack=pack, carried=carried, week=week)
    return terms.salary.weekly / (terms.salary.hours or covered) if covered else ZERO


def day_premium(
    *,
    part: facts.HourSlice,
    time: Sequence[facts.HourSlice],
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
    carried: Sequence[facts.CarriedWeek] = (),
) -> Fraction:
    """Return the premium that hours on a special day earned, as `pay_hours` paid it.

    Args:
        part: hours of one day.
        time: the agent's hours, over which a salary is spread.
        terms: rates per hour.
        pack: multipliers of special days.
        carried: parts of workweeks paid before.

    Returns: the pay currency, exact; zero for an ordinary day.
    Source: formats.md, "pay", "Hours".
    """
    mult = pack.day_mult(day_type=part.day_type) if part.day_type and is_paid_here(part=part, pack=pack) else None
    if mult is None:
        return ZERO
    return part.hours * rate_of(category=part.category, week=part.week, hours=time, terms=terms, pack=pack, carried=carried) * (mult - ONE)


def is_paid_here(*, part: facts.HourSlice, pack: rule_packs.RulePack) -> bool:
    """Say whether hours are paid by base pay, category or salary: hours worked, but no recovery and no rest break that is paid apart.

    Source: formats.md, "pay", "Hours" and "Rest".
    """
    is_averaged_rest = pack.rest_pay == "average" and part.category == REST
    return is_worked(part=part) and part.category != facts.RECOVERY and not is_averaged_rest


def _pay_categories(paid: Sequence[facts.HourSlice], terms: pay_plans.PayTerms) -> earnings.Earned:
    made, weekly = [], []
    for category, rate in terms.category_rates.items():
        parts = [part for part in paid if part.category == category]
        if parts:
            label = category.replace("_", " ").capitalize()
            made.append(_earn_rate(parts, rate, "category", label, f"plan/category_rates/{category}"))
            weekly += [earnings.WeekPay(week=part.week, kind="category", amount=part.hours * rate) for part in parts]
    return earnings.Earned(earnings=tuple(made), weekly=tuple(weekly))


def _pay_base(parts: Sequence[facts.HourSlice], terms: pay_plans.PayTerms) -> earnings.Earned:
    if terms.base_hourly is None or not parts:
        return earnings.Earned()
    rate = terms.base_hourly
    return earnings.Earned(
        earnings=(_earn_rate(parts, rate, "base", "Base pay", "plan/base_hourly"),),
        weekly=tuple(earnings.WeekPay(week=part.week, kind="base", amount=part.hours * rate) for part in parts),
    )


def _earn_rate(parts: Sequence[facts.HourSlice], rate: Fraction, kind: earnings.Kind, label: str, source: str) -> earnings.Earning:
    total = exact.total(values=(part.hours for part in parts))
    return earnings.earn(
        kind=kind,
        label=label,
        rule="hours.rate",
        source=source,
        week=_only(parts),
        quantity=total,
        rate=rate,
        inputs={"hours": total, "rate": rate},
    )


def _pay_salary(
    hours: Sequence[facts.HourSlice],
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
    carried: Sequence[facts.CarriedWeek],
    without_overtime: Mapping[date, PlainHours],
) -> earnings.Earned:
    if terms.salary is None:
        return earnings.Earned()
    by_week = {part.week: part for part in carried}
    made, beside = [], []
    for week in weeks_of(hours=hours):
        here = salaried_hours(hours=hours, week=week, terms=terms, pack=pack)
        before, plain = covered_before(terms=terms, pack=pack, carried=carried, week=week), without_overtime.get(week)
        if plain is not None:
            if here > plain.here:
                label, source = "Overtime hours beside the salary", "rule_pack/salary_covers"
                beside.append(_earn_beyond(week, here - plain.here, terms.salary, plain.covered, label, source))
            before, here = plain.before, plain.here
        covered = terms.salary.hours
        if covered and before + here > covered:
            beyond, before = min(here, before + here - covered), min(before, covered)
            if beyond:
                beside.append(_earn_beyond(week, beyond, terms.salary, covered, "Hours beyond the salary", "plan/salary/hours"))
            here -= beyond
        here += exact.total(values=(part.hours for part in hours if part.week == week and part.category == OFF))
        made += _earn_salary(week, terms.salary, by_week.get(week), here, before)
    made += beside
    return earnings.Earned(
        earnings=tuple(made),
        weekly=tuple(earnings.WeekPay(week=earning.week, kind="base", amount=earning.exact) for earning in made),
    )


def _earn_salary(
    week: date, salary: pay_plans.Salary, before: facts.CarriedWeek | None, here: Fraction, earlier: Fraction
) -> list[earnings.Earning]:
    """Pay the salary of a workweek once; beside hours that another plan paid, the part that its own hours are of those it covers in all."""
    of_week = {"salary": salary.amount, "part_of_week": pay_plans.WEEKS_OF_SALARY[salary.per]}
    is_part = before is not None and before.salaried is False and bool(earlier)
    # An earlier part that had pay for resolutions alone, and no time, was not paid the salary.
    is_paid = (
        before is not None and before.salaried is not False and (not before.earned or any(one.kind == "base" for one in before.earned))
    )
    if is_paid or (is_part and not here):
        return []
    return [
        earnings.earn(
            kind="base",
            label="Salary, part of the week" if is_part else "Salary",
            rule="hours.salary_part" if is_part else "hours.salary",
            source="plan/salary",
            week=week,
            quantity=here / (here + earlier) if is_part else ONE,
            rate=salary.weekly,
            inputs={**of_week, "hours": here, "week_hours": here + earlier} if is_part else of_week,
            details={"per": salary.per},
        )
    ]


def salaried_hours(*, hours: Sequence[facts.HourSlice], week: date, terms: pay_plans.PayTerms, pack: rule_packs.RulePack) -> Fraction:
    """Return the hours of a workweek that a salary pays: those worked without a rate of their own.

    Args:
        hours: the agent's hours.
        week: the workweek.
        terms: rates of categories.
        pack: whether rest breaks are paid apart.

    Source: formats.md, "pay", "Hours".

    >>> monday = date(2026, 10, 5)
    >>> worked = [facts.HourSlice(week=monday, day=None, category="productive", hours=ONE)]
    >>> salaried_hours(hours=worked, week=monday, terms=pay_plans.PayTerms(), pack=rule_packs.RulePack())
    Fraction(1, 1)
    """
    salaried = (part for part in hours if part.week == week and part.category not in terms.category_rates)
    return exact.total(values=(part.hours for part in salaried if is_paid_here(part=part, pack=pack)))


def _earn_beyond(week: date, beyond: Fraction, salary: pay_plans.Salary, covered: Fraction, label: str, source: str) -> earnings.Earning:
    return earnings.earn(
        kind="base",
        label=label,
        rule="hours.beyond_salary",
        source=source,
        week=week,
        quantity=beyond,
        rate=salary.weekly / covered,
        inputs={"weekly_salary": salary.weekly, "covered_hours": covered, "hours": beyond},
    )


def _pay_day_types(
    paid: Sequence[facts.HourSlice], terms: pay_plans.PayTerms, pack: rule_packs.RulePack, carried: Sequence[facts.CarriedWeek]
) -> earnings.Earned:
    grouped: dict[tuple[str, Fraction, Fraction], list[facts.HourSlice]] = {}
    for part in paid:
        if part.day_type is None or not pack.day_mults:
            continue
        mult = pack.day_mult(day_type=part.day_type)
        if mult is None:
            raise UnknownDayType(
                f'Rule pack "{pack.code}" has no multiplier for "{part.day_type}"; choose one of {", ".join(sorted(pack.day_mults))}.',
                path=("time",),
                day_type=part.day_type,
            )
        rate = rate_of(category=part.category, week=part.week, hours=paid, terms=terms, pack=pack, carried=carried)
        grouped.setdefault((part.day_type, mult, rate), []).append(part)
    made, weekly = [], []
    for (day_type, mult, rate), parts in grouped.items():
        total = exact.total(values=(part.hours for part in parts))
        made.append(
            earnings.earn(
                kind="category",
                label=day_type.replace("_", " ").capitalize(),
                rule="hours.day_type",
                source=f"rule_pack/day_mults/{day_type}",
                week=_only(parts),
                quantity=total,
                rate=rate * (mult - ONE),
                inputs={"hours": total, "rate": rate, "multiplier": mult},
            )
        )
        weekly += [earnings.WeekPay(week=part.week, kind="category", amount=part.hours * rate * (mult - ONE)) for part in parts]
    return earnings.Earned(earnings=tuple(made), weekly=tuple(weekly))


def _only(parts: Sequence[facts.HourSlice]) -> date | None:
    weeks = {part.week for part in parts}
    return next(iter(weeks)) if len(weeks) == 1 else None
