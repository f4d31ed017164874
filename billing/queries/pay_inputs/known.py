"""The resolutions that a period may credit, with their prices, as few numbers as tell them; and what quality sees of the same reading.

What a resolution is leaves the database as one number (`kinds.py`).
"""

from dataclasses import dataclass

import polars as pl

from agents.queries import frames, plan_spans
from billing.queries import instants
from billing.queries.pay_inputs import elsewhere, kinds, prices
from billing.queries.pay_inputs.scope import Scope

KNOWN_ROWS: dict[str, pl.DataType] = {
    "resolution_id": pl.Int64(),
    "resolver_id": pl.Int64(),
    "verified_us": pl.Int64(),
    **kinds.TEXTS,
    "sharing_version_id": pl.Int64(),
    "price_micros": pl.Int64(),
    "list_micros": pl.Int64(),
}
READ = ("resolution_id", "resolver_id", "verified_us", "kind")
# Whoever else worked on a case shares its credit if the resolver's plan on the day of verification says so.
SHARING = f"""
    SELECT s.agent_id, s.version_id, s.days FROM ({plan_spans.VERSIONS.format(agents="IS NOT NULL")}) s
    JOIN contracts_payplanversion v ON v.id = s.version_id AND v.crediting <> 'resolver'"""  # noqa: S608 (our own text)
SHARING_PLANS = "SELECT count(*) AS count FROM contracts_payplanversion WHERE crediting <> 'resolver' AND status <> 'draft'"
# What another period's settlement of the resolver holds: a resolution is paid to an agent once. Only neighbors of those that are
# asked for are looked at, however long the history of an agent is; late ones are asked for one by one.
PAID_ELSEWHERE = """
    SELECT e.agent_id, e.resolution_id FROM billing_earning e JOIN billing_settlement s ON s.id = e.settlement_id
    WHERE e.agent_id = ANY(%(agents)s) AND s.agent_id = ANY(%(agents)s) AND s.period_start <> %(start)s AND {which}"""
PAID = " UNION ALL ".join(
    PAID_ELSEWHERE.format(which=which)
    for which in ("e.resolution_id BETWEEN %(first)s AND %(last)s", "e.resolution_id = ANY(%(late)s::bigint[])")
)
PAID_ROWS: dict[str, pl.DataType] = {"resolver_id": pl.Int64(), "resolution_id": pl.Int64()}
OWN = "FROM agents_resolution r WHERE r.agent_id = ANY(%(agents)s) AND {when}"
KEPT = "id, case_id, agent_id, state, verified_at, price_version_id, query_type_id, channel_id, is_payable, fcr"
IN_PERIOD = "verified_at >= %(start_at)s AND verified_at < %(end_at)s AND verified_at <= %(as_of)s"
# Verified in a month that is closed. The months are few, they are written as instants once, and nothing is read before the first of them.
CLOSED = "FROM billing_payrun p WHERE p.site_id = %(site)s AND p.status IN ('approved', 'posted', 'paid')"
STARTS, ENDS = (f"p.period_{which}::timestamp AT TIME ZONE %(zone)s" for which in ("start", "end"))
LATE = f"""
    verified_at < %(start_at)s AND verified_at <= %(as_of)s AND verified_at >= (SELECT min({STARTS}) {CLOSED})
    AND verified_at <@ (SELECT range_agg(tstzrange({STARTS}, {ENDS})) {CLOSED})"""
# The same of months that other sites closed for agents who left them.
LEFT = f"{elsewhere.WITHIN} AND coalesce(NOT verified_at <@ (SELECT range_agg(tstzrange({STARTS}, {ENDS})) {CLOSED}), true)"
# Nearly all that is late was paid when it was not: those never leave the database.
NOT_PAID = f"""
    AND NOT EXISTS ({PAID_ELSEWHERE.format(which="e.agent_id = r.agent_id AND e.resolution_id = r.id")})"""
WORKED_ON = """
    case_id IN (SELECT e.case_id FROM agents_caseevent e JOIN agents_sourceidentity i ON i.id = e.agent_identity_id
                WHERE i.agent_id = ANY(%(agents)s))"""

NOWHERE = elsewhere.Closed()


@dataclass(frozen=True, kw_only=True)
class Known:
    """What was read of a scope: what pay may count, and everything that was verified, for quality.

    Args:
        rows: one row per resolution that may be credited, columns of KNOWN_ROWS.
        seen: one row per verified resolution: resolution_id, resolver_id, verified_us i64, kind i64.
        kinds: what each kind is: kind i64, query_type_id and channel_id i64 (null: none), fcr str, and more.
    """

    rows: pl.DataFrame
    seen: pl.DataFrame
    kinds: pl.DataFrame


