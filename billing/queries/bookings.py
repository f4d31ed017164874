"""What is payable now and what is booked, as frames for rating."""

from collections.abc import Collection

import polars as pl

from agents.queries import frames
from billing.queries import changed_periods

PAYABLE: dict[str, pl.DataType] = {
    "resolution_id": pl.Int64(),
    "version_id": pl.Int64(),
    "query_type": pl.String(),
    "channel": pl.String(),
    "outcome": pl.String(),
    "is_voice": pl.Int8(),
    "verified_date": pl.Date(),
    "verified_us": pl.Int64(),
    "case_key": pl.String(),
    "number": pl.Int64(),
    "price_bp": pl.Int64(),
}
VALUES: dict[str, pl.DataType] = {"resolution_id": pl.Int64(), "value_micros": pl.Int64()}
BOOKED: dict[str, pl.DataType] = {
    "resolution_id": pl.Int64(),
    "version_id": pl.Int64(),
    "row_id": pl.Int64(),
    "period_start": pl.Date(),
    "amount_micros": pl.Int64(),
    "list_micros": pl.Int64(),
    "revision": pl.Int64(),
    "reason": pl.String(),
}
PAID_TO_OTHERS: dict[str, pl.DataType] = {
    "resolution_id": pl.Int64(),
    "case_key": pl.String(),
    "paid_agent": pl.String(),
    "agent": pl.String(),
    "amount_micros": pl.Int64(),
    "currency": pl.String(),
}

# How a unit was verified decides its row, also after a return that leaves it counted.
OUTCOME = """
    CASE WHEN r.state IN ('confirmed', 'assumed') THEN r.state ELSE (
        SELECT t.state FROM agents_resolutiontransition t
        WHERE t.resolution_id = r.id AND t.state IN ('confirmed', 'assumed') ORDER BY t.at DESC, t.id DESC LIMIT 1) END"""


# The periods of a scope as rows; without a scope, a query leaves this out and reads everything.
PERIODS = "unnest(%(versions)s::bigint[], %(starts)s::date[], %(ends)s::date[]) AS scope (version_id, starts_on, ends_on)"


def read_payable(*, scope: changed_periods.Scope | None = None) -> pl.DataFrame:
    """Read the payable resolutions that a contract version prices.

    Args:
        scope: billing periods to read; None reads everything.

    Returns: one row per resolution: its class, `verified_date` the day of its verification in the contract's time zone,
        what orders it within a billing period (verified_us, case_key, number), and price_bp, the part of the price that
        it counts with.
    """
    # A day more on both sides lets the index find the instants; the day in the contract's zone decides.
    within = f"""
        JOIN {PERIODS} ON scope.version_id = r.price_version_id
            AND r.verified_at >= scope.starts_on - interval '1 day' AND r.verified_at < scope.ends_on + interval '1 day'
            AND (r.verified_at AT TIME ZONE k.timezone)::date >= scope.starts_on
            AND (r.verified_at AT TIME ZONE k.timezone)::date < scope.ends_on"""
    sql = f"""
        SELECT r.id, r.price_version_id, q.code, ch.code, {OUTCOME}, coalesce(ch.is_voice, false)::int,
               (r.verified_at AT TIME ZONE k.timezone)::date, {frames.instant("r.verified_at")},
               s.code || '/' || c.key, r.number, r.price_bp
        FROM agents_resolution r
        JOIN agents_case c ON c.id = r.case_id
        JOIN agents_source s ON s.id = c.source_id
        JOIN contracts_contractversion v ON v.id = r.price_version_id
        JOIN contracts_contract k ON k.id = v.contract_id
        LEFT JOIN contracts_querytype q ON q.id = r.query_type_id
        LEFT JOIN contracts_channel ch ON ch.id = r.channel_id {within if scope else ""}
        WHERE r.is_payable"""  # noqa: S608 (our own text)
    return frames.query_frame(sql=sql, parameters=scope.parameters if scope else None, schema=PAYABLE)


