"""What an hour is worth by its own day: the workweek's regular rate without premiums of special days, times the day's multiplier."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from billing.rules.pay import book, earnings, facts, hours
from billing.rules.pay import carried as carried_weeks
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
        time: the agent's hours in this period.
        week: the workweek.
        terms: what an hour earns, to know what premiums of special days were.
        pack: multipliers of special days.
        carried: parts of workweeks that an earlier period paid; the rate is that of the whole week.

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
    pay, worked = paid.regular_pay_of(week=week) - premiums, hours.hours_worked(hours=time, week=week)
    before = facts.carried_of(carried=carried, week=week)
    # Of an earlier part that is known as sums alone, nobody can say what of its pay was a premium; a salary is there for the whole week.
    if before.tells_all or terms.salary is not None:
        pay += carried_weeks.pay_of(before=before, without=("day_premium",))
        worked += before.hours
    return DayRate(pay=pay, hours=worked)


def mult_of(*, day_type: str | None, pack: rule_packs.RulePack) -> Fraction:
    """Return the multiplier of a type of day; one for an ordinary day, and where the pack has none.

    Source: formats.md, "pay", "Hours": day_mults.

    >>> mult_of(day_type=None, pack=rule_packs.RulePack())
    Fraction(1, 1)
    """
    return (pack.day_mult(day_type=day_type) if day_type else None) or ONE


def due_before(*, rate: DayRate, before: facts.CarriedWeek, kind: Literal["overtime", "night"]) -> Fraction:
    """Return what overtime by the day, or the night, of an earlier part is worth at the rate of the whole workweek.

    Args:
        rate: of the whole workweek, the pay currency and hours.
        before: the part that an earlier period paid.
        kind: overtime by the day, or the night.

    Returns: the pay currency, exact; zero where the part is known as sums alone.
    Source: design.md section 6, steps 7 and 9, over the whole workweek.

    >>> from datetime import date
    >>> share = facts.CarriedShare(kind="night", multiplier=Fraction(1, 10), hours=Fraction(8))
    >>> part = facts.CarriedWeek(week=date(2026, 10, 26), hours=Fraction(8), shares=(share,))
    >>> due_before(rate=DayRate(pay=Fraction(800), hours=Fraction(8)), before=part, kind="night")
    Fraction(80, 1)
    """
    return rate.pay / rate.hours * _weighted(before, kind) if before.shares else ZERO


def left_of_overtime(*, rate: DayRate, before: facts.CarriedWeek) -> Fraction:
    """Return what an earlier part was paid of overtime beyond its overtime by the day: what flat sums added, and no more than that.

    Args:
        rate: of the whole workweek, the pay currency and hours.
        before: the part that an earlier period paid.

    Returns: the pay currency, exact; zero where the part is known as sums alone.
    Source: design.md section 6, step 9, over the whole workweek.

    >>> from datetime import date
    >>> part = facts.CarriedWeek(week=date(2026, 10, 26), hours=Fraction(8), overtime=Fraction(50))
    >>> left_of_overtime(rate=DayRate(pay=Fraction(800), hours=Fraction(8)), before=part)
    Fraction(0, 1)
    """
    return max(ZERO, before.overtime - due_before(rate=rate, before=before, kind="overtime")) if before.shares else ZERO


def pay_lacking(*, rate: DayRate, before: facts.CarriedWeek, kind: Literal["overtime", "night"], had: Fraction) -> earnings.Earning | None:
    """Pay what overtime or night hours of an earlier part lack, now that the rate of the whole workweek is known.

    Args:
        rate: of the whole workweek.
        before: the part that an earlier period paid.
        kind: overtime by the day, or the night.
        had: what the earlier part was paid of it.

    Returns: the earning; None where nothing is lacking, or the part is known as sums alone.
    Source: design.md section 6, steps 7 and 9, over the whole workweek.
    """
    if not _weighted(before, kind) or due_before(rate=rate, before=before, kind=kind) <= had:
        return None
    return earnings.earn(
        kind="overtime" if kind == "overtime" else "shift_differential",
        label=("Overtime premium" if kind == "overtime" else "Night differential") + carried_weeks.EARLIER,
        rule=f"{kind}.carried",
        source="rule_pack/ot_day_mults" if kind == "overtime" else "rule_pack/night_share",
        week=before.week,
        quantity=exact.total(values=(share.hours for share in before.shares if share.kind == kind)),
        inputs={"pay": rate.pay, "hours": rate.hours, "premium_hours": _weighted(before, kind), carried_weeks.BEFORE: had},
    )


def _weighted(before: facts.CarriedWeek, kind: str) -> Fraction:
    return exact.total(values=(share.hours * share.multiplier for share in before.shares if share.kind == kind))
