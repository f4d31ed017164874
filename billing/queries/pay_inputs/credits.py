"""Credits: the verified resolutions that a period pays, with the price booked for each and the agent's part in it."""

import polars as pl

from agents.queries import frames
from billing.queries.pay_inputs.scope import Scope
from billing.rules import allocation, money

SCHEMA: dict[str, pl.DataType] = {
    "resolution_id": pl.Int64(),
    "resolution": pl.String(),
    "resolver_id": pl.Int64(),
    "verified_us": pl.Int64(),
    "state": pl.String(),
    "class_code": pl.String(),
    "price_micros": pl.Int64(),
    "list_micros": pl.Int64(),
    "currency": pl.String(),
    "is_late": pl.Int8(),
    "is_shared": pl.Int8(),
}
CONTRIBUTORS: dict[str, pl.DataType] = {"resolution_id": pl.Int64(), "agent_id": pl.Int64(), "agent_code": pl.String()}

# A resolution is known, payable and not held; it was verified in the period, or in one that is closed and did not pay it.
KNOWN = """
    r.verified_at <= %(as_of)s AND r.verified_at < %(end_at)s
    AND r.id NOT IN (SELECT resolution_id FROM agents_hold WHERE released_at IS NULL)
    AND (r.verified_at >= %(start_at)s OR EXISTS (
        SELECT 1 FROM billing_payrun p
        WHERE p.site_id = %(site)s AND p.status IN ('approved', 'posted', 'paid')
          AND (r.verified_at AT TIME ZONE %(zone)s)::date >= p.period_start
          AND (r.verified_at AT TIME ZONE %(zone)s)::date < p.period_end))"""
# The resolver's plan on the day of verification says whether others share the credit.
SHARED = """
    EXISTS (
        SELECT 1 FROM agents_planassignment pa JOIN contracts_payplanversion pv ON pv.plan_id = pa.plan_id
        WHERE pa.agent_id = r.agent_id AND pv.status IN ('active', 'ended') AND pv.crediting = 'equal'
          AND daterange(pa.effective_from, pa.effective_to) @> (r.verified_at AT TIME ZONE %(zone)s)::date
          AND daterange(pv.effective_from, pv.effective_to) @> (r.verified_at AT TIME ZONE %(zone)s)::date)"""

# What the agents resolved, and, only where some plan shares credit, what they worked on.
COLUMNS = "id, case_id, number, agent_id, state, verified_at, price_version_id, query_type_id, channel_id"
CONCERNED = f"""
    SELECT {COLUMNS} FROM agents_resolution
    WHERE agent_id = ANY(%(agents)s) AND is_payable AND verified_at < %(end_at)s
    UNION
    SELECT {COLUMNS} FROM agents_resolution
    WHERE EXISTS (SELECT 1 FROM contracts_payplanversion WHERE crediting = 'equal' AND status <> 'draft') AND is_payable
      AND case_id IN (SELECT e.case_id FROM agents_caseevent e JOIN agents_sourceidentity i ON i.id = e.agent_identity_id
                      WHERE i.agent_id = ANY(%(agents)s))"""  # noqa: S608 (our own text)


def read_credits(*, scope: Scope) -> pl.DataFrame:
    """Read the credits that a period pays to some agents, in three queries however many there are.

    Returns: one row per agent and resolution, in order of agent, verification and resolution: agent_id i64,
        resolution_id i64, resolution str (source, case and number), verified_us i64, state str, class_code str
        (query type/channel), price_micros and list_micros i64 (null: nothing is booked), currency str,
        credit_micros i64 (millionths; the parts of a resolution add up to one), is_late i8 (verified in a closed period).
    """
    known = frames.query_frame(sql=_known_sql(), parameters=scope.params, schema=SCHEMA)
    alone = known.filter(pl.col("is_shared") == 0).with_columns(
        agent_id=pl.col("resolver_id"), credit_micros=pl.lit(money.MICROS, dtype=pl.Int64)
    )
    shared = known.filter(pl.col("is_shared") == 1)
    parts = _split(shared.select("resolution_id")) if shared.height else None
    split = shared.join(parts, on="resolution_id", how="inner") if parts is not None else alone.clear()
    columns = ["agent_id", *(name for name in SCHEMA if name not in ("resolver_id", "is_shared")), "credit_micros"]
    everyone = pl.concat([alone.select(columns), split.select(columns)])
    wanted = everyone.filter(pl.col("agent_id").is_in(list(scope.agent_ids)))
    return _unpaid(wanted, scope).sort("agent_id", "verified_us", "resolution")


