"""Make a draft invoice final, or void a final one. Final invoices never change; a void one can be issued anew."""

import zoneinfo
from datetime import datetime, timedelta

import pghistory
from django.db import connection, transaction
from django.utils.translation import gettext as _

from agents.models import User
from billing.models import Invoice, InvoicedBooking, InvoiceLine, LedgerTransaction
from billing.operations import draft_invoices, post_ledger, take_number, write_evidence
from billing.operations.recognize_revenue import recognize_revenue
from billing.rules import ledger
from contracts.models import Client, Contract
from contracts.rules import errors

LINK = """
    INSERT INTO billing_invoicedbooking (invoice_id, booked_line_id, is_void)
    SELECT %(invoice)s, b.id, false
    FROM billing_bookedline b JOIN contracts_contractversion v ON v.id = b.version_id
    WHERE v.contract_id = %(contract)s AND v.currency = %(currency)s
      AND (b.period_start = %(start)s OR b.period_start < %(start)s AND b.period_start IN (
          SELECT i.period_start FROM billing_invoice i WHERE i.contract_id = %(contract)s AND i.status IN ('final', 'paid')))
      AND NOT EXISTS (SELECT 1 FROM billing_invoicedbooking x WHERE x.booked_line_id = b.id AND NOT x.is_void)
    ORDER BY b.id"""
BOOKED = """
    SELECT coalesce(sum(b.amount_micros), 0)::bigint FROM billing_invoicedbooking x
    JOIN billing_bookedline b ON b.id = x.booked_line_id WHERE x.invoice_id = %s"""


class UnableToFinalize(Exception):
    """An invoice that is no draft, or that something stands against."""


class UnableToVoid(Exception):
    """An invoice that is no longer simply owed: a draft, paid in part, or credited in part."""


def finalize_invoice(*, invoice_id: int, person: User, as_of: datetime) -> Invoice:
    """Give a draft its number, its days and its place in the ledger; from then on it never changes.

    It is written anew once more, while bookings of its contract wait, so that invoice, bookings and ledger agree. Its
    evidence is written in the same transaction, and the invoice is held to it before it has a number.

    Args:
        invoice_id: a draft.
        person: who decides.
        as_of: business instant.

    Returns: the invoice.
    Raises: UnableToFinalize with everything that stands against it; nothing is written then, and no number is used up.
    Source: design.md section 5, "Invoice".
    """
    with transaction.atomic(), pghistory.context(user=person.pk, act="finalize invoice"):
        invoice = _lock(invoice_id)
        if invoice.status != Invoice.Status.DRAFT:
            raise UnableToFinalize(
                _("Invoice %(invoice)s is %(lower)s already.") % {"invoice": invoice, "lower": invoice.get_status_display().lower()}
            )
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE billing_bookedline IN SHARE MODE")
        try:
            draft_invoices.refresh_draft(invoice=invoice, as_of=as_of)
        except errors.InvalidInput as refused:
            raise UnableToFinalize(refused.message) from refused
        blockers = [issue["words"] for issue in invoice.issues if issue["level"] == "blocker"]
        if blockers or invoice.seller is None:
            raise UnableToFinalize(" ".join(blockers))
        today = as_of.astimezone(zoneinfo.ZoneInfo(invoice.contract.timezone)).date()
        # The cases are read before their bookings are marked as invoiced, and nothing heavy waits for the number.
        try:
            prepared = write_evidence.prepare_evidence(invoice=invoice)
        except write_evidence.UnableToWriteEvidence as refused:
            raise UnableToFinalize(str(refused)) from refused
        booked = _link_bookings(invoice)
        invoice.issued_on, invoice.due_on = today, today + timedelta(days=invoice.seller.payment_days)
        invoice.finalized_by, invoice.finalized_at = person, as_of
        recognize_revenue(on=today, posted_at=as_of, client_ids=[invoice.contract.client_id])
        # The number is taken last: others who want one wait for it as short as can be.
        invoice.number = take_number.take_number(series_id=invoice.seller.invoice_series_id)
        write_evidence.finish_evidence(prepared=prepared, invoice=invoice, issued_at=as_of)
        invoice.status = Invoice.Status.FINAL
        invoice.save()
        _post(invoice, booked, person, as_of)
    return invoice


