"""The result of the pipeline: lines, total, the evidence behind them, and the balances that go on."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from agents.rules import scores
from billing.rules.pay import earnings, facts, floor, overtime, unit_pay


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the lines rest on. `cut_week` and `open_day` go on with the workweek and the workday that the period's end cuts."""

    period_start: date
    period_end: date
    multiplier: Fraction | None
    score: scores.QualityScore | None
    weeks: tuple[overtime.WeekOvertime, ...]
    floor_tests: tuple[floor.FloorTest, ...]
    tiers: tuple[unit_pay.TierPay, ...]
    holiday_hours: Fraction | None
    left_out: facts.LeftOut
    hours_without_day: Fraction
    cut_week: facts.CarriedWeek | None = None
    open_day: facts.CarriedDay | None = None


@dataclass(frozen=True, kw_only=True)
class AgentPay:
    """One agent's settlement. `total` is the sum of the rounded lines, `exact_total` of the unrounded ones."""

    agent: str
    lines: tuple[earnings.Line, ...]
    total: Fraction
    exact_total: Fraction
    evidence: Evidence
    balances: facts.Balances
