"""Invoices: the list with what is open, and one invoice whose every amount opens its reason."""

from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Length
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agents import access as work_access
from billing import access
from billing.models import Document, Invoice
from billing.queries import e_invoice, invoice_cases, invoice_issues, invoice_list, invoice_value, invoice_view
from contracts import clock
from contracts.translation import gettext_lazy
from ppr_portal import invoice_papers, papers
from ppr_portal.pages import exports, list_tools
from ppr_portal.pages.clients import invoice_reasons, invoice_rows
from ppr_portal.pages.entry import PortalRequest, portal_page

AGE_WORDS = (
    gettext_lazy("Not due yet"),
    gettext_lazy("1 to 30 days late"),
    gettext_lazy("31 to 60 days late"),
    gettext_lazy("61 to 90 days late"),
    gettext_lazy("Over 90 days late"),
)
LIST_HEAD = ("client", "contract", "period", "number", "status", "issued", "due", "currency", "amount", "open")
CASE_HEAD = ("number", "case", "state", "resolved", "verified", "amount", "currency")
LINE_HEAD = ("position", "kind", "label", "note", "period", "count", "price", "amount", "currency")


@require_safe
@portal_page
def invoices(request: PortalRequest) -> HttpResponse:
    """List the invoices that this person may see, newest period first, with what is open and for how long."""
    if not access.reads_invoices(request.user):
        raise Http404
    seen = access.invoices_for(request.user)
    asked = list_tools.read_asked(request, "find", "status")
    found = _narrowed(seen, asked)
    if request.GET.get("format") == "csv":
        return exports.csv_response(
            name=f"invoices-{request.today}", head=LIST_HEAD, rows=map(_list_cells, found.iterator()), counted=found
        )
    page = list_tools.cut(request, found=found, by="period_start", asked=asked)
    context = {
        "rows": [(row, *invoice_rows.state_of(invoice=row)) for row in page.rows],
        **page.links,
        **asked,
        "chips": _chips(seen, asked),
        "ages": _ages(seen, request.today),
        "may_decide": access.may_decide_invoices(request.user),
        # To a client its own name on every row says nothing.
        "shows_clients": access.may_decide_invoices(request.user) or len({row.contract.client_id for row in page.rows}) > 1,
        "today": request.today,
    }
    return render(request, "invoices/list.html", context)


