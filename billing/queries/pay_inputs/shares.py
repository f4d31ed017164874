"""Who shares the credit of a resolution: everyone who worked on it alike, or by the stages that each worked on."""

import polars as pl

from agents.queries import frames
from billing.rules import allocation, money

WORKERS: dict[str, pl.DataType] = {"resolution_id": pl.Int64(), "agent_id": pl.Int64(), "agent_code": pl.String()}
STAGES: dict[str, pl.DataType] = {**WORKERS, "stage": pl.String(), "weight": pl.Int64()}

# Everyone who worked on the case until it was resolved, and who resolved it.
WORKED = """
    SELECT w.resolution_id, w.agent_id, a.code FROM (
        SELECT r.id AS resolution_id, i.agent_id FROM agents_resolution r
        JOIN agents_caseevent e ON e.case_id = r.case_id AND e.occurred_at <= r.resolved_at
        JOIN agents_sourceidentity i ON i.id = e.agent_identity_id
        WHERE r.id = ANY(%(ids)s) AND i.agent_id IS NOT NULL
        UNION SELECT id, agent_id FROM agents_resolution WHERE id = ANY(%(ids)s) AND agent_id IS NOT NULL) w
    JOIN agents_agent a ON a.id = w.agent_id"""

# The stages that each worked on until the case was resolved, with their weights; who resolved it worked on the stage resolve.
WORKED_STAGES = """
    SELECT w.resolution_id, w.agent_id, a.code, w.stage, sw.weight_bp FROM (
        SELECT r.id AS resolution_id, i.agent_id, e.code AS stage, plan.version_id
        FROM unnest(%(ids)s::bigint[], %(versions)s::bigint[]) AS plan (resolution_id, version_id)
        JOIN agents_resolution r ON r.id = plan.resolution_id
        JOIN agents_caseevent e ON e.case_id = r.case_id AND e.occurred_at <= r.resolved_at AND e.type = 'stage_time'
        JOIN agents_sourceidentity i ON i.id = e.agent_identity_id AND i.agent_id IS NOT NULL
        UNION
        SELECT r.id, r.agent_id, 'resolve', plan.version_id
        FROM unnest(%(ids)s::bigint[], %(versions)s::bigint[]) AS plan (resolution_id, version_id)
        JOIN agents_resolution r ON r.id = plan.resolution_id AND r.agent_id IS NOT NULL) w
    JOIN agents_agent a ON a.id = w.agent_id
    JOIN contracts_payplanstageweight sw ON sw.version_id = w.version_id AND sw.stage = w.stage"""


def split_credit(*, shared: pl.DataFrame) -> pl.DataFrame:
    """Split resolutions between those who share their credit.

    Args:
        shared: one row per resolution: resolution_id i64, version_id i64, the resolver's plan.

    Returns: one row per resolution and agent: resolution_id, agent_id, credit_micros i64; the parts of a resolution add up to one.
    Source: design.md section 6, step 3: parts by largest remainder, ties by agent code.
    """
    sql = "SELECT id FROM contracts_payplanversion WHERE id = ANY(%(ids)s) AND crediting = 'stages'"
    by_stages = frames.query_frame(sql=sql, parameters={"ids": shared["version_id"].unique().to_list()}, schema={"id": pl.Int64()})
    is_staged = pl.col("version_id").is_in(by_stages["id"].implode())
    equal = shared.filter(~is_staged)["resolution_id"].to_list()
    staged = shared.filter(is_staged)
    by_stage = _split_stages(staged)
    # Where no weighed stage was worked on, nothing tells the parts of a resolution apart: who resolved it has all of it.
    alone = _resolvers(sorted(set(staged["resolution_id"]) - set(by_stage["resolution_id"])))
    return pl.concat([_split_equally(equal), by_stage, alone])


def _split_equally(ids: list[int]) -> pl.DataFrame:
    workers = frames.query_frame(sql=WORKED, parameters={"ids": ids}, schema=WORKERS)
    weighed = workers.with_columns(amount_micros=pl.lit(money.MICROS, dtype=pl.Int64), weight=pl.lit(1, dtype=pl.Int64))
    parts = allocation.allocate_frame(frame=weighed, group="resolution_id", key="agent_code")
    return parts.select("resolution_id", "agent_id", credit_micros="part_micros")


def _split_stages(staged: pl.DataFrame) -> pl.DataFrame:
    """Split each resolution by the weights of the stages that were worked on, then each stage equally between who worked on it."""
    params = {"ids": staged["resolution_id"].to_list(), "versions": staged["version_id"].to_list()}
    worked = frames.query_frame(sql=WORKED_STAGES, parameters=params, schema=STAGES)
    stages = worked.select("resolution_id", "stage", "weight").unique(maintain_order=True)
    weighed = stages.with_columns(amount_micros=pl.lit(money.MICROS, dtype=pl.Int64))
    of_stage = allocation.allocate_frame(frame=weighed, group="resolution_id", key="stage")
    joined = worked.join(of_stage.select("resolution_id", "stage", stage_micros="part_micros"), on=["resolution_id", "stage"])
    members = joined.with_columns(
        _place=pl.concat_str("resolution_id", "stage", separator="/"), weight=pl.lit(1, dtype=pl.Int64), amount_micros="stage_micros"
    )
    parts = allocation.allocate_frame(frame=members, group="_place", key="agent_code")
    summed = parts.group_by("resolution_id", "agent_id").agg(pl.col("part_micros").sum().alias("credit_micros"))
    return summed.sort("resolution_id", "agent_id").select("resolution_id", "agent_id", "credit_micros")


def _resolvers(ids: list[int]) -> pl.DataFrame:
    sql = "SELECT r.id, r.agent_id, a.code FROM agents_resolution r JOIN agents_agent a ON a.id = r.agent_id WHERE r.id = ANY(%(ids)s)"
    found = frames.query_frame(sql=sql, parameters={"ids": ids}, schema=WORKERS)
    return found.select("resolution_id", "agent_id", credit_micros=pl.lit(money.MICROS, dtype=pl.Int64))
