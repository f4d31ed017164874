"""How busy a team is by weekday and hour: worked time cut at full hours, beside what was resolved then."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from agents.rules import metrics

WEEKDAYS = range(7)

# Worked time is cut at full hours in the time zone of the site, so that each piece lies in one hour of one weekday.
BUSY = """
    SELECT extract(isodow FROM h.at)::int - 1, extract(hour FROM h.at)::int,
        sum(extract(epoch FROM least(e.until, h.at + interval '1 hour') - greatest(e.since, h.at)))
            FILTER (WHERE e.category IN ('productive', 'after_contact_work')),
        sum(extract(epoch FROM least(e.until, h.at + interval '1 hour') - greatest(e.since, h.at)))
            FILTER (WHERE e.category = 'available_waiting')
    FROM (
        SELECT category, greatest(started_at, %(start)s) AT TIME ZONE %(zone)s AS since,
            least(ended_at, %(end)s) AT TIME ZONE %(zone)s AS until
        FROM agents_timeentry
        WHERE agent_id = ANY(%(agents)s) AND started_at < %(end)s AND ended_at > %(start)s
            AND category IN ('productive', 'after_contact_work', 'available_waiting')
    ) e
    CROSS JOIN LATERAL generate_series(date_trunc('hour', e.since), e.until - interval '1 microsecond', interval '1 hour') h (at)
    GROUP BY 1, 2"""
RESOLVED = """
    SELECT extract(isodow FROM resolved_at AT TIME ZONE %(zone)s)::int - 1,
        extract(hour FROM resolved_at AT TIME ZONE %(zone)s)::int, count(*)
    FROM agents_resolution
    WHERE agent_id = ANY(%(agents)s) AND resolved_at >= %(start)s AND resolved_at < %(end)s AND rule <> 'superseded' AND state <> 'void'
    GROUP BY 1, 2"""


@dataclass(frozen=True, kw_only=True)
class Hour:
    """One hour of one weekday over some weeks: busy and free seconds of all agents together, and resolutions."""

    weekday: int
    hour: int
    busy_seconds: int
    free_seconds: int
    resolved_count: int

    @property
    def occupancy(self) -> Fraction | None:
        """Busy time over busy plus free time; None where nobody worked."""
        return metrics.occupancy(handle_seconds=Fraction(self.busy_seconds), available_seconds=Fraction(self.free_seconds))


def read_hours(*, agent_ids: Collection[int], first: date, end: date, zone: ZoneInfo) -> dict[tuple[int, int], Hour]:
    """Add up what agents worked and resolved by weekday (Monday is 0) and hour, in two queries.

    Args:
        agent_ids: whose.
        first: first day, in the time zone.
        end: first day no longer; whole weeks give every weekday the same weight.
        zone: time zone of the hours.

    Returns: hours with anything in them.
    """
    start, stop = (datetime.combine(day, time(), tzinfo=zone) for day in (first, end))
    parameters: dict[str, Any] = {"agents": sorted(agent_ids), "start": start, "end": stop, "zone": zone.key}
    with connection.cursor() as cursor:
        cursor.execute(BUSY, parameters)
        worked = {(day, hour): (round(busy or 0), round(free or 0)) for day, hour, busy, free in cursor.fetchall()}
        cursor.execute(RESOLVED, parameters)
        resolved = {(day, hour): count for day, hour, count in cursor.fetchall()}
    return {
        place: Hour(
            weekday=place[0],
            hour=place[1],
            busy_seconds=worked.get(place, (0, 0))[0],
            free_seconds=worked.get(place, (0, 0))[1],
            resolved_count=resolved.get(place, 0),
        )
        for place in worked.keys() | resolved.keys()
    }


def whole_weeks(*, today: date, count: int) -> tuple[date, date]:
    """Return the last whole weeks before a day, from Monday to Monday."""
    monday = today - timedelta(days=today.weekday())
    return monday - timedelta(weeks=count), monday
