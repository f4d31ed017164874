"""The resolutions that a period may credit, with their prices, as few numbers as tell them; and what quality sees of the same reading.

What a resolution is (contract version, class, state, first contact, whether pay may count it) leaves the database as one number,
for all that a part of a run reads has a few dozen of them. Names are written for those few.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from agents.models.resolutions import ResolutionState
from agents.queries import frames, plan_spans
from billing.queries import instants
from billing.queries.pay_inputs import prices
from billing.queries.pay_inputs.scope import Scope

KNOWN_ROWS: dict[str, pl.DataType] = {
    "resolution_id": pl.Int64(),
    "resolver_id": pl.Int64(),
    "verified_us": pl.Int64(),
    "state": pl.String(),
    "class_code": pl.String(),
    "currency": pl.String(),
    "sharing_version_id": pl.Int64(),
    "price_micros": pl.Int64(),
    "list_micros": pl.Int64(),
}
READ = ("resolution_id", "resolver_id", "verified_us", "kind")
NAMES: dict[str, pl.DataType] = {"kind": pl.String(), "id": pl.Int64(), "name": pl.String()}
ANY = "any"
# A state, an answer and a yes leave the database as their place among these.
STATES = ["", *(str(state.value) for state in ResolutionState)]
ANSWERS = ["", "yes", "no"]
COUNTED = ["", "counted"]

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
KEPT = "id, case_id, agent_id, state, verified_at, price_version_id, query_type_id, channel_id, is_payable, fcr"
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
    UNION ALL SELECT 'version', id, currency FROM contracts_contractversion"""


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


def read_known(*, scope: Scope, codes: pl.DataFrame, is_sharing: bool) -> Known:
    """Read the resolutions that a period may credit to some agents, in three queries however many there are.

    Args:
        scope: agents, period, and the instant whose knowledge counts.
        codes: the rows of CODES, columns of NAMES.
        is_sharing: whether any plan shares credit.
    """
    radices = _radices(codes)
    columns = (*READ, "sharing_version_id") if is_sharing else READ
    sql = _known_sql(kind=_kind_sql(radices), is_sharing=is_sharing)
    seen = frames.query_numbers(sql=sql, parameters=scope.params, schema=dict.fromkeys(columns, pl.Int64()), instants=("verified_us",))
    kinds = _take_apart(seen["kind"].unique().sort(), radices, codes)
    counted = kinds.filter(pl.col("counted") == COUNTED[1]).select("kind", "state", "class_code", "currency")
    rows = seen.join(counted, on="kind", how="inner", maintain_order="left")
    if not is_sharing:
        rows = rows.with_columns(sharing_version_id=pl.lit(None, dtype=pl.Int64))
    rows = _leave_out_paid(rows, scope)
    priced = rows.hstack(prices.read_prices(resolution_ids=rows["resolution_id"]))
    return Known(rows=priced.select(*KNOWN_ROWS), seen=seen.select(READ), kinds=kinds)


def is_sharing() -> bool:
    """Tell whether any plan shares credit between those who worked on a case."""
    found = frames.query_frame(sql=SHARING_PLANS, schema={"count": pl.Int64()})
    return bool(found["count"].item())


def read_currencies() -> dict[int, str]:
    """Return the currency of each contract version."""
    names = frames.query_frame(sql=CODES, schema=NAMES).filter(pl.col("kind") == "version")
    return dict(zip(names["id"], names["name"], strict=True))


def _known_sql(*, kind: str, is_sharing: bool) -> str:
    """Write the statement that reads everything verified that concerns some agents, one row each, from an index that holds all of it."""
    # What fell again after it was verified is no longer paid, but quality counts it.
    own = (
        f"SELECT {KEPT} FROM agents_resolution WHERE agent_id = ANY(%(agents)s) AND {IN_PERIOD} "  # noqa: S608 (our own text)
        f"UNION ALL SELECT {KEPT} FROM agents_resolution WHERE agent_id = ANY(%(agents)s) AND is_payable AND {LATE}"
    )
    if is_sharing:
        worked = " UNION ".join(
            f"SELECT {KEPT} FROM agents_resolution WHERE is_payable AND {when} AND {WORKED_ON}"  # noqa: S608 (our own text)
            for when in (IN_PERIOD, LATE)
        )
        own = f"{own} UNION {worked}"
    # Who shares is asked again once the parts are known.
    joined = "LEFT JOIN sharing sh ON sh.agent_id = r.agent_id AND sh.days @> (r.verified_at AT TIME ZONE %(zone)s)::date"
    return f"""
        {f"WITH sharing AS MATERIALIZED ({SHARING})" if is_sharing else ""}
        SELECT r.id, r.agent_id, r.verified_at, {kind}{", sh.version_id" if is_sharing else ""}
        FROM ({own}) r {joined if is_sharing else ""}
        {"WHERE r.agent_id = ANY(%(agents)s) OR sh.version_id IS NOT NULL" if is_sharing else ""}"""  # noqa: S608 (our own text)


