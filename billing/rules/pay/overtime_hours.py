"""Which hours are overtime and double time: of each day, and of the whole workweek; no hour counts twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from billing.rules.pay import day_overtime, facts, hours, workweeks
from contracts.rules import exact, rule_packs

ZERO = Fraction(0)
NOTHING: Mapping[date, Fraction] = {}


@dataclass(frozen=True, kw_only=True)
class Counted:
    """The hours of one workweek in this period, and what of the whole week is overtime here, in all and of each day."""

    worked: Fraction
    overtime: Fraction
    double_time: Fraction
    day_count: int = 0
    days: tuple[day_overtime.DayOvertime, ...] = ()

    @property
    def weekly(self) -> Fraction:
        """Return the overtime of the week beyond that of its days."""
        return self.overtime - day_overtime.total_of(days=self.days)


def count_overtime(
    *,
    time: Sequence[facts.HourSlice],
    pack: rule_packs.RulePack,
    before: facts.CarriedWeek,
    earlier: Mapping[date, Fraction] = NOTHING,
) -> Counted:
    """Count overtime and double time of one workweek; no hour counts twice.

    Args:
        time: hours of one workweek.
        pack: daily and weekly thresholds, and what the seventh day worked in a workweek earns.
        before: the part of the week that an earlier period paid.
        earlier: what was worked on the same workdays in an earlier period or workweek.

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
    seventh = _seventh_day(days, before, pack, earlier)
    by_day = tuple(_count_part(day, found, earlier.get(day, ZERO), seventh, pack) for day, found in days.items())
    double_time = exact.total(values=(found.double_time for found in by_day))
    daily = exact.total(values=(found.overtime for found in by_day))
    counted = before.overtime_hours + before.double_time_hours + daily + double_time
    weekly = max(ZERO, _over(before.hours + worked, pack.ot_week) - counted)
    return Counted(
        worked=worked,
        overtime=daily + weekly,
        double_time=double_time,
        day_count=sum(1 for day, found in days.items() if found and not earlier.get(day)),
        days=by_day,
    )


def list_earlier_days(*, time: Sequence[facts.HourSlice], week: date, carried_day: facts.CarriedDay | None) -> Mapping[date, Fraction]:
    """Return what was worked on workdays of a week before it, where a shift goes on from an earlier workweek or period.

    Args:
        time: the agent's hours in this period.
        week: first day of the workweek.
        carried_day: the workday that the period before began and did not end.

    Returns: hours by workday.
    Source: docs/adr/0082-a-workday-may-begin-with-the-shift.md.

    >>> list_earlier_days(time=(), week=date(2026, 11, 2), carried_day=facts.CarriedDay(day=date(2026, 11, 1), hours=Fraction(4)))
    {datetime.date(2026, 11, 1): Fraction(4, 1)}
    """
    found = {} if carried_day is None else {carried_day.day: carried_day.hours}
    for part in time:
        if part.day is not None and part.week < week and hours.is_worked(part=part):
            found[part.day] = found.get(part.day, ZERO) + part.hours
    return found


def _seventh_day(
    days: Mapping[date, Fraction], before: facts.CarriedWeek, pack: rule_packs.RulePack, earlier: Mapping[date, Fraction]
) -> date | None:
    """Return the last day of a workweek in which every day was worked, where the law treats it apart."""
    worked = [day for day, found in days.items() if found]
    begun = sum(1 for day in worked if not earlier.get(day))
    if pack.dt_seventh_day is None or not worked or begun + before.day_count < workweeks.WEEK.days:
        return None
    return max(worked)


def _count_part(
    day: date, worked: Fraction, earlier: Fraction, seventh: date | None, pack: rule_packs.RulePack
) -> day_overtime.DayOvertime:
    """Count what these hours add to a workday that had some before."""
    overtime, double_time = _count_day(day, earlier + worked, seventh, pack)
    overtime_before, double_time_before = _count_day(day, earlier, seventh, pack)
    overtime, double_time = overtime - overtime_before, double_time - double_time_before
    return day_overtime.DayOvertime(
        day=day, overtime=overtime, double_time=double_time, straight=worked - overtime - double_time, earlier=earlier
    )


def _count_day(day: date, worked: Fraction, seventh: date | None, pack: rule_packs.RulePack) -> tuple[Fraction, Fraction]:
    double_time = _double_time(day, worked, seventh, pack)
    longer = worked if day == seventh else _over(worked, pack.ot_day)
    # A threshold of double time alone, without one of overtime, leaves no overtime below it.
    return (longer - double_time if day == seventh or pack.ot_day is not None else ZERO), double_time


def _double_time(day: date, worked: Fraction, seventh: date | None, pack: rule_packs.RulePack) -> Fraction:
    beyond = _over(worked, pack.dt_day)
    return max(beyond, _over(worked, pack.dt_seventh_day)) if day == seventh else beyond


def _over(worked: Fraction, threshold: Fraction | None) -> Fraction:
    return ZERO if threshold is None else max(ZERO, worked - threshold)
