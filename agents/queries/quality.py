"""What was observed of agents' quality in a stretch of time, beside the rates it is compared with."""

from collections.abc import Collection
from datetime import date, datetime

import polars as pl

from agents.queries import frames

METRICS: dict[str, pl.DataType] = {
    "agent_id": pl.Int64(),
    "metric": pl.String(),
    "query_type": pl.String(),
    "channel": pl.String(),
    "n": pl.Int64(),
    "successes": pl.Int64(),
    "reference_n": pl.Int64(),
    "reference_successes": pl.Int64(),
    "pool_n": pl.Int64(),
    "pool_successes": pl.Int64(),
}

# A survey counts when it was answered, a QA review when it was made, first contact when the resolution was verified.
# Each is counted before it is named, so that only the counts are joined. First contact comes from the index of an agent's month alone.
OBSERVED = """
    SELECT s.agent_id, 'csat' AS metric, r.query_type_id, r.channel_id, count(*) AS n, count(*) FILTER (WHERE s.is_favorable) AS successes
    FROM agents_survey s JOIN agents_resolution r ON r.id = s.resolution_id
    WHERE s.agent_id = ANY(%(agent_ids)s) AND s.answered_at >= %(start)s AND s.answered_at < %(end)s
    GROUP BY s.agent_id, r.query_type_id, r.channel_id
    UNION ALL
    SELECT v.agent_id, 'qa', r.query_type_id, r.channel_id, count(*), count(*) FILTER (WHERE v.is_passed)
    FROM agents_qareview v JOIN agents_resolution r ON r.id = v.resolution_id
    WHERE v.agent_id = ANY(%(agent_ids)s) AND v.reviewed_at >= %(start)s AND v.reviewed_at < %(end)s AND v.set_aside_at IS NULL
    GROUP BY v.agent_id, r.query_type_id, r.channel_id
    UNION ALL
    SELECT agent_id, 'fcr', query_type_id, channel_id, count(*), count(*) FILTER (WHERE fcr = 'yes')
    FROM agents_resolution
    WHERE agent_id = ANY(%(agent_ids)s) AND verified_at >= %(start)s AND verified_at < %(end)s AND fcr IN ('yes', 'no')
    GROUP BY agent_id, query_type_id, channel_id"""
LOAD = f"""
    SELECT o.agent_id, o.metric, q.code, h.code, o.n, o.successes,
        coalesce(c.observation_count, p.observation_count), coalesce(c.success_count, p.success_count), p.observation_count, p.success_count
    FROM ({OBSERVED}) o
    LEFT JOIN contracts_querytype q ON q.id = o.query_type_id
    LEFT JOIN contracts_channel h ON h.id = o.channel_id
    LEFT JOIN agents_referencerate c ON c.metric = o.metric AND c.period_start = %(period_start)s
        AND c.query_type_id IS NOT DISTINCT FROM o.query_type_id AND c.channel_id IS NOT DISTINCT FROM o.channel_id
        AND (c.query_type_id IS NOT NULL OR c.channel_id IS NOT NULL)
    LEFT JOIN agents_referencerate p ON p.metric = o.metric AND p.period_start = %(period_start)s
        AND p.query_type_id IS NULL AND p.channel_id IS NULL
    ORDER BY o.agent_id, o.metric, q.code, h.code"""  # noqa: S608 (our own text)


def load_metrics(*, agent_ids: Collection[int], start: datetime, end: datetime, period_start: date) -> pl.DataFrame:
    """Count each agent's results by metric and class, in one query.

    Args:
        agent_ids: whose.
        start: first instant that counts.
        end: first instant that no longer counts.
        period_start: the pay period whose frozen rates they are compared with.

    Returns: one row per agent, metric and class (columns of METRICS). Expected of the class is n × reference_successes /
        reference_n; a class without a rate of its own has the pool's. Rates are null where none are frozen for the period.
    Source: design.md section 7.
    """
    parameters = {"agent_ids": sorted(agent_ids), "start": start, "end": end, "period_start": period_start}
    return frames.query_frame(sql=LOAD, parameters=parameters, schema=METRICS)