def _known_sql() -> str:
    return f"""
        WITH concerned AS MATERIALIZED ({CONCERNED})
        SELECT r.id, s.code || '/' || c.key || '/' || r.number, r.agent_id, {frames.instant("r.verified_at")}, r.state,
               coalesce(q.code, 'any') || '/' || coalesce(ch.code, 'any'), b.price, b.list, v.currency,
               (r.verified_at < %(start_at)s)::int, ({SHARED})::int
        FROM concerned r
        JOIN agents_case c ON c.id = r.case_id
        JOIN agents_source s ON s.id = c.source_id
        JOIN contracts_contractversion v ON v.id = r.price_version_id
        LEFT JOIN contracts_querytype q ON q.id = r.query_type_id
        LEFT JOIN contracts_channel ch ON ch.id = r.channel_id
        LEFT JOIN LATERAL (
            SELECT sum(amount_micros)::bigint AS price, (array_agg(list_micros ORDER BY revision DESC))[1] AS list
            FROM billing_bookedline WHERE resolution_id = r.id) b ON true
        WHERE {KNOWN} AND (r.agent_id = ANY(%(agents)s) OR {SHARED})"""  # noqa: S608 (our own text)


def _split(resolutions: pl.DataFrame) -> pl.DataFrame:
    """Share each resolution equally between everyone who worked on the case until it was resolved."""
    sql = """
        SELECT w.resolution_id, w.agent_id, a.code FROM (
            SELECT r.id AS resolution_id, i.agent_id FROM agents_resolution r
            JOIN agents_caseevent e ON e.case_id = r.case_id AND e.occurred_at <= r.resolved_at
            JOIN agents_sourceidentity i ON i.id = e.agent_identity_id
            WHERE r.id = ANY(%(ids)s) AND i.agent_id IS NOT NULL
            UNION SELECT id, agent_id FROM agents_resolution WHERE id = ANY(%(ids)s) AND agent_id IS NOT NULL) w
        JOIN agents_agent a ON a.id = w.agent_id"""
    workers = frames.query_frame(sql=sql, parameters={"ids": resolutions["resolution_id"].to_list()}, schema=CONTRIBUTORS)
    weighed = workers.with_columns(amount_micros=pl.lit(money.MICROS, dtype=pl.Int64), weight=pl.lit(1, dtype=pl.Int64))
    parts = allocation.allocate_frame(frame=weighed, group="resolution_id", key="agent_code")
    return parts.select("resolution_id", "agent_id", credit_micros="part_micros")


def _unpaid(credits: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Leave out what another period's settlement of the same agent holds: a resolution is paid to an agent once."""
    sql = """
        SELECT e.resolution_id, e.agent_id FROM billing_earning e JOIN billing_settlement s ON s.id = e.settlement_id
        WHERE e.agent_id = ANY(%(agents)s) AND e.resolution_id = ANY(%(ids)s) AND s.period_start <> %(start)s"""
    params = {**scope.params, "ids": credits["resolution_id"].to_list()}
    paid = frames.query_frame(sql=sql, parameters=params, schema={"resolution_id": pl.Int64(), "agent_id": pl.Int64()})
    return credits.join(paid, on=["resolution_id", "agent_id"], how="anti")
