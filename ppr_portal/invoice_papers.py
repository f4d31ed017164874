"""The files of an invoice and of a credit note: issued once, kept byte for byte, given out as they are."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Value
from django.db.models.fields import CharField
from django.db.models.functions import Cast, Concat

from billing.models import CreditNote, Document, Invoice
from billing.operations import store_document
from billing.queries import e_invoice, invoice_view
from ppr_portal import papers
from ppr_portal.pages.clients import invoice_rows

LOG = logging.getLogger(__name__)
PDF, XML = "application/pdf", "application/xml"
# Where paper is cut by the inch.
LETTER_COUNTRIES = ("US", "CA", "MX")
ISSUED = (Invoice.Status.FINAL, Invoice.Status.PAID, Invoice.Status.VOID)
LOADED = ("contract__client__buyer__seller", "seller", "replaces")


def key_of(*, paper: Invoice | CreditNote) -> str:
    """Return what the files of an invoice or a credit note are kept under."""
    return f"{'invoice' if isinstance(paper, Invoice) else 'credit_note'}:{paper.pk}"


def issue_invoice(*, invoice_id: int, language: str = "") -> Document | None:
    """Issue the PDF of a final invoice, with the electronic invoice inside where one can be written; a second call changes nothing.

    Args:
        invoice_id: the invoice.
        language: of a translated copy, which says that it is one and holds no electronic invoice; empty for the invoice as issued.

    Returns: the kept PDF; nothing for a draft.
    Raises: UnableToRender where the system lacks what it takes; the electronic invoice is kept all the same.
    """
    invoice = Invoice.objects.select_related(*LOADED).get(pk=invoice_id)
    if invoice.status not in ISSUED or invoice.finalized_at is None:
        return None
    if known := _known(Document.Kind.INVOICE_PDF, invoice, language):
        return known
    xml = None if language else _e_invoice(invoice, invoice.number, lambda: e_invoice.write_invoice(invoice=invoice), invoice.finalized_at)
    with papers.written_in(language):
        groups = invoice_rows.group_lines(lines=invoice_view.read_lines(invoice=invoice), currency=invoice.currency)
        context = {
            **_shared(invoice, invoice.finalized_at, language),
            "groups": groups,
            "sums": invoice_rows.sums_of(invoice=invoice, groups=groups),
            "counts": invoice_rows.counts_of(invoice=invoice),
        }
        content = papers.render_pdf(template="papers/invoice.html", context=context, e_invoice=xml, issued_at=invoice.finalized_at)
    return _store(Document.Kind.INVOICE_PDF, invoice, f"{invoice.number}.pdf", PDF, content, invoice.finalized_at, language)


def issue_credit_note(*, note_id: int, language: str = "") -> Document:
    """Issue the PDF of a credit note; a second call changes nothing.

    Args:
        note_id: the credit note.
        language: of a translated copy, as with an invoice.

    Raises: UnableToRender where the system lacks what it takes.
    """
    note = CreditNote.objects.select_related(*(f"invoice__{name}" for name in LOADED)).get(pk=note_id)
    if known := _known(Document.Kind.CREDIT_NOTE_PDF, note, language):
        return known
    xml = None if language else _e_invoice(note, note.number, lambda: e_invoice.write_credit_note(note=note), note.issued_at)
    with papers.written_in(language):
        lines = list(note.lines.select_related("line").order_by("pk"))
        context = {**_shared(note.invoice, note.issued_at, language), "note": note, "lines": lines}
        content = papers.render_pdf(template="papers/credit_note.html", context=context, e_invoice=xml, issued_at=note.issued_at)
    return _store(Document.Kind.CREDIT_NOTE_PDF, note, f"{note.number}.pdf", PDF, content, note.issued_at, language)


def issue_e_invoice(*, paper: Invoice | CreditNote) -> Document:
    """Return the electronic invoice as it was issued, or issue it now.

    Raises: UnableToWriteEInvoice with everything that is missing.
    """
    if known := _known(Document.Kind.E_INVOICE, paper):
        return known
    if isinstance(paper, Invoice):
        content, at = e_invoice.write_invoice(invoice=paper), paper.finalized_at
    else:
        content, at = e_invoice.write_credit_note(note=paper), paper.issued_at
    assert at is not None
    return _store(Document.Kind.E_INVOICE, paper, f"{paper.number}.xml", XML, content, at)


def issue_missing() -> int:
    """Issue the files that were not issued when their invoice or credit note was, for a worker that stopped then.

    Returns: how many were issued; none where the system lacks what it takes.
    """
    if papers.missing():
        return 0
    invoices = _without(Invoice.objects.filter(status__in=ISSUED), "invoice:", Document.Kind.INVOICE_PDF)
    notes = _without(CreditNote.objects.all(), "credit_note:", Document.Kind.CREDIT_NOTE_PDF)
    for pk in invoices:
        issue_invoice(invoice_id=pk)
    for pk in notes:
        issue_credit_note(note_id=pk)
    return len(invoices) + len(notes)


def _without(papers_of: Any, prefix: str, kind: str) -> list[int]:
    key = Concat(Value(prefix), Cast(OuterRef("pk"), CharField()), output_field=CharField())
    return list(papers_of.exclude(Exists(Document.objects.filter(kind=kind, key=key))).values_list("pk", flat=True))


def _e_invoice(paper: Invoice | CreditNote, number: str, write: Callable[[], bytes], at: Any) -> bytes | None:
    """Return the electronic invoice to embed; where something is missing for it, the PDF goes without."""
    if known := _known(Document.Kind.E_INVOICE, paper):
        return bytes(known.content)
    try:
        content = write()
    except e_invoice.UnableToWriteEInvoice as refused:
        LOG.info("%s", refused)
        return None
    return bytes(_store(Document.Kind.E_INVOICE, paper, f"{number}.xml", XML, content, at).content)


def _shared(invoice: Invoice, at: Any, language: str) -> dict[str, Any]:
    country = invoice.seller.country if invoice.seller else ""
    return {
        "invoice": invoice,
        "seller": invoice.seller,
        "client": invoice.contract.client,
        "page_size": "letter" if country in LETTER_COUNTRIES else "a4",
        "last_day": invoice.period_end - timedelta(days=1),
        "issued_at": at,
        "is_copy": bool(language),
    }


def _known(kind: str, paper: Invoice | CreditNote, language: str = "") -> Document | None:
    return Document.objects.filter(kind=kind, key=papers.copy_key(key=key_of(paper=paper), language=language)).first()


def _store(kind: str, paper: Invoice | CreditNote, name: str, content_type: str, content: bytes, at: Any, language: str = "") -> Document:
    return store_document.store_document(
        kind=kind,
        key=papers.copy_key(key=key_of(paper=paper), language=language),
        name=papers.copy_name(name=name, language=language),
        content_type=content_type,
        content=content,
        issued_at=at,
    )
