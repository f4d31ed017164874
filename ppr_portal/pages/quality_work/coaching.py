"""Coaching talks: what is planned and due, the goal, notes, and what was measured before and after."""

from collections.abc import Callable, Mapping
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
from agents.models import Agent, CoachingSession, GoalMetric, QaReview
from agents.operations.quality_work import coaching
from contracts import clock
from ppr_portal.pages import exports, list_tools
from ppr_portal.pages.entry import PortalRequest, asked_number, asked_text, portal_page
from ppr_portal.pages.fields import DayField
from ppr_portal.pages.quality_work import coaching_measured

Status = CoachingSession.Status
STATES = (
    ("", gettext_lazy("Planned and held"), coaching.WAITING),
    ("closed", gettext_lazy("Followed up"), (Status.CLOSED,)),
    ("cancelled", gettext_lazy("Canceled"), (Status.CANCELLED,)),
)
CSV_HEAD = (
    *("agent", "coach", "state", "planned_on", "goal", "metric", "follow_up_on", "acknowledged_at", "before_successes", "before_n"),
    *("after_successes", "after_n", "outcome"),
)


@require_safe
@portal_page
def talks(request: PortalRequest) -> HttpResponse:
    """List coaching talks: an agent's own, or those of a lead's teams."""
    seen = _seen(request)
    asked = list_tools.read_asked(request, "state", "find")
    state, find = asked.get("state", ""), asked.get("find", "")
    wanted = next((states for name, _label, states in STATES if name == state), STATES[0][2])
    found = seen.filter(status__in=wanted).select_related("agent", "coach")
    if find:
        found = found.filter(Q(agent__name__icontains=find) | Q(goal__icontains=find))
    if request.GET.get("format") == "csv":
        rows = found.order_by("planned_on", "pk").iterator()
        return exports.csv_response(name=f"coaching-{request.today}", head=CSV_HEAD, rows=map(_csv_row, rows), counted=found)
    page = list_tools.cut(request, found=found, by="planned_on", asked=asked)
    counts = {row["status"]: row["total"] for row in seen.order_by().values("status").annotate(total=Count("pk"))}
    context = {
        "rows": page.rows,
        "find": find,
        "state": state,
        "is_own": not request.viewer.person.is_lead and request.viewer.person.is_agent,
        "may_plan": request.viewer.person.is_lead,
        "today": request.today,
        "chips": list_tools.chips(name="state", states=list_tools.sum_states(states=STATES, counts=counts), asked=asked),
        **page.links,
    }
    return render(request, "coaching/list.html", context)


