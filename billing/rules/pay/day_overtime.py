"""Overtime by the day: where the law pays more overtime on special days, each hour of it is paid on the rate of its own day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from billing.rules.pay import day_rates, earnings, facts, hours
from contracts.rules import exact, rule_packs

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, kw_only=True)
class DayOvertime:
    """Hours of one workday, and what of them is overtime and double time."""

    day: date
    overtime: Fraction
    double_time: Fraction


@dataclass(frozen=True, kw_only=True)
class _Group:
    label: str
    source: str
    day_mult: Fraction
    mult: Fraction


def applies(*, time: Sequence[facts.HourSlice], pack: rule_packs.RulePack) -> bool:
    """Say whether a workweek has hours on a day on which the law pays overtime of its own."""
    return any(part.day_type and pack.has_ot_mult(day_type=part.day_type) for part in time if hours.is_worked(part=part))


def pay_days(
    *,
    rate: day_rates.DayRate,
    week: date,
    days: Sequence[DayOvertime],
    weekly: Fraction,
    time: Sequence[facts.HourSlice],
    credited: Fraction,
    pack: rule_packs.RulePack,
) -> list[earnings.Earning]:
    """Pay the premium of each overtime hour of a workweek on the rate of its own day.

    Args:
        rate: pay and hours of the workweek without premiums of special days.
        week: the workweek.
        days: overtime of each workday.
        weekly: overtime hours of the week that belong to no day; they are ordinary.
        time: hours of the workweek, to know the type of each day; of two types on one day the higher one counts.
        credited: true premiums that were entered for the week; they are taken off in the order of the lines.
        pack: multipliers of days and of overtime.

    Returns: one earning per type of day, ordinary overtime first.
    Source: Omnibus Rules Implementing the Labor Code of the Philippines, Book III, Rule I, section 9; Rule IV, section 5.
    """
    sums: dict[_Group, Fraction] = {_ordinary(pack): weekly}
    for found in days:
        day_type = _type_of(found.day, time, pack)
        day_mult = day_rates.mult_of(day_type=day_type, pack=pack)
        usual = _ordinary(pack) if day_type is None else _special(day_type, day_mult, pack)
        double = _Group(label="Double-time premium", source="rule_pack/dt_mult", day_mult=day_mult, mult=pack.dt_mult)
        for group, worked in ((usual, found.overtime), (double, found.double_time)):
            sums[group] = sums.get(group, ZERO) + worked
    made = []
    for group, worked in sums.items():
        if worked:
            earned = _earn(rate, week, group, worked, credited)
            credited -= earned.inputs.get("overtime_credited", ZERO)
            made.append(earned)
    return made


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
