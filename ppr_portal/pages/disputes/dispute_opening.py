"""Where disputes begin: agents on a line, a resolution, a review or hours of their own; clients on a case of an invoice."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from agents import access as work_access
from agents.models import Agent
from billing import access
from billing.models import Dispute, Invoice, InvoicedBooking
from billing.models.disputes import Kind
from billing.operations import open_dispute
from contracts import clock
from contracts.translation import gettext_lazy
from ppr_portal import tasks
from ppr_portal.pages import keyset, list_tools
from ppr_portal.pages.clients import invoices
from ppr_portal.pages.disputes.dispute_forms import ClaimForm, QuestionForm
from ppr_portal.pages.entry import PortalRequest, asked_text, midnight, portal_page, read_day
from ppr_portal.pages.pay import statement_rows
from ppr_portal.templatetags import formats, times

FORM_METHODS = ["GET", "HEAD", "POST"]
THINGS_SHOWN = 20
TITLES = {
    Kind.LINE: gettext_lazy("Dispute a line"),
    Kind.RESOLUTION: gettext_lazy("Dispute a resolution"),
    Kind.QA_REVIEW: gettext_lazy("Dispute a QA review"),
    Kind.HOURS: gettext_lazy("Dispute hours"),
}
SENT = gettext_lazy("Your dispute is sent. The rest of your pay is not delayed.")


def tell() -> None:
    """Send mails about what was just written, once it is committed; without a broker the job sends them."""
    transaction.on_commit(tasks.send_notification_mails.delay, robust=True)


@require_safe
@portal_page
def new(request: PortalRequest) -> HttpResponse:
    """Show an agent what of theirs can be disputed."""
    if not request.viewer.person.is_agent:
        raise Http404
    day = read_day(asked_text(request, "day"))
    hours = access.hours_for(request.user)
    if day is not None:
        hours = hours.filter(started_at__gte=midnight(day), started_at__lt=midnight(day + timedelta(days=1)))
    reviews = access.reviews_for(request.user).select_related("resolution__case")
    context = {
        "reviews": _part(request, reviews, by="reviewed_at", name="reviews"),
        "hours": _part(request, hours, by="started_at", name="hours"),
        "days": [list_tools.ListDay(name="day", label=_("Day"), value=day)],
        "day": day,
    }
    return render(request, "disputes/new.html", context)


def _part(request: PortalRequest, found: QuerySet[Any], *, by: str, name: str) -> dict[str, Any]:
    """Return one page of what can be disputed, newest first, and the addresses of its others."""
    asked = {key: text for key in ("day", "reviews", "hours") if key != name and (text := asked_text(request, key))}
    after = asked_text(request, name)
    page = keyset.cut_page(found=found, by=by, after=after, size=THINGS_SHOWN)
    return {
        "rows": page.rows,
        "next_url": f"?{urlencode({**asked, name: page.next_after})}#{name}" if page.next_after else "",
        "first_url": f"?{urlencode(asked)}#{name}" if after else "",
    }


@require_http_methods(FORM_METHODS)
@portal_page
def line_dispute(request: PortalRequest, agent_id: int, period_start: date, position: int) -> HttpResponse:
    """Let an agent say what is wrong with a line of their own."""
    line = get_object_or_404(
        access.lines_for(request.user).select_related("settlement__agent__site"),
        settlement__agent=agent_id,
        settlement__period_start=period_start,
        position=position,
    )
    back = reverse("statement", args=[agent_id, period_start]) + f"?why={position}"
    about = f"{statement_rows.label_of(line)}, {formats.money(line.amount_micros, line.settlement.currency)}"
    return _open(
        request,
        Kind.LINE,
        line.settlement.agent,
        about,
        (back, _("Statement, %(period_start)s") % {"period_start": times.month_year(period_start)}),
        currency=line.settlement.currency,
        line_id=line.pk,
    )


@require_http_methods(FORM_METHODS)
@portal_page
def resolution_dispute(request: PortalRequest, pk: int) -> HttpResponse:
    """Let an agent say what is wrong with a resolution of their own."""
    seen = work_access.resolutions_for(request.user, on=request.today).select_related("case", "agent")
    found = get_object_or_404(seen, pk=pk, agent__isnull=False)
    assert found.agent is not None
    back = reverse("resolution", args=[pk])
    return _open(
        request,
        Kind.RESOLUTION,
        found.agent,
        _("Case %(key)s") % {"key": found.case.key},
        (back, _("Case %(key)s") % {"key": found.case.key}),
        resolution_id=pk,
    )


@require_http_methods(FORM_METHODS)
@portal_page
def review_dispute(request: PortalRequest, pk: int) -> HttpResponse:
    """Let an agent say what is wrong with a QA review of their work."""
    found = get_object_or_404(access.reviews_for(request.user).select_related("agent", "resolution__case"), pk=pk)
    about = _("QA review of case %(key)s, %(score)s of 100, %(reviewed_at)s") % {
        "key": found.resolution.case.key,
        "score": found.score,
        "reviewed_at": times.day(found.reviewed_at),
    }
    return _open(request, Kind.QA_REVIEW, found.agent, about, (reverse("dispute_new"), _("New dispute")), qa_review_id=pk)


@require_http_methods(FORM_METHODS)
@portal_page
def hours_dispute(request: PortalRequest, pk: int) -> HttpResponse:
    """Let an agent say what is wrong with their recorded hours."""
    found = get_object_or_404(access.hours_for(request.user).select_related("agent"), pk=pk)
    about = _("%(get_category_display)s, %(started_at)s to %(ended_at)s") % {
        "get_category_display": found.get_category_display(),
        "started_at": times.moment(found.started_at),
        "ended_at": times.clock(found.ended_at),
    }
    return _open(request, Kind.HOURS, found.agent, about, (reverse("dispute_new"), _("New dispute")), time_entry_id=pk)


@require_http_methods(FORM_METHODS)
@portal_page
def question(request: PortalRequest, pk: int) -> HttpResponse:
    """Let a client say what is wrong with a case that an invoice counts."""
    found = invoices.find_invoice(request, pk)
    if not access.may_question(request.user, invoice=found):
        raise Http404
    form = QuestionForm(request.POST or None, currency=found.currency, initial={"case": asked_text(request, "case")})

    def act() -> Dispute:
        resolution_id = _billed_resolution(found, form.cleaned_data["case"])
        return open_dispute.question_case(
            invoice_id=pk, resolution_id=resolution_id, person=request.user, as_of=clock.now(), claim=form.claim()
        )

    sent = _("Your question is sent. The rest of the invoice stays due on its day.")
    context: dict[str, Any] = {
        "title": _("Question a case"),
        "about": _("Invoice %(number)s") % {"number": found.number},
        "is_question": True,
        "due_at": open_dispute.find_due(kind=Kind.CLIENT_CASE, as_of=clock.now()),
        "back_url": reverse("invoice", args=[pk]),
    }
    return _form_page(request, form, act, sent, {**context, "back_name": _("Invoice %(number)s") % {"number": found.number}})


def _billed_resolution(invoice: Invoice, key: str) -> int:
    """Return the resolution of a case that an invoice bills, the latest where it bills several."""
    booked = InvoicedBooking.objects.filter(invoice=invoice, is_void=False, booked_line__resolution__case__key=key.strip())
    found = booked.order_by("-booked_line__resolution").values_list("booked_line__resolution", flat=True).first()
    if found is None:
        raise open_dispute.UnableToOpenDispute(
            _('Invoice %(invoice)s bills no case "%(strip)s"; its number stands in the evidence file.')
            % {"invoice": invoice, "strip": key.strip()}
        )
    return found


def _open(
    request: PortalRequest, kind: Kind, agent: Agent, about: str, back: tuple[str, str], *, currency: str = "", **thing: int
) -> HttpResponse:
    if not access.may_dispute(request.user, agent=agent):
        raise Http404
    form = ClaimForm(request.POST or None, kind=kind, currency=currency or open_dispute.pay_currency(agent=agent))

    def act() -> Dispute:
        return open_dispute.open_dispute(agent=agent, person=request.user, as_of=clock.now(), claim=form.claim(), **thing)

    title = TITLES[kind]
    context = {"title": title, "about": about, "due_at": open_dispute.find_due(kind=kind, as_of=clock.now())}
    return _form_page(request, form, act, SENT, {**context, "back_url": back[0], "back_name": back[1]})


def _form_page(request: PortalRequest, form: ClaimForm, act: Callable[[], Dispute], sent: str, context: dict[str, Any]) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            opened = act()
        except open_dispute.UnableToOpenDispute as refusal:
            form.add_error(None, str(refusal))
        else:
            tell()
            messages.success(request, sent)
            return redirect("dispute", pk=opened.pk)
    return render(request, "disputes/open.html", {**context, "form": form}, status=422 if form.errors else 200)
