"""What the office does with invoices: refresh, finalize, void and issue anew, credit, and record what was paid."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from billing import access
from billing.models import CreditNote, Invoice
from billing.operations import credit_invoice, draft_invoices, finalize_invoice, record_payment
from billing.queries import invoice_issues
from billing.rules import money
from contracts import clock
from ppr_portal import invoice_papers, papers
from ppr_portal.pages.clients import invoices
from ppr_portal.pages.clients.invoice_forms import CreditForm, PaymentForm, PrepaymentForm, VoidForm
from ppr_portal.pages.entry import PortalRequest, portal_page
from ppr_portal.pages.fields import write_amount
from ppr_portal.templatetags import formats, times

REFUSALS = (
    finalize_invoice.UnableToFinalize,
    finalize_invoice.UnableToVoid,
    credit_invoice.UnableToCredit,
    record_payment.UnableToRecordPayment,
)
FORM_METHODS = ["GET", "HEAD", "POST"]


@require_POST
@portal_page
def refresh(request: PortalRequest, pk: int) -> HttpResponse:
    """Write a draft anew by what is known now."""
    found = _invoice(request, pk, Invoice.Status.DRAFT)
    report = draft_invoices.refresh_drafts(as_of=clock.now(), contract_ids=[found.contract_id])
    if report.failures:
        messages.error(request, " ".join(report.failures))
        return redirect("invoice", pk=pk)
    words = _("The draft shows what is known now.") if report.written else _("Nothing has changed since the draft was written.")
    messages.success(request, words)
    return redirect("invoice", pk=pk)


@require_http_methods(FORM_METHODS)
@portal_page
def finalization(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask once more, then give the draft its number; from then on it never changes."""
    found = _invoice(request, pk, Invoice.Status.DRAFT)
    form = forms.Form(_posted(request))

    def act() -> HttpResponse:
        made = finalize_invoice.finalize_invoice(invoice_id=found.pk, person=request.user, as_of=clock.now())
        messages.success(
            request,
            _("Invoice %(number)s is final and due on %(due_on)s.")
            % {"number": made.number, "due_on": times.full_day(made.due_on or request.today)},
        )
        _issue(request, lambda: invoice_papers.issue_invoice(invoice_id=made.pk))
        return redirect("invoice", pk=pk)

    context = {"blockers": [issue.words for issue in invoice_issues.find_blockers(invoice=found, as_of=clock.now())]}
    return _form_page(request, found, form, act, "invoices/finalization.html", context)


@require_http_methods(FORM_METHODS)
@portal_page
def voiding(request: PortalRequest, pk: int) -> HttpResponse:
    """Void a final invoice and write a draft in its place, linked to it."""
    found = _invoice(request, pk, Invoice.Status.FINAL)
    form = VoidForm(_posted(request))

    def act() -> HttpResponse:
        now = clock.now()
        finalize_invoice.void_invoice(invoice_id=found.pk, person=request.user, as_of=now, reason=form.cleaned_data["reason"])
        report = draft_invoices.refresh_drafts(as_of=now, contract_ids=[found.contract_id])
        made = Invoice.objects.filter(replaces=found).first()
        words = _("Invoice %(number)s is void. What it billed stands on the draft below, which replaces it.")
        if made is None:
            words = _("Invoice %(number)s is void. No draft replaces it yet.")
        messages.success(request, words % {"number": found.number})
        if report.failures:
            messages.error(request, " ".join(report.failures))
        return redirect("invoice", pk=made.pk if made else found.pk)

    is_moved = found.payments.exists() or found.credit_notes.exists()
    return _form_page(request, found, form, act, "invoices/voiding.html", {"is_moved": is_moved})


@require_http_methods(FORM_METHODS)
@portal_page
def credit(request: PortalRequest, pk: int) -> HttpResponse:
    """Write a credit note on lines of an invoice."""
    found = _invoice(request, pk, Invoice.Status.FINAL, Invoice.Status.PAID)
    form = CreditForm(_posted(request), invoice=found)

    def act() -> HttpResponse:
        note = _credit(request, found, form)
        messages.success(
            request,
            _("Credit note %(number)s gives back %(total)s, tax included.")
            % {"number": note.number, "total": formats.money(note.total_micros, note.currency)},
        )
        _issue(request, lambda: invoice_papers.issue_credit_note(note_id=note.pk))
        return redirect("invoice", pk=pk)

    line_fields = [form[name] for name in form.lines]
    return _form_page(request, found, form, act, "invoices/credit.html", {"line_fields": line_fields})


