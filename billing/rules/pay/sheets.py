"""The pay of many agents in whole numbers: the twin of `pipeline.py` for what most months hold, equal to it line by line.

Frames have added the units (`unit_frames`) and hours (`hour_frames`) of all agents up. What is left is a few sums for each
agent: amounts of one plan are whole parts of one number, its scale, so nothing is divided, reduced or rounded before its
line is. Whoever has something that no column holds goes through `pipeline.compute_agent`; `covers_plan` and `covers_agent`
say who. A property test holds both equal in every line, test and balance.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from fractions import Fraction
from math import lcm

from agents.rules import scores
from billing.rules.pay import earnings, facts, gather, hour_frames, sheet_hours, sheet_units, unit_frames, wages, workweeks
from billing.rules.pay.sheet_lines import Ratio, SheetLine
from contracts.rules import exact, pay_plans, rule_packs

ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, kw_only=True)
class Columns:
    """What all agents of a plan version and rule pack share, as whole numbers."""

    terms: pay_plans.PayTerms
    pack: rule_packs.RulePack
    unit: sheet_units.UnitColumns | None
    hour: sheet_hours.HourColumns


@dataclass(frozen=True, kw_only=True)
class Member:
    """One agent's sums: units and hours as the frames added them up, and what a record holds of the agent alone."""

    score: scores.QualityScore | None = None
    units: unit_frames.UnitSums = field(default_factory=unit_frames.UnitSums)
    hours: Sequence[hour_frames.WeekHours] = ()
    carried: Sequence[facts.CarriedWeek] = ()
    balances: facts.Balances = field(default_factory=facts.Balances)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One agent's settlement: what `settlements.AgentPay` holds, in whole numbers. `total_minor` adds the rounded lines up."""

    lines: Sequence[SheetLine]
    total_minor: int
    score: scores.QualityScore | None
    weeks: Sequence[sheet_hours.Week]
    tests: Sequence[sheet_hours.Test]
    tiers: Sequence[tuple[Ratio, Ratio]]
    worked_us: int
    balances: facts.Balances

    def sum_minor(self, *, kind: earnings.Kind) -> int:
        """Add the rounded lines of a kind up."""
        return sum(line.minor for line in self.lines if line.kind == kind)


def covers_plan(*, terms: pay_plans.PayTerms, pack: rule_packs.RulePack, period: workweeks.PayPeriod) -> bool:
    """Say whether columns hold a plan under a rule pack: units, quality, base pay, floors by workweek, overtime.

    Args:
        terms: a plan with a salary, category rates, holdback, cap or draw goes through the pipeline.
        pack: so does a pack that tests hours by category or over the period, averages rest, or treats the seventh day apart.
        period: and a period within which the minimum wage changes, or before the first one known, and where special days have overtime
            of their own, one that ends within a workweek.

    Source: docs/adr/0062-pay-in-columns.md.

    >>> covers_plan(terms=pay_plans.PayTerms(base_hourly=ONE), pack=rule_packs.RulePack(),
    ...             period=workweeks.PayPeriod(start=date(2026, 10, 1), end=date(2026, 11, 1)))
    True
    """
    is_plain = (
        terms.salary is None
        and not terms.category_rates
        and not terms.holdback_share
        and terms.cap_amount is None
        and terms.draw is None
        and (terms.unit is None or unit_frames.can_total_frame(terms=terms.unit))
    )
    dated = [found.starts_on for found in pack.min_wages]
    is_one_wage = not dated or (min(dated) <= period.start and not any(period.start < day < period.end for day in dated))
    is_by_week = not pack.min_wages or pack.floor_mode == "workweek_average"
    # A workday that a period cuts counts with hours of the period before.
    is_whole_days = not pack.has_daily_rule or (period.hour == time(0) and pack.workday == "site")
    # Overtime by the day needs more of a workweek that goes on after the period than the sums that columns hand on.
    is_cut_by_day = bool(pack.ot_day_mults) and workweeks.cut_week_of(period=period) is not None
    is_by_sums = pack.rest_pay == "included" and is_whole_days and not is_cut_by_day and hour_frames.can_count_frame(pack=pack)
    return is_plain and is_one_wage and is_by_week and is_by_sums


def covers_agent(*, raw: gather.RawFacts, pack: rule_packs.RulePack, has_day_types: bool) -> bool:
    """Say whether columns hold an agent: no entered amount, paid recovery, release or reversal, and nothing that is owed.

    Args:
        raw: the agent's records; credits and time are the frames' business.
        pack: premium of special days goes through the pipeline; where overtime has one, so does a workweek that an earlier period began,
            and everywhere one of which more than sums is carried.
        has_day_types: whether the agent worked on a special day.

    Source: docs/adr/0062-pay-in-columns.md.
    """
    is_resting = any(decision.effect == "paid_recovery" for decision in raw.decisions)
    is_by_day = bool((has_day_types and pack.day_mults) or (raw.carried and pack.ot_day_mults) or raw.carried_day)
    is_by_day = is_by_day or any(part.tells_all for part in raw.carried)
    return not (raw.amounts or raw.releases or raw.reversals or raw.balances.owes or is_resting or is_by_day)


