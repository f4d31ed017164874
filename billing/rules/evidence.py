"""Recompute an invoice from its evidence: cases and terms in, lines and sums out, by the same rules that wrote it."""

import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import polars as pl

from billing.rules import booking, contract_period, invoice_lines, money, periods, version_period
from contracts.rules import commercials, rate_cards

ZERO = Fraction(0)
HUNDRED = 100
UNIT = ("case_key", "number")
CLASS = ("version_id", "query_type", "channel", "outcome", "is_voice")

# What a recount reads of each case; the file has more columns for people.
CASES: Mapping[str, pl.DataType] = {
    "period_start": pl.Date(),
    "case_key": pl.String(),
    "number": pl.Int64(),
    "verified_us": pl.Int64(),
    "is_counted": pl.Boolean(),
    "query_type": pl.String(),
    "channel": pl.String(),
    "is_voice": pl.Boolean(),
    "outcome": pl.String(),
    "value_micros": pl.Int64(),
    "price_bp": pl.Int64(),
    "version_id": pl.Int64(),
    "row_id": pl.Int64(),
    "position": pl.Int64(),
    "amount_micros": pl.Int64(),
}


@dataclass(frozen=True, kw_only=True)
class VersionTerms:
    """The frozen terms of one contract version; `row_ids` numbers the rows of its card, unlike any row of another version."""

    version_id: int
    currency: str
    is_voice_priced: bool
    card: rate_cards.RateCard
    row_ids: tuple[int, ...]
    around: commercials.CommercialTerms


@dataclass(frozen=True, kw_only=True)
class StatedVersion:
    """What is known of one version in one billing period beside its cases: its days in force, and measured facts."""

    version_id: int
    days: int
    facts: contract_period.PeriodFacts


@dataclass(frozen=True, kw_only=True)
class StatedPeriod:
    """A billing period that the invoice bills or corrects; `end` is the first day after it."""

    start: date
    end: date
    versions: tuple[StatedVersion, ...]


@dataclass(frozen=True, kw_only=True)
class Basis:
    """Everything that an invoice is computed from, but its cases.

    Args:
        currency: of the invoice.
        timezone: in which days are counted.
        terms: of each version, by its id.
        periods: the invoice's own period first, then those it corrects.
        billed: what earlier invoices billed of these periods.
        prepaid_left: prepaid credits that it can use, major unit.
    """

    currency: str
    timezone: str
    terms: Mapping[int, VersionTerms]
    periods: tuple[StatedPeriod, ...]
    billed: Mapping[invoice_lines.LineKey, invoice_lines.Amount]
    prepaid_left: Fraction


@dataclass(frozen=True, kw_only=True)
class Bill:
    """The lines, taxes and sums of an invoice, as stated or as recomputed; amounts in the major unit."""

    amounts: Mapping[invoice_lines.LineKey, invoice_lines.Amount]
    taxes: tuple[invoice_lines.TaxAmount, ...]
    subtotal: Fraction
    tax: Fraction
    gross: Fraction
    credits: Fraction
    due: Fraction
    counted_count: int


def rate_cases(*, cases: pl.DataFrame, terms: Mapping[int, VersionTerms]) -> pl.DataFrame:
    """Price the counted cases by their places, as they were booked.

    Args:
        cases: columns of `CASES`, one row per resolution and period.
        terms: of each version.

    Returns: the counted ones with rated_position i64 and rated_micros i64, both missing where the terms give no price.
    Source: design.md section 5; docs/evidence.md.

    >>> rate_cases(cases=pl.DataFrame(schema=dict(CASES)), terms={}).height
    0
    """
    counted = cases.filter("is_counted").select(*CASES).with_row_index("resolution_id").with_columns(pl.col("resolution_id").cast(pl.Int64))
    prices = {row_id: row.price for found in terms.values() for row_id, row in zip(found.row_ids, found.card.rows, strict=True)}
    steps = {row_id: row.steps for found in terms.values() for row_id, row in zip(found.row_ids, found.card.rows, strict=True)}
    payable = counted.filter(pl.col("row_id").is_in(list(prices)) & pl.col("verified_us").is_not_null())
    rated = booking.rate_payable(payable=payable.drop("position", "amount_micros"), prices=prices, steps=steps).rated
    priced = rated.select("resolution_id", rated_position="position", rated_micros="amount_micros")
    return counted.join(priced, on="resolution_id", how="left", maintain_order="left")


def recompute(*, rated: pl.DataFrame, basis: Basis) -> Bill:
    """Compute an invoice from its rated cases and everything around them.

    Args:
        rated: as `rate_cases` returns it.
        basis: terms, facts, earlier bills, prepaid credits.

    Returns: the bill.
    Source: design.md section 5; docs/evidence.md tells the arithmetic.
    """
    charged = _charged(rated)
    now: dict[invoice_lines.LineKey, invoice_lines.Amount] = {}
    for period in basis.periods:
        for stated in period.versions:
            terms = basis.terms[stated.version_id]
            statement = version_period.state_version(
                card=terms.card,
                row_ids=terms.row_ids,
                around=terms.around,
                currency=basis.currency,
                charged=charged.get((period.start, stated.version_id), {}),
                start=period.start,
                end=period.end,
                days=stated.days,
                facts=stated.facts,
            )
            keyed = version_period.key_lines(
                statement=statement, origin=period.start, version_id=stated.version_id, taxes=terms.around.taxes
            )
            now.update(keyed)
    own = basis.periods[0].start
    amounts = invoice_lines.add_to_billed(now=now, billed=basis.billed, period_start=own)
    return _bill(amounts, basis, own)


