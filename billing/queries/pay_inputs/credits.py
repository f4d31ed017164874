"""Credits: the verified resolutions that a period pays, with the price booked for each and the agent's part in it.

Rows are kept narrow on their way out of the database: numbers instead of names. What a name is needed for (two units of
one instant, a sentence about one resolution) reads the few names that it needs.
"""

from collections.abc import Collection

import polars as pl

from agents.models.resolutions import ResolutionState
from agents.queries import frames, plan_spans
from billing.queries import instants
from billing.queries.pay_inputs import shares
from billing.queries.pay_inputs.scope import Scope
from billing.rules import money

KNOWN_ROWS: dict[str, pl.DataType] = {
    "resolution_id": pl.Int64(),
    "resolver_id": pl.Int64(),
    "verified_us": pl.Int64(),
    "state": pl.String(),
    "query_type_id": pl.Int64(),
    "channel_id": pl.Int64(),
    "version_id": pl.Int64(),
    "sharing_version_id": pl.Int64(),
    "revision": pl.Int64(),
    "amount_micros": pl.Int64(),
    "list_micros": pl.Int64(),
}
NAMES: dict[str, pl.DataType] = {"kind": pl.String(), "id": pl.Int64(), "name": pl.String()}
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
ANY = "any"
# A state leaves the database as its place among them.
STATES = [str(state.value) for state in ResolutionState]

# Whoever else worked on a case shares its credit if the resolver's plan on the day of verification says so.
SHARING = f"""
    SELECT s.agent_id, s.version_id, s.days FROM ({plan_spans.VERSIONS.format(agents="IS NOT NULL")}) s
    JOIN contracts_payplanversion v ON v.id = s.version_id AND v.crediting <> 'resolver'"""  # noqa: S608 (our own text)
SHARED = "sh.version_id IS NOT NULL"
# What another period's settlement of the resolver holds: a resolution is paid to an agent once.
PAID_ELSEWHERE = """
    EXISTS (
        SELECT 1 FROM billing_earning e JOIN billing_settlement s ON s.id = e.settlement_id
        WHERE e.agent_id = r.agent_id AND e.resolution_id = r.id AND s.period_start <> %(start)s)"""
KEPT = "id, case_id, agent_id, state, verified_at, price_version_id, query_type_id, channel_id"
IN_PERIOD = "verified_at >= %(start_at)s AND verified_at < %(end_at)s AND verified_at <= %(as_of)s"
# Verified in a month that is closed. The months are few, and nothing is read before the first of them.
LATE = """
    verified_at < %(start_at)s AND verified_at <= %(as_of)s
    AND verified_at >= (SELECT min(p.period_start)::timestamp AT TIME ZONE %(zone)s FROM billing_payrun p
                        WHERE p.site_id = %(site)s AND p.status IN ('approved', 'posted', 'paid'))
    AND EXISTS (SELECT 1 FROM billing_payrun p
                WHERE p.site_id = %(site)s AND p.status IN ('approved', 'posted', 'paid')
                  AND verified_at >= p.period_start::timestamp AT TIME ZONE %(zone)s
                  AND verified_at < p.period_end::timestamp AT TIME ZONE %(zone)s)"""
WORKED_ON = """
    case_id IN (SELECT e.case_id FROM agents_caseevent e JOIN agents_sourceidentity i ON i.id = e.agent_identity_id
                WHERE i.agent_id = ANY(%(agents)s))"""
CODES = """
    SELECT 'query_type' AS kind, id, code AS name FROM contracts_querytype UNION ALL SELECT 'channel', id, code FROM contracts_channel
    UNION ALL SELECT 'currency', id, currency FROM contracts_contractversion"""
SHARING_PLANS = "SELECT count(*) AS count FROM contracts_payplanversion WHERE crediting <> 'resolver' AND status <> 'draft'"


def read_known(*, scope: Scope, is_sharing: bool) -> pl.DataFrame:
    """Read the resolutions that a period may credit to some agents, one row per booked line, columns of KNOWN_ROWS.

    Args:
        scope: agents, period, and the instant whose knowledge counts.
        is_sharing: whether any plan shares credit.
    """
    packed = {name: pl.Int64() for name in KNOWN_ROWS}
    rows = frames.query_numbers(sql=_known_sql(is_sharing=is_sharing), parameters=scope.params, schema=packed)
    places = list(range(1, len(STATES) + 1))
    return rows.with_columns(state=pl.col("state").replace_strict(places, STATES, return_dtype=pl.String()))


