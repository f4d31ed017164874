"""Give back what a final invoice billed for one case, whoever's dispute decided it, and at most once."""

from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from agents.models import User
from billing.models import BillChange, CreditNote, Dispute, Invoice, InvoicedBooking
from billing.models.disputes import Kind
from billing.operations import credit_invoice, open_dispute
from billing.queries import invoice_view
from billing.rules import money
from contracts import reading
from contracts.rules import exact


class UnableToCreditCase(Exception):
    """A case that no final invoice bills with that much, that was given back already, or that another dispute is about."""


def find_billing_invoice(*, resolution_id: int) -> Invoice | None:
    """Return the final or paid invoice that bills a resolution and with which it still stands; none if there is none."""
    found = Invoice.objects.filter(
        status__in=open_dispute.BILLED, bookings__is_void=False, bookings__booked_line__resolution=resolution_id
    ).order_by("-period_start", "-pk")
    billing = (one for one in found.distinct() if open_dispute.billed_micros(invoice_id=one.pk, resolution_id=resolution_id) > 0)
    return next(billing, None)


def refuse_second(*, resolution_id: int, but: int) -> None:
    """Refuse to give a case back that was given back, or that another dispute may give back.

    Who gives a case back keeps everybody else from it until the caller's transaction ends, so that of two people who decide at one
    moment one decides after the other.

    Args:
        resolution_id: the case.
        but: the dispute that asks.

    Raises: UnableToCreditCase naming the other dispute.
    """
    # A lock of its own: the row of the resolution is written by folding, which holds the lock of its source while it waits for it.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('give_back'), hashtext(%s::text))", [resolution_id])
    counting = (*open_dispute.WAITING, *open_dispute.GIVEN_BACK)
    other = Dispute.objects.filter(kind=Kind.CLIENT_CASE, resolution=resolution_id, status__in=counting).exclude(pk=but).first()
    given = BillChange.objects.filter(resolution=resolution_id, outcome__in=("credited", "excluded")).exclude(dispute=but).first()
    number = other.pk if other else given.dispute_id if given else None
    if number is not None:
        words = _("Dispute D-%(number)s is about the same case on the client's bill; it is given back once.")
        raise UnableToCreditCase(words % {"number": number})


def credit_case(
    *, invoice_id: int, resolution_id: int, amount_micros: int, dispute_id: int, words: str, person: User | None, as_of: datetime
) -> CreditNote:
    """Write a credit note for a case on the line of the invoice that holds its price.

    The resolution is not excluded besides: its booking would then take the price away on the next invoice once more.

    Args:
        invoice_id: a final or paid invoice.
        resolution_id: a resolution that it bills.
        amount_micros: before tax, at most what the case still stands with.
        dispute_id: the dispute that decided it; its number stands on the note.
        words: why; the client reads it.
        person: who decides; None is the default at a deadline.
        as_of: business instant.

    Raises: UnableToCreditCase; nothing is written then.
    Source: design.md section 5: credit notes per line, capped at what is still creditable.
    """
    refuse_second(resolution_id=resolution_id, but=dispute_id)
    invoice = Invoice.objects.get(pk=invoice_id)
    billed = open_dispute.billed_micros(invoice_id=invoice_id, resolution_id=resolution_id)
    if amount_micros > billed:
        places = money.currency_places(currency=invoice.currency)
        most = exact.format_places(value=money.from_micros(micros=max(billed, 0)), places=places)
        raise UnableToCreditCase(
            _("The case still stands with %(most)s %(currency)s; give back at most that.") % {"most": most, "currency": invoice.currency}
        )
    booked = InvoicedBooking.objects.filter(invoice=invoice_id, is_void=False, booked_line__resolution=resolution_id)
    stated = booked.order_by("-booked_line__revision").values_list("booked_line__version", "booked_line__row", "booked_line__period_start")
    version, row, start = stated[0]
    lines = invoice.lines.select_related("row__query_type", "row__channel")
    line = lines.filter(kind="rated", version=version, row=row, origin_start=start).first()
    if line is None:
        raise UnableToCreditCase(
            _("No line of invoice %(invoice)s holds the price of this case; credit the invoice by hand.") % {"invoice": invoice}
        )
    with reading.plainly():
        name = invoice_view.name_of(line=line)
    item = credit_invoice.Credited(line_id=line.pk, amount=money.from_micros(micros=amount_micros), label=f"{name}, D-{dispute_id}")
    try:
        return credit_invoice.credit_invoice(
            invoice_id=invoice_id, items=[item], reason=f"Dispute D-{dispute_id}: {words}", person=person, as_of=as_of
        )
    except credit_invoice.UnableToCredit as refusal:
        raise UnableToCreditCase(str(refusal)) from refusal