def void_invoice(*, invoice_id: int, person: User, as_of: datetime, reason: str) -> Invoice:
    """Void a final invoice on which nothing was paid or credited; what it billed can be billed anew.

    Args:
        invoice_id: a final invoice.
        person: who decides.
        as_of: business instant.
        reason: why, in words that the client may read.

    Raises: UnableToVoid if it is not final, if money moved on it, or without a reason; nothing is written then.
    Source: design.md section 5: void then re-issue makes a linked new one.
    """
    with transaction.atomic(), pghistory.context(user=person.pk, act="void invoice"):
        invoice = _lock(invoice_id)
        if invoice.status != Invoice.Status.FINAL:
            raise UnableToVoid(
                _("Invoice %(invoice)s is %(lower)s; only a final one can be voided.")
                % {"invoice": invoice, "lower": invoice.get_status_display().lower()}
            )
        if invoice.payments.exists() or invoice.credit_notes.exists():
            raise UnableToVoid(
                _("Invoice %(invoice)s was paid or credited in part; write a credit note for the rest instead.") % {"invoice": invoice}
            )
        if not reason.strip():
            raise UnableToVoid(_("Say why it is voided; the client reads it."))
        invoice.status, invoice.voided_at, invoice.void_reason = Invoice.Status.VOID, as_of, reason.strip()
        invoice.save(update_fields=["status", "voided_at", "void_reason"])
        InvoicedBooking.objects.filter(invoice=invoice).update(is_void=True)
        today = as_of.astimezone(zoneinfo.ZoneInfo(invoice.contract.timezone)).date()
        if LedgerTransaction.objects.filter(key=f"invoice:{invoice.pk}").exists():
            post_ledger.reverse_event(
                key=f"invoice:{invoice.pk}", on=today, words=f"Invoice {invoice} voided", posted_at=as_of, person_id=person.pk
            )
    return invoice


def _lock(invoice_id: int) -> Invoice:
    """Lock client, contract, then invoice, in the order in which drafts and payments lock them, so that nobody waits in a circle.

    Invoices of two contracts use the prepaid credits of one client, and each credit is used once.
    """
    contract_id, client_id = Invoice.objects.values_list("contract", "contract__client").get(pk=invoice_id)
    Client.objects.select_for_update(no_key=True).get(pk=client_id)
    Contract.objects.select_for_update(no_key=True).get(pk=contract_id)
    found = Invoice.objects.select_for_update(of=["self"], no_key=True)
    return found.select_related("contract__client__buyer__seller", "seller").get(pk=invoice_id)


def _link_bookings(invoice: Invoice) -> int:
    """Put every booked line that is on no invoice yet on this one; return their sum in micros."""
    of_invoice = {"invoice": invoice.pk, "contract": invoice.contract_id, "currency": invoice.currency, "start": invoice.period_start}
    with connection.cursor() as cursor:
        cursor.execute(LINK, of_invoice)
        cursor.execute(BOOKED, [invoice.pk])
        return int(cursor.fetchone()[0])


def _post(invoice: Invoice, booked: int, person: User, as_of: datetime) -> None:
    rated = InvoiceLine.Kind.RATED
    other = sum(invoice.lines.exclude(kind=rated).values_list("amount_micros", flat=True))
    postings = ledger.post_invoice(
        client_id=invoice.contract.client_id,
        booked=booked,
        subtotal=invoice.subtotal_micros,
        tax=invoice.tax_micros,
        prepaid=invoice.credit_micros,
        other=other,
    )
    if postings:
        event = post_ledger.Event(
            key=f"invoice:{invoice.pk}",
            kind=LedgerTransaction.Kind.INVOICE,
            on=invoice.issued_on or invoice.period_end,
            words=f"Invoice {invoice.number} to {invoice.contract.client}",
            currency=invoice.currency,
            postings=postings,
        )
        post_ledger.post_events(events=[event], posted_at=as_of, person_id=person.pk)
