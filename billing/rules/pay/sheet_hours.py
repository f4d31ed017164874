"""Base pay, floors and overtime of a sheet: the twins of `hours`, `floor` and `overtime`, workweek by workweek."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import lcm
from typing import Literal, NamedTuple

from billing.rules.pay import earnings, facts, overtime, overtime_hours, sheet_lines
from billing.rules.pay.hour_frames import HOUR_US, WeekHours
from billing.rules.pay.sheet_lines import Ratio, SheetLine
from contracts.rules import rule_packs

ZERO = Fraction(0)
NOTHING: Ratio = (0, 1)
FLOORS: tuple[tuple[Literal["min_wage", "guarantee"], str, str], ...] = (
    ("min_wage", "Minimum wage top-up", "rule_pack/min_wage"),
    ("guarantee", "Guarantee top-up", "plan/guaranteed_hourly"),
)


@dataclass(frozen=True, kw_only=True)
class HourColumns:
    """What the hours of a plan share; factors turn a microsecond into parts of the scale, None where there is no such rate.

    `carried_factors` are those of the hours that an earlier period paid of a workweek; `cut_week` goes on after the period.
    """

    scale: int
    places: int
    pack: rule_packs.RulePack
    ot_week: Ratio | None
    base: Ratio | None
    base_factor: int
    floor_factors: Sequence[int | None]
    carried_factors: Sequence[int]
    cut_week: date | None = None


class Test(NamedTuple):
    """One floor test: `floor.FloorTest` in whole numbers over the agent's denominators."""

    rule: str
    week: date | None
    hours: Ratio
    required: Ratio
    credited: Ratio
    top_up: Ratio


class Week(NamedTuple):
    """One workweek's evidence: `overtime.WeekOvertime` as quotients."""

    week: date
    hours: Ratio
    overtime_hours: Ratio
    double_time_hours: Ratio
    regular_rate: Ratio | None
    pay: Ratio
    premium: Ratio
    day_count: int


@dataclass(kw_only=True)
class HourPay:
    """One agent's lines of hours, with every test and workweek."""

    lines: list[SheetLine] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)
    weeks: list[Week] = field(default_factory=list)


def pay_hours(
    *,
    columns: HourColumns,
    hours: Sequence[WeekHours],
    earned: Mapping[date, int],
    divisor: int,
    carried: Sequence[facts.CarriedWeek],
) -> HourPay:
    """Pay one agent's hours, lift each workweek to its floors, then pay its overtime.

    Args:
        columns: rates of plan and pack.
        hours: workweeks with hours worked, in order.
        earned: by workweek, what units brought, in parts of scale × divisor.
        divisor: what the quality of units is divided by.
        carried: parts of workweeks that an earlier period paid.

    Source: formats.md, "pay", "Hours", "Floor" and "Overtime".
    """
    before = {part.week: part for part in carried}
    # What was carried may be any fraction; its denominators join those of the agent.
    common = lcm(*(value.denominator for part in carried for value in (part.hours, part.overtime_hours, part.double_time_hours, part.pay)))
    made = HourPay(lines=_pay_base(columns, hours))
    part_of = divisor * common
    pays = {found.week: found.worked_us * columns.base_factor * part_of + earned.get(found.week, 0) * common for found in hours}
    for place, factor in enumerate(columns.floor_factors):
        if factor is not None and hours:
            _apply_floor(columns, made, place, factor, hours, pays, part_of, common, before)
    for found in sorted([*hours, *_without_hours(columns, hours, earned, before)], key=lambda worked: worked.week):
        pay = pays.get(found.week, earned.get(found.week, 0) * common)
        _pay_overtime(columns, made, found, pay, part_of, common, before.get(found.week))
    return made


def _without_hours(
    columns: HourColumns, hours: Sequence[WeekHours], earned: Mapping[date, int], before: Mapping[date, facts.CarriedWeek]
) -> list[WeekHours]:
    """Return workweeks without hours here whose pay matters: overtime of before earns more by it, or the next period has to know it."""
    raised = {week for week, part in before.items() if part.overtime_hours or part.double_time_hours}
    cut = {columns.cut_week} if columns.cut_week else set()
    worked = {found.week for found in hours}
    return [WeekHours(week, 0, 0, 0, 0) for week in raised | cut if earned.get(week) and week not in worked]


def _pay_base(columns: HourColumns, hours: Sequence[WeekHours]) -> list[SheetLine]:
    if columns.base is None or not hours:
        return []
    worked = sum(found.worked_us for found in hours)
    amount, total = (worked * columns.base_factor, columns.scale), (worked, HOUR_US)
    minor = sheet_lines.round_line(kind="base", amount=amount, places=columns.places)
    week = hours[0].week if len(hours) == 1 else None
    numbers = {"hours": total, "rate": columns.base}
    return [SheetLine("base", "Base pay", "hours.rate", "plan/base_hourly", week, total, columns.base, amount, minor, numbers, {})]


