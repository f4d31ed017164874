"""The cases behind a line of an invoice, so that a figure is read down to what it counts."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Sum

from agents.models import ResolutionTransition
from billing.models import BookedLine, Invoice, InvoiceLine

COLUMNS = ("place", "key", "resolution_id", "state", "resolved_at", "verified_at", "amount_micros")


def list_cases(*, invoice: Invoice, line: InvoiceLine) -> QuerySet[Any, Any]:
    """Return the resolutions that a line of priced cases counts, in the order in which the tiers counted them.

    What came and fell away before the invoice is left out. A case in a free tier is there: it counts, and costs nothing.

    Args:
        invoice: a draft shows what is not billed yet, any other what it billed.
        line: of the invoice, of its own period; a correction names its cases itself.

    Returns: one dictionary of COLUMNS for each resolution; amounts in micros, before tax.
    """
    if line.kind != InvoiceLine.Kind.RATED or line.origin_start != invoice.period_start or line.row_id is None:
        return _rows(BookedLine.objects.none(), Q())
    here = Q(version=line.version_id, row=line.row_id, period_start=line.origin_start)
    if invoice.status == Invoice.Status.DRAFT:
        return _rows(BookedLine.objects.filter(here).exclude(invoiced__is_void=False), _still_counts(here, None))
    return _rows(BookedLine.objects.filter(here, invoiced__invoice=invoice.pk), _still_counts(here, invoice.finalized_at))


def _rows(booked: QuerySet[BookedLine], still_counts: Q) -> QuerySet[Any, Any]:
    one = booked.order_by().values(
        "resolution_id",
        key=F("resolution__case__key"),
        state=F("resolution__state"),
        resolved_at=F("resolution__resolved_at"),
        verified_at=F("resolution__verified_at"),
    )
    # Each booking carries its place in the count, and one that takes a case away carries none.
    summed = one.annotate(
        amount_micros=Sum("amount_micros"), place=Max("position"), last=Max("revision"), away=Max("revision", filter=Q(position=0))
    )
    is_standing = Q(away=None) | Q(away__lt=F("last"))
    return summed.filter(~Q(amount_micros=0) | is_standing & still_counts).order_by("place", "resolution_id")


def _still_counts(here: Q, by: datetime | None) -> Q:
    """Ask whether a free case counted here by an instant, None is now: no line takes it away when it falls or moves elsewhere."""
    known = BookedLine.objects.all() if by is None else BookedLine.objects.filter(booked_at__lte=by)
    come_back = known.filter(here, resolution=OuterRef("resolution"), revision__gt=OuterRef("revision"))
    elsewhere = known.filter(~Exists(come_back), resolution=OuterRef("resolution_id")).exclude(here)
    counts = Q(resolution__is_payable=True)
    if by is not None:
        counts |= Q(Exists(ResolutionTransition.objects.filter(resolution=OuterRef("resolution_id"), recorded_at__gt=by)))
    return counts & ~Q(Exists(elsewhere))
