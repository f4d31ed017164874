"""Overtime on the regular rate: all pay of the workweek that is not excluded, over all its hours worked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from billing.rules.pay import (
    amounts,
    book,
    day_overtime,
    day_rates,
    earnings,
    facts,
    flat_sums,
    hours,
    overtime_hours,
    salary_overtime,
    workweeks,
)
from contracts.rules import errors, exact, pay_plans, rule_packs

ZERO, ONE = Fraction(0), Fraction(1)
CREDITED = flat_sums.CREDITED


class UnableToPlaceOvertime(errors.InvalidInput):
    """Overtime of a week whose days are not known, where the day decides what it earns."""


@dataclass(frozen=True, kw_only=True)
class WeekOvertime:
    """One workweek: its hours in this period, how many are overtime and double time, and the regular rate of the whole week.

    `pay` is what entered the rate here; `premium` the overtime paid on it here; `day_count` the days worked here, where days
    are known. They go on with a week that the period cuts.
    """

    week: date
    hours: Fraction
    overtime_hours: Fraction
    double_time_hours: Fraction
    regular_rate: Fraction | None
    pay: Fraction
    premium: Fraction
    day_count: int = 0


@dataclass(frozen=True, kw_only=True)
class Overtime:
    """The overtime of all workweeks; `days` says by workweek on which days it was worked, `flat_sums` what was divided by other hours."""

    earned: earnings.Earned
    weeks: tuple[WeekOvertime, ...]
    days: Mapping[date, tuple[day_overtime.DayOvertime, ...]]
    flat_sums: Mapping[date | None, Fraction]


def pay_overtime(
    *,
    paid: book.Book,
    time: Sequence[facts.HourSlice],
    entered: Sequence[facts.Amount],
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
    period: workweeks.PayPeriod,
    carried: Sequence[facts.CarriedWeek] = (),
    carried_day: facts.CarriedDay | None = None,
    night_weeks: Collection[date] = (),
    parts: Sequence[facts.DayPart] = (),
) -> Overtime:
    """Pay the premium of overtime and double time, less true overtime premiums that were entered.

    Args:
        paid: what was earned up to and with the floor.
        time: the agent's hours; daily overtime counts those with a day.
        entered: amounts; overtime premiums are paid here, flat sums may have a divisor of their own.
        terms: to place amounts.
        pack: thresholds and multipliers.
        period: the agent's part of the pay period.
        carried: parts of workweeks paid before; overtime is counted over the whole week.
        carried_day: a workday that the period before began.
        night_weeks: workweeks whose nights are paid: there it counts on which day overtime was worked.
        parts: all hours in order, where a workday may hold two types of day.

    Returns: earnings per workweek and rate, the evidence of each workweek, and of which days its overtime is.
    Raises: UnableToDivideFlatSum, UnableToPlaceOvertime.
    Source: formats.md, "pay", "Overtime"; 29 CFR 778.109 to 778.118; Alvarado v. Dart Container.
    """
    premiums = _by_week(entered, "overtime_premium", time, terms, pack, period)
    sums = _by_week(entered, "flat_sum_bonus", time, terms, pack, period) if pack.flat_sum_divisor == "non_overtime_hours" else {}
    made = [
        amounts.earn_amount(amount=amount, week=amounts.week_of(amount=amount, terms=terms, pack=pack, period=period))
        for amount in entered
        if amount.kind == "overtime_premium"
    ]
    found: list[WeekOvertime] = []
    by_day: dict[date, tuple[day_overtime.DayOvertime, ...]] = {}
    cut = {part.week for part in carried}
    for week in weeks_with_overtime(paid=paid, time=time, carried=carried, flat_sums=sums):
        before, credited = facts.carried_of(carried=carried, week=week), premiums.get(week, ZERO)
        here = [part for part in time if part.week == week]
        counted = overtime_hours.count_overtime(
            time=here, pack=pack, before=before, earlier=overtime_hours.list_earlier_days(time=time, week=week, carried_day=carried_day)
        )
        is_special = day_overtime.applies(time=(*here, *before.time), pack=pack)
        days = by_day[week] = _place_days(week, here, counted, must_place=is_special or week in night_weeks)
        in_rate = salary_overtime.by_its_hour(paid=paid, before=before, time=here, terms=terms, pack=pack)
        if is_special or (pack.ot_day_mults and week in cut):
            rate = day_rates.find_rate(paid=paid, time=time, week=week, terms=terms, pack=pack, carried=carried)
            due = _pay_by_day(rate, before, counted, days, here, credited, pack, parts)
            left = day_rates.left_of_overtime(rate=rate, before=before)
        else:
            due = pay_week(pay=in_rate, counted=counted, before=before, credited=credited, pack=pack)
            left = before.overtime - _sum_of(due, flat_sums.BEFORE)
        taken = {flat_sums.BEFORE: left, CREDITED: credited - _sum_of(due, CREDITED)}
        due += _pay_flat_sum(sums.get(week, ZERO), counted, before, taken, pack)
        made += due
        pay = paid.regular_pay_of(week=week)
        found.append(tell_week(counted=counted, before=before, pay=pay, in_rate=in_rate, due=due, entered=credited))
    found += _without_hours(paid, time, terms, carried, period, {told.week for told in found}, sums, premiums)
    weeks = tuple(sorted(found, key=lambda told: told.week))
    return Overtime(earned=earnings.Earned(earnings=tuple(made)), weeks=weeks, days=by_day, flat_sums=sums)


def _pay_by_day(
    rate: day_rates.DayRate,
    before: facts.CarriedWeek,
    counted: overtime_hours.Counted,
    days: Sequence[day_overtime.DayOvertime],
    here: Sequence[facts.HourSlice],
    credited: Fraction,
    pack: rule_packs.RulePack,
    parts: Sequence[facts.DayPart],
) -> list[earnings.Earning]:
    """Pay each overtime hour of a week on the rate of its own day."""
    return day_overtime.pay_days(
        rate=rate,
        before=before,
        days=days,
        weekly=counted.overtime - day_overtime.total_of(days=days),
        time=here,
        credited=credited,
        pack=pack,
        parts=[part for part in parts if part.week == before.week],
    )


def _pay_flat_sum(
    flat_sum: Fraction, counted: overtime_hours.Counted, before: facts.CarriedWeek, taken: Mapping[str, Fraction], pack: rule_packs.RulePack
) -> list[earnings.Earning]:
    """Pay what flat sums of the whole week add to its overtime."""
    overtime, double_time = counted.overtime + before.overtime_hours, counted.double_time + before.double_time_hours
    return flat_sums.pay_flat_sum(
        flat_sum=flat_sum + before.flat_sum,
        hours=counted.worked + before.hours - overtime - double_time,
        counted=(overtime, double_time),
        week=before.week,
        taken=taken,
        pack=pack,
    )


def weeks_with_overtime(
    *,
    paid: book.Book,
    time: Sequence[facts.HourSlice],
    carried: Sequence[facts.CarriedWeek],
    flat_sums: Mapping[date | None, Fraction],
) -> list[date]:
    """Return the workweeks in which overtime may be due: those with hours here, and those whose overtime of before earns more by pay here.

    Args:
        paid: what was earned here before overtime.
        time: the agent's hours in this period.
        carried: parts of workweeks that an earlier period paid.
        flat_sums: those that are divided by other hours, the pay currency, by workweek.

    Returns: first days of workweeks, in order.
    Source: formats.md, "pay", "Overtime".

    >>> from billing.rules import money
    >>> weeks_with_overtime(paid=book.Book(rounding=money.Round(places=2)), time=(), carried=(), flat_sums={})
    []
    """
    worked = set(hours.weeks_of(hours=[part for part in time if hours.is_worked(part=part)]))
    raised = {
        part.week
        for part in carried
        if (part.overtime_hours or part.double_time_hours) and (paid.regular_pay_of(week=part.week) or flat_sums.get(part.week))
    }
    return sorted(worked | raised)


def _sum_of(due: Sequence[earnings.Earning], name: str) -> Fraction:
    return exact.total(values=(earning.inputs.get(name, ZERO) for earning in due))


def _place_days(
    week: date, here: Sequence[facts.HourSlice], counted: overtime_hours.Counted, *, must_place: bool
) -> tuple[day_overtime.DayOvertime, ...]:
    """Give overtime of the week to its days; where the day decides what it earns, hours known by the week alone are refused."""
    if must_place and counted.weekly and any(part.day is None and hours.is_worked(part=part) for part in here):
        raise UnableToPlaceOvertime(
            f"The workweek of {week} has overtime beyond its weekly hours, and special days or nights that pay it apart; "
            "enter all hours of this week by day.",
            path=("time",),
        )
    return day_overtime.place_weekly(days=counted.days, weekly=counted.weekly)


def _without_hours(
    paid: book.Book,
    time: Sequence[facts.HourSlice],
    terms: pay_plans.PayTerms,
    carried: Sequence[facts.CarriedWeek],
    period: workweeks.PayPeriod,
    told: Collection[date],
    sums: Mapping[date | None, Fraction],
    premiums: Mapping[date | None, Fraction],
) -> list[WeekOvertime]:
    """Tell weeks without hours worked that the next period has to know: leave under a salary, and pay of the week that is cut."""
    none = overtime_hours.Counted(worked=ZERO, overtime=ZERO, double_time=ZERO)
    weeks = set(hours.weeks_of(hours=time)) if terms.salary is not None else set()
    cut = workweeks.cut_week_of(period=period)
    if cut is not None and (paid.regular_pay_of(week=cut) or sums.get(cut) or premiums.get(cut)):
        weeks.add(cut)
    made = []
    for week in weeks.difference(told):
        pay, before = paid.regular_pay_of(week=week), facts.carried_of(carried=carried, week=week)
        made.append(tell_week(counted=none, before=before, pay=pay, in_rate=pay, due=[], entered=premiums.get(week, ZERO)))
    return made


def pay_week(
    *, pay: Fraction, counted: overtime_hours.Counted, before: facts.CarriedWeek, credited: Fraction, pack: rule_packs.RulePack
) -> list[earnings.Earning]:
    """Pay overtime, then double time; what was entered as a true premium, or paid before, is taken off in that order.

    Args:
        pay: what enters the regular rate of the week in this period.
        counted: its hours.
        before: the part of the week that an earlier period paid.
        credited: true premiums that were entered for the week.
        pack: multipliers.

    Returns: up to two earnings.
    Source: formats.md, "pay", "Overtime".
    """
    made = []
    total, worked = pay + before.pay, counted.worked + before.hours
    paid_before = before.overtime
    overtime, double_time = counted.overtime + before.overtime_hours, counted.double_time + before.double_time_hours
    rates = (
        ("Overtime premium", "rule_pack/ot_mult", pack.ot_mult, overtime),
        ("Double-time premium", "rule_pack/dt_mult", pack.dt_mult, double_time),
    )
    for label, source, mult, found in rates:
        if not found:
            continue
        due = total / worked * (mult - ONE) * found
        taken = {flat_sums.BEFORE: min(due, paid_before), CREDITED: min(due - min(due, paid_before), credited)}
        paid_before -= taken[flat_sums.BEFORE]
        credited -= taken[CREDITED]
        made.append(
            earnings.earn(
                kind="overtime",
                label=label,
                rule="overtime.premium",
                source=source,
                week=before.week,
                quantity=found,
                rate=total / worked * (mult - ONE),
                inputs={
                    "pay": total,
                    "hours": worked,
                    "multiplier": mult,
                    "overtime_hours": found,
                    **{name: value for name, value in taken.items() if value},
                },
            )
        )
    return made


def _by_week(
    entered: Sequence[facts.Amount],
    kind: facts.AmountKind,
    time: Sequence[facts.HourSlice],
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
    period: workweeks.PayPeriod,
) -> dict[date | None, Fraction]:
    sums: dict[date | None, Fraction] = {}
    for amount in entered:
        if amount.kind == kind:
            for part in amounts.place_amount(amount=amount, time=time, terms=terms, pack=pack, period=period):
                if part.closed is None:
                    sums[part.week] = sums.get(part.week, ZERO) + part.amount
    return sums


def tell_week(
    *,
    counted: overtime_hours.Counted,
    before: facts.CarriedWeek,
    pay: Fraction,
    in_rate: Fraction,
    due: Sequence[earnings.Earning],
    entered: Fraction,
) -> WeekOvertime:
    """Write down what a workweek's overtime rests on.

    Args:
        counted: its hours.
        before: the part of the week that an earlier period paid.
        pay: what was earned in this period of all that enters the regular rate.
        in_rate: the same, with a salary that pays no overtime at its own hour, as `salary_overtime.by_its_hour` says.
        due: what `pay_week` paid.
        entered: true premiums that were entered.

    Source: formats.md, "pay", evidence.weeks.
    """
    worked = counted.worked + before.hours
    return WeekOvertime(
        week=before.week,
        hours=counted.worked,
        overtime_hours=counted.overtime,
        double_time_hours=counted.double_time,
        regular_rate=(in_rate + before.pay) / worked if worked else None,
        pay=pay,
        premium=exact.total(values=(earning.exact for earning in due)) + entered,
        day_count=counted.day_count,
    )
