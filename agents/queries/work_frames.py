"""What agents worked, handled and resolved, as the columns that load is measured with; and whether any of it is news."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl

from agents.models.wellbeing import TimeCategory
from agents.queries import frames, plan_spans, work_facts
from agents.queries.work_facts import AVERAGE_SPAN, BREAKS, GAP_INSIDE_SHIFT_MAX, PRESENT_SPAN, SHIFT_SPAN
from agents.rules.frames import load, load_due, shifts
from agents.rules.worked_time import MICROSECOND

ENTRIES = f"""
    SELECT t.agent_id, s.timezone, t.category, {frames.instant("t.started_at")}, {frames.instant("t.ended_at")}
    FROM agents_timeentry t JOIN agents_agent a ON a.id = t.agent_id JOIN agents_site s ON s.id = a.site_id
    WHERE t.agent_id = ANY(%(agents)s) AND t.started_at <= %(as_of)s AND t.ended_at > %(average)s AND t.category <> '{TimeCategory.OFF}'"""  # noqa: S608 (our own text)
CONTACTS = f"""
    SELECT i.agent_id, {frames.instant("e.occurred_at")},
        {frames.instant("e.occurred_at")} + coalesce(e.handle_seconds, 0) * 1000000::bigint, coalesce(e.is_hostile, false)
    FROM agents_caseevent e JOIN agents_sourceidentity i ON i.id = e.agent_identity_id
    WHERE e.type = 'contact' AND e.occurred_at > %(shift)s AND e.occurred_at <= %(as_of)s AND i.agent_id = ANY(%(agents)s)"""  # noqa: S608 (our own text)
UNITS = f"""
    SELECT r.agent_id, {frames.instant("r.resolved_at")} FROM agents_resolution r
    WHERE r.agent_id = ANY(%(agents)s) AND r.resolved_at > %(shift)s AND r.resolved_at <= %(as_of)s AND r.state <> 'void'"""  # noqa: S608 (our own text)
# Whatever is recorded, corrected or taken away of the last days changes the sum of an agent's rows; older records change what is
# measured so seldom that the daily look is early enough.
DIGESTS = """
    SELECT agent_id, count(*), coalesce(sum(hashtextextended(row, 0)::numeric), 0) FROM (
        SELECT t.agent_id, concat_ws(' ', t.category, t.started_at, t.ended_at) AS row
        FROM agents_timeentry t WHERE t.agent_id = ANY(%(agents)s) AND t.started_at > %(week)s AND t.started_at <= %(as_of)s
        UNION ALL
        SELECT i.agent_id, concat_ws(' ', e.id, e.occurred_at, e.handle_seconds, e.is_hostile)
        FROM agents_caseevent e JOIN agents_sourceidentity i ON i.id = e.agent_identity_id
        WHERE e.type = 'contact' AND e.occurred_at > %(shift)s AND e.occurred_at <= %(as_of)s AND i.agent_id = ANY(%(agents)s)
        UNION ALL
        SELECT r.agent_id, concat_ws(' ', r.id, r.resolved_at, r.state = 'void') FROM agents_resolution r
        WHERE r.agent_id = ANY(%(agents)s) AND r.resolved_at > %(shift)s AND r.resolved_at <= %(as_of)s
    ) news GROUP BY agent_id"""


@dataclass(frozen=True, kw_only=True)
class Present:
    """Who worked in the last day: time zone and plan version, and a digest of what is recorded."""

    zones: Mapping[int, ZoneInfo]
    versions: Mapping[int, int]
    digests: Mapping[int, str]


@dataclass(frozen=True, kw_only=True)
class Sieved:
    """What the columns found: who has reached a limit at any instant looked at, and when each can reach the next."""

    reached: tuple[int, ...]
    due: Mapping[int, int]


def read_present(*, as_of: datetime, agent_ids: Collection[int] | None) -> Present:
    """Find who is to be watched at an instant, in four queries.

    Args:
        as_of: business instant, UTC.
        agent_ids: only these; None means everybody.
    """
    zones = work_facts.find_present(as_of=as_of, agent_ids=agent_ids)
    versions = plan_spans.versions_in_force(days={agent_id: as_of.astimezone(zone).date() for agent_id, zone in zones.items()})
    schema = {"agent": pl.Int64(), "count": pl.Int64(), "sum": pl.String()}
    rows = frames.query_frame(sql=DIGESTS, parameters=_parameters(as_of, zones), schema=schema)
    found = {agent_id: f"{count} {total}" for agent_id, count, total in rows.iter_rows()}
    return Present(
        zones=zones,
        versions=versions,
        digests={agent_id: f"{found.get(agent_id, 0)} {versions.get(agent_id, '-')}" for agent_id in zones},
    )


def sieve_load(*, present: Present, agent_ids: Collection[int], as_of: datetime) -> Sieved:
    """Measure every limit of some agents now and at the instants of the last day where it is highest, in columns.

    Args:
        present: of `read_present`.
        agent_ids: whom to look at.
        as_of: business instant, UTC.

    Returns: agents who have reached something, for the scalar rule to decide; when to look again at each.
    """
    parameters = _parameters(as_of, agent_ids)
    contacts = frames.query_frame(sql=CONTACTS, parameters=parameters, schema=load.CONTACTS)
    units = frames.query_frame(sql=UNITS, parameters=parameters, schema=load.UNITS)
    worked, pauses = read_shifts(agent_ids=agent_ids, as_of=as_of)
    asks = _ask(present, agent_ids, worked, pauses, int(as_of.timestamp() * 1_000_000))
    limits = work_facts.limits_of_versions(version_ids={present.versions[pk] for pk in agent_ids if pk in present.versions})
    measured = load.measure_loads(
        asks=asks, shifts=worked, pauses=pauses, contacts=contacts, units=units, limits=load.limits_frame(limits=limits)
    )
    levels = load.decide_levels(measured=measured)
    reached = levels.filter(pl.col("level") != "ok").select("ask").unique()
    now = asks.filter(pl.col("is_now")).select("ask", "agent", "at")
    due = load_due.find_due(measured=measured.join(now, on="ask"), reached=reached).join(now, on="ask")
    return Sieved(
        reached=tuple(reached.join(asks, on="ask")["agent"].unique().sort().to_list()),
        due=dict(due.select("agent", "due").iter_rows()),
    )


def read_shifts(*, agent_ids: Collection[int], as_of: datetime) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read the shifts of the last 17 weeks and their pauses, in one query."""
    entries = frames.query_frame(sql=ENTRIES, parameters=_parameters(as_of, agent_ids), schema=shifts.ENTRIES)
    return shifts.build_shifts(entries=entries, breaks=BREAKS, gap_us=GAP_INSIDE_SHIFT_MAX // MICROSECOND)


def _ask(present: Present, agent_ids: Collection[int], worked: pl.DataFrame, pauses: pl.DataFrame, now: int) -> pl.DataFrame:
    """Ask now, at the ends of the last day's shifts and before its breaks."""
    people = pl.DataFrame(
        [(pk, str(present.zones[pk]), present.versions.get(pk, 0)) for pk in agent_ids],
        schema={"agent": pl.Int64, "timezone": pl.String, "limits": pl.Int64},
        orient="row",
    )
    ends = pl.concat([worked.select("agent", at="end"), pauses.select("agent", at="start")])
    past = ends.filter((pl.col("at") > now - PRESENT_SPAN // MICROSECOND) & (pl.col("at") < now)).unique().with_columns(is_now=False)
    asked = pl.concat([people.select("agent", at=pl.lit(now, dtype=pl.Int64), is_now=True), past]).join(people, on="agent")
    asked = shifts.add_local_day(frame=asked.sort("agent", "at"), at="at")
    return asked.with_columns(ask=pl.int_range(pl.len(), dtype=pl.Int64)).select(*load.ASKS, "is_now")


def _parameters(as_of: datetime, agent_ids: Collection[int]) -> dict[str, object]:
    return {
        "agents": list(agent_ids),
        "as_of": as_of,
        "average": as_of - AVERAGE_SPAN,
        "shift": as_of - SHIFT_SPAN,
        "week": as_of - 8 * PRESENT_SPAN,
    }