class TalkForm(forms.Form):
    """What is planned with an agent."""

    agent = forms.ModelChoiceField(
        label=gettext_lazy("With"),
        queryset=Agent.objects.none(),
        empty_label=gettext_lazy("Choose an agent"),
        error_messages={"required": gettext_lazy("Choose whom you talk with.")},
    )
    planned_on = DayField(label=gettext_lazy("Day of the talk"))
    goal = forms.CharField(
        label=gettext_lazy("Goal"),
        max_length=240,
        help_text=gettext_lazy("One thing that the agent will do otherwise. They read it."),
        error_messages={"required": gettext_lazy("Write one goal, as the agent will read it.")},
    )
    metric = forms.ChoiceField(
        label=gettext_lazy("What shows whether it helps"),
        choices=GoalMetric.choices,
        required=False,
        help_text=gettext_lazy("Counted for up to 28 days before and after the talk."),
    )
    follow_up_on = DayField(label=gettext_lazy("Look at what came of it on"))

    def __init__(self, *args: Any, agents: QuerySet[Agent], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["agent"].queryset = agents  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def new(request: PortalRequest) -> HttpResponse:
    """Let a lead plan a talk, from an agent's page or from a review."""
    agents = access.coached_agents_for(request.user, on=request.today)
    if not request.viewer.person.is_lead and not request.user.is_superuser:
        raise Http404
    review = _review(request, agents)
    start = {
        "agent": review.agent_id if review else asked_number(request, "agent") or None,
        "planned_on": request.today + timedelta(days=1),
        "follow_up_on": request.today + timedelta(days=29),
        "metric": "qa" if review else asked_text(request, "metric"),
        "goal": _goal(review),
    }
    form = TalkForm(request.POST or None, agents=agents.order_by("name", "code"), initial=start)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        talk = coaching.Talk(
            planned_on=given["planned_on"],
            goal=given["goal"],
            metric=given["metric"],
            follow_up_on=given["follow_up_on"],
            review=review if review and review.agent_id == given["agent"].pk else None,
        )
        try:
            made = coaching.plan_talk(agent=given["agent"], coach=request.user, talk=talk, as_of=clock.now())
        except coaching.UnableToCoach as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Planned. %(agent)s is told and reads the goal.") % {"agent": made.agent.name})
            return redirect("coaching_session", pk=made.pk)
    return render(request, "coaching/new.html", {"form": form, "review": review}, status=422 if form.errors else 200)


@require_safe
@portal_page
def session(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one talk: goal, notes, what was measured, and what its people may do."""
    found = get_object_or_404(_seen(request).select_related("agent__site", "coach", "review"), pk=pk)
    return _show(request, found)


@require_POST
@portal_page
def act(request: PortalRequest, pk: int) -> HttpResponse:
    """Do one thing with a talk: note, held, followed up, called off, or the agent's acknowledgement."""
    found = get_object_or_404(_seen(request).select_related("agent__site", "coach", "review"), pk=pk)
    is_own = found.agent.user_id == request.user.pk
    acts = OWN_ACTS if is_own else LEAD_ACTS
    chosen = acts.get(request.POST.get("act", ""))
    may = is_own or access.coached_agents_for(request.user, on=request.today).filter(pk=found.agent_id).exists()
    if chosen is None or not may:
        raise Http404
    try:
        messages.success(request, chosen(request, found))
    except coaching.UnableToCoach as refused:
        return _show(request, found, fault=str(refused))
    return redirect("coaching_session", pk=pk)


def _note(request: PortalRequest, found: CoachingSession) -> str:
    is_shared = request.POST.get("shared") == "yes"
    coaching.add_note(session_id=found.pk, author=request.user, words=_text(request, "words"), is_shared=is_shared, as_of=clock.now())
    if is_shared:
        return _("Kept. %(agent)s reads it in their feedback.") % {"agent": found.agent.name}
    return _("Kept. Only you and whoever leads this agent read it.")


def _hold(request: PortalRequest, found: CoachingSession) -> str:
    coaching.hold_talk(session_id=found.pk, person=request.user, as_of=clock.now())
    return _("Noted that the talk took place.")


def _cancel(request: PortalRequest, found: CoachingSession) -> str:
    coaching.cancel_talk(session_id=found.pk, person=request.user)
    return _("Called off. Its notes stay.")


def _follow_up(request: PortalRequest, found: CoachingSession) -> str:
    outcome = str(request.POST.get("outcome", ""))
    coaching.follow_up(session_id=found.pk, person=request.user, outcome=outcome, words=_text(request, "words"), as_of=clock.now())
    return _("Followed up. The figures of this day are kept with it.")


def _acknowledge(request: PortalRequest, found: CoachingSession) -> str:
    coaching.acknowledge_talk(session=found, words=_text(request, "words"), as_of=clock.now())
    return _("Kept. %(coach)s reads it.") % {"coach": found.coach}


Act = Callable[[PortalRequest, CoachingSession], str]
LEAD_ACTS: Mapping[str, Act] = {"note": _note, "hold": _hold, "cancel": _cancel, "follow_up": _follow_up}
OWN_ACTS: Mapping[str, Act] = {"acknowledge": _acknowledge}


def _show(request: PortalRequest, found: CoachingSession, *, fault: str = "") -> HttpResponse:
    is_own = found.agent.user_id == request.user.pk
    may_coach = not is_own and access.coached_agents_for(request.user, on=request.today).filter(pk=found.agent_id).exists()
    context = {
        "talk": found,
        "notes": access.notes_for(request.user, session=found, on=request.today).select_related("author").order_by("noted_at", "pk"),
        "is_own": is_own,
        "may_coach": may_coach,
        "is_open": found.status in coaching.WAITING,
        "is_planned": found.status == Status.PLANNED,
        "is_held": found.status == Status.HELD,
        "measured": coaching_measured.draw_measured(found, today=request.today),
        "outcomes": [choice for choice in CoachingSession.Outcome.choices if choice[0]],
        "fault": fault,
        "words": _text(request, "words") if fault else "",
        "act": request.POST.get("act", "") if fault else "",
        "today": request.today,
    }
    return render(request, "coaching/session.html", context, status=422 if fault else 200)


def _seen(request: PortalRequest) -> QuerySet[CoachingSession]:
    person = request.viewer.person
    if not person.reads_work:
        raise Http404
    return access.coaching_for(request.user, on=request.today)


def _review(request: PortalRequest, agents: QuerySet[Agent]) -> QaReview | None:
    """Return the review that a talk comes from, of an agent whom this person may coach."""
    if not request.GET.get("review"):
        return None
    reviews = QaReview.objects.filter(agent__in=agents.values("pk")).select_related("agent", "resolution__case", "assessment")
    return get_object_or_404(reviews, pk=asked_number(request, "review"))


def _goal(review: QaReview | None) -> str:
    assessment = getattr(review, "assessment", None)
    return assessment.to_try[:240] if assessment else ""


def _text(request: PortalRequest, name: str) -> str:
    return str(request.POST.get(name, "")).replace("\x00", "")


def _csv_row(found: CoachingSession) -> tuple[object, ...]:
    return (
        found.agent.name,
        str(found.coach),
        found.status,
        found.planned_on,
        found.goal,
        found.metric,
        found.follow_up_on,
        exports.moment(found.acknowledged_at),
        *("" if value is None else value for value in (found.before_success_count, found.before_count)),
        *("" if value is None else value for value in (found.after_success_count, found.after_count)),
        found.outcome,
    )
