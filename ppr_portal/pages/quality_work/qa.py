"""QA reviews for leads: the queue, random draws that a stranger can repeat, and how alike reviewers score."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Max, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from agents import access
from agents.models import Assessment, SampledCase, Team
from agents.operations.quality_work import draw_reviews
from agents.queries import review_pages
from contracts import clock
from ppr_portal.pages import exports, list_tools
from ppr_portal.pages.entry import PortalRequest, portal_page
from ppr_portal.pages.fields import CountField, DayField
from ppr_portal.pages.work import resolutions

Status = Assessment.Status
STATES = (
    ("", gettext_lazy("To review"), (Status.WAITING, Status.DRAFT)),
    ("compare", gettext_lazy("To compare"), (Status.FINISHED,)),
    ("published", gettext_lazy("Published"), (Status.PUBLISHED,)),
)
CSV_HEAD = ("case", "agent", "class", "team", "from", "to", "state", "due", "second", "score", "passed", "published_at")
WIDE = ("sampled__agent", "sampled__resolution__case", "sampled__query_type", "sampled__channel", "sampled__draw__team", "qa_review")
DRAWS_SHOWN = 12
CALIBRATION_DAYS = 90


@require_safe
@portal_page
def reviews(request: PortalRequest) -> HttpResponse:
    """List the reviews that this person fills in, and the published ones that they may read."""
    if not access.reads_quality_work(request.user):
        raise Http404
    own, published = access.own_assessments_for(request.user), access.published_assessments_for(request.user, on=request.today)
    asked = list_tools.read_asked(request, "state", "find")
    state, find = asked.get("state", ""), asked.get("find", "")
    wanted = next((states for name, _label, states in STATES if name == state), STATES[0][2])
    is_open = Status.PUBLISHED not in wanted
    found = own.filter(status__in=wanted) if is_open else published
    if find:
        found = found.filter(sampled__agent__name__icontains=find)
    if request.GET.get("format") == "csv":
        rows = found.select_related(*WIDE).order_by("due_on", "pk").iterator()
        return exports.csv_response(name=f"reviews-{request.today}", head=CSV_HEAD, rows=map(_csv_row, rows), counted=found)
    page = list_tools.cut(request, found=found, by="due_on", asked=asked, ascending=is_open)
    # What the rows of one page are about; joined before they are cut, all would be joined.
    wide = Assessment.objects.select_related(*WIDE).in_bulk([row.pk for row in page.rows])
    counts = review_pages.count_queue(own=own, published=published)
    context = {
        "rows": [_row(wide[row.pk], request.user.pk) for row in page.rows],
        "find": find,
        "state": state,
        "is_published": state == "published",
        "chips": list_tools.chips(
            name="state",
            states=list_tools.sum_states(states=STATES, counts=counts),
            asked=asked,
            most=review_pages.COUNT_MAX,
        ),
        **page.links,
        "draws": access.draws_for(request.user).select_related("team").order_by("-drawn_at", "-pk").defer("frame")[:DRAWS_SHOWN],
        "may_draw": request.viewer.person.is_lead,
        "today": request.today,
    }
    return render(request, "qa/reviews.html", context)


class DrawForm(forms.Form):
    """How many reviews, of which days; never which ones."""

    team = forms.ModelChoiceField(label=gettext_lazy("Team"), queryset=Team.objects.none(), empty_label=None)
    period_from = DayField(label=gettext_lazy("From"), error_messages={"required": gettext_lazy("Enter the first day.")})
    last = DayField(label=pgettext_lazy("last day", "To"), error_messages={"required": gettext_lazy("Enter the last day.")})
    size = CountField(label=gettext_lazy("Reviews in all"), min_value=1, max_value=draw_reviews.SIZE_MAX)
    agent_min = CountField(label=gettext_lazy("At least this many of each agent"), min_value=0, max_value=20)
    second_count = CountField(label=gettext_lazy("Scored by a second reviewer, blind"), min_value=0, max_value=100)

    def __init__(self, *args: Any, teams: QuerySet[Team], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def draw_new(request: PortalRequest) -> HttpResponse:
    """Let chance draw what a lead reviews."""
    teams = access.teams_for(request.user).select_related("site", "lead")
    may = [team.pk for team in teams if access.may_draw(request.user, team=team)]
    if not may:
        raise Http404
    drawable = teams.filter(pk__in=may)
    ends = drawable.annotate(drawn_to=Max("sample_draws__period_to")).exclude(drawn_to=None).order_by("name")
    drawn: dict[Team, date] = {team: team.drawn_to - timedelta(days=1) for team in ends}
    form = DrawForm(request.POST or None, teams=drawable, initial=_start(request.today, drawable, drawn))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        wish = draw_reviews.Wish(size=given["size"], agent_min=given["agent_min"], second_count=given["second_count"])
        try:
            made = draw_reviews.draw_reviews(
                team=given["team"],
                period_from=given["period_from"],
                period_to=given["last"] + timedelta(days=1),
                wish=wish,
                person=request.user,
                as_of=clock.now(),
            )
        except draw_reviews.UnableToDraw as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Drawn. Chance chose; the seed and all cases stand on this page."))
            return redirect("review_draw", pk=made.pk)
    return render(request, "qa/draw_new.html", {"form": form, "drawn": drawn.items()}, status=422 if form.errors else 200)


@require_safe
@portal_page
def draw(request: PortalRequest, pk: int) -> HttpResponse:
    """Show a draw: what it drew from, its seed, what it picked, and that it can be drawn again."""
    found = get_object_or_404(access.draws_for(request.user).select_related("team", "scorecard_version__scorecard", "drawn_by"), pk=pk)
    cases = review_pages.list_cases(draw=found)
    context = {
        "draw": found,
        "last": found.period_to - timedelta(days=1),
        "cases": [(case, resolutions.about(case.query_type, case.channel)) for case in cases],
        "agent_count": len({case.agent_id for case in cases}),
        "check": review_pages.check_draw(draw=found, cases=cases),
    }
    return render(request, "qa/draw.html", context)


@require_safe
@portal_page
def draw_frame(request: PortalRequest, pk: int) -> HttpResponse:
    """Give what a draw drew from, as it was hashed."""
    found = get_object_or_404(access.draws_for(request.user), pk=pk)
    response = HttpResponse(found.frame, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="draw-{pk}.txt"'
    return response


@require_safe
@portal_page
def calibration(request: PortalRequest) -> HttpResponse:
    """Show how alike reviewers score the same cases blind, by item, and where they differ."""
    if not access.reads_quality_work(request.user):
        raise Http404
    found = review_pages.read_calibration(since=clock.now() - timedelta(days=CALIBRATION_DAYS), sampled=_compared(request))
    return render(request, "qa/calibration.html", {"found": found, "days": CALIBRATION_DAYS})


def _compared(request: PortalRequest) -> QuerySet[SampledCase] | None:
    """Return the cases whose comparison this person may read: those that they finished themselves; None is all."""
    if access.reads_everyone(request.user):
        return None
    own = Assessment.objects.filter(finished_at__isnull=False, reviewer=request.user)
    return SampledCase.objects.filter(pk__in=own.values("sampled"))


def _row(found: Assessment, user_id: int) -> dict[str, Any]:
    return {
        "review": found,
        "about": resolutions.about(found.sampled.query_type, found.sampled.channel),
        "is_mine": found.reviewer_id == user_id,
    }


def _csv_row(found: Assessment) -> tuple[object, ...]:
    case, result = found.sampled, found.qa_review
    return (
        case.resolution.case.key,
        case.agent.name,
        resolutions.about(case.query_type, case.channel),
        case.draw.team.name,
        case.draw.period_from,
        case.draw.period_to,
        found.status,
        found.due_on,
        "yes" if found.is_second else "no",
        result.score if result else "",
        ("yes" if result.is_passed else "no") if result else "",
        exports.moment(found.published_at),
    )


def _start(today: date, teams: Iterable[Team], drawn: Mapping[Team, date]) -> dict[str, Any]:
    """Propose the last whole week of a team that was not drawn from yet; where all were, the days since then."""
    monday = today - timedelta(days=today.weekday() + 7)
    first, last = monday, monday + timedelta(days=6)
    team = next((one for one in teams if one not in drawn or drawn[one] < first), None)
    if team is None and drawn:
        team = min(drawn, key=lambda one: drawn[one])
        if drawn[team] + timedelta(days=1) < today:
            first, last = drawn[team] + timedelta(days=1), today - timedelta(days=1)
    return {"team": team, "period_from": first, "last": last, "size": 12, "agent_min": 1, "second_count": 2}
