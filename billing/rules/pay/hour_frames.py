"""Hours of many agents added up column by column: the twin of `timesheet.classify_time` and `overtime_hours.count_overtime`.

Time is Int64 microseconds, so an hour is 3,600,000,000 of them.
"""

from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

import polars as pl

from billing.rules.pay import timesheet, workweeks
from contracts.rules import pay_plans, rule_packs

HOUR_US = 3_600_000_000


class WeekHours(NamedTuple):
    """One agent's workweek in microseconds: worked, and of them over the daily thresholds; made for many, hence a plain tuple."""

    week: date
    worked_us: int
    overtime_us: int
    double_time_us: int
    day_count: int


def can_count_frame(*, pack: rule_packs.RulePack) -> bool:
    """Say whether whole microseconds hold a pack's daily thresholds, and no law treats the seventh day or the night apart.

    >>> can_count_frame(pack=rule_packs.RulePack(ot_day=Fraction(8))), can_count_frame(pack=rule_packs.RulePack(ot_day=Fraction(8, 7)))
    (True, False)
    """
    daily = (pack.ot_day, pack.dt_day)
    return (
        pack.dt_seventh_day is None
        and pack.night_share is None
        and all(found is None or (found * HOUR_US).denominator == 1 for found in daily)
    )


def sum_weeks(*, days: pl.DataFrame, period: workweeks.PayPeriod, pack: rule_packs.RulePack) -> dict[int, list[WeekHours]]:
    """Add the hours worked of each workweek up, and those beyond the daily thresholds.

    Args:
        days: one row per agent, day and category: agent_id i64, day date, category str, microseconds i64; days inside the period,
            as `list_overfull` finds them possible.
        period: where its workweeks start.
        pack: daily thresholds, as `can_count_frame` allows.

    Returns: by agent_id, the workweeks with hours worked, in order.
    Source: formats.md, "pay", "Hours" and "Overtime".

    >>> monday = date(2026, 10, 5)
    >>> row = {"agent_id": 7, "day": monday + timedelta(days=1), "category": "productive", "microseconds": 9 * HOUR_US}
    >>> found = sum_weeks(days=pl.DataFrame([row]), period=workweeks.PayPeriod(start=monday, end=date(2026, 10, 12)),
    ...                   pack=rule_packs.RulePack(ot_day=Fraction(8)))
    >>> found[7][0].week, found[7][0].overtime_us // HOUR_US
    (datetime.date(2026, 10, 5), 1)
    """
    worked = days.filter(~pl.col("category").is_in(list(pay_plans.UNPAID)))
    daily = worked.group_by("agent_id", "day").agg(worked_us=pl.col("microseconds").sum())
    over, double = _over("worked_us", pack.ot_day), _over("worked_us", pack.dt_day)
    marked = daily.with_columns(week=_week(period), _over=over, _double=double)
    premium = pl.col("_over").sum() - pl.col("_double").sum() if pack.ot_day is not None else pl.lit(0, dtype=pl.Int64)
    weekly = (
        marked.group_by("agent_id", "week")
        .agg(
            pl.col("worked_us").sum(),
            overtime_us=premium,
            double_time_us=pl.col("_double").sum(),
            day_count=(pl.col("worked_us") > 0).sum().cast(pl.Int64),
        )
        .sort("agent_id", "week")
    )
    found: dict[int, list[WeekHours]] = {}
    for agent_id, *values in weekly.iter_rows():
        found.setdefault(agent_id, []).append(WeekHours(*values))
    return found


def list_overfull(*, days: pl.DataFrame, period: workweeks.PayPeriod) -> set[int]:
    """Return the agents with more hours on a day or in a workweek than it holds; `timesheet` names what is wrong with them.

    Args:
        days: as `sum_weeks` takes them.
        period: where its workweeks start.
    """
    daily = days.group_by("agent_id", "day").agg(pl.col("microseconds").sum())
    weekly = daily.with_columns(week=_week(period)).group_by("agent_id", "week").agg(pl.col("microseconds").sum())
    full_day, full_week = (int(most * HOUR_US) for most in (timesheet.HOURS_OF_DAY_MAX, timesheet.HOURS_OF_WEEK_MAX))
    found = [frame.filter(pl.col("microseconds") > most)["agent_id"] for frame, most in ((daily, full_day), (weekly, full_week))]
    return {int(agent_id) for column in found for agent_id in column}


def _week(period: workweeks.PayPeriod) -> pl.Expr:
    """Return the workweek of each day; the twin of `workweeks.workweek_of`."""
    into = (pl.col("day").dt.weekday().cast(pl.Int64) - period.weekday) % timedelta(days=7).days
    return pl.col("day") - pl.duration(days=into)


def _over(column: str, threshold: Fraction | None) -> pl.Expr:
    if threshold is None:
        return pl.lit(0, dtype=pl.Int64)
    return pl.max_horizontal(pl.col(column) - int(threshold * HOUR_US), pl.lit(0, dtype=pl.Int64))
