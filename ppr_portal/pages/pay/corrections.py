"""What is taken back from pay or added to it by hand: what waits for whom, what was decided, and a form to enter an amount."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agents.models import Agent
from billing import access
from billing.models import Adjustment, Reversal
from billing.models.corrections import Decision
from billing.operations import enter_adjustment
from contracts import clock
from contracts.translation import gettext_lazy
from ppr_portal.pages import exports, list_tools, pay_seen
from ppr_portal.pages.entry import PortalRequest, asked_text, portal_page
from ppr_portal.pages.fields import AmountField

CSV_HEAD = (
    *("kind", "agent", "agent_code", "case", "currency", "amount", "state", "period", "proposed", "entered_by", "reason"),
    *("decided", "decided_by"),
)
WAITING, APPROVED, DECIDED = "waiting", "approved", "decided"
NAMED_MAX = 5
# The reason is the label of the line on the statement, which has room for so much.
REASON_MAX = 160


@dataclass(frozen=True, kw_only=True)
class AdjustmentRow:
    """An adjustment, and what this person may do about it."""

    adjustment: Adjustment
    may_approve: bool
    may_withdraw: bool


class AdjustmentForm(forms.Form):
    """Whose pay an amount is added to or taken from, and why."""

    agent = forms.CharField(
        label=gettext_lazy("Agent"),
        max_length=200,
        help_text=gettext_lazy("Name or code, as the list of agents has it."),
        error_messages={"required": gettext_lazy("Enter a name or a code.")},
    )
    direction = forms.ChoiceField(
        label=gettext_lazy("What happens to the pay?"),
        choices=[("add", gettext_lazy("Add to it")), ("take", gettext_lazy("Take from it"))],
        widget=forms.RadioSelect,
        initial="add",
        error_messages={"required": gettext_lazy("Choose whether it is added or taken.")},
    )
    amount_micros = AmountField(
        label=gettext_lazy("Amount"),
        help_text=gettext_lazy("In the currency of the agent's plan."),
        error_messages={"required": gettext_lazy("Enter an amount.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=REASON_MAX,
        help_text=gettext_lazy("The agent reads this."),
        error_messages={"required": gettext_lazy("Give the reason in words; the agent reads it.")},
    )

    def clean_agent(self) -> Agent:
        """Find the one agent of this name or code."""
        asked = self.cleaned_data["agent"].strip()
        found = list(Agent.objects.filter(Q(code__iexact=asked) | Q(name__iexact=asked)).order_by("name", "code")[:NAMED_MAX])
        if not found:
            raise forms.ValidationError(_("No agent has this name or code."))
        if len(found) > 1:
            codes = ", ".join(agent.code for agent in found)
            raise forms.ValidationError(_("More than one agent has it; enter a code, such as %(codes)s.") % {"codes": codes})
        return found[0]

    def signed_micros(self) -> int:
        """Return the amount, below zero if it is taken."""
        micros: int = self.cleaned_data["amount_micros"]
        return -micros if self.cleaned_data["direction"] == "take" else micros


@require_safe
@portal_page
def corrections(request: PortalRequest) -> HttpResponse:
    """List proposed reversals, adjustments that wait for approval, or what was decided."""
    if not access.reads_corrections(request.user):
        raise Http404
    asked = list_tools.read_asked(request, "find", "show")
    show = asked.get("show", "")
    found = _adjustments(request, show) if show in (WAITING, APPROVED) else _reversals(request, show)
    if find := asked.get("find"):
        found = found.filter(_about(find, of_reversals=found.model is Reversal))
    if request.GET.get("format") == "csv":
        pay_seen.saw(request, found.order_by().values_list("agent_id", flat=True).distinct())
        return exports.csv_response(name=f"corrections-{request.today}", head=CSV_HEAD, rows=_cells(found), counted=found)
    by = {WAITING: "period_start", APPROVED: "approved_at", DECIDED: "decided_at"}.get(show, "proposed_at")
    page = list_tools.cut(request, found=found, by=by, asked=asked, ascending=show not in (APPROVED, DECIDED))
    pay_seen.saw(request, (row.agent_id for row in page.rows))
    context = {
        **asked,
        **page.links,
        "rows": page.rows,
        "adjustments": [_row(request, row) for row in page.rows if isinstance(row, Adjustment)],
        "shows_adjustments": show in (WAITING, APPROVED),
        "shows_open": show not in (APPROVED, DECIDED),
        "is_filtered": bool(find),
        "chips": _chips(request, asked),
        "may_enter": access.may_decide_runs(request.user),
    }
    return render(request, "corrections/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def adjustment_new(request: PortalRequest) -> HttpResponse:
    """Enter an amount that a second person approves."""
    if not access.may_decide_runs(request.user):
        raise Http404
    form = AdjustmentForm(request.POST or None, initial={"agent": asked_text(request, "agent"), "direction": "add"})
    if form.is_valid() and _entered(request, form):
        return redirect(f"{reverse('corrections')}?show={WAITING}")
    return render(request, "corrections/adjustment_new.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@portal_page
def adjustment_withdrawal(request: PortalRequest, pk: int) -> HttpResponse:
    """Take back what one entered oneself and nobody approved yet."""
    seen = access.adjustments_for(request.user).filter(entered_by=request.user).select_related("agent")
    found = get_object_or_404(seen, pk=pk)
    if not access.may_decide_runs(request.user):
        raise Http404
    try:
        enter_adjustment.withdraw_adjustment(adjustment_id=pk, person=request.user)
    except enter_adjustment.UnableToEnterAdjustment as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Withdrawn. It changes no pay of %(agent)s.") % {"agent": found.agent})
    return redirect(f"{reverse('corrections')}?show={WAITING}")


def _entered(request: PortalRequest, form: AdjustmentForm) -> bool:
    given = form.cleaned_data
    try:
        enter_adjustment.enter_adjustment(
            agent_id=given["agent"].pk,
            person=request.user,
            amount_micros=form.signed_micros(),
            reason=given["reason"],
            as_of=clock.now(),
        )
    except enter_adjustment.UnableToEnterAdjustment as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, _("Entered. It changes the pay of %(agent)s once another person approved it.") % {"agent": given["agent"]})
    return True


def _reversals(request: PortalRequest, show: str) -> QuerySet[Any]:
    wanted = ("agent", "resolution__case", "cited_line__settlement", "decided_by")
    seen = access.reversals_for(request.user).select_related(*wanted).defer("cited_line__settlement__evidence", "cited_line__inputs")
    return seen.exclude(status=Decision.PROPOSED) if show == DECIDED else seen.filter(status=Decision.PROPOSED)


def _adjustments(request: PortalRequest, show: str) -> QuerySet[Any]:
    seen = access.adjustments_for(request.user).select_related("agent", "dispute__agent", "dispute__client", "entered_by", "approved_by")
    return seen.filter(approved_by__isnull=show == WAITING)


def _about(find: str, *, of_reversals: bool) -> Q:
    named = Q(agent__name__icontains=find) | Q(agent__code__iexact=find)
    return named | Q(resolution__case__key=find) if of_reversals else named


def _row(request: PortalRequest, found: Adjustment) -> AdjustmentRow:
    return AdjustmentRow(
        adjustment=found,
        may_approve=access.may_approve_adjustment(request.user, adjustment=found),
        may_withdraw=access.may_withdraw_adjustment(request.user, adjustment=found),
    )


def _chips(request: PortalRequest, asked: dict[str, str]) -> list[list_tools.Chip]:
    is_open = Q(status=Decision.PROPOSED)
    reversals = access.reversals_for(request.user).aggregate(open=Count("pk", filter=is_open), decided=Count("pk", filter=~is_open))
    given = access.adjustments_for(request.user).aggregate(all=Count("pk"), approved=Count("approved_by"))
    states = (
        ("", _("Reversals to decide"), reversals["open"]),
        (WAITING, _("Adjustments to approve"), given["all"] - given["approved"]),
        (DECIDED, _("Reversals decided"), reversals["decided"]),
        (APPROVED, _("Adjustments approved"), given["approved"]),
    )
    return list_tools.chips(name="show", states=states, asked=asked)


def _cells(found: QuerySet[Any]) -> Iterator[tuple[object, ...]]:
    for row in found.iterator(chunk_size=1_000):
        yield _reversal_cells(row) if isinstance(row, Reversal) else _adjustment_cells(row)


def _reversal_cells(row: Reversal) -> tuple[object, ...]:
    return (
        *("reversal", row.agent.name, row.agent.code, row.resolution.case.key, row.currency),
        *(exports.amount(micros=-row.paid_micros, currency=row.currency), row.status, row.period_start or ""),
        *(row.proposed_at.isoformat(), "", row.decision_reason, exports.moment(row.decided_at), str(row.decided_by or "")),
    )


def _adjustment_cells(row: Adjustment) -> tuple[object, ...]:
    return (
        *("adjustment", row.agent.name, row.agent.code, "", row.currency, exports.amount(micros=row.amount_micros, currency=row.currency)),
        *("approved" if row.approved_by_id else "waiting", row.period_start, "", str(row.entered_by or ""), row.reason),
        *(exports.moment(row.approved_at), str(row.approved_by or "")),
    )