def make_columns(*, terms: pay_plans.PayTerms, pack: rule_packs.RulePack, period: workweeks.PayPeriod, places: int) -> Columns:
    """Turn the rates of a plan and a pack into whole parts of one scale.

    Args:
        terms, pack, period: as `covers_plan` allows.
        places: decimals of the pay currency, zero or more.

    Source: docs/adr/0062-pay-in-columns.md.
    """
    wage = pack.min_wage_on(day=period.start)
    floors = (wage, terms.guaranteed_hourly)
    carried = (wages.wage_before(pack=pack, period=period), terms.guaranteed_hourly or ZERO)
    hourly = exact.common_denominator(values=[rate for rate in (*floors, *carried, terms.base_hourly) if rate is not None])
    scale = lcm(hour_frames.HOUR_US * hourly, sheet_units.scale_of(terms=terms.unit) if terms.unit else 1)
    return Columns(
        terms=terms,
        pack=pack,
        unit=sheet_units.make_columns(terms=terms.unit, places=places, scale=scale) if terms.unit else None,
        hour=sheet_hours.HourColumns(
            scale=scale,
            places=places,
            pack=pack,
            ot_week=None if pack.ot_week is None else pack.ot_week.as_integer_ratio(),
            base=None if terms.base_hourly is None else terms.base_hourly.as_integer_ratio(),
            base_factor=int((terms.base_hourly or ZERO) * scale / hour_frames.HOUR_US),
            floor_factors=[None if rate is None else int(rate * scale / hour_frames.HOUR_US) for rate in floors],
            carried_factors=[int(rate * scale / hour_frames.HOUR_US) for rate in carried],
            cut_week=workweeks.cut_week_of(period=period),
        ),
    )


def make_sheet(*, columns: Columns, member: Member) -> Sheet:
    """Compute what one agent is owed for a pay period.

    Args:
        columns: as `make_columns` returns them.
        member: an agent that `covers_agent` allows.

    Returns: the lines that `pipeline.compute_agent` makes, in the same order, and what they rest on.
    Source: design.md section 6; docs/adr/0062-pay-in-columns.md.

    >>> plan = pay_plans.PayTerms(base_hourly=Fraction(12))
    >>> law = rule_packs.RulePack(ot_week=Fraction(40))
    >>> week = workweeks.PayPeriod(start=date(2026, 10, 5), end=date(2026, 10, 12))
    >>> worked = hour_frames.WeekHours(week.start, 46 * hour_frames.HOUR_US, 0, 0, 5)
    >>> made = make_sheet(columns=make_columns(terms=plan, pack=law, period=week, places=2), member=Member(hours=(worked,)))
    >>> [(line.kind, line.minor) for line in made.lines]
    [('base', 55200), ('overtime', 3600)]
    """
    made = sheet_units.UnitPay()
    tiers: Sequence[tuple[Ratio, Ratio]] = ()
    if columns.unit is not None:
        if member.units.unit_count:
            made = sheet_units.pay_units(columns=columns.unit, sums=member.units, score=member.score)
        tiers = sheet_units.list_tiers(columns=columns.unit, sums=member.units)
    earned, divisor = _earned_by_week(made, member.score)
    timed = sheet_hours.pay_hours(columns=columns.hour, hours=member.hours, earned=earned, divisor=divisor, carried=member.carried)
    lines = [*made.lines, *timed.lines]
    return Sheet(
        lines=lines,
        total_minor=sum(line.minor for line in lines),
        score=member.score,
        weeks=timed.weeks,
        tests=timed.tests,
        tiers=tiers,
        worked_us=sum(found.worked_us for found in member.hours),
        balances=replace(member.balances, tier_position=member.units.position),
    )


def _earned_by_week(made: sheet_units.UnitPay, score: scores.QualityScore | None) -> tuple[Mapping[date, int], int]:
    """Return what units brought each workweek, quality and suspension included, in parts of the scale, and what it is divided by."""
    if score is None and not made.suspended_pay:
        return made.paid, 1
    excess, divisor = ((score.multiplier if score else ONE) - ONE).as_integer_ratio()
    earned = {week: amount * (divisor + excess) for week, amount in made.paid.items()}
    for week, amount in made.suspended_pay.items():
        earned[week] = earned.get(week, 0) - made.suspended_uplift[week] * divisor - amount * max(0, excess)
    return earned, divisor
