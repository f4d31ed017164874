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
OUTCOMES = ["confirmed", "assumed"]
OUTCOME = """
    (CASE WHEN r.state IN ('confirmed', 'assumed') THEN r.state ELSE (
        SELECT t.state FROM agents_resolutiontransition t
        WHERE t.resolution_id = r.id AND t.state IN ('confirmed', 'assumed') ORDER BY t.at DESC, t.id DESC LIMIT 1) END)::text"""
# Where only numbers leave the database, it is the place among these.
OUTCOME_PLACE = f"array_position(ARRAY{OUTCOMES}, {OUTCOME})"


# The periods of a scope as rows; without a scope, a query leaves this out and reads everything.
PERIODS = "unnest(%(versions)s::bigint[], %(starts)s::date[], %(ends)s::date[]) AS scope (version_id, starts_on, ends_on)"
# Everything is read by so many numbers of resolutions at once.
NUMBERS_AT_ONCE, NUMBER_MAX = 2_000_000, 2**63 - 1
PACKED = ("resolution_id", "version_id", "query_type_id", "channel_id", "outcome", "verified_us", "number", "price_bp")
INSTANTS = ("verified_us",)
LINES = ("resolution_id", "version_id", "row_id", "period_start", "amount_micros", "list_micros", "revision")
BOOKED_KEY = ("resolution_id", "version_id", "row_id", "period_start")
NAMED = """
    SELECT 'query_type', id, code FROM contracts_querytype UNION ALL SELECT 'channel', id, code FROM contracts_channel
    UNION ALL SELECT 'voice', id, code FROM contracts_channel WHERE is_voice
    UNION ALL SELECT 'zone', v.id, k.timezone FROM contracts_contractversion v JOIN contracts_contract k ON k.id = v.contract_id"""
NAMES: dict[str, pl.DataType] = {"kind": pl.String(), "id": pl.Int64(), "name": pl.String()}
KEYS: dict[str, pl.DataType] = {"resolution_id": pl.Int64(), "case_key": pl.String()}
REASONS: dict[str, pl.DataType] = {"resolution_id": pl.Int64(), "reason": pl.String()}


def read_payable(*, scope: changed_periods.Scope | None = None) -> pl.DataFrame:
    """Read the payable resolutions that a contract version prices.

    Args:
        scope: billing periods to read; None reads everything.

    Returns: one row per resolution: its class, `verified_date` the day of its verification in the contract's time zone,
        what orders it within a billing period (verified_us, case_key, number), and price_bp, the part of the price that
        it counts with. The case key is null where no other unit of the version was verified at the same instant.
    """
    # A day more on both sides lets the index find the instants; the day in the contract's zone decides.
    within = f"""
        JOIN contracts_contractversion v ON v.id = r.price_version_id
        JOIN contracts_contract k ON k.id = v.contract_id
        JOIN {PERIODS} ON scope.version_id = r.price_version_id
            AND r.verified_at >= scope.starts_on - interval '1 day' AND r.verified_at < scope.ends_on + interval '1 day'
            AND (r.verified_at AT TIME ZONE k.timezone)::date >= scope.starts_on
            AND (r.verified_at AT TIME ZONE k.timezone)::date < scope.ends_on"""
    sql = f"""
        SELECT r.id, r.price_version_id, r.query_type_id, r.channel_id, {OUTCOME_PLACE}, r.verified_at, r.number, r.price_bp
        FROM agents_resolution r {within if scope else ""}
        WHERE r.is_payable AND r.price_version_id IS NOT NULL AND r.id > %(after)s AND r.id <= %(up_to)s"""  # noqa: S608 (our own text)
    return _name_units(_read_packed(sql, PACKED, scope, "agents_resolution", "id")).select(*PAYABLE)


def name_cases(*, resolution_ids: Collection[int]) -> dict[int, str]:
    """Return source and key of the cases of some resolutions."""
    sql = """
        SELECT r.id, s.code || '/' || c.key
        FROM agents_resolution r JOIN agents_case c ON c.id = r.case_id JOIN agents_source s ON s.id = c.source_id
        WHERE r.id = ANY(%(ids)s)"""
    if not resolution_ids:
        return {}
    return dict(frames.query_frame(sql=sql, parameters={"ids": list(resolution_ids)}, schema=KEYS).iter_rows())


def _read_packed(sql: str, columns: Collection[str], scope: changed_periods.Scope | None, table: str, number: str) -> pl.DataFrame:
    """Read numbers of a scope at once; those of everything in slices, for each slice leaves the database as one row."""
    schema = dict.fromkeys(columns, pl.Int64())
    if scope:
        parameters = {**scope.parameters, "after": 0, "up_to": NUMBER_MAX}
        return frames.query_numbers(sql=sql, parameters=parameters, schema=schema, instants=INSTANTS)
    top = frames.query_numbers(sql=f"SELECT max({number}) FROM {table}", schema={"top": pl.Int64()})["top"].item() or 1  # noqa: S608 (our own text)
    return pl.concat(
        frames.query_numbers(sql=sql, parameters={"after": after, "up_to": after + NUMBERS_AT_ONCE}, schema=schema, instants=INSTANTS)
        for after in range(0, top, NUMBERS_AT_ONCE)
    )


