"""Credits: the verified resolutions that a period pays, with the price booked for each and the agent's part in it.

Rows are kept narrow on their way out of the database: numbers instead of names. What a name is needed for (two units of
one instant, a sentence about one resolution) reads the few names that it needs.
"""

from collections.abc import Collection

import polars as pl

from agents.queries import frames
from billing.queries import instants
from billing.queries.pay_inputs import shares
from billing.queries.pay_inputs.scope import Scope
from billing.rules import money

RESOLUTION_NAMES: dict[str, pl.DataType] = {"resolution_id": pl.Int64(), "resolution": pl.String()}
PAID: dict[str, pl.DataType] = {"resolution_id": pl.Int64(), "agent_id": pl.Int64()}
COLUMNS = (
    "agent_id",
    "resolution_id",
    "resolution",
    "verified_us",
    "state",
    "class_code",
    "price_micros",
    "list_micros",
    "currency",
    "is_late",
    "credit_micros",
)


def credit_rows(*, rows: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Credit the resolutions of a period to who resolved them or shares them.

    Args:
        rows: those of `known.read_known`, columns of KNOWN_ROWS; the simulator brings rows of its own.
        scope: whose period.

    Returns: one row per agent and resolution, in order of agent, verification and resolution: agent_id i64,
        resolution_id i64, resolution str (source, case and number; null where it was not needed), verified_us i64, state,
        class_code (query type/channel) and currency as `kinds.TEXTS`, price_micros and list_micros i64 (null: nothing is booked),
        is_late i8 (verified in a closed period), credit_micros i64 (millionths; the parts of a resolution add up to
        one).
    """
    is_late = pl.col("verified_us") < instants.to_microseconds(scope.period.starts_at)
    credits = _share(rows, scope).with_columns(is_late=is_late.cast(pl.Int8))
    return _order(credits).select(COLUMNS)


def name_resolutions(*, resolution_ids: Collection[int]) -> dict[int, str]:
    """Return what people call some resolutions: source, case and number."""
    if not resolution_ids:
        return {}
    sql = """
        SELECT r.id, s.code || '/' || c.key || '/' || r.number
        FROM agents_resolution r JOIN agents_case c ON c.id = r.case_id JOIN agents_source s ON s.id = c.source_id
        WHERE r.id = ANY(%(ids)s)"""
    found = frames.query_frame(sql=sql, parameters={"ids": list(resolution_ids)}, schema=RESOLUTION_NAMES)
    return dict(found.iter_rows())


def _share(rows: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Give each resolution to its resolver, or share it as the resolver's plan says; parts of agents outside the scope are left out."""
    alone = rows.filter(pl.col("sharing_version_id").is_null()).with_columns(
        agent_id=pl.col("resolver_id"), credit_micros=pl.lit(money.MICROS, dtype=pl.Int64)
    )
    shared = rows.filter(pl.col("sharing_version_id").is_not_null())
    if shared.is_empty():
        return alone
    parts = shares.split_credit(shared=shared.select("resolution_id", version_id="sharing_version_id"))
    split = shared.join(parts, on="resolution_id", how="inner").select(alone.columns)
    wanted = split.filter(pl.col("agent_id").is_in(list(scope.agent_ids)))
    return pl.concat([alone, _leave_out_paid(wanted, scope)])


def _leave_out_paid(credits: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Leave out parts that another period's settlement of the same agent holds."""
    sql = """
        SELECT e.resolution_id, e.agent_id FROM billing_earning e JOIN billing_settlement s ON s.id = e.settlement_id
        WHERE e.agent_id = ANY(%(agents)s) AND e.resolution_id = ANY(%(ids)s) AND s.period_start <> %(start)s"""
    paid = frames.query_frame(sql=sql, parameters={**scope.params, "ids": credits["resolution_id"].to_list()}, schema=PAID)
    return credits.join(paid, on=["resolution_id", "agent_id"], how="anti")


def _order(credits: pl.DataFrame) -> pl.DataFrame:
    """Order by agent and verification. Units of one instant are told apart by name: row numbers follow the order of arrival."""
    nameless = pl.lit(None, dtype=pl.String)
    if _is_rising(credits):
        return credits.with_columns(resolution=nameless)
    ordered = credits.sort("agent_id", "verified_us")
    is_as_before = (pl.col("agent_id") == pl.col("agent_id").shift(1)) & (pl.col("verified_us") == pl.col("verified_us").shift(1))
    is_tied = (is_as_before | is_as_before.shift(-1)).fill_null(False)
    names = name_resolutions(resolution_ids=ordered.filter(is_tied)["resolution_id"].to_list())
    if not names:
        return ordered.with_columns(resolution=nameless)
    named = pl.col("resolution_id").replace_strict(list(names), list(names.values()), default=None, return_dtype=pl.String())
    return ordered.with_columns(resolution=named).sort("agent_id", "verified_us", "resolution")


def _is_rising(credits: pl.DataFrame) -> bool:
    """Say whether rows are in order, no two of an agent at one instant: the index that they are read from mostly gives them so."""
    agent, before, at = pl.col("agent_id"), pl.col("agent_id").shift(), pl.col("verified_us")
    is_after = (agent > before) | ((agent == before) & (at > at.shift()))
    return credits.height < 2 or bool(credits.select(is_after.slice(1).all()).item())