def _bill(amounts: Mapping[invoice_lines.LineKey, invoice_lines.Amount], basis: Basis, own: date) -> Bill:
    taxes = invoice_lines.add_taxes(
        amounts=amounts,
        taxes=[
            invoice_lines.Tax(version_id=version_id, name=tax.name, percent=tax.rate * HUNDRED)
            for version_id in sorted({key.version_id for key in amounts})
            for tax in basis.terms[version_id].around.taxes
        ],
        rounding=money.Round(places=money.currency_places(currency=basis.currency)),
    )
    subtotal = sum((amount.rounded for amount in amounts.values()), ZERO)
    tax = sum((one.amount for one in taxes), ZERO)
    used = invoice_lines.use_credits(left=basis.prepaid_left, gross=subtotal + tax)
    counted = sum((amount.quantity or ZERO for key, amount in amounts.items() if key.kind == "rated" and key.origin == own), ZERO)
    return Bill(
        amounts=amounts,
        taxes=taxes,
        subtotal=subtotal,
        tax=tax,
        gross=subtotal + tax,
        credits=used,
        due=subtotal + tax - used,
        counted_count=max(int(counted), 0),
    )


def _charged(rated: pl.DataFrame) -> dict[tuple[date, int], dict[int, tuple[int, Fraction]]]:
    sums = rated.group_by("period_start", "version_id", "row_id").agg(pl.len(), pl.col("rated_micros").sum())
    found: dict[tuple[date, int], dict[int, tuple[int, Fraction]]] = {}
    for start, version_id, row_id, count, amount in sums.iter_rows():
        if row_id is not None:
            found.setdefault((start, version_id), {})[row_id] = (count, money.from_micros(micros=amount))
    return found


def check_cases(*, rated: pl.DataFrame, basis: Basis) -> tuple[str, ...]:
    """Say what the counted cases contradict: written twice, another row wins, outside their period, another price or place.

    Args:
        rated: as `rate_cases` returns it.
        basis: terms and periods.

    Returns: one sentence per kind of contradiction, with the first cases it is about; none if all is well.
    Source: design.md section 5, "the most specific wins".
    """
    twice = rated.filter(pl.struct(UNIT).is_duplicated())
    wins = _winners(rated, basis)
    starts = _starts(rated, basis)
    checks = (
        (twice, "are counted twice"),
        (rated.filter(~wins), "are priced by another row than the most specific one, or have no price"),
        (rated.filter(~starts), "were not verified in the period that counts them"),
        (rated.filter(pl.col("rated_micros").ne_missing(pl.col("amount_micros"))), "have another price than their place gives"),
        (rated.filter(pl.col("rated_position").ne_missing(pl.col("position"))), "stand at another place in their price"),
    )
    return tuple(f"{found.height:,} counted resolutions {words}: {_name(found)}." for found, words in checks if found.height)


def _winners(rated: pl.DataFrame, basis: Basis) -> pl.Series:
    """Say of each case whether its row is the winner; each class is looked up once."""
    classes = rated.select(CLASS).unique().sort(CLASS)
    winners = [_winner(row, basis.terms.get(row["version_id"])) for row in classes.iter_rows(named=True)]
    keyed = classes.with_columns(_winner=pl.Series(winners, dtype=pl.Int64))
    found = rated.join(keyed, on=CLASS, how="left", nulls_equal=True, maintain_order="left")
    return found.select((pl.col("_winner") == pl.col("row_id")).fill_null(False)).to_series()


def _winner(row: Mapping[str, str | None], terms: VersionTerms | None) -> int | None:
    if terms is None or (row["is_voice"] and not terms.is_voice_priced):
        return None
    place = terms.card.find_row(query_type=row["query_type"], channel=row["channel"], outcome=row["outcome"])
    return None if place is None else terms.row_ids[place]


def _starts(rated: pl.DataFrame, basis: Basis) -> pl.Series:
    """Say of each case whether its verification lies in the billing period that counts it, in the contract's time zone."""
    zone = str(zoneinfo.ZoneInfo(basis.timezone))
    day = pl.from_epoch(pl.col("verified_us"), time_unit="us").dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.date()
    start = pl.lit(None, dtype=pl.Date)
    for version_id, terms in basis.terms.items():
        own = periods.period_starts(day=day, calendar=terms.around.calendar, anchor=terms.around.anchor)
        start = pl.when(pl.col("version_id") == version_id).then(own).otherwise(start)
    return rated.select((start == pl.col("period_start")).fill_null(False).alias("fits")).to_series()


def _name(found: pl.DataFrame) -> str:
    names = [f"{key} ({number})" for key, number in found.select(UNIT).head(3).iter_rows()]
    return ", ".join(names) + (" and more" if found.height > len(names) else "")
