"""Resolutions as the gaming signals read them: one row each, with what the case's events tell."""

from datetime import datetime

import polars as pl

from agents.models import GamingSignal
from agents.queries import frames
from agents.rules.frames import signals

OF_CASE = "SELECT e.* FROM agents_caseevent e JOIN agents_sourceidentity i ON i.id = e.agent_identity_id"

LOAD = f"""
    SELECT r.id, r.case_id, r.agent_id, coalesce(m.team_id::text, 'none'), s.code, coalesce(q.code, 'any'),
        coalesce(q.code, 'any') || '/' || coalesce(h.code, 'any'), c.customer_hash,
        {frames.instant("c.opened_at")}, {frames.instant("r.resolved_at")}, {frames.instant("r.reopened_at")},
        {frames.instant("(date_trunc('month', r.resolved_at AT TIME ZONE s.timezone) + interval '1 month') AT TIME ZONE s.timezone")},
        r.state = 'pending', r.state = 'void', CASE r.fcr WHEN 'yes' THEN true WHEN 'no' THEN false END,
        EXISTS (SELECT 1 FROM agents_survey v WHERE v.resolution_id = r.id),
        EXISTS ({OF_CASE} WHERE e.case_id = r.case_id AND e.type = 'opened' AND i.agent_id = r.agent_id),
        EXISTS ({OF_CASE} WHERE e.case_id = r.case_id AND e.type = 'merged' AND i.agent_id = r.agent_id AND e.occurred_at >= r.resolved_at),
        t.seconds
    FROM agents_resolution r
    JOIN agents_case c ON c.id = r.case_id
    JOIN agents_agent a ON a.id = r.agent_id
    JOIN agents_site s ON s.id = a.site_id
    LEFT JOIN contracts_querytype q ON q.id = r.query_type_id
    LEFT JOIN contracts_channel h ON h.id = r.channel_id
    LEFT JOIN agents_teammembership m ON m.agent_id = a.id
        AND daterange(m.effective_from, m.effective_to) @> (r.resolved_at AT TIME ZONE s.timezone)::date
    LEFT JOIN (
        SELECT e.case_id, sum(e.handle_seconds)::bigint AS seconds FROM agents_caseevent e
        WHERE e.type = 'contact' AND e.handle_seconds IS NOT NULL
            AND e.case_id IN (SELECT case_id FROM agents_resolution WHERE resolved_at >= %(since)s AND resolved_at < %(until)s)
        GROUP BY e.case_id) t ON t.case_id = r.case_id
    WHERE r.resolved_at >= %(since)s AND r.resolved_at < %(until)s
    ORDER BY r.id"""  # noqa: S608 (our own text)


def load_signal_units(*, since: datetime, until: datetime) -> pl.DataFrame:
    """Return the resolutions of a stretch of time that are credited to an agent, in one query.

    Args:
        since: first instant of resolving that counts.
        until: first instant that no longer counts.

    Returns: columns of `signals.UNITS`, by resolution_id.
    """
    return frames.query_frame(sql=LOAD, parameters={"since": since, "until": until}, schema=dict(signals.UNITS))


def load_starts(*, since: datetime) -> pl.DataFrame:
    """Return, by agent and kind, up to when somebody has decided or let a signal run out: that is not looked at again.

    Returns: columns of `signals.STARTS`.
    """
    closed = GamingSignal.objects.exclude(status=GamingSignal.Status.OPEN).filter(until_at__gt=since)
    latest: dict[tuple[int, str], datetime] = {}
    for agent_id, kind, until_at in closed.values_list("agent_id", "kind", "until_at"):
        latest[agent_id, kind] = max(latest.get((agent_id, kind), until_at), until_at)
    rows = [(agent_id, kind, int(at.timestamp()) * 1_000_000 + at.microsecond) for (agent_id, kind), at in latest.items()]
    return pl.DataFrame(rows, schema=signals.STARTS, orient="row")