def credit_rows(*, rows: pl.DataFrame, codes: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Credit the resolutions of a period to who resolved them or shares them.

    Args:
        rows: as `read_known` returns them; the simulator brings rows of its own.
        codes: the rows of CODES, columns of NAMES.
        scope: whose period.

    Returns: one row per agent and resolution, in order of agent, verification and resolution: agent_id i64,
        resolution_id i64, resolution str (source, case and number; null where it was not needed), verified_us i64, state
        str, class_code str (query type/channel), price_micros and list_micros i64 (null: nothing is booked), currency
        str, is_late i8 (verified in a closed period), credit_micros i64 (millionths; the parts of a resolution add up to
        one).
    """
    is_late = pl.col("verified_us") < instants.to_microseconds(scope.period.starts_at)
    credits = _share(_name_classes(_add_bookings(rows), codes), scope).with_columns(is_late=is_late.cast(pl.Int8))
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


def is_sharing() -> bool:
    """Tell whether any plan shares credit between those who worked on a case."""
    found = frames.query_frame(sql=SHARING_PLANS, schema={"count": pl.Int64()})
    return bool(found["count"].item())


def _known_sql(*, is_sharing: bool) -> str:
    """Known, payable, not held, not paid in another period; with each booked line of it, or one row without any.

    In the order of their numbers, for booked lines of neighbors lie side by side.
    """
    own = " UNION ALL ".join(
        f"SELECT {KEPT} FROM agents_resolution WHERE agent_id = ANY(%(agents)s) AND is_payable AND {when}"  # noqa: S608 (our own text)
        for when in (IN_PERIOD, LATE)
    )
    if is_sharing:
        worked = " UNION ".join(
            f"SELECT {KEPT} FROM agents_resolution WHERE is_payable AND {when} AND {WORKED_ON}"  # noqa: S608 (our own text)
            for when in (IN_PERIOD, LATE)
        )
        own = f"{own} UNION {worked}"
    # Who shares is asked again once the parts are known, so that only the resolver's own are left out here.
    shared = "sh.version_id" if is_sharing else "NULL::bigint"
    joined = "LEFT JOIN sharing sh ON sh.agent_id = r.agent_id AND sh.days @> (r.verified_at AT TIME ZONE %(zone)s)::date"
    concerns = f"(r.agent_id = ANY(%(agents)s) OR {SHARED})" if is_sharing else "true"
    paid = f"(NOT {PAID_ELSEWHERE} OR {SHARED})" if is_sharing else f"NOT {PAID_ELSEWHERE}"
    return f"""
        {f"WITH sharing AS MATERIALIZED ({SHARING})" if is_sharing else ""}
        SELECT r.id, r.agent_id, {frames.instant("r.verified_at")}, array_position(ARRAY{STATES}, r.state::text),
               r.query_type_id, r.channel_id, r.price_version_id, {shared}, b.revision, b.amount_micros, b.list_micros
        FROM (SELECT * FROM ({own}) known ORDER BY id) r {joined if is_sharing else ""}
        LEFT JOIN billing_bookedline b ON b.resolution_id = r.id
        WHERE r.price_version_id IS NOT NULL AND {concerns} AND {paid}
          AND r.id NOT IN (SELECT resolution_id FROM agents_hold WHERE released_at IS NULL)"""  # noqa: S608 (our own text)


def _add_bookings(rows: pl.DataFrame) -> pl.DataFrame:
    """Add each resolution's booked lines up; its list price is that of the last one."""
    if rows["resolution_id"].is_duplicated().any():
        order = ("resolution_id", "revision")
        last = [pl.col(name).last() for name in KNOWN_ROWS if name not in (*order, "amount_micros")]
        rows = rows.sort(order).group_by("resolution_id", maintain_order=True).agg(pl.col("amount_micros").sum(), *last)
    return rows.rename({"amount_micros": "price_micros"})


def _name_classes(rows: pl.DataFrame, codes: pl.DataFrame) -> pl.DataFrame:
    """Write query type and channel, and the contract's currency, in the place of their row numbers."""

    def name(column: str, kind: str) -> pl.Expr:
        found = codes.filter(pl.col("kind") == kind)
        return pl.col(column).replace_strict(found["id"], found["name"], default=None, return_dtype=pl.String())

    code = name("query_type_id", "query_type").fill_null(ANY) + "/" + name("channel_id", "channel").fill_null(ANY)
    return rows.with_columns(class_code=code, currency=name("version_id", "currency"))


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
    ordered = credits.sort("agent_id", "verified_us")
    is_as_before = (pl.col("agent_id") == pl.col("agent_id").shift(1)) & (pl.col("verified_us") == pl.col("verified_us").shift(1))
    is_tied = (is_as_before | is_as_before.shift(-1)).fill_null(False)
    names = name_resolutions(resolution_ids=ordered.filter(is_tied)["resolution_id"].to_list())
    if not names:
        return ordered.with_columns(resolution=pl.lit(None, dtype=pl.String))
    named = pl.col("resolution_id").replace_strict(list(names), list(names.values()), default=None, return_dtype=pl.String())
    return ordered.with_columns(resolution=named).sort("agent_id", "verified_us", "resolution")
