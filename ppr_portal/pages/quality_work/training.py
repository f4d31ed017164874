"""Training and tasks: what an agent was given in paid time, and what a lead gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from agents import access
from agents.models import Agent, Course, Team, TrainingTask
from agents.operations.quality_work import training, training_hours
from billing.operations.settled_time import find_settled
from contracts import clock
from ppr_portal.pages import exports, list_tools
from ppr_portal.pages.entry import PortalRequest, asked_number, portal_page
from ppr_portal.pages.fields import CountField, DayField

OPEN, DONE, CANCELLED = Q(done_at=None, cancelled_at=None), Q(done_at__isnull=False), Q(cancelled_at__isnull=False)
STATES = (
    ("", gettext_lazy("To do"), OPEN),
    ("done", gettext_lazy("Done"), DONE),
    ("hours", gettext_lazy("Time to confirm"), Q(hours=TrainingTask.Hours.WAITING)),
    ("cancelled", gettext_lazy("Taken back"), CANCELLED),
)
CSV_HEAD = (
    *("agent", "task", "minutes", "assigned_by", "assigned_at", "due_on", "seen_at", "done_at", "taken_back_at"),
    *("worked_from", "worked_minutes", "hours"),
)
# As browsers write a day with its time.
LOCAL_TIME = "%Y-%m-%dT%H:%M"
OWN_ACTS, LEAD_ACTS = ("see", "done", "undo"), ("cancel", "confirm", "refuse")


@dataclass(frozen=True, kw_only=True)
class Refused:
    """An act that was not done: about which task, why not, and what was typed."""

    pk: int
    fault: str
    began: str
    minutes: str
    words: str


@require_safe
@portal_page
def tasks(request: PortalRequest) -> HttpResponse:
    """List training: an agent's own, or that of a lead's teams."""
    return _list(request)


def _list(request: PortalRequest, *, refused: Refused | None = None) -> HttpResponse:
    seen = _seen(request)
    asked = list_tools.read_asked(request, "state", "find")
    state, find = asked.get("state", ""), asked.get("find", "")
    found = seen.filter(next((wanted for name, _label, wanted in STATES if name == state), OPEN)).select_related(
        "agent", "assigned_by", "course", "hours_decided_by"
    )
    if find:
        found = found.filter(Q(agent__name__icontains=find) | Q(title__icontains=find))
    if request.GET.get("format") == "csv":
        rows = found.order_by("due_on", "pk").iterator()
        return exports.csv_response(name=f"training-{request.today}", head=CSV_HEAD, rows=map(_csv_row, rows), counted=found)
    page = list_tools.cut(request, found=found, by="due_on", asked=asked, ascending=not state)
    if refused and refused.pk not in {row.pk for row in page.rows}:
        messages.error(request, refused.fault)
    counts = seen.aggregate(**{name or "open": Count("pk", filter=wanted) for name, _label, wanted in STATES})
    context = {
        "rows": page.rows,
        "find": find,
        "state": state,
        "own_agent_id": request.viewer.person.agent_id if request.viewer.person.is_agent else None,
        "is_lead": request.viewer.person.is_lead,
        "shows_agents": request.viewer.person.reads_teams,
        "today": request.today,
        "refused": refused,
        "query": _query(request),
        "now": timezone.localtime(clock.now()).strftime(LOCAL_TIME),
        "chips": list_tools.chips(
            name="state", states=((name, label, counts[name or "open"]) for name, label, _wanted in STATES), asked=asked
        ),
        **page.links,
    }
    return render(request, "training/list.html", context, status=422 if refused else 200)


class TrainingForm(forms.Form):
    """What is given to whom, and by when."""

    agents = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Agents"), queryset=Agent.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    team = forms.ModelChoiceField(
        label=gettext_lazy("Or a whole team"), queryset=Team.objects.none(), required=False, empty_label=gettext_lazy("No team")
    )
    course = forms.ModelChoiceField(
        label=gettext_lazy("Course"),
        queryset=Course.objects.filter(is_active=True),
        required=False,
        empty_label=gettext_lazy("None, a task of its own"),
    )
    title = forms.CharField(label=gettext_lazy("Task"), max_length=120, required=False, help_text=gettext_lazy("Only without a course."))
    minutes = CountField(
        label=gettext_lazy("Minutes of working time"),
        min_value=1,
        max_value=training.MINUTES_MAX,
        required=False,
        help_text=gettext_lazy("Only without a course."),
    )
    due_on = DayField(label=gettext_lazy("To be done by"))
    words = forms.CharField(
        label=gettext_lazy("Why, and what to look at"), widget=forms.Textarea(attrs={"rows": 3}), max_length=4000, required=False
    )

    def __init__(self, *args: Any, agents: QuerySet[Agent], teams: QuerySet[Team], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["agents"].queryset = agents  # type: ignore[attr-defined]
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def new(request: PortalRequest) -> HttpResponse:
    """Let a lead give a course or a task to agents of theirs."""
    if not request.viewer.person.is_lead and not request.user.is_superuser:
        raise Http404
    agents = access.coached_agents_for(request.user, on=request.today).order_by("name", "code")
    asked = asked_number(request, "agent")
    start = {"agents": [asked] if asked else [], "due_on": request.today + timedelta(days=14)}
    form = TrainingForm(request.POST or None, agents=agents, teams=access.teams_for(request.user), initial=start)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        chosen = set(given["agents"])
        if given["team"]:
            chosen |= set(agents.filter(_in_team(given["team"], request)))
        wish = training.Assignment(
            due_on=given["due_on"],
            course=given["course"],
            title=given["title"],
            minutes=given["minutes"] or 0,
            words=given["words"],
            team=given["team"],
        )
        try:
            made = training.assign_training(
                agents=sorted(chosen, key=lambda one: one.pk), assignment=wish, person=request.user, as_of=clock.now()
            )
        except training.UnableToTrain as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _said(made))
            return redirect("training")
    return render(request, "training/new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def act(request: PortalRequest, pk: int) -> HttpResponse:
    """Do one thing with a task: the agent reads it, does it or opens it again; the lead takes it back or decides about its time.

    The address keeps what the list was narrowed by. What is refused is shown in the list with what was typed, so whatever
    leads on from there without a form, such as a filter, goes to the list.
    """
    found = get_object_or_404(_seen(request).select_related("agent"), pk=pk)
    if request.method != "POST":
        return redirect(f"{reverse('training')}{_query(request)}")
    wanted = request.POST.get("act", "")
    is_own = found.agent.user_id == request.user.pk
    may_lead = not is_own and access.coached_agents_for(request.user, on=request.today).filter(pk=found.agent_id).exists()
    if not ((is_own and wanted in OWN_ACTS) or (may_lead and wanted in LEAD_ACTS)):
        raise Http404
    try:
        said = ACTS[wanted](request, found)
    except (training.UnableToTrain, training_hours.UnableToRecordHours) as refused:
        return _list(request, refused=_refused(request, pk, str(refused)))
    if said:
        messages.success(request, said)
    return redirect(f"{reverse('training')}{_query(request)}")


def _refused(request: PortalRequest, pk: int, fault: str) -> Refused:
    began, minutes = (str(request.POST.get(name, "")).strip() for name in ("began", "minutes"))
    return Refused(pk=pk, fault=fault, began=began, minutes=minutes, words=_words(request))


def _query(request: PortalRequest) -> str:
    query = request.GET.urlencode()
    return f"?{query}" if query else ""


def _see(_request: PortalRequest, found: TrainingTask) -> str:
    training.see_task(task=found, as_of=clock.now())
    return ""


def _done(request: PortalRequest, found: TrainingTask) -> str:
    made = training.finish_task(task=found, words=_words(request), worked=_worked(request), as_of=clock.now(), find_settled=find_settled)
    return f"{_('Marked as done. You can open it again under “Done”.')} {HOURS_SAID.get(made.hours, '')}".strip()


def _undo(_request: PortalRequest, found: TrainingTask) -> str:
    training.undo_finish(task=found, as_of=clock.now(), find_settled=find_settled)
    return ""


def _cancel(request: PortalRequest, found: TrainingTask) -> str:
    training.cancel_task(task_id=found.pk, person=request.user, as_of=clock.now())
    return _("Taken back from %(agent)s.") % {"agent": found.agent.name}


def _confirm(request: PortalRequest, found: TrainingTask) -> str:
    training_hours.confirm_hours(task_id=found.pk, person=request.user, as_of=clock.now(), find_settled=find_settled)
    return _("Confirmed. The time is recorded as training of %(agent)s, and paid.") % {"agent": found.agent.name}


def _refuse(request: PortalRequest, found: TrainingTask) -> str:
    training_hours.refuse_hours(task_id=found.pk, person=request.user, words=_words(request), as_of=clock.now())
    return _("%(agent)s reads why.") % {"agent": found.agent.name}


ACTS: Mapping[str, Callable[[PortalRequest, TrainingTask], str]] = {
    "see": _see,
    "done": _done,
    "undo": _undo,
    "cancel": _cancel,
    "confirm": _confirm,
    "refuse": _refuse,
}
HOURS_SAID = {
    "": gettext_lazy("No time was told, so none was recorded by it."),
    "recorded": gettext_lazy("Its time is recorded as training, and paid."),
    "within": gettext_lazy("Its time lies within hours that are recorded, and is paid with them."),
    "waiting": gettext_lazy("It took longer than planned, so your lead confirms the time before it is recorded."),
}


def _words(request: PortalRequest) -> str:
    return str(request.POST.get("words", "")).replace("\x00", "")


def _worked(request: PortalRequest) -> training_hours.Worked | None:
    """Return the time that the agent says; None if they say none."""
    began, minutes = (str(request.POST.get(name, "")).strip() for name in ("began", "minutes"))
    if not began:
        return None
    try:
        started_at = datetime.strptime(began, LOCAL_TIME).replace(tzinfo=timezone.get_current_timezone())
    except ValueError as fault:
        raise training_hours.UnableToRecordHours(_("Say when you began, with day and time.")) from fault
    if not minutes.isdecimal() or len(minutes) > 4:
        raise training_hours.UnableToRecordHours(_("Write how many minutes it took, 1 to %(most)s.") % {"most": training_hours.MINUTES_MAX})
    return training_hours.Worked(started_at=started_at, minutes=int(minutes))


def _in_team(team: Team, request: PortalRequest) -> Q:
    on = request.today
    ends = Q(memberships__effective_to=None) | Q(memberships__effective_to__gt=on)
    return Q(ends, memberships__team=team, memberships__effective_from__lte=on)


def _said(made: training.Assigned) -> str:
    given = ngettext("Given to %(count)s agent.", "Given to %(count)s agents.", len(made.tasks)) % {"count": len(made.tasks)}
    if not made.known_count:
        return given
    had = ngettext("%(count)s has it open already.", "%(count)s have it open already.", made.known_count) % {"count": made.known_count}
    return f"{given} {had}"


def _seen(request: PortalRequest) -> QuerySet[TrainingTask]:
    person = request.viewer.person
    if not person.reads_work:
        raise Http404
    return access.training_for(request.user, on=request.today)


def _csv_row(found: TrainingTask) -> tuple[object, ...]:
    return (
        found.agent.name,
        found.title,
        found.minutes,
        str(found.assigned_by),
        found.assigned_at.isoformat(),
        found.due_on,
        *(exports.moment(at) for at in (found.seen_at, found.done_at, found.cancelled_at, found.worked_from)),
        found.worked_minutes or "",
        found.hours,
    )
