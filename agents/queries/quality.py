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
LOAD = """
    SELECT o.agent_id, o.metric, q.code, h.code, count(*), count(*) FILTER (WHERE o.is_success),
        coalesce(max(c.observation_count), max(p.observation_count)), coalesce(max(c.success_count), max(p.success_count)),
        max(p.observation_count), max(p.success_count)
    FROM (
        SELECT s.agent_id, 'csat' AS metric, r.query_type_id, r.channel_id, s.is_favorable AS is_success, s.answered_at AS at
        FROM agents_survey s JOIN agents_resolution r ON r.id = s.resolution_id
        UNION ALL
        SELECT v.agent_id, 'qa', r.query_type_id, r.channel_id, v.is_passed, v.reviewed_at
        FROM agents_qareview v JOIN agents_resolution r ON r.id = v.resolution_id
        UNION ALL
        SELECT r.agent_id, 'fcr', r.query_type_id, r.channel_id, r.fcr = 'yes', r.verified_at
        FROM agents_resolution r WHERE r.fcr IN ('yes', 'no')
    ) o
    LEFT JOIN contracts_querytype q ON q.id = o.query_type_id
    LEFT JOIN contracts_channel h ON h.id = o.channel_id
    LEFT JOIN agents_referencerate c ON c.metric = o.metric AND c.period_start = %(period_start)s
        AND c.query_type_id IS NOT DISTINCT FROM o.query_type_id AND c.channel_id IS NOT DISTINCT FROM o.channel_id
        AND (c.query_type_id IS NOT NULL OR c.channel_id IS NOT NULL)
    LEFT JOIN agents_referencerate p ON p.metric = o.metric AND p.period_start = %(period_start)s
        AND p.query_type_id IS NULL AND p.channel_id IS NULL
    WHERE o.agent_id = ANY(%(agent_ids)s) AND o.at >= %(start)s AND o.at < %(end)s
    GROUP BY o.agent_id, o.metric, o.query_type_id, o.channel_id, q.code, h.code
    ORDER BY o.agent_id, o.metric, q.code, h.code"""


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