def read_known(
    *, scope: Scope, codes: kinds.Names, is_sharing: bool, is_listed: bool, closed_elsewhere: elsewhere.Closed = NOWHERE
) -> Known:
    """Read the resolutions that a period may credit to some agents, in two queries where they are few, else in three or four.

    Args:
        scope: agents, period, and the instant whose knowledge counts.
        codes: the names of `kinds.CODES`.
        is_sharing: whether any plan shares credit.
        is_listed: whether any plan pays by list prices, which are null otherwise.
        closed_elsewhere: what other sites closed for agents who left them; one statement more where there are any.

    Raises: kinds.UnableToNameKinds.
    """
    radices = kinds.radices_of(names=codes)
    columns = (*READ, "sharing_version_id") if is_sharing else READ
    schema = dict.fromkeys(columns, pl.Int64())
    has_left = bool(closed_elsewhere.agent_ids)
    statements = _known_sql(kind=kinds.kind_sql(radices=radices), is_sharing=is_sharing, has_left=has_left)
    parts = [frames.Numbers(sql=sql, schema=schema, instants=("verified_us",)) for sql in statements]
    seen = pl.concat(
        frames.query_numbers_together(parts=parts, parameters={**scope.params, **(closed_elsewhere.params if has_left else {})})
    )
    named = kinds.name_kinds(kinds=seen["kind"].unique().sort(), radices=radices, names=codes)
    counted = named.filter(pl.col("counted") == kinds.COUNTED[1]).select("kind", "state", "class_code", "currency")
    rows = seen.join(counted, on="kind", how="inner", maintain_order="left")
    if not is_sharing:
        rows = rows.with_columns(sharing_version_id=pl.lit(None, dtype=pl.Int64))
    priced = _price_unpaid(rows, scope, is_sharing=is_sharing, is_listed=is_listed)
    return Known(rows=priced.select(*KNOWN_ROWS), seen=seen.select(READ), kinds=named)


def is_sharing() -> bool:
    """Tell whether any plan shares credit between those who worked on a case."""
    found = frames.query_frame(sql=SHARING_PLANS, schema={"count": pl.Int64()})
    return bool(found["count"].item())


def _known_sql(*, kind: str, is_sharing: bool, has_left: bool) -> list[str]:
    """Write the statements that read everything verified that concerns some agents, one row each, from an index that holds all of it."""
    # What fell again after it was verified is no longer paid, but quality counts it.
    columns = f"SELECT r.id, r.agent_id, r.verified_at, {kind}"
    in_period, late = OWN.format(when=IN_PERIOD), f"{OWN.format(when=LATE)} AND r.is_payable"
    left = [LEFT] if has_left else []
    if not is_sharing:
        # Each by itself: a union hands every row on once more.
        return [f"{columns} {in_period}", *(f"{columns} {rows} {NOT_PAID}" for rows in (late, *left))]
    worked = [f"FROM agents_resolution r WHERE r.is_payable AND {when} AND {WORKED_ON}" for when in (IN_PERIOD, LATE)]
    known = " UNION ".join(f"SELECT {KEPT} {rows}" for rows in (in_period, late, *left, *worked))
    # Who shares is asked again once the parts are known.
    return [
        f"""
        WITH sharing AS MATERIALIZED ({SHARING})
        {columns}, sh.version_id FROM ({known}) r
        LEFT JOIN sharing sh ON sh.agent_id = r.agent_id AND sh.days @> (r.verified_at AT TIME ZONE %(zone)s)::date
        WHERE r.agent_id = ANY(%(agents)s) OR sh.version_id IS NOT NULL"""
    ]


def _price_unpaid(rows: pl.DataFrame, scope: Scope, *, is_sharing: bool, is_listed: bool) -> pl.DataFrame:
    """Add what is booked, and leave out what another period pays its resolver; both are asked for together where they are few."""
    asked = {**scope.params, **_neighbors(rows, scope, is_sharing=is_sharing)}
    ids = rows["resolution_id"]
    if ids.is_empty() or not prices.are_few(resolution_ids=ids):
        unpaid = rows if ids.is_empty() else _leave_out(rows, frames.query_numbers(sql=PAID, parameters=asked, schema=PAID_ROWS))
        return unpaid.hstack(prices.read_prices(resolution_ids=unpaid["resolution_id"], is_listed=is_listed))
    parts = (frames.Numbers(sql=PAID, schema=PAID_ROWS), prices.few(is_listed=is_listed))
    paid, lines = frames.query_numbers_together(parts=parts, parameters={**asked, "ids": prices.write_ids(resolution_ids=ids)})
    return _leave_out(rows.hstack(prices.match_lines(resolution_ids=ids, lines=lines)), paid)


def _neighbors(rows: pl.DataFrame, scope: Scope, *, is_sharing: bool) -> dict[str, object]:
    """Return what PAID looks at: of what is shared, the parts are asked for once they are known."""
    is_late = pl.col("verified_us") < instants.to_microseconds(scope.period.starts_at)
    own = rows.lazy().filter(pl.col("sharing_version_id").is_null()).select("resolution_id", is_late=is_late)
    in_period = own.filter(~pl.col("is_late")).select(first=pl.col("resolution_id").min(), last=pl.col("resolution_id").max())
    late, span = pl.collect_all([own.filter("is_late").select("resolution_id"), in_period])
    first, last = span.row(0)
    # Where nobody shares, late ones that are paid were not read at all.
    return {"first": first, "last": last, "late": late["resolution_id"].to_list() if is_sharing else []}


def _leave_out(rows: pl.DataFrame, paid: pl.DataFrame) -> pl.DataFrame:
    if paid.is_empty():
        return rows
    return (
        rows.join(paid.with_columns(is_paid=True), on=list(PAID_ROWS), how="left", maintain_order="left")
        .filter(pl.col("is_paid").is_null() | pl.col("sharing_version_id").is_not_null())
        .drop("is_paid")
    )
