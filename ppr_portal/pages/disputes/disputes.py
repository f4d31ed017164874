"""Disputes: who contests what, until when, what was said and decided; undisputed pay and bills never wait."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Prefetch, Q, QuerySet
from django.db.models.functions import Length
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agents import access as work_access
from agents.models import QaReview
from billing import access
from billing.models import Adjustment, BillChange, Dispute, DisputeAttachment, SettlementLine
from billing.models.disputes import Kind
from billing.operations import answer_dispute, approve_adjustment, change_bill, comment_dispute
from billing.queries import dispute_people
from contracts import clock, row_ids
from contracts.translation import gettext_lazy
from ppr_portal import tasks
from ppr_portal.pages import exports, list_tools, pay_seen
from ppr_portal.pages.disputes.dispute_forms import AnswerForm, CommentForm
from ppr_portal.pages.disputes.dispute_opening import tell
from ppr_portal.pages.entry import PortalRequest, portal_page
from ppr_portal.pages.pay import unit_reasons

WAITING = ("open", "escalated")
STATES = (
    ("", gettext_lazy("Waiting"), WAITING),
    ("accepted", gettext_lazy("Accepted"), ("accepted", "partly_accepted")),
    ("refused", gettext_lazy("Refused"), ("refused",)),
    ("withdrawn", gettext_lazy("Withdrawn"), ("withdrawn",)),
    ("all", gettext_lazy("All"), tuple(Dispute.Status.values)),
)
CSV_HEAD = (
    *("number", "kind", "by", "reason", "state", "opened", "due", "answered", "answered_by", "currency", "disputed", "proposed"),
    *("accepted", "credit_note"),
)


@require_safe
@portal_page
def disputes(request: PortalRequest) -> HttpResponse:
    """List the disputes that this person may see: waiting ones by the day they are due, others newest first."""
    seen = access.disputes_for(request.user, on=request.today)
    asked = list_tools.read_asked(request, "find", "state", "kind", "reason")
    found = _narrowed(seen, asked)
    if request.GET.get("format") == "csv":
        pay_seen.saw(request, found.filter(disputed_micros__isnull=False).order_by().values_list("agent_id", flat=True).distinct())
        rows = found.select_related("answered_by", "credit_note").iterator(chunk_size=1_000)
        return exports.csv_response(name=f"disputes-{request.today}", head=CSV_HEAD, rows=map(_csv_row, rows), counted=found)
    page = _page(request, found, asked)
    pay_seen.saw(request, (row.agent_id for row in page["rows"] if row.line_id))
    context = {
        **page,
        **asked,
        "chips": _chips(seen, asked),
        "kinds": [(kind.value, kind.label, kind.value == asked.get("kind")) for kind in Kind],
        "reasons": [(reason.value, reason.label, reason.value == asked.get("reason")) for reason in Dispute.Reason],
        "is_own": request.viewer.person.is_agent and not request.viewer.person.is_lead,
        "is_client": work_access.Role.CLIENT in request.viewer.person.roles,
        "reads_statistics": access.reads_dispute_statistics(request.user),
        "now": clock.now(),
    }
    return render(request, "disputes/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def dispute(request: PortalRequest, pk: int) -> HttpResponse:
    """Show a dispute; whoever may answer it does so here."""
    found = get_object_or_404(_disputes(request), pk=pk)
    may_answer = access.may_answer(request.user, dispute=found, on=request.today)
    form = AnswerForm(request.POST or None, dispute=found) if may_answer else None
    if request.method == "POST":
        if form is None:
            raise Http404
        if form.is_valid() and _answered(request, found, form):
            return redirect("dispute", pk=pk)
    return _show(request, found, form=form)


@require_POST
@portal_page
def comment(request: PortalRequest, pk: int) -> HttpResponse:
    """Add a comment; who is mentioned is told by mail."""
    found = get_object_or_404(_disputes(request), pk=pk)
    if not access.may_comment(request.user):
        raise Http404
    form = CommentForm(request.POST, readers=list(dispute_people.list_readers(dispute=found, on=request.today)))
    if form.is_valid():
        given = form.cleaned_data
        mentioned = [int(reader) for reader in given["mentioned"]]
        comment_dispute.comment_dispute(dispute_id=pk, person=request.user, words=given["words"], as_of=clock.now(), mentioned=mentioned)
        tell()
        messages.success(request, _("Your comment stands beside the dispute."))
        return redirect("dispute", pk=pk)
    answer = AnswerForm(dispute=found) if access.may_answer(request.user, dispute=found, on=request.today) else None
    return _show(request, found, form=answer, comment_form=form)


@require_POST
@portal_page
def withdrawal(request: PortalRequest, pk: int) -> HttpResponse:
    """Withdraw a dispute of one's own."""
    found = get_object_or_404(_disputes(request), pk=pk)
    if not access.may_withdraw(request.user, dispute=found):
        raise Http404
    try:
        answer_dispute.withdraw_dispute(dispute_id=pk, person=request.user, as_of=clock.now())
    except answer_dispute.UnableToAnswerDispute as refused:
        messages.error(request, str(refused))
        return redirect("dispute", pk=pk)
    tell()
    messages.success(request, _("The dispute is withdrawn. You can open another one at any time."))
    return redirect("dispute", pk=pk)