@require_safe
@portal_page
def invoice(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one invoice; `why` opens the reason of a line, and htmx gets only that."""
    found = find_invoice(request, pk)
    lines = invoice_view.read_lines(invoice=found)
    why = request.GET.get("why", "")
    reason = invoice_reasons.find_reason(invoice=found, lines=lines, why=why)
    may_question = access.may_question(request.user, invoice=found)
    counted = _counted_cases(request, found, reason, may_question=may_question) if reason else None
    if request.htmx:
        if reason is None:
            raise Http404
        return render(request, "invoices/_reason_row.html", {"reason": reason, "counted_cases": counted})
    groups = invoice_rows.group_lines(lines=lines, currency=found.currency, why=why if reason else "")
    shape, words = invoice_rows.state_of(invoice=found)
    context = {
        "invoice": found,
        "state_shape": shape,
        "state_words": words,
        "groups": groups,
        "reason": reason,
        "counted_cases": counted,
        "sums": invoice_rows.sums_of(invoice=found, groups=groups),
        "per_case_micros": invoice_rows.per_case_micros(invoice=found, groups=groups),
        "is_partly_open": found.status == Invoice.Status.FINAL and 0 < getattr(found, "open_micros", 0) < found.due_micros,
        "value": invoice_value.read_value(invoice=found),
        "today": request.today,
        "credit_notes": list(found.credit_notes.order_by("issued_on", "pk")),
        "payments": list(found.payments.order_by("received_on", "pk")),
        **_counts(found),
        **_files(found),
        **_acts(request, found),
        "may_question": may_question,
    }
    return render(request, "invoices/invoice.html", context)


@require_safe
@portal_page
def invoice_csv(request: PortalRequest, pk: int) -> HttpResponse:
    """Return the lines of an invoice as CSV, one row for each tier; with `why`, the cases that one line counts."""
    found = find_invoice(request, pk)
    name = f"invoice-{found.number or f'draft-{found.period_start:%Y-%m}'}"
    if why := request.GET.get("why", ""):
        line = next((line for line in found.lines.all() if str(line.position) == why), None)
        if line is None:
            raise Http404
        counted = invoice_cases.list_cases(invoice=found, line=line)
        cases = (_case_cells(place, row, found.currency) for place, row in enumerate(counted.iterator(), start=1))
        return exports.csv_response(name=f"{name}-line-{why}", head=CASE_HEAD, rows=cases, counted=counted.count)
    lines = invoice_view.read_lines(invoice=found)
    rows = [row for line in lines for row in _line_cells(line, found.currency)]
    return exports.csv_response(name=name, head=LINE_HEAD, rows=rows)


def _counted_cases(
    request: PortalRequest, found: Invoice, reason: invoice_reasons.LineReason, *, may_question: bool
) -> invoice_reasons.CountedCases | None:
    """Return the cases behind the line that is open."""
    openable = work_access.resolutions_for(request.user, on=request.today)
    return invoice_reasons.counted_cases(invoice=found, line=reason.line, openable=openable, may_question=may_question)


def _case_cells(place: int, row: dict[str, Any], currency: str) -> tuple[object, ...]:
    days = (exports.moment(row[name]) for name in ("resolved_at", "verified_at"))
    return (place, row["key"], row["state"], *days, exports.amount(micros=row["amount_micros"], currency=currency), currency)


def find_invoice(request: PortalRequest, pk: int) -> Invoice:
    """Return an invoice that this person may see, with what is open on it; another is no page."""
    seen = invoice_list.with_open(invoices=access.invoices_for(request.user))
    return get_object_or_404(seen.select_related("contract__client__buyer", "seller", "replaces", "replaced_by"), pk=pk)


def _counts(found: Invoice) -> dict[str, Any]:
    rows = invoice_rows.counts_of(invoice=found)
    counted = [row for row in rows if row.is_counted]
    uncounted = [row for row in rows if not row.is_counted]
    return {
        "counted": counted,
        "uncounted": uncounted,
        "counted_total": sum(row.count for row in counted),
        "uncounted_total": sum(row.count for row in uncounted),
        "all_total": sum(row.count for row in rows),
    }


def _files(found: Invoice) -> dict[str, Any]:
    """Return what can be downloaded, and in words what cannot and why."""
    if found.status == Invoice.Status.DRAFT:
        return {}
    kinds = (Document.Kind.INVOICE_PDF, Document.Kind.E_INVOICE)
    wanted = Q(kind__in=kinds, key=invoice_papers.key_of(paper=found))
    if found.evidence_sha256:
        wanted |= Q(kind=Document.Kind.EVIDENCE, sha256=found.evidence_sha256)
    kept = {row.kind: row for row in Document.objects.filter(wanted).defer("content").annotate(size=Length("content"))}
    has_xml = Document.Kind.E_INVOICE in kept
    return {
        "pdf_missing": "" if Document.Kind.INVOICE_PDF in kept else papers.missing(),
        "pdf": kept.get(Document.Kind.INVOICE_PDF),
        "evidence": kept.get(Document.Kind.EVIDENCE),
        "xml_gaps": [] if has_xml else e_invoice.find_missing(invoice=found),
    }


def _acts(request: PortalRequest, found: Invoice) -> dict[str, Any]:
    """Return what this person can do with an invoice now."""
    if not access.may_decide_invoices(request.user):
        return {"may_decide": False}
    is_draft = found.status == Invoice.Status.DRAFT
    issues = invoice_issues.find_now(invoice=found, as_of=clock.now()) if is_draft else []
    return {
        "may_decide": True,
        "issues": issues,
        "is_blocked": any(issue.level == "blocker" for issue in issues),
        "is_draft": is_draft,
        "is_owed": found.status == Invoice.Status.FINAL,
        "may_credit": found.status in (Invoice.Status.FINAL, Invoice.Status.PAID),
    }


def _narrowed(seen: QuerySet[Invoice], asked: dict[str, str]) -> QuerySet[Invoice]:
    found = invoice_list.with_open(invoices=seen).select_related("contract__client").order_by("-period_start", "-pk")
    if find := asked.get("find"):
        found = found.filter(Q(number__icontains=find) | Q(contract__client__name__icontains=find) | Q(contract__name__icontains=find))
    if asked.get("status") == "open":
        return invoice_list.still_open(invoices=found)
    return found.filter(status=asked["status"]) if asked.get("status") in Invoice.Status.values else found


def _chips(seen: QuerySet[Invoice], asked: dict[str, str]) -> list[list_tools.Chip]:
    counts = dict(seen.order_by().values_list("status").annotate(count=Count("pk")))
    states = [
        ("", _("All"), sum(counts.values())),
        *((state.value, str(state.label), counts.get(state.value, 0)) for state in Invoice.Status),
    ]
    return list_tools.chips(name="status", states=states, asked=asked, keeps=True)


def _ages(seen: QuerySet[Invoice], today: date) -> list[dict[str, Any]]:
    return [
        {
            "currency": age.currency,
            "total": age.total,
            "buckets": [
                {"label": label, "micros": micros, "is_late": place > 0 and micros > 0}
                for place, (label, micros) in enumerate(zip(AGE_WORDS, age.buckets, strict=True))
            ],
        }
        for age in invoice_list.read_ageing(invoices=seen, on=today)
    ]


def _list_cells(row: Any) -> tuple[object, ...]:
    amounts = [exports.amount(micros=micros, currency=row.currency) for micros in (row.due_micros, row.open_micros)]
    contract = row.contract
    return (
        *(contract.client.name, contract.name, f"{row.period_start:%Y-%m}", row.number, row.status, row.issued_on, row.due_on),
        *(row.currency, *amounts),
    )


def _line_cells(line: invoice_view.ViewLine, currency: str) -> list[tuple[object, ...]]:
    rows = invoice_rows.group_lines(lines=[line], currency=currency)[0].rows
    stored = line.line
    return [
        (
            *(stored.position, stored.kind, row.label, row.note, f"{stored.origin_start:%Y-%m}", exports.number(row.quantity)),
            *(exports.number(row.unit_amount, places=2), exports.amount(micros=row.amount_micros, currency=currency), currency),
        )
        for row in rows
    ]
