"""Improvement plans: what was agreed, every step with who decided it, and what the agent says."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agents import access
from agents.models import Agent, GoalMetric, ImprovementPlan, ImprovementStep
from agents.operations.quality_work import improvement
from contracts import clock
from ppr_portal.pages import exports, list_tools
from ppr_portal.pages.entry import PortalRequest, asked_number, portal_page
from ppr_portal.pages.fields import DayField

Status = ImprovementPlan.Status
STATES = (
    ("", gettext_lazy("Open"), (Status.OPEN,)),
    ("closed", gettext_lazy("Closed"), (Status.REACHED, Status.ENDED)),
)
CSV_HEAD = ("agent", "state", "goal", "metric", "opened_by", "opened_at", "review_on", "acknowledged_at", "closed_at")


@require_safe
@portal_page
def plans(request: PortalRequest) -> HttpResponse:
    """List improvement plans: an agent's own, or those of a lead's teams."""
    seen = _seen(request)
    asked = list_tools.read_asked(request, "state", "find")
    state, find = asked.get("state", ""), asked.get("find", "")
    wanted = STATES[1][2] if state == "closed" else STATES[0][2]
    found = seen.filter(status__in=wanted).select_related("agent", "opened_by")
    if find:
        found = found.filter(Q(agent__name__icontains=find) | Q(goal__icontains=find))
    if request.GET.get("format") == "csv":
        rows = found.order_by("opened_at", "pk").iterator()
        return exports.csv_response(name=f"improvement-{request.today}", head=CSV_HEAD, rows=map(_csv_row, rows), counted=found)
    page = list_tools.cut(request, found=found, by="opened_at", asked=asked)
    counts = {row["status"]: row["total"] for row in seen.order_by().values("status").annotate(total=Count("pk"))}
    context = {
        "rows": page.rows,
        "find": find,
        "state": state,
        "may_open": request.viewer.person.is_lead,
        "today": request.today,
        "chips": list_tools.chips(name="state", states=list_tools.sum_states(states=STATES, counts=counts), asked=asked),
        **page.links,
    }
    return render(request, "coaching/plans.html", context)


class PlanForm(forms.Form):
    """What is agreed."""

    agent = forms.ModelChoiceField(
        label=gettext_lazy("Agent"),
        queryset=Agent.objects.none(),
        empty_label=gettext_lazy("Choose an agent"),
        error_messages={"required": gettext_lazy("Choose whom the plan is for.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("What has to get better, with figures"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        error_messages={"required": gettext_lazy("Say what has to get better, and since when.")},
    )
    goal = forms.CharField(
        label=gettext_lazy("What is aimed at"),
        max_length=240,
        error_messages={"required": gettext_lazy("Say what is aimed at, and by when.")},
    )
    support = forms.CharField(
        label=gettext_lazy("What the company does for it"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
        help_text=gettext_lazy("Time, training, a colleague beside them, easier queues."),
        error_messages={"required": gettext_lazy("Say what the company does for it.")},
    )
    metric = forms.ChoiceField(label=gettext_lazy("What is measured"), choices=GoalMetric.choices, required=False)
    review_on = DayField(label=gettext_lazy("Look at it again on"))

    def __init__(self, *args: Any, agents: QuerySet[Agent], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["agent"].queryset = agents  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def new(request: PortalRequest) -> HttpResponse:
    """Let a lead open a plan for an agent of theirs."""
    if not request.viewer.person.is_lead and not request.user.is_superuser:
        raise Http404
    agents = access.coached_agents_for(request.user, on=request.today).order_by("name", "code")
    start = {"agent": asked_number(request, "agent") or None, "review_on": request.today + timedelta(days=28)}
    form = PlanForm(request.POST or None, agents=agents, initial=start)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        try:
            made = improvement.open_plan(
                agent=given.pop("agent"), person=request.user, agreed=improvement.Agreed(**given), as_of=clock.now()
            )
        except improvement.UnableToImprove as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Opened. %(agent)s is told, reads it and can comment.") % {"agent": made.agent.name})
            return redirect("improvement_plan", pk=made.pk)
    return render(request, "coaching/plan_new.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@portal_page
def plan(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one plan with its steps."""
    return _show(request, get_object_or_404(_seen(request).select_related("agent", "opened_by"), pk=pk))


@require_POST
@portal_page
def step(request: PortalRequest, pk: int) -> HttpResponse:
    """Add a step: what a lead did or decided, or what the agent says."""
    found = get_object_or_404(_seen(request).select_related("agent", "opened_by"), pk=pk)
    is_own = found.agent.user_id == request.user.pk
    if not is_own and not _may_decide(request, found):
        raise Http404
    words = str(request.POST.get("words", "")).replace("\x00", "")
    try:
        if is_own:
            improvement.say_about_plan(plan=found, person=request.user, words=words, as_of=clock.now())
        else:
            moved = DayField(required=False)
            kind = str(request.POST.get("kind", ""))
            day = moved.clean(request.POST.get("review_on", "")) if kind == improvement.Kind.EXTENDED else None
            improvement.add_step(plan_id=pk, person=request.user, kind=kind, words=words, review_on=day, as_of=clock.now())
    except (improvement.UnableToImprove, forms.ValidationError) as refused:
        fault = " ".join(refused.messages) if isinstance(refused, forms.ValidationError) else str(refused)
        return _show(request, found, fault=fault, words=words)
    messages.success(request, _("Kept. It stands in the history."))
    return redirect("improvement_plan", pk=pk)


def _show(request: PortalRequest, found: ImprovementPlan, *, fault: str = "", words: str = "") -> HttpResponse:
    is_own = found.agent.user_id == request.user.pk
    steps = found.steps.select_related("person").order_by("noted_at", "pk")
    labels = dict(ImprovementStep.Kind.choices)
    context = {
        "plan": found,
        "steps": steps,
        "is_own": is_own,
        "is_open": found.status == Status.OPEN,
        "may_decide": not is_own and _may_decide(request, found),
        "kinds": [(kind.value, labels[kind.value], request.POST.get("kind") == kind.value) for kind in improvement.LEADS_STEPS],
        "fault": fault,
        "words": words,
        "today": request.today,
    }
    return render(request, "coaching/plan.html", context, status=422 if fault else 200)


def _may_decide(request: PortalRequest, found: ImprovementPlan) -> bool:
    return access.coached_agents_for(request.user, on=request.today).filter(pk=found.agent_id).exists()


def _seen(request: PortalRequest) -> QuerySet[ImprovementPlan]:
    person = request.viewer.person
    if not person.reads_work:
        raise Http404
    return access.improvements_for(request.user, on=request.today)


def _csv_row(found: ImprovementPlan) -> tuple[object, ...]:
    return (
        found.agent.name,
        found.status,
        found.goal,
        found.metric,
        str(found.opened_by),
        found.opened_at.isoformat(),
        found.review_on,
        exports.moment(found.acknowledged_at),
        exports.moment(found.closed_at),
    )
