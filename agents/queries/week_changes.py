"""What differs between the last whole week and the one before it, for each agent of a team."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection

from agents.rules.rate_changes import Stretch

# The same facts as agents.queries.quality, with the week that each belongs to.
COUNTED = """
    SELECT o.agent_id, o.metric, o.at >= %(middle)s, count(*), count(*) FILTER (WHERE o.is_success)
    FROM (
        SELECT s.agent_id, 'csat' AS metric, s.is_favorable AS is_success, s.answered_at AS at FROM agents_survey s
        WHERE s.agent_id = ANY(%(agents)s) AND s.answered_at >= %(start)s AND s.answered_at < %(end)s
        UNION ALL
        SELECT v.agent_id, 'qa', v.is_passed, v.reviewed_at FROM agents_qareview v
        WHERE v.agent_id = ANY(%(agents)s) AND v.reviewed_at >= %(start)s AND v.reviewed_at < %(end)s AND v.set_aside_at IS NULL
        UNION ALL
        SELECT r.agent_id, 'fcr', r.fcr = 'yes', r.verified_at FROM agents_resolution r
        WHERE r.agent_id = ANY(%(agents)s) AND r.fcr IN ('yes', 'no') AND r.verified_at >= %(start)s AND r.verified_at < %(end)s
        UNION ALL
        SELECT r.agent_id, 'verified', true, r.verified_at FROM agents_resolution r
        WHERE r.agent_id = ANY(%(agents)s) AND r.is_payable AND r.verified_at >= %(start)s AND r.verified_at < %(end)s
    ) o
    GROUP BY 1, 2, 3"""


def count_weeks(
    *, agent_ids: Collection[int], monday: date, length: timedelta, zone: ZoneInfo
) -> dict[tuple[int, str], tuple[Stretch, Stretch]]:
    """Count each agent's results in the stretch before a Monday and in the one before that, in one query.

    Args:
        agent_ids: whose.
        monday: first day that is not counted.
        length: of each stretch, for example a week.
        zone: time zone of the days.

    Returns: by agent and metric (csat, qa, fcr, verified): the earlier and the later counts.
    """
    days = (monday - 2 * length, monday - length, monday)
    start, middle, end = (datetime.combine(day, time(), tzinfo=zone) for day in days)
    found: dict[tuple[int, str], list[Stretch]] = {}
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, {"agents": sorted(agent_ids), "start": start, "middle": middle, "end": end})
        for agent_id, metric, is_later, n, successes in cursor.fetchall():
            sides = found.setdefault((agent_id, metric), [Stretch(n=0, successes=0), Stretch(n=0, successes=0)])
            sides[int(is_later)] = Stretch(n=n, successes=successes)
    return {place: (sides[0], sides[1]) for place, sides in found.items()}
