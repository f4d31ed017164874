"""Time worked: entries summed by agent, local day and category, in one query; exact entries where a recovery cuts into them."""

import functools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, cast, overload

import polars as pl

from agents.models.wellbeing import TimeCategory
from agents.queries import frames
from billing.queries import instants
from billing.queries.pay_inputs import digests
from billing.queries.pay_inputs.scope import Scope
from billing.rules.pay import facts, workweeks
from contracts.rules import pay_plans, rule_packs

SCHEMA: dict[str, pl.DataType] = {"agent_id": pl.Int64(), "category": pl.String(), "start_us": pl.Int64(), "end_us": pl.Int64()}
# A category leaves the database as its place among them.
CATEGORIES = [str(category.value) for category in TimeCategory]
HOUR_US = 3_600_000_000
# From when on the time of an agent counts who was paid in another time zone before.
STARTS = "(%(moved_at)s::timestamptz[])[array_position(%(moved)s::bigint[], agent_id)]"
# For them, days before the period count too.
SPECIAL_DAYS = """
    SELECT agent_id, day, day_type FROM agents_specialday
    WHERE site_id = %(site)s AND day >= %(start)s::date - 2 AND day < %(end)s AND (agent_id IS NULL OR agent_id = ANY(%(agents)s))
    ORDER BY day"""

Entry = facts.TimeSum | facts.TimeSegment


class Entries(Sequence[Entry]):
    """One agent's time as the scalar rule reads it, made when it is read: most agents' hours are added up in columns."""

    def __init__(self, *, clocked: "Clocked", agent_id: int) -> None:
        self._clocked, self._agent_id = clocked, agent_id
        self._made: list[Entry] | None = None

    def __len__(self) -> int:
        """Count the entries."""
        return len(self._entries())

    @overload
    def __getitem__(self, place: int) -> Entry: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Entry]: ...

    def __getitem__(self, place: int | slice) -> Entry | Sequence[Entry]:
        """Return an entry by its place."""
        return self._entries()[place]

    def _entries(self) -> list[Entry]:
        if self._made is None:
            self._made = self._clocked.list_entries(agent_id=self._agent_id)
        return self._made


@dataclass(frozen=True, kw_only=True)
class Clocked:
    """The clocked time of a scope: sums by agent, local day and category as `sum_days` returns them, and what is kept one by one.

    `types` names the days that pay law treats apart, by agent; `exact` holds the entries of agents whose recovery is cut out,
    or whose nights are paid.
    """

    days: pl.DataFrame
    types: Mapping[int, Mapping[date, str]]
    exact: Mapping[int, list[Entry]]

    @functools.cached_property
    def rows(self) -> Mapping[int, list[tuple[date, str, int]]]:
        """The sums by agent, in order of day and category."""
        found: dict[int, list[tuple[date, str, int]]] = {}
        for agent_id, day, category, microseconds in self.days.iter_rows():
            found.setdefault(agent_id, []).append((day, category, microseconds))
        return found

    @functools.cached_property
    def special_agents(self) -> set[int]:
        """The agents who worked on a day that pay law treats apart."""
        return {agent_id for agent_id, types in self.types.items() if any(day in types for day, _, _ in self.rows.get(agent_id, ()))}

    def has(self, *, agent_id: int) -> bool:
        """Say whether anything was clocked."""
        return agent_id in self._agents or agent_id in self.exact

    @functools.cached_property
    def _agents(self) -> frozenset[int]:
        return frozenset(self.days["agent_id"])

    def list_entries(self, *, agent_id: int) -> list[Entry]:
        """Return an agent's time as the scalar rule reads it."""
        if agent_id in self.exact:
            return list(self.exact[agent_id])
        types = self.types.get(agent_id, {})
        return [
            facts.TimeSum(
                category=cast(pay_plans.Category, category), day=day, hours=Fraction(microseconds, HOUR_US), day_type=types.get(day)
            )
            for day, category, microseconds in self.rows.get(agent_id, ())
        ]

    def digest(self, *, agent_id: int) -> str:
        """Tell what was clocked in few letters, so that two readings can be compared."""
        types = sorted(self.types.get(agent_id, {}).items())
        return f"{self._digests.get(agent_id, '')} {self.exact.get(agent_id, ())} {types}"

    @functools.cached_property
    def _digests(self) -> Mapping[int, str]:
        return digests.digest_rows(frame=self.days, columns=("day", "category", "microseconds"))


