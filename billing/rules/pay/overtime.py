"""Overtime on the regular rate: all pay of the workweek that is not excluded, over all its hours worked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from billing.rules.pay import amounts, book, day_overtime, day_rates, earnings, facts, hours, workweeks
from contracts.rules import errors, exact, pay_plans, rule_packs

ZERO, ONE = Fraction(0), Fraction(1)
# The input of a line that says what of it a true premium, entered on a line of its own, has paid.
CREDITED = "overtime_credited"


class UnableToDivideFlatSum(errors.InvalidInput):
    """A flat sum in a workweek that has overtime but no other hours."""


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
    """The overtime of all workweeks."""

    earned: earnings.Earned
    weeks: tuple[WeekOvertime, ...]


@dataclass(frozen=True, kw_only=True)
class Counted:
    """The hours of one workweek in this period, and what of the whole week is overtime here, in all and of each day."""

    worked: Fraction
    overtime: Fraction
    double_time: Fraction
    day_count: int = 0
    days: tuple[day_overtime.DayOvertime, ...] = ()


def pay_overtime(
    *,
    paid: book.Book,
    time: Sequence[facts.HourSlice],
    entered: Sequence[facts.Amount],
    terms: pay_plans.PayTerms,
    pack: rule_packs.RulePack,
    period: workweeks.PayPeriod,
    carried: Sequence[facts.CarriedWeek] = (),
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

    Returns: earnings per workweek and rate, and the evidence of each workweek.
    Raises: UnableToDivideFlatSum.
    Source: formats.md, "pay", "Overtime"; 29 CFR 778.109 to 778.118; Alvarado v. Dart Container.
    """
    made: list[earnings.Earning] = []
    found: list[WeekOvertime] = []
    premiums = _by_week(entered, "overtime_premium", time, terms, pack, period)
    flat_sums = _by_week(entered, "flat_sum_bonus", time, terms, pack, period) if pack.flat_sum_divisor == "non_overtime_hours" else {}
    made += [
        amounts.earn_amount(amount=amount, week=amounts.week_of(amount=amount, terms=terms, pack=pack, period=period))
        for amount in entered
        if amount.kind == "overtime_premium"
    ]
    for week in hours.weeks_of(hours=[part for part in time if hours.is_worked(part=part)]):
        before = facts.carried_of(carried=carried, week=week)
        here = [part for part in time if part.week == week]
        counted = count_overtime(time=here, pack=pack, before=before)
        regular = paid.regular_pay_of(week=week)
        # Overtime of special days that was paid before must not be taken off that of ordinary days here: each part pays its own.
        is_cut = bool(pack.ot_day_mults) and any(part.week == week for part in carried)
        if is_cut or day_overtime.applies(time=here, pack=pack):
            due = day_overtime.pay_days(
                rate=day_rates.find_rate(paid=paid, time=time, week=week, terms=terms, pack=pack, carried=carried),
                week=week,
                days=counted.days,
                weekly=counted.overtime - day_overtime.total_of(days=counted.days),
                time=here,
                credited=premiums.get(week, ZERO),
                pack=pack,
            )
        else:
            due = pay_week(pay=regular, counted=counted, before=before, credited=premiums.get(week, ZERO), pack=pack)
        left = premiums.get(week, ZERO) - exact.total(values=(earning.inputs.get(CREDITED, ZERO) for earning in due))
        due += _pay_flat_sum(week, flat_sums.get(week, ZERO), counted, left, pack)
        made += due
        found.append(tell_week(counted=counted, before=before, pay=regular, due=due, entered=premiums.get(week, ZERO)))
    found += _salaried_leave(paid, time, terms, carried)
    return Overtime(earned=earnings.Earned(earnings=tuple(made)), weeks=tuple(sorted(found, key=lambda told: told.week)))


def _salaried_leave(
    paid: book.Book, time: Sequence[facts.HourSlice], terms: pay_plans.PayTerms, carried: Sequence[facts.CarriedWeek]
) -> list[WeekOvertime]:
    """Tell the weeks of leave alone that a salary paid: where the period cuts one, the next period does not pay it again."""
    if terms.salary is None:
        return []
    worked = hours.weeks_of(hours=[part for part in time if hours.is_worked(part=part)])
    none = Counted(worked=ZERO, overtime=ZERO, double_time=ZERO)
    return [
        tell_week(
            counted=none,
            before=facts.carried_of(carried=carried, week=week),
            pay=paid.regular_pay_of(week=week),
            due=[],
            entered=ZERO,
        )
        for week in hours.weeks_of(hours=time)
        if week not in worked
    ]