def _radices(names: pl.DataFrame) -> dict[str, int]:
    """Return how many values each part of a kind has, the first part first; of a row number, one more than the greatest there is."""
    tops = dict(names.group_by("kind").agg(pl.col("id").max()).iter_rows())
    numbered = {name: tops.get(name, 0) + 1 for name in ("version", "query_type", "channel")}
    return {**numbered, "state": len(STATES), "fcr": len(ANSWERS), "counted": len(COUNTED)}


def _kind_sql(radices: Mapping[str, int]) -> str:
    """Write the number that tells what a resolution is: its parts as digits, each of its own radix."""
    digits = {
        "version": "coalesce(r.price_version_id, 0)",
        "query_type": "coalesce(r.query_type_id, 0)",
        "channel": "coalesce(r.channel_id, 0)",
        "state": _place_sql("r.state", STATES),
        "fcr": _place_sql("r.fcr", ANSWERS),
        "counted": """(CASE WHEN r.is_payable AND r.price_version_id IS NOT NULL
            AND r.id NOT IN (SELECT resolution_id FROM agents_hold WHERE released_at IS NULL) THEN 1 ELSE 0 END)""",
    }
    number = "0::bigint"
    for name, radix in radices.items():
        number = f"({number} * {radix} + {digits[name]})"
    return number


def _place_sql(column: str, values: list[str]) -> str:
    whens = " ".join(f"WHEN '{value}' THEN {place}" for place, value in enumerate(values) if place)
    return f"(CASE {column} {whens} ELSE 0 END)"


def _take_apart(kinds: pl.Series, radices: Mapping[str, int], names: pl.DataFrame) -> pl.DataFrame:
    """Take kinds apart into row numbers and names."""
    digits: dict[str, pl.Expr] = {}
    rest = pl.col("kind")
    for name, radix in reversed(list(radices.items())):
        digits[name], rest = rest % radix, rest // radix
    found = pl.DataFrame({"kind": kinds}, schema={"kind": pl.Int64()}).with_columns(**digits)
    texts = {"state": STATES, "fcr": ANSWERS, "counted": COUNTED}
    found = found.with_columns(pl.col(name).replace_strict(range(len(values)), values) for name, values in texts.items())

    def look_up(kind: str) -> pl.Expr:
        known = names.filter(pl.col("kind") == kind)
        return pl.col(kind).replace_strict(known["id"], known["name"], default=None, return_dtype=pl.String())

    code = look_up("query_type").fill_null(ANY) + "/" + look_up("channel").fill_null(ANY)
    numbers = {f"{name}_id": pl.when(pl.col(name) > 0).then(name) for name in ("query_type", "channel")}
    return found.with_columns(class_code=code, currency=look_up("version"), **numbers)


def _leave_out_paid(rows: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    """Leave out what another period pays its resolver; of what is shared, the parts are asked for once they are known."""
    is_own = pl.col("sharing_version_id").is_null()
    is_late = pl.col("verified_us") < instants.to_microseconds(scope.period.starts_at)
    own = rows.lazy().filter(is_own).select("resolution_id", is_late=is_late)
    in_period = own.filter(~pl.col("is_late")).select(first=pl.col("resolution_id").min(), last=pl.col("resolution_id").max())
    late, span = pl.collect_all([own.filter("is_late").select("resolution_id"), in_period])
    first, last = span.row(0)
    if first is None and late.is_empty():
        return rows
    parameters = {**scope.params, "first": first, "last": last, "late": late["resolution_id"].to_list()}
    paid = frames.query_numbers(sql=PAID, parameters=parameters, schema=PAID_ROWS)
    if paid.is_empty():
        return rows
    return (
        rows.join(paid.with_columns(is_paid=True), on=list(PAID_ROWS), how="left", maintain_order="left")
        .filter(pl.col("is_paid").is_null() | ~is_own)
        .drop("is_paid")
    )
