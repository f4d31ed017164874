"""What is payable now and what is booked, slice by slice, as frames of numbers for rating."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from agents.queries import frames
from billing.queries import changed_periods

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
NUMBER_MAX = 2**63 - 1
# Slices are put together from so many parts of the numbers that they could hold, so that few of them stay half empty.
PARTS_EACH = 8
PAYABLE = ("resolution_id", "version_id", "query_type_id", "channel_id", "outcome", "verified_us", "number", "price_bp")
INSTANTS = ("verified_us",)
LINES = ("resolution_id", "version_id", "row_id", "period_start", "amount_micros", "list_micros", "revision")
# A day more on both sides lets the index find the instants; the day in the contract's zone decides.
NEAR_SCOPE = f"""
    JOIN {PERIODS} ON scope.version_id = r.price_version_id
        AND r.verified_at >= scope.starts_on - interval '1 day' AND r.verified_at < scope.ends_on + interval '1 day'"""
IN_SCOPE = f"""
    JOIN contracts_contractversion v ON v.id = r.price_version_id
    JOIN contracts_contract k ON k.id = v.contract_id {NEAR_SCOPE}
        AND (r.verified_at AT TIME ZONE k.timezone)::date >= scope.starts_on
        AND (r.verified_at AT TIME ZONE k.timezone)::date < scope.ends_on"""
BOOKED_KEY = ("resolution_id", "version_id", "row_id", "period_start")
KEYS: dict[str, pl.DataType] = {"resolution_id": pl.Int64(), "case_key": pl.String()}
REASONS: dict[str, pl.DataType] = {"resolution_id": pl.Int64(), "reason": pl.String()}


@dataclass(frozen=True, kw_only=True)
class Slice:
    """Resolutions by their number: above `after`, up to and including `up_to`."""

    after: int = 0
    up_to: int = NUMBER_MAX


EVERYTHING = Slice()


def list_slices(*, scope: changed_periods.Scope | None, at_once: int) -> list[Slice]:
    """Cut the resolutions, payable and booked ones, into slices that are read at once.

    Args:
        scope: billing periods that are read; None reads everything.
        at_once: how many resolutions, or of a scope payable ones or booked lines, a slice holds at most, one or more.

    Returns: the slices, ascending; together they hold every number.
    """
    found = frames.query_numbers(sql="SELECT min(id), max(id) FROM agents_resolution", schema={"low": pl.Int64(), "high": pl.Int64()})
    low, high = found.row(0)
    if low is None or high - low < at_once or (scope is not None and not scope.version_ids):
        return [EVERYTHING]
    width = max(1, at_once // PARTS_EACH)
    ends, waiting = [], 0
    for part, count in _count_parts(scope, width):
        if waiting and waiting + count > at_once:
            ends.append(part * width - 1)
            waiting = 0
        waiting += count
    return [Slice(after=after, up_to=up_to) for after, up_to in zip([0, *ends], [*ends, NUMBER_MAX], strict=True)]


def _count_parts(scope: changed_periods.Scope | None, width: int) -> list[tuple[int, int]]:
    """Count what is read by ranges of numbers: not every number stands for a resolution, for each new fold of a case uses up some."""
    if scope is None:
        parameters: Mapping[str, object] = {"width": width}
        sql = "SELECT id / %(width)s AS part, count(*) FROM agents_resolution GROUP BY 1 ORDER BY 1"
    else:
        parameters = {**scope.parameters, "width": width}
        of_scope = f"JOIN {PERIODS} ON scope.version_id = b.version_id AND scope.starts_on = b.period_start"
        sql = f"""
            SELECT part, greatest(sum(payable), sum(booked))::bigint FROM (
                SELECT r.id / %(width)s AS part, count(*) AS payable, 0 AS booked FROM agents_resolution r {NEAR_SCOPE}
                WHERE r.is_payable GROUP BY 1
                UNION ALL SELECT b.resolution_id / %(width)s, 0, count(*) FROM billing_bookedline b {of_scope} GROUP BY 1) counted
            GROUP BY part ORDER BY part"""  # noqa: S608 (our own text)
    return frames.query_frame(sql=sql, parameters=parameters, schema={"part": pl.Int64(), "count": pl.Int64()}).rows()


def read_payable(*, scope: changed_periods.Scope | None = None, slices: Sequence[Slice]) -> Iterator[tuple[int, pl.DataFrame]]:
    """Read the payable resolutions that a contract version prices, slice by slice, all as they were at one instant.

    Args:
        scope: billing periods to read; None reads everything.
        slices: the resolutions to read. Nothing else can be asked of the database until the last slice is taken.

    Returns: the place of each slice, in any order, with one row per resolution, all columns i64: those of PAYABLE. Its class is told by
        row numbers; outcome is the place among OUTCOMES, verified_us what orders it, with case and number, price_bp the part of the
        price that it counts with.
    """
    sql = f"""
        SELECT r.id, r.price_version_id, r.query_type_id, r.channel_id, {OUTCOME_PLACE}, r.verified_at, r.number, r.price_bp
        FROM agents_resolution r {IN_SCOPE if scope else ""}
        WHERE r.is_payable AND r.price_version_id IS NOT NULL AND r.id > %(after)s AND r.id <= %(up_to)s"""  # noqa: S608 (our own text)
    part = frames.Numbers(sql=sql, schema=dict.fromkeys(PAYABLE, pl.Int64()), instants=INSTANTS)
    return frames.query_pieces(part=part, parameters=[_parameters(scope, within) for within in slices])


def name_cases(*, resolution_ids: Collection[int]) -> pl.DataFrame:
    """Read source and key of the cases of some resolutions.

    Returns: one row per resolution: resolution_id i64, case_key str.
    """
    sql = """
        SELECT r.id, s.code || '/' || c.key
        FROM agents_resolution r JOIN agents_case c ON c.id = r.case_id JOIN agents_source s ON s.id = c.source_id
        WHERE r.id = ANY(%(ids)s)"""
    if not resolution_ids:
        return pl.DataFrame(schema=KEYS)
    return frames.query_frame(sql=sql, parameters={"ids": list(resolution_ids)}, schema=KEYS)


def _parameters(scope: changed_periods.Scope | None, within: Slice) -> Mapping[str, object]:
    return {**(scope.parameters if scope else {}), "after": within.after, "up_to": within.up_to}


def read_values(*, version_ids: Collection[int], within: Slice = EVERYTHING) -> pl.DataFrame:
    """Read what the cases of payable resolutions are worth: the latest value told before the verification, in the currency
    of the version that prices it.

    Args:
        version_ids: versions with a price that is taken of a value.
        within: the resolutions to read.

    Returns: one row per resolution that has one: resolution_id i64, value_micros i64.
    """
    sql = """
        SELECT id, value_micros FROM (
            SELECT DISTINCT ON (r.id) r.id, e.value_micros, e.value_currency = v.currency AS is_ours
            FROM agents_resolution r
            JOIN contracts_contractversion v ON v.id = r.price_version_id
            JOIN agents_caseevent e ON e.case_id = r.case_id AND e.value_micros IS NOT NULL AND e.occurred_at <= r.verified_at
            WHERE r.is_payable AND r.price_version_id = ANY(%(versions)s) AND r.id > %(after)s AND r.id <= %(up_to)s
            ORDER BY r.id, e.occurred_at DESC, e.sequence DESC, e.id DESC) latest
        WHERE is_ours"""
    parameters = {"versions": list(version_ids), "after": within.after, "up_to": within.up_to}
    return frames.query_frame(sql=sql, parameters=parameters, schema=VALUES)


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


def read_booked(*, payable_ids: pl.Series, scope: changed_periods.Scope | None = None, within: Slice = EVERYTHING) -> pl.DataFrame:
    """Read what is booked for each resolution in each row and billing period, with why it is no longer payable if so.

    Args:
        payable_ids: the resolutions that `read_payable` returned for the same scope and slice.
        scope: billing periods to read; None reads everything. The highest revision is that of all lines of a resolution,
            also of those in other periods.
        within: the resolutions to read.

    Returns: one row per resolution, row and period, columns of BOOKED.
    """
    of_scope = f"JOIN {PERIODS} ON scope.version_id = b.version_id AND scope.starts_on = b.period_start"
    these = "b.resolution_id > %(after)s AND b.resolution_id <= %(up_to)s"
    # The highest revisions are found in one pass beside the lines; asked for each line, they would take most of the time.
    tops = f"""
        JOIN (SELECT o.resolution_id, max(o.revision) AS revision FROM billing_bookedline o
              WHERE o.resolution_id > %(after)s AND o.resolution_id <= %(up_to)s
                AND o.resolution_id IN (SELECT b.resolution_id FROM billing_bookedline b {of_scope} WHERE {these})
              GROUP BY o.resolution_id) top ON top.resolution_id = b.resolution_id"""  # noqa: S608 (our own text)
    sql = f"""
        SELECT b.resolution_id, b.version_id, b.row_id, b.period_start - DATE '1970-01-01', b.amount_micros, b.list_micros,
               {"top.revision" if scope else "b.revision"}
        FROM billing_bookedline b {of_scope + tops if scope else ""} WHERE {these}"""  # noqa: S608 (our own text)
    found = frames.query_numbers(sql=sql, parameters=_parameters(scope, within), schema=dict.fromkeys(LINES, pl.Int64()))
    lines = found.with_columns(pl.col("period_start").cast(pl.Int32).cast(pl.Date))
    if lines["resolution_id"].is_duplicated().any():
        sums = (pl.col("amount_micros").sum(), pl.col("list_micros").max(), pl.col("revision").max())
        lines = lines.group_by(BOOKED_KEY, maintain_order=True).agg(*sums)
    return _add_reasons(lines, payable_ids)


def _add_reasons(booked: pl.DataFrame, payable_ids: pl.Series) -> pl.DataFrame:
    """Say why what is booked is no longer payable, which is asked of those alone that are not known to be."""
    payable = pl.DataFrame({"resolution_id": payable_ids})
    doubtful = booked.join(payable, on="resolution_id", how="anti")["resolution_id"].unique().to_list()
    sql = """
        SELECT id, CASE WHEN is_payable THEN '' ELSE coalesce(nullif(reason, ''), state) END
        FROM agents_resolution WHERE id = ANY(%(ids)s)"""
    known = frames.query_frame(sql=sql, parameters={"ids": doubtful}, schema=REASONS) if doubtful else pl.DataFrame(schema=REASONS)
    told = booked.join(known, on="resolution_id", how="left", maintain_order="left")
    return told.with_columns(pl.col("reason").fill_null("")).select(*BOOKED)
