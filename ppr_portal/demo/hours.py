"""Seeds simulated working hours: shifts around every agent's real resolutions, up to the present."""

from datetime import datetime, timedelta
from itertools import groupby

from django.db import connection

from agents.models import Source, TimeEntry
from ppr_portal.demo import roster
from ppr_portal.demo.records import ROSTER

SHIFT_MIN = {"care": timedelta(hours=4), "field": timedelta(hours=3)}
BATCH = 2_000

# A solved case that is only touched again is no new work.
SOLUTIONS = """
    SELECT a.id, a.code, e.occurred_at
    FROM (
        SELECT occurred_at, agent_identity_id, type,
            lag(type) OVER (PARTITION BY case_id ORDER BY occurred_at, sequence, key) AS type_before
        FROM agents_caseevent
    ) e
    JOIN agents_sourceidentity s ON s.id = e.agent_identity_id
    JOIN agents_agent a ON a.id = s.agent_id
    WHERE e.type = 'solution_offered' AND e.type_before IS DISTINCT FROM e.type AND e.occurred_at <= %(until)s
    ORDER BY a.code, e.occurred_at"""


def seed_hours(*, until: datetime, plan_of_agent: dict[str, str]) -> int:
    """Write the time entries of everybody whom the log shows at work; nothing if there are some already.

    Args:
        until: the present.
        plan_of_agent: pay plan by agent code; it decides how short a shift may be.

    Returns: how many entries are new.
    """
    source = Source.objects.get(code=ROSTER)
    if TimeEntry.objects.filter(source=source).exists():
        return 0
    entries: list[TimeEntry] = []
    for (agent_id, code), rows in groupby(_solutions(until), key=lambda row: (row[0], row[1])):
        instants = [at for _, _, at in rows]
        for shift in roster.shifts_around(agent=code, instants=instants, shift_min=SHIFT_MIN[plan_of_agent[code]], until=until):
            entries += [
                TimeEntry(source=source, agent_id=agent_id, category=segment.category, started_at=segment.start, ended_at=segment.end)
                for segment in roster.segments_of(agent=code, shift=shift)
            ]
    TimeEntry.objects.bulk_create(entries, batch_size=BATCH)
    return len(entries)


def _solutions(until: datetime) -> list[tuple[int, str, datetime]]:
    """List when mapped agents solved cases, by agent and time."""
    with connection.cursor() as cursor:
        cursor.execute(SOLUTIONS, {"until": until})
        return [(agent_id, code, at) for agent_id, code, at in cursor.fetchall()]