def read_time(
    *, scope: Scope, days: Iterable[Mapping[str, Any]], exact_for: Collection[int] = (), starts: Mapping[int, datetime] | None = None
) -> Clocked:
    """Read the clocked time of a period that is known at an instant.

    Args:
        scope: agents, period, and the instant; what was clocked later is not known.
        days: rows of SPECIAL_DAYS.
        exact_for: agents whose entries are kept one by one, because paid recovery is cut out of them or the night is paid.
        starts: by agent, from when on their time counts where that is not the beginning of the period; time before it keeps its day.
    """
    starts = starts or {}
    start_at = f"coalesce({STARTS}, %(start_at)s)" if starts else "%(start_at)s"
    earliest = min(starts.values(), default=None)
    # The first of the two conditions is found in an index.
    first_at = scope.period.starts_at if earliest is None else min(scope.period.starts_at, earliest)
    sql = f"""
        SELECT agent_id, array_position(ARRAY{CATEGORIES}, category::text),
               greatest(started_at, {start_at}), least(ended_at, %(end_at)s, %(as_of)s)
        FROM agents_timeentry
        WHERE agent_id = ANY(%(agents)s) AND ended_at > %(first_at)s AND ended_at > {start_at} AND started_at < least(%(end_at)s, %(as_of)s)
        ORDER BY agent_id, started_at"""  # noqa: S608 (our own text)
    numbers = dict.fromkeys(SCHEMA, pl.Int64())
    asked = {**scope.params, "first_at": first_at, "moved": list(starts), "moved_at": list(starts.values())}
    read = frames.query_numbers(sql=sql, parameters=asked, schema=numbers, instants=("start_us", "end_us"))
    places = range(1, len(CATEGORIES) + 1)
    entries = read.with_columns(pl.col("category").replace_strict(places, CATEGORIES, return_dtype=pl.String()))
    types = _day_types(days, scope, starts)
    is_exact = pl.col("agent_id").is_in(list(exact_for))
    kept: dict[int, list[Entry]] = {}
    for row in entries.filter(is_exact).iter_rows(named=True):
        kept.setdefault(row["agent_id"], []).extend(_segments(row, types.get(row["agent_id"], {}), scope.period))
    period = replace(scope.period, hours_from=earliest)
    return Clocked(days=sum_days(entries=entries.filter(~is_exact), period=period), types=types, exact=kept)


def sum_days(*, entries: pl.DataFrame, period: workweeks.PayPeriod) -> pl.DataFrame:
    """Cut entries at the local midnights of a period and add them up.

    Args:
        entries: one row per entry inside the period: agent_id i64, category str, start_us i64, end_us i64.
        period: whose days count, from its first day on; its workdays start at midnight.

    Returns: one row per agent, day and category, in that order: agent_id, day date, category, microseconds i64.
    """
    days = [period.first_day + timedelta(days=count) for count in range((period.end - period.first_day).days)]
    starts = [instants.to_microseconds(workweeks.workday_starts_at(period=period, day=day)) for day in days]
    calendar = pl.DataFrame({"day": days, "_from": starts, "_to": [*starts[1:], instants.to_microseconds(period.ends_at)]})
    touched = entries.join_where(calendar, pl.col("start_us") < pl.col("_to"), pl.col("end_us") > pl.col("_from"))
    part = pl.min_horizontal("end_us", "_to") - pl.max_horizontal("start_us", "_from")
    cut = touched.with_columns(microseconds=part).group_by("agent_id", "day", "category").agg(pl.col("microseconds").sum())
    return cut.sort("agent_id", "day", "category")


def _day_types(days: Iterable[Mapping[str, Any]], scope: Scope, starts: Collection[int]) -> dict[int, dict[date, str]]:
    """Return the days that pay law treats apart, by agent: a day of the agent's own that is one of the site too is both.

    Those before the period are days of agents alone whose time counts from another instant on.
    """
    first = scope.period.start.isoformat()
    within = [row for row in days if row["day"] >= first]
    moved = [agent_id for agent_id in scope.agent_ids if agent_id in starts]
    return {**_join_types(within, scope.agent_ids), **_join_types(days, moved)}


def _join_types(days: Iterable[Mapping[str, Any]], agent_ids: Collection[int]) -> dict[int, dict[date, str]]:
    everybody: dict[date, str] = {}
    own: dict[int, dict[date, str]] = {}
    for row in days:
        found = everybody if row["agent_id"] is None else own.setdefault(row["agent_id"], {})
        found[date.fromisoformat(row["day"])] = row["day_type"]
    return {agent_id: {**everybody, **_join_days(own.get(agent_id, {}), everybody)} for agent_id in agent_ids} if everybody or own else {}


def _join_days(own: Mapping[date, str], everybody: Mapping[date, str]) -> dict[date, str]:
    """Name an agent's day that falls on another one of the site by both, such as regular_holiday_on_rest_day."""
    return {
        day: f"{everybody[day]}{rule_packs.ON}{day_type}" if everybody.get(day, day_type) != day_type else day_type
        for day, day_type in own.items()
    }


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
