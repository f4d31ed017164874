"""Overtime by the day: where the law pays more overtime on special days, each hour of it is paid on the rate of its own day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import pairwise

from billing.rules.pay import day_rates, earnings, facts, hours
from contracts.rules import exact, rule_packs

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, kw_only=True)
class DayOvertime:
    """Hours of one workday in this part of its workweek: straight ones first, then overtime, then double time.

    `earlier` are hours of the same workday that were counted before: in an earlier period, or an earlier workweek.
    """

    day: date
    overtime: Fraction
    double_time: Fraction
    straight: Fraction = ZERO
    earlier: Fraction = ZERO


@dataclass(frozen=True, kw_only=True)
class _Group:
    label: str
    source: str
    day_mult: Fraction
    mult: Fraction


def applies(*, time: Sequence[facts.HourSlice], pack: rule_packs.RulePack) -> bool:
    """Say whether a workweek has hours on a day on which the law pays overtime of its own.

    Args:
        time: hours of one workweek.
        pack: its overtime multipliers by type of day.

    Source: pay_rules.md section 6: overtime of rest days and holidays.
    """
    return any(part.day_type and pack.has_ot_mult(day_type=part.day_type) for part in time if hours.is_worked(part=part))


def place_weekly(*, days: Sequence[DayOvertime], weekly: Fraction) -> tuple[DayOvertime, ...]:
    """Give overtime of the week to the days that worked it: the last straight hours of the week.

    Args:
        days: the days of a workweek with their own overtime.
        weekly: overtime hours of the week beyond those of its days, zero or more.

    Returns: the same days in order; hours of the week that no day has stay with none.
    Source: 29 CFR 778.101; hours beyond the weekly maximum are the last ones.

    >>> long = [DayOvertime(day=date(2026, 10, day), overtime=ZERO, double_time=ZERO, straight=Fraction(11)) for day in (5, 6, 7, 8)]
    >>> [str(found.overtime) for found in place_weekly(days=long, weekly=Fraction(14))]
    ['0', '0', '3', '11']
    """
    placed: list[DayOvertime] = []
    for found in sorted(days, key=lambda one: one.day, reverse=True):
        taken = min(weekly, found.straight)
        weekly -= taken
        placed.insert(0, replace(found, overtime=found.overtime + taken, straight=found.straight - taken))
    return tuple(placed)


def pay_days(
    *,
    rate: day_rates.DayRate,
    before: facts.CarriedWeek,
    days: Sequence[DayOvertime],
    weekly: Fraction,
    time: Sequence[facts.HourSlice],
    credited: Fraction,
    pack: rule_packs.RulePack,
    parts: Sequence[facts.DayPart] = (),
) -> list[earnings.Earning]:
    """Pay the premium of each overtime hour of a workweek on the rate of its own day.

    Args:
        rate: pay and hours of the workweek without premiums of special days.
        before: the part of the week that an earlier period paid; what its overtime lacks at the rate of the whole week is paid last.
        days: overtime of each workday, that of the week included.
        weekly: overtime hours of the week that belong to no day; they are ordinary.
        time: hours of the workweek, to know the type of each day; of two types on one day the higher one counts.
        parts: hours of the workweek in order, where a workday goes on over midnight: each hour then has the type of its own.
        credited: true premiums that were entered for the week; they are taken off in the order of the lines.
        pack: multipliers of days and of overtime.

    Returns: one earning per type of day, ordinary overtime first.
    Source: Omnibus Rules Implementing the Labor Code of the Philippines, Book III, Rule I, section 9; Rule IV, section 5.
    """
    sums: dict[_Group, Fraction] = {_ordinary(pack): weekly}
    for found in days:
        for day_type, overtime, double_time in _by_type(found, time, parts, pack):
            day_mult = day_rates.mult_of(day_type=day_type, pack=pack)
            usual = _ordinary(pack) if day_type is None else _special(day_type, day_mult, pack)
            double = _Group(label="Double-time premium", source="rule_pack/dt_mult", day_mult=day_mult, mult=pack.dt_mult)
            for group, worked in ((usual, overtime), (double, double_time)):
                sums[group] = sums.get(group, ZERO) + worked
    made = []
    for group, worked in sums.items():
        if worked:
            earned = _earn(rate, before.week, group, worked, credited)
            credited -= earned.inputs.get("overtime_credited", ZERO)
            made.append(earned)
    lacking = day_rates.pay_lacking(rate=rate, before=before, kind="overtime", had=before.overtime)
    return [*made, lacking] if lacking else made


def divide_part(*, part: facts.DayPart, day: DayOvertime) -> tuple[Fraction, Fraction, Fraction]:
    """Divide unbroken hours of a day into straight hours, overtime and double time; of a day they come in this order.

    Args:
        part: hours of that workday without a break.
        day: what of the whole workday is straight, overtime and double time.

    Returns: hours, in this order; they add up to those of the part that the day counts.

    >>> long = DayOvertime(day=date(2026, 10, 5), overtime=Fraction(4), double_time=ONE, straight=Fraction(8))
    >>> evening = facts.DayPart(week=date(2026, 10, 5), day=date(2026, 10, 5), hours=Fraction(6), hours_before=Fraction(7))
    >>> [str(hours) for hours in divide_part(part=evening, day=long)]
    ['1', '4', '1']
    """
    starts = part.hours_before - day.earlier
    bounds = (ZERO, day.straight, day.straight + day.overtime, day.straight + day.overtime + day.double_time)
    straight, overtime, double_time = (max(ZERO, min(starts + part.hours, upper) - max(starts, lower)) for lower, upper in pairwise(bounds))
    return straight, overtime, double_time


def _by_type(
    found: DayOvertime, time: Sequence[facts.HourSlice], parts: Sequence[facts.DayPart], pack: rule_packs.RulePack
) -> list[tuple[str | None, Fraction, Fraction]]:
    """Return overtime and double time of a day by the type of the hour; what no part holds has the type of the day."""
    typed = [(part.day_type, *divide_part(part=part, day=found)[1:]) for part in parts if part.day == found.day]
    overtime = found.overtime - exact.total(values=(one for _, one, _ in typed))
    double_time = found.double_time - exact.total(values=(one for _, _, one in typed))
    return [*typed, (_type_of(found.day, time, pack), overtime, double_time)]


def _type_of(day: date, time: Sequence[facts.HourSlice], pack: rule_packs.RulePack) -> str | None:
    types = {part.day_type for part in time if part.day == day and part.day_type}
    return max(sorted(types), key=lambda one: day_rates.mult_of(day_type=one, pack=pack), default=None)


def _ordinary(pack: rule_packs.RulePack) -> _Group:
    return _Group(label="Overtime premium", source="rule_pack/ot_mult", day_mult=ONE, mult=pack.ot_mult)


def _special(day_type: str, day_mult: Fraction, pack: rule_packs.RulePack) -> _Group:
    words = day_type.replace("_", " ")
    return _Group(
        label=f"Overtime, {words}", source=f"rule_pack/ot_day_mults/{day_type}", day_mult=day_mult, mult=pack.ot_mult_on(day_type=day_type)
    )


def _earn(rate: day_rates.DayRate, week: date, group: _Group, worked: Fraction, credited: Fraction) -> earnings.Earning:
    hourly = rate.pay / rate.hours * group.day_mult * (group.mult - ONE)
    taken = min(hourly * worked, credited)
    return earnings.earn(
        kind="overtime",
        label=group.label,
        rule="overtime.day",
        source=group.source,
        week=week,
        quantity=worked,
        rate=hourly,
        inputs={
            "pay": rate.pay,
            "hours": rate.hours,
            "day_multiplier": group.day_mult,
            "multiplier": group.mult,
            "overtime_hours": worked,
            **({"overtime_credited": taken} if taken else {}),
        },
    )


def total_of(*, days: Sequence[DayOvertime]) -> Fraction:
    """Return the overtime hours that belong to a day.

    >>> total_of(days=[DayOvertime(day=date(2026, 10, 5), overtime=ONE, double_time=ZERO)])
    Fraction(1, 1)
    """
    return exact.total(values=(found.overtime for found in days))
