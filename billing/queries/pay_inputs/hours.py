"""Time worked: entries summed by agent, local day and category, in one query; exact entries where a recovery cuts into them."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import polars as pl
from django.db.models import Q

from agents.models import SpecialDay
from agents.queries import frames
from billing.queries import instants
from billing.queries.pay_inputs.scope import Scope
from billing.rules.pay import facts, workweeks

SCHEMA: dict[str, pl.DataType] = {"agent_id": pl.Int64(), "category": pl.String(), "start_us": pl.Int64(), "end_us": pl.Int64()}
HOUR_US = 3_600_000_000

Entry = facts.TimeSum | facts.TimeSegment


def read_time(*, scope: Scope, exact_for: Collection[int] = ()) -> dict[int, list[Entry]]:
    """Read the clocked time of a period that is known at an instant.

    Args:
        scope: agents, period, and the instant; what was clocked later is not known.
        exact_for: agents whose entries are returned one by one, because paid recovery is cut out of them.

    Returns: by agent, sums by local day and category, in order; exact segments for those asked.
    """
    sql = f"""
        SELECT agent_id, category, {frames.instant("greatest(started_at, %(start_at)s)")},
               {frames.instant("least(ended_at, %(end_at)s, %(as_of)s)")}
        FROM agents_timeentry
        WHERE agent_id = ANY(%(agents)s) AND ended_at > %(start_at)s AND started_at < least(%(end_at)s, %(as_of)s)
        ORDER BY agent_id, started_at"""  # noqa: S608 (our own text)
    entries = frames.query_frame(sql=sql, parameters=scope.params, schema=SCHEMA)
    types = _read_day_types(scope)
    is_exact = pl.col("agent_id").is_in(list(exact_for))
    found: dict[int, list[Entry]] = {}
    for row in sum_days(entries=entries.filter(~is_exact), period=scope.period).iter_rows(named=True):
        found.setdefault(row["agent_id"], []).append(_sum(row, types.get(row["agent_id"], {}).get(row["day"])))
    for row in entries.filter(is_exact).iter_rows(named=True):
        found.setdefault(row["agent_id"], []).extend(_segments(row, types.get(row["agent_id"], {}), scope.period))
    return found


def sum_days(*, entries: pl.DataFrame, period: workweeks.PayPeriod) -> pl.DataFrame:
    """Cut entries at the local midnights of a period and add them up.

    Args:
        entries: one row per entry inside the period: agent_id i64, category str, start_us i64, end_us i64.
        period: whose days count; its workdays start at midnight.

    Returns: one row per agent, day and category, in that order: agent_id, day date, category, microseconds i64.
    """
    days = [period.start + timedelta(days=count) for count in range((period.end - period.start).days)]
    starts = [instants.to_microseconds(workweeks.workday_starts_at(period=period, day=day)) for day in days]
    calendar = pl.DataFrame({"day": days, "_from": starts, "_to": [*starts[1:], instants.to_microseconds(period.ends_at)]})
    touched = entries.join_where(calendar, pl.col("start_us") < pl.col("_to"), pl.col("end_us") > pl.col("_from"))
    part = pl.min_horizontal("end_us", "_to") - pl.max_horizontal("start_us", "_from")
    cut = touched.with_columns(microseconds=part).group_by("agent_id", "day", "category").agg(pl.col("microseconds").sum())
    return cut.sort("agent_id", "day", "category")


def _read_day_types(scope: Scope) -> dict[int, dict[date, str]]:
    """Read the days that pay law treats apart, by agent: a day of the agent's own goes before that of the site."""
    days = SpecialDay.objects.filter(site=scope.site, day__gte=scope.period.start, day__lt=scope.period.end)
    concerned = days.filter(Q(agent=None) | Q(agent__in=scope.agent_ids)).order_by("day")
    everybody: dict[date, str] = {}
    own: dict[int, dict[date, str]] = {}
    for agent_id, day, day_type in concerned.values_list("agent", "day", "day_type"):
        (everybody if agent_id is None else own.setdefault(agent_id, {}))[day] = day_type
    return {agent_id: {**everybody, **own.get(agent_id, {})} for agent_id in scope.agent_ids} if everybody or own else {}


def _sum(row: Mapping[str, Any], day_type: str | None) -> facts.TimeSum:
    return facts.TimeSum(category=row["category"], day=row["day"], hours=Fraction(row["microseconds"], HOUR_US), day_type=day_type)


def _segments(row: Mapping[str, Any], types: Mapping[date, str], period: workweeks.PayPeriod) -> list[facts.TimeSegment]:
    """Return an entry as it is, or cut at the midnights between days that are not alike."""
    starts_at, ends_at = instants.to_instant(row["start_us"]), instants.to_instant(row["end_us"])
    if not types:
        return [facts.TimeSegment(category=row["category"], starts_at=starts_at, ends_at=ends_at)]
    pieces = []
    while starts_at < ends_at:
        day = period.local_day(at=starts_at)
        until = min(ends_at, workweeks.workday_starts_at(period=period, day=day + workweeks.DAY))
        pieces.append(facts.TimeSegment(category=row["category"], starts_at=starts_at, ends_at=until, day_type=types.get(day)))
        starts_at = until
    return pieces