def _apply_floor(
    columns: HourColumns,
    made: HourPay,
    place: int,
    factor: int,
    hours: Sequence[WeekHours],
    pays: dict[date, int],
    part_of: int,
    common: int,
    before: Mapping[date, facts.CarriedWeek],
) -> None:
    """Test each workweek against one floor; what lifts it counts in the next floor and in the regular rate."""
    whole = columns.scale * part_of
    tests, lifted = [], []
    for found in hours:
        earlier = before.get(found.week)
        worked, credited = found.worked_us * common, pays[found.week]
        required = worked * factor * (part_of // common)
        if earlier is not None:
            carried = int(earlier.hours * HOUR_US * common)
            worked += carried
            required += carried * columns.carried_factors[place] * (part_of // common)
            credited += int(earlier.pay * whole)
        top_up = max(0, required - credited)
        pays[found.week] += top_up
        test = Test(FLOORS[place][0], found.week, (worked, HOUR_US * common), (required, whole), (credited, whole), (top_up, whole))
        tests.append(test)
        if top_up:
            lifted.append(test)
    made.tests += tests
    made.lines += [_earn_floor(columns, place, test) for test in lifted or [_join(tests)]]


def _join(tests: Sequence[Test]) -> Test:
    """Show that a floor was tested and not needed, once for all workweeks."""
    one = tests[0]
    hours, required, credited = (
        (sum(above for above, _ in values), values[0][1])
        for values in ([test.hours for test in tests], [test.required for test in tests], [test.credited for test in tests])
    )
    return Test(one.rule, one.week if len(tests) == 1 else None, hours, required, credited, NOTHING)


def _earn_floor(columns: HourColumns, place: int, test: Test) -> SheetLine:
    _, label, source = FLOORS[place]
    rate = (test.required[0] * test.hours[1], test.required[1] * test.hours[0]) if test.hours[0] else None
    return SheetLine(
        "floor",
        label,
        "floor",
        source,
        test.week,
        test.hours,
        rate,
        test.top_up,
        sheet_lines.round_line(kind="floor", amount=test.top_up, places=columns.places),
        {"required": test.required, "credited": test.credited, "hours": test.hours},
        {},
    )


def _pay_overtime(
    columns: HourColumns, made: HourPay, found: WeekHours, pay: int, part_of: int, common: int, earlier: facts.CarriedWeek | None
) -> None:
    """Count a workweek's overtime; where there is any, the scalar rule pays it, for few weeks have some."""
    total, before, before_pay = found.worked_us * common, ZERO, 0
    whole, parts = columns.scale * part_of, HOUR_US * common
    if earlier is not None:
        total += int(earlier.hours * parts)
        before, before_pay = earlier.overtime_hours + earlier.double_time_hours, int(earlier.pay * whole)
    is_long = columns.ot_week is not None and total * columns.ot_week[1] > columns.ot_week[0] * parts
    if is_long or before or found.overtime_us or found.double_time_us:
        over = Fraction(found.overtime_us, HOUR_US)
        if columns.pack.ot_week is not None and is_long:
            counted = Fraction(found.overtime_us + found.double_time_us, HOUR_US)
            over += max(ZERO, Fraction(total, parts) - columns.pack.ot_week - before - counted)
        if over or before or found.double_time_us:
            _pay_premium(columns, made, found, over, pay, part_of, earlier)
            return
    rate = ((pay + before_pay) * parts, whole * total) if total else None
    made.weeks.append(Week(found.week, (found.worked_us, HOUR_US), NOTHING, NOTHING, rate, (pay, whole), NOTHING, found.day_count))


def _pay_premium(
    columns: HourColumns,
    made: HourPay,
    found: WeekHours,
    over: Fraction,
    pay: int,
    part_of: int,
    earlier: facts.CarriedWeek | None,
) -> None:
    """Let the scalar rule pay the premium of one workweek."""
    before = earlier or facts.CarriedWeek(week=found.week, hours=ZERO)
    counted = overtime_hours.Counted(
        worked=Fraction(found.worked_us, HOUR_US),
        overtime=over,
        double_time=Fraction(found.double_time_us, HOUR_US),
        day_count=found.day_count,
    )
    regular = Fraction(pay, columns.scale * part_of)
    due = overtime.pay_week(pay=regular, counted=counted, before=before, credited=ZERO, pack=columns.pack)
    made.lines += [_take_over(columns, earning) for earning in due]
    told = overtime.tell_week(counted=counted, before=before, pay=regular, in_rate=regular, due=due, entered=ZERO)
    rate = None if told.regular_rate is None else told.regular_rate.as_integer_ratio()
    made.weeks.append(
        Week(
            told.week,
            told.hours.as_integer_ratio(),
            told.overtime_hours.as_integer_ratio(),
            told.double_time_hours.as_integer_ratio(),
            rate,
            told.pay.as_integer_ratio(),
            told.premium.as_integer_ratio(),
            told.day_count,
        )
    )


def _take_over(columns: HourColumns, earning: earnings.Earning) -> SheetLine:
    """Enter an earning of a scalar rule."""
    amount = earning.exact.as_integer_ratio()
    return SheetLine(
        earning.kind,
        earning.label,
        earning.rule,
        earning.source,
        earning.week,
        None if earning.quantity is None else earning.quantity.as_integer_ratio(),
        None if earning.rate is None else earning.rate.as_integer_ratio(),
        amount,
        sheet_lines.round_line(kind=earning.kind, amount=amount, places=columns.places),
        {name: value.as_integer_ratio() for name, value in earning.inputs.items()},
        earning.details,
    )
