"""What of quality work waits for a lead: reviews, follow-ups, plans, signals and new answers, read in one query."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

DUES = """
    SELECT 'reviews' AS kind, 0 AS id, '' AS name, min(due_on) AS due_on, count(*) AS total
    FROM agents_assessment WHERE reviewer_id = %(user)s AND status IN ('waiting', 'draft') HAVING count(*) > 0
    UNION ALL
    SELECT 'compare', 0, '', min(a.due_on), count(*)
    FROM agents_assessment a WHERE a.reviewer_id = %(user)s AND a.status = 'finished' AND NOT a.is_second
        AND EXISTS (SELECT 1 FROM agents_assessment o WHERE o.sampled_id = a.sampled_id AND o.is_second AND o.status = 'finished')
    HAVING count(*) > 0
    UNION ALL
    SELECT 'coaching', s.id, a.name, s.follow_up_on, 1 FROM agents_coachingsession s JOIN agents_agent a ON a.id = s.agent_id
    WHERE s.agent_id = ANY(%(agents)s) AND s.status IN ('planned', 'held') AND s.follow_up_on <= %(until)s
    UNION ALL
    SELECT 'talk', s.id, a.name, s.planned_on, 1 FROM agents_coachingsession s JOIN agents_agent a ON a.id = s.agent_id
    WHERE s.agent_id = ANY(%(agents)s) AND s.status = 'planned' AND s.planned_on <= %(today)s AND s.follow_up_on > %(until)s
    UNION ALL
    SELECT 'improvement', p.id, a.name, p.review_on, 1 FROM agents_improvementplan p JOIN agents_agent a ON a.id = p.agent_id
    WHERE p.agent_id = ANY(%(agents)s) AND p.status = 'open' AND p.review_on <= %(until)s
    UNION ALL
    SELECT 'signal', g.id, a.name, g.expires_at::date, 1 FROM agents_gamingsignal g JOIN agents_agent a ON a.id = g.agent_id
    WHERE g.agent_id = ANY(%(agents)s) AND g.status = 'open' AND g.agent_id IS DISTINCT FROM
        (SELECT id FROM agents_agent WHERE user_id = %(user)s)
    UNION ALL
    SELECT 'training', 0, '', min(t.due_on), count(*) FROM agents_trainingtask t
    WHERE t.agent_id = ANY(%(agents)s) AND t.done_at IS NULL AND t.cancelled_at IS NULL AND t.due_on < %(today)s HAVING count(*) > 0
    UNION ALL
    SELECT 'hours', 0, '', min(t.done_at)::date, count(*) FROM agents_trainingtask t
    WHERE t.agent_id = ANY(%(agents)s) AND t.hours = 'waiting' HAVING count(*) > 0
    UNION ALL
    SELECT 'answers', 0, '', max(f.answered_at)::date, count(*) FROM agents_feedback f
    WHERE f.agent_id = ANY(%(agents)s) AND f.answered_at >= %(since)s HAVING count(*) > 0
    ORDER BY due_on, kind, id"""


@dataclass(frozen=True, kw_only=True)
class Due:
    """Something that waits: its kind, by when, about whom, and how many there are of it."""

    kind: str
    id: int
    name: str
    due_on: date
    count: int


def list_due(*, user_id: int, agent_ids: Collection[int], today: date, until: date, since: datetime) -> tuple[Due, ...]:
    """Return what waits for a lead about some agents, the earliest first, in one query.

    Args:
        user_id: the lead.
        agent_ids: the members of the teams that are looked at.
        today: the day of the lead.
        until: follow-ups and plans due by this day.
        since: answers of agents given since.
    """
    parameters: dict[str, Any] = {"user": user_id, "agents": sorted(agent_ids), "today": today, "until": until, "since": since}
    with connection.cursor() as cursor:
        cursor.execute(DUES, parameters)
        return tuple(Due(kind=kind, id=pk, name=name, due_on=due, count=count) for kind, pk, name, due, count in cursor.fetchall())
