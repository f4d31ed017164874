"""What an invoice rests on: every case of its periods, and the terms and facts around them."""

import zoneinfo
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

import polars as pl

from agents.queries import frames
from billing.models import Invoice
from billing.queries import bookings, contract_period, invoice_content
from billing.rules import evidence, invoice_lines, periods
from contracts.models import Contract, ContractVersion, VersionStatus
from contracts.queries import terms
from contracts.rules import rate_cards

VALUED = (rate_cards.Percentage, rate_cards.GraduatedPercentage)
RESOLUTIONS: dict[str, pl.DataType] = {
    "resolution_id": pl.Int64(),
    "case_key": pl.String(),
    "number": pl.Int64(),
    **dict.fromkeys(("opened_us", "resolved_us", "verified_us", "window_us", "reopened_us"), pl.Int64()),
    "state": pl.String(),
    "rule": pl.String(),
    "counted": pl.Int8(),
    "reason": pl.String(),
    "query_type": pl.String(),
    "channel": pl.String(),
    "voice": pl.Int8(),
    "outcome": pl.String(),
    "price_bp": pl.Int64(),
    "version_id": pl.Int64(),
    "row_id": pl.Int64(),
    "amount_micros": pl.Int64(),
}

# A resolution counts where its last booked line stands, as the statement of the period counts it.
SQL = f"""
    WITH touched AS (
        SELECT r.id FROM agents_resolution r JOIN agents_case c ON c.id = r.case_id
        WHERE c.contract_id = %(contract)s AND r.resolved_at >= %(from)s AND r.resolved_at < %(until)s
        UNION SELECT r.id FROM agents_resolution r JOIN agents_case c ON c.id = r.case_id
        WHERE c.contract_id = %(contract)s AND r.verified_at >= %(from)s AND r.verified_at < %(until)s
        UNION SELECT b.resolution_id FROM billing_bookedline b WHERE b.version_id = ANY(%(versions)s) AND b.period_start = %(start)s),
    lines AS (
        SELECT b.resolution_id,
               sum(b.amount_micros) FILTER (WHERE b.version_id = ANY(%(versions)s) AND b.period_start = %(start)s)::bigint AS amount,
               max(b.revision) FILTER (WHERE b.version_id = ANY(%(versions)s) AND b.period_start = %(start)s) AS own,
               max(b.revision) AS last
        FROM billing_bookedline b JOIN touched t ON t.id = b.resolution_id GROUP BY b.resolution_id),
    found AS (
        SELECT r.*, b.version_id AS booked_version, b.row_id AS booked_row, l.amount, l.last,
               coalesce(r.is_payable AND l.own = l.last AND b.position > 0, false) AS counts
        FROM touched t
        JOIN agents_resolution r ON r.id = t.id
        LEFT JOIN lines l ON l.resolution_id = r.id
        LEFT JOIN billing_bookedline b ON b.resolution_id = r.id AND b.revision = l.own)
    SELECT r.id, s.code || '/' || c.key, r.number,
           {frames.instant("c.opened_at")}, {frames.instant("r.resolved_at")}, {frames.instant("r.verified_at")},
           {frames.instant("r.window_ends_at")}, {frames.instant("r.reopened_at")},
           r.state, r.rule, r.counts::int,
           CASE WHEN r.counts THEN CASE WHEN r.price_bp < 10000 THEN 'reduced_price' ELSE 'counted' END
                WHEN r.is_payable AND r.verified_at >= %(until)s THEN 'verified_later'
                WHEN r.is_payable AND r.last IS NOT NULL THEN 'counted_elsewhere'
                WHEN r.is_payable THEN coalesce((
                    SELECT h.reason FROM agents_hold h WHERE h.resolution_id = r.id AND h.released_at IS NULL
                    AND h.reason IN ('no_price', 'voice_not_priced', 'beyond_last_tier', 'no_value') ORDER BY h.id LIMIT 1), 'not_booked')
                WHEN r.state = 'void' THEN coalesce((
                    SELECT coalesce(nullif(t.detail, ''), t.rule) FROM agents_resolutiontransition t
                    WHERE t.resolution_id = r.id AND t.state = 'void' ORDER BY t.at DESC, t.id DESC LIMIT 1), 'void')
                ELSE coalesce(nullif(r.reason, ''), r.state) END,
           q.code, ch.code, coalesce(ch.is_voice, false)::int, {bookings.OUTCOME}, r.price_bp,
           r.booked_version, r.booked_row, coalesce(r.amount, 0)
    FROM found r
    JOIN agents_case c ON c.id = r.case_id
    JOIN agents_source s ON s.id = c.source_id
    LEFT JOIN contracts_querytype q ON q.id = r.query_type_id
    LEFT JOIN contracts_channel ch ON ch.id = r.channel_id"""  # noqa: S608 (our own text)
# Cases that nobody claimed to have solved: with the code that excluded them, or just open.
UNRESOLVED = f"""
    SELECT NULL, s.code || '/' || c.key, NULL, {frames.instant("c.opened_at")}, NULL, NULL, NULL, NULL, 'unresolved', '', 0,
           coalesce((
               SELECT CASE WHEN e.type = 'merged' THEN 'merged' ELSE coalesce(nullif(e.code, ''), 'excluded') END FROM agents_caseevent e
               WHERE e.case_id = c.id AND e.type IN ('excluded', 'merged')
               ORDER BY e.occurred_at DESC, e.sequence DESC, e.id DESC LIMIT 1), 'no_solution'),
           NULL, NULL, 0, NULL, 10000, NULL, NULL, 0
    FROM agents_case c JOIN agents_source s ON s.id = c.source_id
    WHERE c.contract_id = %(contract)s AND c.opened_at >= %(from)s AND c.opened_at < %(until)s
      AND NOT EXISTS (SELECT 1 FROM agents_resolution r WHERE r.case_id = c.id)"""  # noqa: S608 (our own text)


