"""Whose pay a changed case may touch."""

from collections.abc import Collection

from django.db import connection

from agents.queries import case_frames

# A change of one case can reopen another of the same customer, and credit can move from one agent to another.
AGENTS = f"""
    WITH touched AS ({case_frames.SCOPE})
    SELECT DISTINCT i.agent_id FROM agents_caseevent e JOIN agents_sourceidentity i ON i.id = e.agent_identity_id
    WHERE e.case_id IN (SELECT id FROM touched) AND i.agent_id IS NOT NULL
    ORDER BY i.agent_id"""  # noqa: S608 (our own text)


def list_agents_of_cases(*, case_ids: Collection[int]) -> list[int]:
    """Return the agents who worked on cases, or on others of the same customers and clients."""
    with connection.cursor() as cursor:
        cursor.execute(AGENTS, {"case_ids": sorted(case_ids)})
        return [agent_id for (agent_id,) in cursor.fetchall()]
