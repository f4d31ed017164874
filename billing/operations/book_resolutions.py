"""Book what clients owe: one line per payable resolution, and signed corrections when the facts moved."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from django.db import connection, transaction

from billing.models import BookedLine
from billing.models.booking import BOOKS_LOCK
from billing.operations import book_holds, pack_prices, write_rows
from billing.queries import booking_units, bookings, changed_periods
from billing.rules import booking

# Rating and writing take some hundred bytes for each of these; what is kept of all others is told in docs/adr/0088.
UNITS_AT_ONCE = 250_000
# Exactly the notes that are seen: one with a lower number may be committed later.
TAKE_NOTES = """
    WITH taken AS (DELETE FROM agents_changedunits RETURNING version_id, day) SELECT DISTINCT version_id, day FROM taken"""


@dataclass(frozen=True, kw_only=True)
class BookReport:
    """What a booking did: payable resolutions seen, first bookings, corrections, and those held without a price."""

    payable_count: int
    booked_count: int
    corrected_count: int
    held_count: int


def book_resolutions(*, as_of: datetime, case_ids: Collection[int] | None = None, at_once: int = UNITS_AT_ONCE) -> BookReport:
    """Bring the books to the payable resolutions known now; a second run writes nothing.

    Args:
        as_of: business instant that new lines and holds carry.
        case_ids: cases with news: only the billing periods in which units changed since the last booking, or whose value may
            have, are read. None reads everything, as every night, whatever was noted.
        at_once: about how many resolutions are read, rated and written at once, one or more; it changes no line.

    Returns: the counts, of what was read.
    Source: design.md section 5, "Rating" and "Corrections"; docs/adr/0032-books-follow-what-changed.md;
        docs/adr/0088-booking-works-in-pieces.md.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [BOOKS_LOCK])
        # Notes are taken before facts are read: a change that is committed between them is looked at now and once more later.
        cursor.execute(TAKE_NOTES)
        noted = cursor.fetchall()
        scope = None if case_ids is None else changed_periods.find_changed_periods(case_ids=case_ids, noted=noted)
        units = booking_units.read_units(scope=scope, at_once=at_once)
        rated = booking_units.rate_units(units=units, at_once=at_once)
        booked_count = corrected_count = 0
        for stretch in units.slices:
            lines = _write_lines(units, rated, stretch, scope, as_of)
            corrected = lines.filter(pl.col("kind") == BookedLine.Kind.CORRECTION).height
            corrected_count += corrected
            booked_count += lines.height - corrected
        held_count = book_holds.hold_unpriced(units=units, rated=rated, as_of=as_of, is_scoped=scope is not None, at_once=at_once)
        book_holds.price_holds(units=units, rated=rated)
        book_holds.hold_paid_to_others(as_of=as_of)
        pack_prices.pack_prices()
    return BookReport(payable_count=units.frame.height, booked_count=booked_count, corrected_count=corrected_count, held_count=held_count)


def _write_lines(
    units: booking_units.Units,
    rated: booking_units.Rated,
    stretch: booking_units.Stretch,
    scope: changed_periods.Scope | None,
    as_of: datetime,
) -> pl.DataFrame:
    """Write what is missing of a slice; all lines of a resolution are in one slice, and slices come in the order of resolutions."""
    payable_ids = units.frame["resolution_id"].slice(stretch.start, stretch.count)
    booked = bookings.read_booked(payable_ids=payable_ids, scope=scope, within=stretch.within)
    wanted = booking_units.list_rated(units=units, rated=rated, stretch=stretch)
    lines = booking.write_differences(rated=wanted, booked=booked)
    if not lines.is_empty():
        fields = [column.removesuffix("_id") for column in booking.LINE_COLUMNS]
        booked_at = pl.lit(as_of.isoformat()).alias("booked_at")
        write_rows.copy_frame(model=BookedLine, fields=(*fields, "booked_at"), frame=lines.select(*booking.LINE_COLUMNS, booked_at))
    return lines