@dataclass(frozen=True, kw_only=True)
class EvidenceFacts:
    """What an invoice rests on, as read from the database; versions and rows by their stored ids."""

    basis: evidence.Basis
    cases: pl.DataFrame
    billed: tuple[invoice_content.BilledLine, ...]
    prepaid: invoice_content.PrepaidFacts
    terms: dict[int, terms.ContractTerms]


def read_evidence(*, invoice: Invoice) -> EvidenceFacts:
    """Read everything that a draft invoice is computed from, before its bookings are marked as invoiced.

    Args:
        invoice: a draft, locked by the caller's transaction.

    Returns: terms, facts, earlier bills, and the cases of its period and of each that it corrects: one row per resolution
        and period, and one per case that nobody claimed to have solved.
    """
    contract, currency = invoice.contract, invoice.currency
    origins = invoice_content.read_origins(contract=contract, day=invoice.period_start)
    starts = [origin.start_date for origin in origins]
    billed = invoice_content.read_billed(contract=contract, origins=starts, currency=currency, but=invoice.pk)
    own = [(origin, [one for one in origin.versions if one.currency == currency]) for origin in origins]
    version_ids = {one.version_id for _, versions in own for one in versions} | {line.key.version_id for line in billed}
    loaded = terms.load_contract_terms(version_ids=version_ids)
    facts = invoice_content.read_prepaid(contract=contract, currency=currency, on=invoice.period_end, but=invoice.pk)
    basis = evidence.Basis(
        currency=currency,
        timezone=contract.timezone,
        terms={key: _freeze(agreed) for key, agreed in loaded.items()},
        periods=tuple(_state(origin, versions) for origin, versions in own),
        billed=invoice_lines.add_up(billed=((line.key, line.amount) for line in billed)),
        prepaid_left=facts.left,
    )
    cases = read_cases(contract=contract, currency=currency, periods=basis.periods, terms_by_version=loaded)
    return EvidenceFacts(basis=basis, cases=cases, billed=tuple(billed), prepaid=facts, terms=loaded)


def read_cases(
    *, contract: Contract, currency: str, periods: Iterable[evidence.StatedPeriod], terms_by_version: dict[int, terms.ContractTerms]
) -> pl.DataFrame:
    """Read the cases of billing periods, counted and not, in the order in which they count.

    Returns: columns of `evidence.CASES` but position, with opened_us, resolved_us, window_us, reopened_us, state, rule, reason.
    """
    stored = ContractVersion.objects.filter(contract=contract, currency=currency).exclude(status=VersionStatus.DRAFT)
    versions = list(stored.values_list("pk", flat=True))
    read = [_read_period(contract, versions, period.start, period.end) for period in periods]
    cases = pl.concat(read)
    valued = [key for key, agreed in terms_by_version.items() if any(isinstance(price, VALUED) for price in agreed.prices.values())]
    if valued:
        return cases.join(bookings.read_values(version_ids=valued), on="resolution_id", how="left", maintain_order="left")
    return cases.with_columns(value_micros=pl.lit(None, dtype=pl.Int64))


def _read_period(contract: Contract, versions: Collection[int], start: date, end: date) -> pl.DataFrame:
    zone = zoneinfo.ZoneInfo(contract.timezone)
    asked = {
        "contract": contract.pk,
        "versions": versions,
        "start": start,
        "from": periods.first_instant(day=start, timezone=zone),
        "until": periods.first_instant(day=end, timezone=zone),
    }
    read = [frames.query_frame(sql=sql, parameters=asked, schema=RESOLUTIONS) for sql in (SQL, UNRESOLVED)]
    order = ("version_id", "row_id", "verified_us", "opened_us", "case_key", "number")
    # A few rules leave a text empty where another has none; both are written as nothing.
    texts = [pl.col(name).replace("", None) for name in ("rule", "reason", "query_type", "channel", "outcome")]
    flags = {"is_counted": pl.col("counted") == 1, "is_voice": pl.col("voice") == 1}
    found = pl.concat(read).with_columns(*texts, **flags, period_start=pl.lit(start))
    return found.drop("counted", "voice").sort(pl.col("is_counted").not_(), *order, nulls_last=True)


def _freeze(agreed: terms.ContractTerms) -> evidence.VersionTerms:
    return evidence.VersionTerms(
        version_id=agreed.version_id,
        currency=agreed.currency,
        is_voice_priced=agreed.is_voice_priced,
        card=agreed.card,
        row_ids=agreed.row_ids,
        around=agreed.around,
    )


def _state(origin: contract_period.ContractPeriod, versions: Iterable[contract_period.VersionStatement]) -> evidence.StatedPeriod:
    stated = tuple(evidence.StatedVersion(version_id=one.version_id, days=one.days, facts=one.facts) for one in versions)
    return evidence.StatedPeriod(start=origin.start_date, end=origin.end_date, versions=stated)
