"""The cases behind a line of an invoice, so that a figure is read down to what it counts."""

from typing import Any

from django.db.models import F, Max, QuerySet, Sum

from billing.models import BookedLine, Invoice, InvoiceLine

COLUMNS = ("place", "key", "resolution_id", "state", "resolved_at", "verified_at", "amount_micros")


def list_cases(*, invoice: Invoice, line: InvoiceLine) -> QuerySet[Any, Any]:
    """Return the resolutions that a line of priced cases counts, in the order in which the tiers counted them.

    What came and fell away before the invoice adds up to nothing and is left out, as it is of no case that is paid for.

    Args:
        invoice: a draft shows what is not billed yet, any other what it billed.
        line: of the invoice, of its own period; a correction names its cases itself.

    Returns: one dictionary of COLUMNS for each resolution; amounts in micros, before tax.
    """
    if line.kind != InvoiceLine.Kind.RATED or line.origin_start != invoice.period_start or line.row_id is None:
        return _rows(BookedLine.objects.none())
    booked = BookedLine.objects.filter(version=line.version_id, row=line.row_id, period_start=line.origin_start)
    if invoice.status == Invoice.Status.DRAFT:
        return _rows(booked.exclude(invoiced__is_void=False))
    return _rows(booked.filter(invoiced__invoice=invoice.pk))


def _rows(booked: QuerySet[BookedLine]) -> QuerySet[Any, Any]:
    one = booked.order_by().values(
        "resolution_id",
        key=F("resolution__case__key"),
        state=F("resolution__state"),
        resolved_at=F("resolution__resolved_at"),
        verified_at=F("resolution__verified_at"),
    )
    # Each booking carries its place in the count, and one that takes a case away carries none.
    summed = one.annotate(amount_micros=Sum("amount_micros"), place=Max("position")).exclude(amount_micros=0)
    return summed.order_by("place", "resolution_id")
