"""Book what clients owe: one line per payable resolution, and signed corrections when the facts moved."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from django.db import connection, transaction

from agents.models import ChangedUnits, Hold
from agents.operations import holds
from billing.models import BookedLine
from billing.operations import write_rows
from billing.queries import bookings, changed_periods, unit_prices
from billing.queries.unit_prices import NO_PRICE, VOICE_NOT_PRICED
from billing.rules import booking
from contracts.queries import terms

# One booking at a time: two would both see what is missing and write it twice.
LOCK_KEY = 498_001
BEYOND_LAST_TIER = "beyond_last_tier"
NO_VALUE = "no_value"
PAID_TO_ANOTHER = "paid_to_another"
UNPRICED = (VOICE_NOT_PRICED, NO_PRICE, BEYOND_LAST_TIER, NO_VALUE)
Contracts = Mapping[int, terms.ContractTerms]


@dataclass(frozen=True, kw_only=True)
class BookReport:
    """What a booking did: payable resolutions seen, first bookings, corrections, and those held without a price."""

    payable_count: int
    booked_count: int
    corrected_count: int
    held_count: int


def book_resolutions(*, as_of: datetime, case_ids: Collection[int] | None = None) -> BookReport:
    """Bring the books to the payable resolutions known now; a second run writes nothing.

    Args:
        as_of: business instant that new lines and holds carry.
        case_ids: cases with news: only the billing periods in which units changed since the last booking, or whose value may
            have, are read. None reads everything, as every night, whatever was noted.

    Returns: the counts, of what was read.
    Source: design.md section 5, "Rating" and "Corrections"; docs/adr/0032-books-follow-what-changed.md.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])
        # The notes are read before the facts: a change that is committed between them is looked at now and once more later.
        last_note = changed_periods.read_last_note()
        scope = None if case_ids is None else changed_periods.find_changed_periods(case_ids=case_ids, last=last_note)
        payable = bookings.read_payable(scope=scope)
        booked = bookings.read_booked(payable=payable, scope=scope)
        version_ids = set(payable["version_id"].to_list()) | set(booked["version_id"].to_list())
        contracts = terms.load_contract_terms(version_ids=version_ids)
        priced = unit_prices.price_units(payable=_add_values(payable, contracts), contracts=contracts)
        rating = priced.rating
        lines = booking.write_differences(rated=rating.rated, booked=booked)
        _write_lines(lines, as_of)
        looked_at = None if scope is None else {*payable["resolution_id"].to_list(), *_list_held_for_nothing()}
        held_count = _hold_unpriced(priced.classed, rating, contracts, as_of, looked_at)
        _price_holds(rating.rated, contracts)
        _hold_paid_to_others(as_of)
        ChangedUnits.objects.filter(pk__lte=last_note).delete()
    corrected_count = lines.filter(pl.col("kind") == BookedLine.Kind.CORRECTION).height
    return BookReport(
        payable_count=payable.height,
        booked_count=lines.height - corrected_count,
        corrected_count=corrected_count,
        held_count=held_count,
    )


def _add_values(payable: pl.DataFrame, contracts: Contracts) -> pl.DataFrame:
    """Add what each case is worth, where some price of its version is taken of it."""
    version_ids = unit_prices.list_valued(contracts=contracts)
    if not version_ids:
        return payable.with_columns(value_micros=pl.lit(None, dtype=pl.Int64))
    return payable.join(bookings.read_values(version_ids=version_ids), on="resolution_id", how="left")


def _write_lines(lines: pl.DataFrame, as_of: datetime) -> None:
    fields = [column.removesuffix("_id") for column in booking.LINE_COLUMNS]
    booked_at = pl.lit(as_of.isoformat()).alias("booked_at")
    write_rows.copy_frame(model=BookedLine, fields=(*fields, "booked_at"), frame=lines.select(*booking.LINE_COLUMNS, booked_at))


def _list_held_for_nothing() -> list[int]:
    """Return what is held without a price and is no longer payable, so that no period of it is read again."""
    held = Hold.objects.filter(released_at=None, reason__in=UNPRICED, resolution__is_payable=False)
    return list(held.values_list("resolution_id", flat=True))


def _hold_unpriced(
    classed: pl.DataFrame, rating: booking.Rating, contracts: Contracts, as_of: datetime, looked_at: Collection[int] | None
) -> int:
    """Hold what has no price, each reason by name; a hold whose reason is gone is released, if it was looked at."""
    count = 0
    named = {BEYOND_LAST_TIER: rating.beyond, NO_VALUE: rating.unvalued}
    cases = bookings.name_cases(resolution_ids=rating.unvalued["resolution_id"].to_list())
    for reason in UNPRICED:
        found = named[reason] if reason in named else classed.filter(pl.col("unpriced") == reason)
        rows = [
            {
                "resolution_id": row["resolution_id"],
                "message": _message(reason, row, contracts[row["version_id"]], cases),
                "amount_micros": None,
                "currency": contracts[row["version_id"]].currency,
            }
            for row in found.iter_rows(named=True)
        ]
        holds.sync_holds(reason=reason, wanted=pl.DataFrame(rows, schema=holds.WANTED_SCHEMA), as_of=as_of, resolution_ids=looked_at)
        count += len(rows)
    return count


def _hold_paid_to_others(as_of: datetime) -> None:
    """Hold what somebody else was paid for already: nobody is paid for it a second time unless a person says so."""
    rows = [
        {
            "resolution_id": row["resolution_id"],
            "message": f"Case {row['case_key']} was paid to {row['paid_agent']} and is credited to {row['agent']} now; correct both by "
            "adjustments, or map the name back.",
            "amount_micros": row["amount_micros"],
            "currency": row["currency"] or "",
        }
        for row in bookings.read_paid_to_others().iter_rows(named=True)
    ]
    holds.sync_holds(reason=PAID_TO_ANOTHER, wanted=pl.DataFrame(rows, schema=holds.WANTED_SCHEMA), as_of=as_of)


def _message(reason: str, row: Mapping[str, Any], contract: terms.ContractTerms, cases: Mapping[int, str]) -> str:
    name = f"{row['query_type'] or 'no query type'}, {row['channel'] or 'no channel'}"
    if reason == VOICE_NOT_PRICED:
        return f"{contract.label} does not price phone resolutions ({name}); let a new version price voice, or void the resolution."
    if reason == NO_PRICE:
        return f"{contract.label} has no price for {name}; add a row to a new version of its rate card."
    if reason == NO_VALUE:
        return (
            f"{contract.label} takes a percentage of the value of {name}, but nobody told what case "
            f"{cases[row['resolution_id']]} is worth in {contract.currency}. Deliver an event with its value, "
            "or price it otherwise in a new version."
        )
    return f"{contract.label} has no tier that reaches the {row['position']:,}th resolution of {name}; add one to a new version."


def _price_holds(rated: pl.DataFrame, contracts: Contracts) -> None:
    """Write the price at stake on resolutions that are held for another reason."""
    currencies = {version_id: contract.currency for version_id, contract in contracts.items()}
    currency = pl.col("version_id").replace_strict(currencies, default=None, return_dtype=pl.String)
    held = set(Hold.objects.filter(released_at=None).values_list("resolution_id", flat=True))
    amounts = rated.filter(pl.col("resolution_id").is_in(held)).select("resolution_id", "amount_micros", currency=currency)
    if amounts.height:
        holds.price_holds(amounts=amounts)
