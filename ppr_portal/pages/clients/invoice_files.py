"""The files of an invoice: PDF, electronic invoice, evidence, and those of its credit notes, as they were issued."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from billing import access
from billing.models import CreditNote, Document, Invoice
from billing.queries import e_invoice
from ppr_portal import invoice_papers, papers
from ppr_portal.pages.entry import PortalRequest, portal_page


@require_safe
@portal_page
def invoice_pdf(request: PortalRequest, pk: int) -> HttpResponse:
    """Give out the PDF of an invoice, or a copy in a language that is asked for; a draft has none."""
    found, language = _invoice(request, pk), papers.asked_language(request=request)
    return _answer(request, found.pk, lambda: invoice_papers.issue_invoice(invoice_id=found.pk, language=language))


@require_safe
@portal_page
def invoice_xml(request: PortalRequest, pk: int) -> HttpResponse:
    """Give out the electronic invoice, or say what is missing for it."""
    found = _invoice(request, pk)
    return _answer(request, found.pk, lambda: invoice_papers.issue_e_invoice(paper=found))


@require_safe
@portal_page
def invoice_evidence(request: PortalRequest, pk: int) -> HttpResponse:
    """Give out the evidence file whose fingerprint stands on the invoice."""
    found = _invoice(request, pk)
    document = Document.objects.filter(kind=Document.Kind.EVIDENCE, sha256=found.evidence_sha256).first() if found.evidence_sha256 else None
    return _download(document)


@require_safe
@portal_page
def credit_note_pdf(request: PortalRequest, pk: int) -> HttpResponse:
    """Give out the PDF of a credit note, or a copy in a language that is asked for."""
    note, language = _note(request, pk), papers.asked_language(request=request)
    return _answer(request, note.invoice_id, lambda: invoice_papers.issue_credit_note(note_id=note.pk, language=language))


@require_safe
@portal_page
def credit_note_xml(request: PortalRequest, pk: int) -> HttpResponse:
    """Give out the electronic form of a credit note."""
    note = _note(request, pk)
    return _answer(request, note.invoice_id, lambda: invoice_papers.issue_e_invoice(paper=note))


def _invoice(request: PortalRequest, pk: int) -> Invoice:
    found = access.invoices_for(request.user).exclude(status=Invoice.Status.DRAFT)
    return get_object_or_404(found.select_related(*invoice_papers.LOADED), pk=pk)


def _note(request: PortalRequest, pk: int) -> CreditNote:
    found = CreditNote.objects.filter(invoice__in=access.invoices_for(request.user))
    return get_object_or_404(found.select_related(*(f"invoice__{name}" for name in invoice_papers.LOADED)), pk=pk)


def _answer(request: PortalRequest, invoice_id: int, issue: Callable[[], Document | None]) -> HttpResponse:
    """Give out a file; where it cannot be made, go back to the invoice and say why."""
    try:
        return _download(issue())
    except (papers.UnableToRender, e_invoice.UnableToWriteEInvoice) as refused:
        messages.error(request, str(refused))
        return redirect("invoice", pk=invoice_id)


def _download(document: Document | None) -> HttpResponse:
    if document is None:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="{document.name}"', "Content-Length": str(len(document.content))}
    return HttpResponse(bytes(document.content), content_type=document.content_type, headers=headers)
