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
# The same answers one by one, without the class of their resolution.
ANSWERS = """
    SELECT 1, agent_id, resolution_id, is_favorable::int FROM agents_survey
    WHERE agent_id = ANY(%(agent_ids)s) AND answered_at >= %(start)s AND answered_at < %(end)s
    UNION ALL
    SELECT 2, agent_id, resolution_id, is_passed::int FROM agents_qareview
    WHERE agent_id = ANY(%(agent_ids)s) AND reviewed_at >= %(start)s AND reviewed_at < %(end)s AND set_aside_at IS NULL"""
ANSWERED = {"place": pl.Int64(), "agent_id": pl.Int64(), "resolution_id": pl.Int64(), "successes": pl.Int64()}
OF_ANSWERS = {1: "csat", 2: "qa"}
CLASSES = {"resolution_id": pl.Int64(), "query_type_id": pl.Int64(), "channel_id": pl.Int64()}
CLASS = ("query_type_id", "channel_id")
RATES = """
    SELECT metric, query_type_id, channel_id, observation_count AS rate_n, success_count AS rate_successes FROM agents_referencerate
    WHERE period_start = %(start)s"""
RATED = {
    "metric": pl.String(),
    "query_type_id": pl.Int64(),
    "channel_id": pl.Int64(),
    "rate_n": pl.Int64(),
    "rate_successes": pl.Int64(),
}
COUNTS = ("agent_id", "metric", "query_type_id", "channel_id", "n", "successes")
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


def count_metrics(
    *, seen: pl.DataFrame, kinds: pl.DataFrame, agent_ids: Collection[int], start: datetime, end: datetime, rates: pl.DataFrame
) -> pl.DataFrame:
    """Count each agent's results as `load_metrics` does, of resolutions that are read already: the twin of it for a whole period.

    Args:
        seen: one row per resolution of these agents that was verified in the stretch: resolution_id, agent_id, kind, all i64.
        kinds: what each kind is: kind i64, query_type_id and channel_id i64 (null: none), fcr str.
        agent_ids: whose.
        start: first instant that counts.
        end: first instant that no longer counts.
        rates: the rows of RATES of the pay period, columns of RATED.

    Returns: the rows of `load_metrics` in any order, with the row numbers of query type and channel in the place of their names.
    Source: design.md section 7.
    """
    first = seen.group_by("agent_id", "kind").agg(n=pl.len().cast(pl.Int64)).join(kinds, on="kind", how="inner")
    asked = first.filter(pl.col("fcr") != "").with_columns(
        metric=pl.lit("fcr"), successes=pl.when(pl.col("fcr") == "yes").then("n").otherwise(0)
    )
    parameters = {"agent_ids": sorted(agent_ids), "start": start, "end": end}
    answers = frames.query_numbers(sql=ANSWERS, parameters=parameters, schema=ANSWERED)
    answered = _add_classes(answers, seen, kinds).with_columns(
        metric=pl.col("place").replace_strict(list(OF_ANSWERS), list(OF_ANSWERS.values()), return_dtype=pl.String()),
        n=pl.lit(1, dtype=pl.Int64),
    )
    rows = pl.concat([asked.select(COUNTS), answered.select(COUNTS)])
    counted = rows.group_by("agent_id", "metric", *CLASS).agg(pl.col("n").sum(), pl.col("successes").sum())
    return _add_rates(counted, rates)


def _add_classes(answers: pl.DataFrame, seen: pl.DataFrame, kinds: pl.DataFrame) -> pl.DataFrame:
    """Add the class of each answer's resolution; one that was verified at another time is looked up."""
    # Few of them are asked for, so that those are found first.
    asked = seen.select("resolution_id", "kind").join(answers.select("resolution_id"), on="resolution_id", how="semi")
    known = answers.join(asked, on="resolution_id", how="left").join(kinds.select("kind", *CLASS), on="kind", how="left")
    other = known.filter(pl.col("kind").is_null())
    if other.is_empty():
        return known
    sql = "SELECT id, query_type_id, channel_id FROM agents_resolution WHERE id = ANY(%(ids)s)"
    found = frames.query_numbers(sql=sql, parameters={"ids": other["resolution_id"].unique().sort().to_list()}, schema=CLASSES)
    looked_up = other.drop(CLASS).join(found, on="resolution_id", how="left").select(known.columns)
    return pl.concat([known.filter(pl.col("kind").is_not_null()), looked_up])


def _add_rates(counted: pl.DataFrame, rates: pl.DataFrame) -> pl.DataFrame:
    """Add the frozen rate of each class, or of all classes where it has none of its own."""
    is_pool = pl.col("query_type_id").is_null() & pl.col("channel_id").is_null()
    named = {"rate_n": "pool_n", "rate_successes": "pool_successes"}
    pools = rates.filter(is_pool).select("metric", *named).rename(named)
    own = rates.filter(~is_pool)
    found = counted.join(own, on=["metric", *CLASS], how="left", nulls_equal=True).join(pools, on="metric", how="left")
    return found.with_columns(
        reference_n=pl.coalesce("rate_n", "pool_n"), reference_successes=pl.coalesce("rate_successes", "pool_successes")
    )