@require_http_methods(FORM_METHODS)
@portal_page
def payment(request: PortalRequest, pk: int) -> HttpResponse:
    """Record what came for an invoice."""
    found = _invoice(request, pk, Invoice.Status.FINAL, Invoice.Status.PAID)
    form = PaymentForm(_posted(request), initial={"received_on": request.today, "amount": _open_amount(found)})
    form.fields["amount"].label = _("Amount, %(currency)s") % {"currency": found.currency}

    def act() -> HttpResponse:
        _record(request, form, client_id=found.contract.client_id, currency=found.currency, invoice_id=found.pk)
        messages.success(request, _("The payment is recorded."))
        return redirect("invoice", pk=pk)

    return _form_page(request, found, form, act, "invoices/payment.html", {})


@require_http_methods(FORM_METHODS)
@portal_page
def prepayment(request: PortalRequest) -> HttpResponse:
    """Record what a client paid in advance; coming invoices use it up."""
    if not access.may_decide_invoices(request.user):
        raise Http404
    form = PrepaymentForm(_posted(request), initial={"received_on": request.today})

    def act() -> HttpResponse:
        client = form.cleaned_data["client"]
        _record(request, form, client_id=client.pk, currency=form.cleaned_data["currency"], invoice_id=None)
        messages.success(request, _("The payment of %(client)s is recorded; its coming invoices use it up.") % {"client": client})
        return redirect("invoices")

    return _form_page(request, None, form, act, "invoices/prepayment.html", {})


def _posted(request: PortalRequest) -> Any:
    """Return what a form was sent with, also where that is nothing; None while it is only looked at."""
    return request.POST if request.method == "POST" else None


def _invoice(request: PortalRequest, pk: int, *states: str) -> Invoice:
    """Return an invoice that this person decides about; in another state, or for anybody else, the act is no page."""
    if not access.may_decide_invoices(request.user):
        raise Http404
    found = invoices.find_invoice(request, pk)
    if found.status not in states:
        raise Http404
    return found


def _form_page(
    request: PortalRequest, found: Invoice | None, form: forms.Form, act: Callable[[], HttpResponse], template: str, context: dict[str, Any]
) -> HttpResponse:
    """Do what a form asks for; a refusal is told in the form, with what was typed still there."""
    if request.method == "POST" and form.is_valid():
        try:
            return act()
        except REFUSALS as refused:
            form.add_error(None, str(refused))
    return render(request, template, {"invoice": found, "form": form, **context}, status=422 if form.errors else 200)


def _credit(request: PortalRequest, found: Invoice, form: CreditForm) -> CreditNote:
    items = [
        credit_invoice.Credited(line_id=line.pk, amount=money.from_micros(micros=micros), label=str(form[f"line_{line.pk}"].label))
        for line, micros in form.credited()
    ]
    return credit_invoice.credit_invoice(
        invoice_id=found.pk,
        items=items,
        reason=form.cleaned_data["reason"],
        person=request.user,
        as_of=clock.now(),
        seen_count=form.cleaned_data["seen_count"],
    )


def _record(request: PortalRequest, form: PaymentForm, *, client_id: int, currency: str, invoice_id: int | None) -> None:
    given = form.cleaned_data
    amount = money.from_micros(micros=given["amount"])
    record_payment.record_payment(
        client_id=client_id,
        amount=-amount if given["is_taken_back"] else amount,
        currency=currency,
        received_on=given["received_on"],
        reference=given["reference"],
        person=request.user,
        as_of=clock.now(),
        invoice_id=invoice_id,
    )


def _open_amount(found: Invoice) -> str:
    micros = found.open_micros  # type: ignore[attr-defined]
    return write_amount(micros=micros, currency=found.currency) if micros > 0 else ""


def _issue(request: PortalRequest, issue: Callable[[], object]) -> None:
    """Issue a file; where it cannot be made now, the act stands, and people are told what is missing."""
    try:
        issue()
    except papers.UnableToRender as refused:
        messages.warning(request, str(refused))