@require_POST
@portal_page
def adjustment_approval(request: PortalRequest, pk: int) -> HttpResponse:
    """Approve an amount that an accepted dispute, or somebody by hand, adds to the pay, as a second person."""
    seen = Q(dispute__in=access.disputes_for(request.user, on=request.today)) | Q(pk__in=access.adjustments_for(request.user))
    found = get_object_or_404(Adjustment.objects.select_related("agent"), seen, pk=pk)
    if not access.may_approve_adjustment(request.user, adjustment=found):
        raise Http404
    from_list = found.dispute_id is None or request.POST.get("from") == "corrections"
    answer = redirect(f"{reverse('corrections')}?show=waiting") if from_list else redirect("dispute", pk=found.dispute_id)
    try:
        approve_adjustment.approve_adjustment(adjustment_id=pk, person=request.user, as_of=clock.now())
    except approve_adjustment.UnableToApproveAdjustment as refused:
        # Somebody else, or a second press, was quicker.
        messages.error(request, str(refused))
        return answer
    messages.success(request, _("Approved. It stands on the statement of %(agent)s for the open period.") % {"agent": found.agent})
    return answer


@require_POST
@portal_page
def bill_change_approval(request: PortalRequest, pk: int) -> HttpResponse:
    """Carry out what an agent's dispute changes on the client's bill, as a second person."""
    seen = BillChange.objects.filter(dispute__in=access.disputes_for(request.user, on=request.today)).select_related("dispute__agent")
    found = get_object_or_404(seen, pk=pk)
    if not access.may_approve_bill_change(request.user, change=found):
        raise Http404
    try:
        done = change_bill.approve_bill_change(change_id=pk, person=request.user, as_of=clock.now())
    except change_bill.UnableToChangeBill as refused:
        messages.error(request, str(refused))
        return redirect("dispute", pk=found.dispute_id)
    if done.credit_note is None:
        transaction.on_commit(tasks.ask_to_take_up, robust=True)
    messages.success(request, _("Approved: %(outcome)s.") % {"outcome": done.get_outcome_display().lower()})
    return redirect("dispute", pk=found.dispute_id)


def _disputes(request: PortalRequest) -> QuerySet[Dispute]:
    change = BillChange.objects.select_related("resolution__case", "resolution__price_version", "proposed_by", "approved_by", "credit_note")
    seen = _with_what_it_is_about(access.disputes_for(request.user, on=request.today))
    return seen.select_related("answered_by", "opened_by", "credit_note").prefetch_related(Prefetch("bill_change", queryset=change))


def _with_what_it_is_about(seen: QuerySet[Dispute]) -> QuerySet[Dispute]:
    """Read disputes with what they contest. Planning a join of all of it at once takes longer than the few queries beside it."""
    reviews = Prefetch("qa_review", queryset=QaReview.objects.select_related("resolution__case"))
    wanted = seen.select_related("agent", "client", "line__settlement", "resolution__case").defer("line__settlement__evidence")
    return wanted.prefetch_related(reviews, "time_entry", "invoice")


def _show(request: PortalRequest, found: Dispute, *, form: AnswerForm | None, comment_form: CommentForm | None = None) -> HttpResponse:
    # Only an answer adds something to pay.
    given = found.adjustments.select_related("agent", "entered_by", "approved_by").order_by("pk")
    adjustments = [] if found.is_waiting else list(given)
    bill_change: BillChange | None = getattr(found, "bill_change", None)
    if comment_form is None and access.may_comment(request.user):
        readers = dispute_people.list_readers(dispute=found, on=request.today)
        comment_form = CommentForm(readers=[reader for reader in readers if reader != request.user])
    pay_seen.saw(request, [found.agent_id] if found.line_id or found.disputed_micros is not None or adjustments else [])
    line_url = _line_url(request, found)
    context = {
        "dispute": found,
        "is_own": found.agent_id is not None and found.agent_id == request.viewer.person.agent_id and not found.is_by_client,
        "line_url": line_url,
        # Whoever may not open the statement decides about the cases that the line counts.
        "cases": None if line_url or found.line is None else _cases(request, found.line),
        "form": form,
        "comment_form": comment_form,
        "comments": list(found.comments.select_related("author").prefetch_related("mentioned")),
        "adjustments": [(one, access.may_approve_adjustment(request.user, adjustment=one)) for one in adjustments],
        "bill_change": bill_change,
        "attachments": _attachments(found),
        "may_attach": access.may_comment(request.user),
        "may_approve_bill": bill_change is not None and access.may_approve_bill_change(request.user, change=bill_change),
        "may_withdraw": access.may_withdraw(request.user, dispute=found),
        "is_overdue": found.is_waiting and found.due_at <= clock.now(),
        "shows_pay_words": not found.is_by_client,
        "is_escalated_by_default": found.default_outcome == "escalated",
    }
    is_wrong = (form is not None and form.errors) or (comment_form is not None and comment_form.errors)
    return render(request, "disputes/dispute.html", context, status=422 if is_wrong else 200)


