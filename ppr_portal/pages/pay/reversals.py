"""A paid resolution that fell: what it brought, when, why it fell, and whether a person takes it back."""

from fractions import Fraction

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agents.queries import resolution_life
from billing import access
from billing.models import Reversal
from billing.operations import decide_reversal
from contracts import clock
from contracts.translation import gettext_lazy
from ppr_portal.pages import pay_seen
from ppr_portal.pages.entry import PortalRequest, portal_page


class DecisionForm(forms.Form):
    """Whether it is taken back, and why."""

    decision = forms.ChoiceField(
        label=gettext_lazy("Is it taken back?"),
        choices=[("approve", gettext_lazy("Yes, take it back")), ("refuse", gettext_lazy("No, it stays paid"))],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose whether it is taken back.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        help_text=gettext_lazy("The agent reads this."),
        error_messages={"required": gettext_lazy("Give the reason in words; the agent reads it.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def reversal(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one reversal; an approver decides it here."""
    if not access.reads_corrections(request.user):
        raise Http404
    wanted = ("agent", "resolution__case", "resolution__agent", "cited_line__settlement__plan_version__plan", "decided_by")
    found = get_object_or_404(access.reversals_for(request.user).select_related(*wanted).defer("cited_line__settlement__evidence"), pk=pk)
    may_decide = access.may_decide_reversal(request.user, reversal=found)
    if request.method == "POST" and not access.may_decide_runs(request.user):
        raise Http404
    form = DecisionForm(request.POST or None) if may_decide or request.method == "POST" else None
    if form is not None and form.is_valid() and _decided(request, found, form):
        return redirect("corrections")
    pay_seen.saw(request, [found.agent_id])
    plan = found.cited_line.settlement.plan_version
    context = {
        "reversal": found,
        "is_open": found.decided_at is None,
        "life": resolution_life.get_life(resolution=found.resolution),
        "plan": plan,
        "takes_nothing": plan.clawback_bp is None,
        "clawback_share": Fraction(plan.clawback_bp or 0, 10_000),
        "form": form,
        "is_own": found.agent.user_id == request.user.pk,
    }
    return render(request, "corrections/reversal.html", context, status=422 if form and form.errors else 200)


def _decided(request: PortalRequest, found: Reversal, form: DecisionForm) -> bool:
    is_approved = form.cleaned_data["decision"] == "approve"
    try:
        decide_reversal.decide_reversal(
            reversal_id=found.pk, person=request.user, approve=is_approved, reason=form.cleaned_data["reason"], as_of=clock.now()
        )
    except decide_reversal.UnableToDecideReversal as refusal:
        form.add_error(None, str(refusal))
        return False
    words = (
        _("Approved. It is taken back from the pay of %(agent)s in the open period, as far as the plan and the floor allow.")
        if is_approved
        else _("Refused. What %(agent)s was paid stays paid.")
    )
    messages.success(request, words % {"agent": found.agent})
    return True
