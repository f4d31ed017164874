"""Disputes: an agent contests a line, a lead answers in words, and undisputed pay never waits."""

from datetime import date

from django import forms
from django.contrib import messages
from django.db.models import Case, F, QuerySet, When
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from billing import access
from billing.models import Dispute, SettlementLine
from billing.operations import answer_dispute, open_dispute
from contracts import clock
from ppr_portal.pages.entry import PortalRequest, portal_page
from ppr_portal.pages.fields import AmountField

LIST_MAX = 200


class DisputeForm(forms.Form):
    """What an agent says about a line."""

    words = forms.CharField(
        label="What did you expect, and why?",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        error_messages={"required": "Write what you expected and why."},
    )
    proposed_micros = AmountField(label="The amount that you think is right", required=False, help_text="You can leave this empty.")


class AnswerForm(forms.Form):
    """What a lead answers."""

    status = forms.ChoiceField(
        label="Is the agent right?",
        choices=[("accepted", "Yes, accept"), ("partly_accepted", "In part"), ("refused", "No, refuse")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose an answer."},
    )
    amount_micros = AmountField(label="Amount that is added to the pay", required=False, help_text="Leave it empty if you refuse.")
    words = forms.CharField(
        label="Why",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        help_text="The agent reads this.",
        error_messages={"required": "Give the reason in words; the agent reads it."},
    )


@require_safe
@portal_page
def disputes(request: PortalRequest) -> HttpResponse:
    """List the disputes that this person may see: open ones by the day they are due, then answered ones."""
    # However many were answered, an open one is never cut off.
    due_while_open = Case(When(status=Dispute.Status.OPEN, then=F("due_at")))
    rows = list(_disputes(request).order_by(due_while_open.asc(nulls_last=True), "-opened_at", "pk")[:LIST_MAX])
    context = {
        "open_disputes": [row for row in rows if row.status == Dispute.Status.OPEN],
        "answered": [row for row in rows if row.status != Dispute.Status.OPEN],
        "is_own": request.viewer.person.is_agent and not request.viewer.person.is_lead,
    }
    return render(request, "disputes/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def dispute(request: PortalRequest, pk: int) -> HttpResponse:
    """Show a dispute; whoever may answer it does so here."""
    found = get_object_or_404(_disputes(request), pk=pk)
    may_answer = access.may_answer(request.user, dispute=found, on=request.today)
    form = AnswerForm(request.POST or None) if may_answer else None
    if request.method == "POST":
        if form is None:
            raise Http404
        if form.is_valid() and _answered(request, found, form):
            return redirect("dispute", pk=pk)
    return render(request, "disputes/dispute.html", {"dispute": found, "form": form}, status=422 if form and form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def line_dispute(request: PortalRequest, agent_id: int, period_start: date, position: int) -> HttpResponse:
    """Let an agent say what is wrong with a line of their own."""
    line = get_object_or_404(
        access.lines_for(request.user).select_related("settlement__agent__site"),
        settlement__agent=agent_id,
        settlement__period_start=period_start,
        position=position,
    )
    if not access.may_dispute(request.user, agent=line.settlement.agent):
        raise Http404
    form = DisputeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (opened := _opened(request, line, form)):
        messages.success(request, "Your dispute is sent. The rest of your pay is not delayed.")
        return redirect("dispute", pk=opened.pk)
    return render(request, "disputes/open.html", {"line": line, "form": form}, status=422 if form.errors else 200)


def _disputes(request: PortalRequest) -> QuerySet[Dispute]:
    return access.disputes_for(request.user, on=request.today).select_related(
        "agent", "line__settlement", "resolution__case", "answered_by"
    )


def _opened(request: PortalRequest, line: SettlementLine, form: DisputeForm) -> Dispute | None:
    try:
        return open_dispute.open_dispute(
            agent=line.settlement.agent,
            person=request.user,
            words=form.cleaned_data["words"],
            as_of=clock.now(),
            line_id=line.pk,
            proposed_micros=form.cleaned_data["proposed_micros"],
        )
    except open_dispute.UnableToOpenDispute as refusal:
        form.add_error(None, str(refusal))
        return None


def _answered(request: PortalRequest, found: Dispute, form: AnswerForm) -> bool:
    given = form.cleaned_data
    try:
        answer_dispute.answer_dispute(
            dispute_id=found.pk,
            person=request.user,
            status=given["status"],
            words=given["words"],
            as_of=clock.now(),
            amount_micros=given["amount_micros"],
        )
    except answer_dispute.UnableToAnswerDispute as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, f"{found.agent} reads your answer now. An amount waits for a second person's approval.")
    return True