def count_overtime(*, time: Sequence[facts.HourSlice], pack: rule_packs.RulePack, before: facts.CarriedWeek) -> Counted:
    """Count overtime and double time of one workweek; no hour counts twice.

    Args:
        time: hours of one workweek.
        pack: daily and weekly thresholds, and what the seventh day worked in a workweek earns.
        before: the part of the week that an earlier period paid.

    Returns: hours worked here, those of them that are overtime and double time, and those of each day.
    Source: formats.md, "pay", "Overtime".

    >>> monday = date(2026, 10, 5)
    >>> long_day = facts.HourSlice(week=monday, day=monday, category="productive", hours=Fraction(13))
    >>> law = rule_packs.RulePack(ot_week=Fraction(40), ot_day=Fraction(8), dt_day=Fraction(12))
    >>> counted = count_overtime(time=[long_day], pack=law, before=facts.CarriedWeek(week=monday, hours=ZERO))
    >>> counted.overtime, counted.double_time
    (Fraction(4, 1), Fraction(1, 1))
    """
    days: dict[date, Fraction] = {}
    for part in time:
        if part.day is not None and hours.is_worked(part=part):
            days[part.day] = days.get(part.day, ZERO) + part.hours
    worked = hours.hours_worked(hours=time)
    seventh = _seventh_day(days, before, pack)
    by_day = tuple(_count_day(day, found, seventh, pack) for day, found in days.items())
    double_time = exact.total(values=(found.double_time for found in by_day))
    daily = exact.total(values=(found.overtime for found in by_day))
    counted = before.overtime_hours + before.double_time_hours + daily + double_time
    weekly = max(ZERO, _over(before.hours + worked, pack.ot_week) - counted)
    return Counted(
        worked=worked,
        overtime=daily + weekly,
        double_time=double_time,
        day_count=sum(1 for found in days.values() if found),
        days=by_day,
    )


def _seventh_day(days: Mapping[date, Fraction], before: facts.CarriedWeek, pack: rule_packs.RulePack) -> date | None:
    """Return the last day of a workweek in which every day was worked, where the law treats it apart."""
    worked = [day for day, found in days.items() if found]
    if pack.dt_seventh_day is None or not worked or len(worked) + before.day_count < workweeks.WEEK.days:
        return None
    return max(worked)


def _count_day(day: date, worked: Fraction, seventh: date | None, pack: rule_packs.RulePack) -> day_overtime.DayOvertime:
    double_time = _double_time(day, worked, seventh, pack)
    longer = worked if day == seventh else _over(worked, pack.ot_day)
    # A threshold of double time alone, without one of overtime, leaves no overtime below it.
    overtime = longer - double_time if day == seventh or pack.ot_day is not None else ZERO
    return day_overtime.DayOvertime(day=day, overtime=overtime, double_time=double_time)


def _double_time(day: date, worked: Fraction, seventh: date | None, pack: rule_packs.RulePack) -> Fraction:
    beyond = _over(worked, pack.dt_day)
    return max(beyond, _over(worked, pack.dt_seventh_day)) if day == seventh else beyond


def _over(worked: Fraction, threshold: Fraction | None) -> Fraction:
    return ZERO if threshold is None else max(ZERO, worked - threshold)


def pay_week(
    *, pay: Fraction, counted: Counted, before: facts.CarriedWeek, credited: Fraction, pack: rule_packs.RulePack
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
        taken = {"overtime_before": min(due, paid_before), CREDITED: min(due - min(due, paid_before), credited)}
        paid_before -= taken["overtime_before"]
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


def _pay_flat_sum(
    week: date, flat_sum: Fraction, counted: Counted, credited: Fraction, pack: rule_packs.RulePack
) -> list[earnings.Earning]:
    """Pay what a flat sum adds to each overtime hour, divided by the other hours; what is left of true premiums is taken off."""
    made: list[earnings.Earning] = []
    straight = counted.worked - counted.overtime - counted.double_time
    for label, mult, found in (("overtime", pack.ot_mult, counted.overtime), ("double time", pack.dt_mult, counted.double_time)):
        if not flat_sum or not found:
            continue
        if not straight:
            raise UnableToDivideFlatSum(
                f"The workweek of {week} has a flat sum and overtime but no other hours to divide it by; check the hours.",
                path=("amounts",),
            )
        taken = min(flat_sum / straight * mult * found, credited)
        credited -= taken
        made.append(
            earnings.earn(
                kind="overtime",
                label=f"Flat sum in {label}",
                rule="overtime.flat_sum",
                source="rule_pack/flat_sum_divisor",
                week=week,
                quantity=found,
                rate=flat_sum / straight * mult,
                inputs={
                    "flat_sum": flat_sum,
                    "non_overtime_hours": straight,
                    "multiplier": mult,
                    "overtime_hours": found,
                    **({CREDITED: taken} if taken else {}),
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
    *, counted: Counted, before: facts.CarriedWeek, pay: Fraction, due: Sequence[earnings.Earning], entered: Fraction
) -> WeekOvertime:
    """Write down what a workweek's overtime rests on.

    Args:
        counted: its hours.
        before: the part of the week that an earlier period paid.
        pay: what enters the regular rate in this period.
        due: what `pay_week` paid.
        entered: true premiums that were entered.
    """
    worked = counted.worked + before.hours
    return WeekOvertime(
        week=before.week,
        hours=counted.worked,
        overtime_hours=counted.overtime,
        double_time_hours=counted.double_time,
        regular_rate=(pay + before.pay) / worked if worked else None,
        pay=pay,
        premium=exact.total(values=(earning.exact for earning in due)) + entered,
        day_count=counted.day_count,
    )