def read_values(*, version_ids: Collection[int]) -> pl.DataFrame:
    """Read what the cases of payable resolutions are worth: the latest value told before the verification, in the currency
    of the version that prices it.

    Args:
        version_ids: versions with a price that is taken of a value.

    Returns: one row per resolution that has one: resolution_id i64, value_micros i64.
    """
    sql = """
        SELECT id, value_micros FROM (
            SELECT DISTINCT ON (r.id) r.id, e.value_micros, e.value_currency = v.currency AS is_ours
            FROM agents_resolution r
            JOIN contracts_contractversion v ON v.id = r.price_version_id
            JOIN agents_caseevent e ON e.case_id = r.case_id AND e.value_micros IS NOT NULL AND e.occurred_at <= r.verified_at
            WHERE r.is_payable AND r.price_version_id = ANY(%(versions)s)
            ORDER BY r.id, e.occurred_at DESC, e.sequence DESC, e.id DESC) latest
        WHERE is_ours"""
    return frames.query_frame(sql=sql, parameters={"versions": list(version_ids)}, schema=VALUES)


def read_paid_to_others() -> pl.DataFrame:
    """Read payable resolutions that are fixed in somebody else's pay, because who is credited changed later.

    Returns: one row per resolution: resolution_id i64, case_key str, paid_agent str, agent str, amount_micros i64 (booked
        client price), currency str.
    """
    sql = """
        SELECT DISTINCT ON (r.id) r.id, c.key, paid.name, now.name,
               (SELECT sum(b.amount_micros)::bigint FROM billing_bookedline b WHERE b.resolution_id = r.id), v.currency
        FROM billing_earning e
        JOIN billing_settlement s ON s.id = e.settlement_id AND s.status IN ('approved', 'posted', 'paid')
        JOIN agents_resolution r ON r.id = e.resolution_id AND r.is_payable AND r.agent_id <> e.agent_id
        JOIN agents_case c ON c.id = r.case_id
        JOIN agents_agent paid ON paid.id = e.agent_id
        JOIN agents_agent now ON now.id = r.agent_id
        LEFT JOIN contracts_contractversion v ON v.id = r.price_version_id
        WHERE NOT EXISTS (SELECT 1 FROM billing_earning own JOIN billing_settlement fixed ON fixed.id = own.settlement_id
            WHERE own.resolution_id = r.id AND own.agent_id = r.agent_id AND fixed.status IN ('approved', 'posted', 'paid'))
        ORDER BY r.id, e.settlement_id, e.agent_id"""
    return frames.query_frame(sql=sql, schema=PAID_TO_OTHERS)


def read_booked(*, scope: changed_periods.Scope | None = None) -> pl.DataFrame:
    """Read what is booked for each resolution in each row and billing period, with why it is no longer payable if so.

    Args:
        scope: billing periods to read; None reads everything. The highest revision is that of all lines of a resolution,
            also of those in other periods.
    """
    within = f"JOIN {PERIODS} ON scope.version_id = b.version_id AND scope.starts_on = b.period_start"
    # The highest revisions are found in one pass beside the lines; asked for each line, they would take most of the time.
    tops = f"""
        JOIN (SELECT o.resolution_id, max(o.revision) AS revision FROM billing_bookedline o
              WHERE o.resolution_id IN (SELECT b.resolution_id FROM billing_bookedline b {within}) GROUP BY o.resolution_id) top
            ON top.resolution_id = b.resolution_id"""  # noqa: S608 (our own text)
    sql = f"""
        SELECT b.resolution_id, b.version_id, b.row_id, b.period_start, sum(b.amount_micros)::bigint, max(b.list_micros),
               max({"top.revision" if scope else "b.revision"}),
               CASE WHEN r.is_payable THEN '' ELSE coalesce(nullif(r.reason, ''), r.state) END
        FROM billing_bookedline b
        JOIN agents_resolution r ON r.id = b.resolution_id {within + tops if scope else ""}
        GROUP BY b.resolution_id, b.version_id, b.row_id, b.period_start, r.is_payable, r.reason, r.state"""  # noqa: S608 (our own text)
    return frames.query_frame(sql=sql, parameters=scope.parameters if scope else None, schema=BOOKED)
