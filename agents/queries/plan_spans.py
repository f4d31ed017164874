"""Whose pay plan counts on which days: an agent's own goes before that of the team they are in."""

from collections.abc import Collection, Mapping
from datetime import date

from django.db import connection

from contracts.queries import kept, terms

# One row per agent and stretch of days: agent_id, plan_id, days; an agent's stretches never overlap. `{agents}` is a
# condition on the agents, such as "= ANY(%(agents)s)" or "IS NOT NULL".
SPANS = """
    SELECT own.agent_id, own.plan_id, daterange(own.effective_from, own.effective_to) AS days
    FROM agents_planassignment own WHERE own.agent_id {agents}
    UNION ALL
    SELECT m.agent_id, t.plan_id, rest.days
    FROM agents_teammembership m
    JOIN agents_planassignment t ON t.team_id = m.team_id
    CROSS JOIN LATERAL (
        SELECT unnest(
            datemultirange(daterange(m.effective_from, m.effective_to) * daterange(t.effective_from, t.effective_to))
            - coalesce((SELECT range_agg(daterange(o.effective_from, o.effective_to)) FROM agents_planassignment o
                        WHERE o.agent_id = m.agent_id), '{{}}'::datemultirange)) AS days) rest
    WHERE m.agent_id {agents}"""

# One row per agent and plan version in force: agent_id, version_id, days.
VERSIONS = f"""
    SELECT s.agent_id, v.id AS version_id, s.days * daterange(v.effective_from, v.effective_to) AS days
    FROM ({SPANS}) s
    JOIN contracts_payplanversion v ON v.plan_id = s.plan_id AND v.status IN ('active', 'ended')
        AND s.days && daterange(v.effective_from, v.effective_to)"""  # noqa: S608 (our own text)


def versions_in_force(*, days: Mapping[int, date]) -> dict[int, int]:
    """Return the plan version in force for agents, each on a day of their own, in one query; without a plan they are missing."""
    sql = f"""
        SELECT w.agent_id, v.version_id
        FROM unnest(%(agents)s::bigint[], %(days)s::date[]) AS w (agent_id, day)
        JOIN ({VERSIONS.format(agents="= ANY(%(agents)s)")}) v ON v.agent_id = w.agent_id AND v.days @> w.day"""  # noqa: S608 (our own text)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"agents": list(days), "days": list(days.values())})
        return dict(cursor.fetchall())


def terms_in_force(*, agent_id: int, on: date) -> terms.PlanTerms | None:
    """Return the plan terms in force for an agent on a day, in one query where they are kept; None without a plan.

    Raises: InvalidInput if the stored numbers make no valid plan.
    """
    sql = f"""
        SELECT v.version_id, s.stamp FROM ({VERSIONS.format(agents="= %(agent)s")}) v
        JOIN ({kept.PLAN_STAMPS}) s ON s.version_id = v.version_id WHERE v.days @> %(day)s::date"""  # noqa: S608 (our own text)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"agent": agent_id, "day": on})
        found = dict(cursor.fetchall())
    return next(iter(terms.load_plan_terms(version_ids=found, stamps=found).values()), None)


def versions_of_agents(*, agent_ids: Collection[int], on: date) -> dict[int, int]:
    """Return the plan version in force for agents on one day, in one query."""
    return versions_in_force(days=dict.fromkeys(agent_ids, on))
