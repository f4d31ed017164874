"""Which plan versions were in force for an agent, which of them they have read, and who of many has read theirs."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from agents.models import PlanAcknowledgement
from agents.queries import plan_spans
from contracts.models import PayPlanVersion
from contracts.queries import kept, plan_terms


@dataclass(frozen=True, kw_only=True)
class PlanSpan:
    """A plan version in force for an agent on some days, and when the agent said that they have read it."""

    version: PayPlanVersion
    starts_on: date
    ends_on: date | None
    acknowledged_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The plan version of one agent on a day, and when they said that they have read it; no version without a plan."""

    version: PayPlanVersion | None
    acknowledged_at: datetime | None


def list_spans(*, agent_id: int) -> list[PlanSpan]:
    """Return an agent's plan versions, the latest first, in two queries where they are kept; those that start later included."""
    sql = f"""
        SELECT v.version_id, s.stamp, lower(v.days), upper(v.days)
        FROM ({plan_spans.VERSIONS.format(agents="= %(agent)s")}) v JOIN ({kept.PLAN_STAMPS}) s ON s.version_id = v.version_id
        ORDER BY lower(v.days) DESC"""  # noqa: S608 (our own text)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"agent": agent_id})
        rows = cursor.fetchall()
    stamps = {version_id: stamp for version_id, stamp, _, _ in rows}
    versions = plan_terms.read_versions(version_ids=stamps, stamps=stamps)
    read = _last_readings([agent_id])
    return [
        PlanSpan(version=versions[version_id], starts_on=start, ends_on=end, acknowledged_at=read.get((agent_id, version_id)))
        for version_id, _, start, end in rows
    ]


def readings_of(*, agent_ids: Collection[int], on: date) -> dict[int, Reading]:
    """Return who of some agents has read the plan version that is theirs on a day, in three queries."""
    current = plan_spans.versions_of_agents(agent_ids=agent_ids, on=on)
    versions = PayPlanVersion.objects.select_related("plan").in_bulk(set(current.values()))
    read = _last_readings(agent_ids)
    return {
        agent_id: Reading(version=versions.get(current.get(agent_id, 0)), acknowledged_at=read.get((agent_id, current.get(agent_id, 0))))
        for agent_id in agent_ids
    }


def _last_readings(agent_ids: Collection[int]) -> Mapping[tuple[int, int], datetime]:
    rows = PlanAcknowledgement.objects.filter(agent__in=agent_ids).order_by("acknowledged_at")
    return {(agent_id, version_id): at for agent_id, version_id, at in rows.values_list("agent", "version", "acknowledged_at")}