def _line_url(request: PortalRequest, found: Dispute) -> str:
    """Return where the disputed line stands, for who may open the statement."""
    line, person = found.line, request.viewer.person
    if line is None or not (found.agent_id == person.agent_id or person.reads_everyone):
        return ""
    place = reverse("statement", args=[found.agent_id, line.settlement.period_start])
    return f"{place}?why={line.position}#why-{line.position}"


def _cases(request: PortalRequest, line: SettlementLine) -> unit_reasons.LineCases | None:
    """Return the cases that a disputed line adds up, which a lead opens one by one; the prices stay with those who read pay."""
    openable = work_access.resolutions_for(request.user, on=request.today)
    return unit_reasons.cases_of(line=line, settlement=line.settlement, openable=openable)


def _attachments(found: Dispute) -> QuerySet[DisputeAttachment]:
    """Return the files of a dispute with their sizes, without reading them."""
    files = DisputeAttachment.objects.filter(dispute=found).select_related("document", "added_by").defer("document__content")
    return files.annotate(size=Length("document__content")).order_by("added_at", "pk")


def _answered(request: PortalRequest, found: Dispute, form: AnswerForm) -> bool:
    given = form.cleaned_data
    try:
        answered = answer_dispute.answer_dispute(
            dispute_id=found.pk,
            person=request.user,
            status=given["status"],
            words=given["words"],
            as_of=clock.now(),
            amount_micros=given["amount_micros"],
            bill=form.bill(),
        )
    except answer_dispute.UnableToAnswerDispute as refusal:
        form.add_error(None, str(refusal))
        return False
    tell()
    words = _("An amount waits for a second person's approval.")
    if answered.is_by_client:
        words = (
            _("Credit note %(credit_note)s gives it back.") % {"credit_note": answered.credit_note}
            if answered.credit_note
            else _("Nothing is given back.")
        )
    messages.success(request, _("%(party_name)s reads your answer now. %(words)s") % {"party_name": found.party_name, "words": words})
    return True


def _narrowed(seen: QuerySet[Dispute], asked: dict[str, str]) -> QuerySet[Dispute]:
    found = _with_what_it_is_about(seen).filter(status__in=_statuses(asked.get("state", "")))
    if find := asked.get("find"):
        number = row_ids.read_id(find.upper().removeprefix("D-"))
        about = Q(agent__name__icontains=find) | Q(client__name__icontains=find) | Q(resolution__case__key=find)
        found = found.filter(about | Q(pk=number))
    if asked.get("kind") in Kind.values:
        found = found.filter(kind=asked["kind"])
    if asked.get("reason") in Dispute.Reason.values:
        found = found.filter(reason=asked["reason"])
    return found.order_by(*(("due_at", "pk") if not asked.get("state") else ("-opened_at", "-pk")))


def _statuses(state: str) -> tuple[str, ...]:
    return next((statuses for name, _other, statuses in STATES if name == state), WAITING)


def _page(request: PortalRequest, found: QuerySet[Dispute], asked: dict[str, str]) -> dict[str, Any]:
    """Return one page, waiting disputes by the day they are due, and the place where the next begins."""
    is_waiting = not asked.get("state")
    page = list_tools.cut(request, found=found, by="due_at" if is_waiting else "opened_at", asked=asked, ascending=is_waiting)
    return {"rows": page.rows, **page.links}


def _chips(seen: QuerySet[Dispute], asked: dict[str, str]) -> list[list_tools.Chip]:
    counts = dict(seen.order_by().values_list("status").annotate(count=Count("pk", distinct=True)).values_list("status", "count"))
    states = ((state, label, sum(counts.get(status, 0) for status in statuses)) for state, label, statuses in STATES)
    return list_tools.chips(name="state", states=states, asked=asked, keeps=True)


def _csv_row(found: Dispute) -> tuple[object, ...]:
    amounts = [
        exports.amount(micros=micros, currency=found.currency) if found.currency else ""
        for micros in (found.disputed_micros, found.proposed_micros, found.accepted_micros)
    ]
    return (
        *(f"D-{found.pk}", found.kind, found.party_name, found.reason, found.status, found.opened_at.isoformat(), found.due_at.isoformat()),
        *(exports.moment(found.answered_at), str(found.answered_by or ""), found.currency, *amounts, str(found.credit_note or "")),
    )
