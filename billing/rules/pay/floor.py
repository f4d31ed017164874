"""The floor: minimum wage and contract guarantee. Every test is kept; the top-up is a line, also when it is zero."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Literal

from billing.rules.pay import book, earnings, facts, hours, wages, workweeks
from billing.rules.pay import carried as carried_weeks
from contracts.rules import exact, pay_plans, rule_packs

ZERO = Fraction(0)
PRODUCTIVE = ("productive", "after_contact_work")
# Where hours are tested by category, what pays for other hours than productive ones.
APART: tuple[earnings.Kind, ...] = ("rest", "recovery", "nonproductive")


@dataclass(frozen=True, kw_only=True)
class FloorTest:
    """One test of what was earned against what is required; `week` is None for a test over the whole period."""

    rule: Literal["min_wage", "guarantee"]
    week: date | None
    hours: Fraction
    required: Fraction
    credited: Fraction
    top_up: Fraction


@dataclass(frozen=True, kw_only=True)
class Floored:
    """The top-ups of one floor and the tests they come from."""

    earned: earnings.Earned
    tests: tuple[FloorTest, ...]


def top_up_wage(
    *,
    paid: book.Book,
    time: Sequence[facts.HourSlice],
    pack: rule_packs.RulePack,
    period: workweeks.PayPeriod,
    carried: Sequence[facts.CarriedWeek] = (),
) -> Floored:
    """Lift pay to the minimum wage: by workweek, over the period, or of productive hours alone, as the pack says.

    Args:
        paid: what was earned so far; what enters the regular rate is credited.
        time: the agent's hours.
        pack: minimum wage and floor mode; without a minimum wage nothing is tested.
        period: the agent's part of the pay period.
        carried: parts of workweeks paid before, tested together with the rest of their week at the minimum wage of their days.

    Returns: a top-up per workweek that needs one, or one of zero; and every test.
    Source: formats.md, "pay", "Floor"; 29 CFR 776.5; SI 2015/621; Gonzalez v. Downtown LA Motors.
    """
    if not pack.min_wages or not time:
        return Floored(earned=earnings.Earned(), tests=())

    def required(parts: Sequence[facts.HourSlice]) -> Fraction:
        return exact.total(values=(part.hours * wages.wage_of(part=part, pack=pack, period=period) for part in parts))

    def required_before(part: facts.HourSlice) -> Fraction:
        return part.hours * wages.wage_of_carried(part=part, pack=pack, period=period)

    worked = [part for part in time if hours.is_worked(part=part)]
    if pack.floor_mode == "pay_reference_period":
        return _test_period(paid, worked, required(worked))
    if pack.floor_mode == "per_hour_category":
        productive = [part for part in worked if part.category in PRODUCTIVE]
        # Sums alone do not say which of their hours were productive, and what paid for the others.
        earlier = [replace(before, time=_productive(before)) for before in carried if before.tells_all]
        # Recovery pays for its own hours, as rest does; crediting it here too would let one more resolution lower the total.
        return _test_weeks(paid, productive, required, "min_wage", earlier, required_before, without=APART)
    return _test_weeks(paid, worked, required, "min_wage", carried, required_before)


def top_up_guarantee(
    *, paid: book.Book, time: Sequence[facts.HourSlice], terms: pay_plans.PayTerms, carried: Sequence[facts.CarriedWeek] = ()
) -> Floored:
    """Lift the pay of each workweek to the hourly guarantee of the plan, over all its hours.

    Args:
        paid: what was earned so far, the minimum wage top-up included.
        time: the agent's hours.
        terms: the guarantee; without one nothing is tested.
        carried: parts of workweeks paid before.

    Returns: a top-up per workweek that needs one, or one of zero; and every test.
    Source: formats.md, "pay", "Floor"; 29 CFR 778.111(b).
    """
    if terms.guaranteed_hourly is None or not time:
        return Floored(earned=earnings.Earned(), tests=())
    hourly = terms.guaranteed_hourly

    def required(parts: Sequence[facts.HourSlice]) -> Fraction:
        return exact.total(values=(part.hours * hourly for part in parts))

    worked = [part for part in time if hours.is_worked(part=part)]
    return _test_weeks(paid, worked, required, "guarantee", carried, lambda part: part.hours * hourly)


def _productive(before: facts.CarriedWeek) -> tuple[facts.HourSlice, ...]:
    """Return the hours of an earlier part that are tested together; those of no day and no worth where there are none."""
    nothing = facts.HourSlice(week=before.week, day=None, category=PRODUCTIVE[0], hours=ZERO)
    return tuple(part for part in carried_weeks.slices_of(before=before) if part.category in PRODUCTIVE) or (nothing,)


def _test_weeks(
    paid: book.Book,
    worked: Sequence[facts.HourSlice],
    required: Callable[[Sequence[facts.HourSlice]], Fraction],
    rule: Literal["min_wage", "guarantee"],
    carried: Sequence[facts.CarriedWeek],
    required_before: Callable[[facts.HourSlice], Fraction],
    without: tuple[earnings.Kind, ...] = (),
) -> Floored:
    """Test each workweek, with what an earlier period paid of it."""
    tests = []
    for week in hours.weeks_of(hours=worked):
        parts = [part for part in worked if part.week == week]
        before = facts.carried_of(carried=carried, week=week)
        earlier = [part for part in carried_weeks.slices_of(before=before) if hours.is_worked(part=part)]
        # What the plan's guarantee added before comes after the minimum wage, as it does here.
        after = (*without, "guarantee") if rule == "min_wage" else without
        credited = paid.regular_pay_of(week=week, without=without) + carried_weeks.pay_of(before=before, without=after)
        due = required(parts) + exact.total(values=(required_before(part) for part in earlier))
        tests.append(_test(rule, week, hours.hours_worked(hours=[*parts, *earlier]), due, credited))
    return _floored(tests)


def _test_period(paid: book.Book, worked: Sequence[facts.HourSlice], required: Fraction) -> Floored:
    """Test the whole period; for the regular rates, the top-up is spread by hours."""
    total = hours.hours_worked(hours=worked)
    found = _floored([_test("min_wage", None, total, required, paid.regular_total())])
    top_up = found.tests[0].top_up
    weekly = tuple(
        earnings.WeekPay(week=week, kind="floor", amount=top_up * hours.hours_worked(hours=worked, week=week) / total)
        for week in hours.weeks_of(hours=worked)
        if top_up and total
    )
    return Floored(earned=earnings.Earned(earnings=found.earned.earnings, weekly=weekly), tests=found.tests)


def _test(rule: Literal["min_wage", "guarantee"], week: date | None, worked: Fraction, required: Fraction, credited: Fraction) -> FloorTest:
    return FloorTest(rule=rule, week=week, hours=worked, required=required, credited=credited, top_up=max(ZERO, required - credited))


def _floored(tests: Sequence[FloorTest]) -> Floored:
    lifted = [test for test in tests if test.top_up]
    made = [_earn(test) for test in lifted] or ([_earn_nothing(tests)] if tests else [])
    weekly = tuple(earnings.WeekPay(week=test.week, kind="floor", amount=test.top_up) for test in lifted)
    return Floored(earned=earnings.Earned(earnings=tuple(made), weekly=weekly), tests=tuple(tests))


def _earn(test: FloorTest) -> earnings.Earning:
    return earnings.earn(
        kind="floor",
        label="Minimum wage top-up" if test.rule == "min_wage" else "Guarantee top-up",
        rule="floor",
        source="rule_pack/min_wage" if test.rule == "min_wage" else "plan/guaranteed_hourly",
        week=test.week,
        quantity=test.hours,
        rate=test.required / test.hours if test.hours else None,
        inputs={"required": test.required, "credited": test.credited, "hours": test.hours},
    )


def _earn_nothing(tests: Sequence[FloorTest]) -> earnings.Earning:
    """Show that the floor was tested and not needed, once for all workweeks."""
    total = exact.total(values=(test.hours for test in tests))
    required = exact.total(values=(test.required for test in tests))
    credited = exact.total(values=(test.credited for test in tests))
    week = tests[0].week if len(tests) == 1 else None
    return _earn(FloorTest(rule=tests[0].rule, week=week, hours=total, required=required, credited=credited, top_up=ZERO))