def _name_units(units: pl.DataFrame) -> pl.DataFrame:
    """Write codes in the place of row numbers, and the day of each unit in the zone of its contract."""
    known = frames.query_frame(sql=NAMED, schema=NAMES)

    def look_up(column: str, kind: str) -> pl.Expr:
        found = known.filter(pl.col("kind") == kind)
        return pl.col(column).replace_strict(found["id"], found["name"], default=None, return_dtype=pl.String())

    zones = known.filter(pl.col("kind") == "zone")
    at, day = pl.from_epoch("verified_us", time_unit="us").dt.replace_time_zone("UTC"), pl.lit(None, dtype=pl.Date)
    for zone in zones["name"].unique().sort():
        is_there = pl.col("version_id").is_in(zones.filter(pl.col("name") == zone)["id"].to_list())
        day = pl.when(is_there).then(at.dt.convert_time_zone(zone).dt.date()).otherwise(day)
    named = units.with_columns(
        query_type=look_up("query_type_id", "query_type"),
        channel=look_up("channel_id", "channel"),
        is_voice=pl.col("channel_id").is_in(known.filter(pl.col("kind") == "voice")["id"].to_list()).fill_null(False).cast(pl.Int8),
        outcome=pl.col("outcome").replace_strict([1, 2], OUTCOMES, default=None, return_dtype=pl.String()),
        verified_date=day,
    )
    return _name_tied(named)


def _name_tied(units: pl.DataFrame) -> pl.DataFrame:
    """Add the case key of units of one instant, which decides between them."""
    tied = units.filter(pl.struct("version_id", "verified_us").is_duplicated())["resolution_id"].to_list()
    keys = name_cases(resolution_ids=tied)
    named = pl.DataFrame({"resolution_id": list(keys), "case_key": list(keys.values())}, schema=KEYS)
    return units.join(named, on="resolution_id", how="left", maintain_order="left")


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


def read_booked(*, payable: pl.DataFrame, scope: changed_periods.Scope | None = None) -> pl.DataFrame:
    """Read what is booked for each resolution in each row and billing period, with why it is no longer payable if so.

    Args:
        payable: as `read_payable` returned it for the same scope.
        scope: billing periods to read; None reads everything. The highest revision is that of all lines of a resolution,
            also of those in other periods.

    Returns: one row per resolution, row and period, columns of BOOKED.
    """
    within = f"JOIN {PERIODS} ON scope.version_id = b.version_id AND scope.starts_on = b.period_start"
    # The highest revisions are found in one pass beside the lines; asked for each line, they would take most of the time.
    tops = f"""
        JOIN (SELECT o.resolution_id, max(o.revision) AS revision FROM billing_bookedline o
              WHERE o.resolution_id IN (SELECT b.resolution_id FROM billing_bookedline b {within}) GROUP BY o.resolution_id) top
            ON top.resolution_id = b.resolution_id"""  # noqa: S608 (our own text)
    sql = f"""
        SELECT b.resolution_id, b.version_id, b.row_id, b.period_start - DATE '1970-01-01', b.amount_micros, b.list_micros,
               {"top.revision" if scope else "b.revision"}
        FROM billing_bookedline b {within + tops if scope else ""}
        WHERE b.resolution_id > %(after)s AND b.resolution_id <= %(up_to)s"""  # noqa: S608 (our own text)
    lines = _read_packed(sql, LINES, scope, "billing_bookedline", "resolution_id").with_columns(
        pl.col("period_start").cast(pl.Int32).cast(pl.Date)
    )
    if lines["resolution_id"].is_duplicated().any():
        sums = (pl.col("amount_micros").sum(), pl.col("list_micros").max(), pl.col("revision").max())
        lines = lines.group_by(BOOKED_KEY, maintain_order=True).agg(*sums)
    return _add_reasons(lines, payable)


def _add_reasons(booked: pl.DataFrame, payable: pl.DataFrame) -> pl.DataFrame:
    """Say why what is booked is no longer payable, which is asked of those alone that are not known to be."""
    doubtful = booked.join(payable.select("resolution_id"), on="resolution_id", how="anti")["resolution_id"].unique().to_list()
    sql = """
        SELECT id, CASE WHEN is_payable THEN '' ELSE coalesce(nullif(reason, ''), state) END
        FROM agents_resolution WHERE id = ANY(%(ids)s)"""
    known = frames.query_frame(sql=sql, parameters={"ids": doubtful}, schema=REASONS) if doubtful else pl.DataFrame(schema=REASONS)
    told = booked.join(known, on="resolution_id", how="left", maintain_order="left")
    return told.with_columns(pl.col("reason").fill_null("")).select(*BOOKED)
