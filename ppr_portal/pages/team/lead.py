"""The team lead's day: who needs me, and the team by name with quality, load and what is open. Pay is not shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from fractions import Fraction
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agents import access
from agents.queries import quality_work, team_overview
from billing import access as pay_access
from billing.models import Dispute
from billing.queries import team_quality
from contracts import clock
from contracts.translation import gettext_lazy
from ppr_portal.pages import drawings, exports, list_tools
from ppr_portal.pages.entry import PortalRequest, portal_page
from ppr_portal.pages.quality_work import quality_todos
from ppr_portal.pages.team import team_choice, team_rows, team_todos
from ppr_portal.pages.todos import Todo
from ppr_portal.pages.work import limits, quality

SPARK_WEEKS = 8
FILTERS = (
    ("", gettext_lazy("All")),
    ("outside", gettext_lazy("Outside expected")),
    ("load", gettext_lazy("Load to watch")),
    ("few", gettext_lazy("Few results")),
    ("disputes", gettext_lazy("Disputes")),
)
SORTS = {
    "name": lambda row: row.name,
    "fcr": lambda row: row.fcr.score if row.fcr else -1,
    "csat": lambda row: row.csat.score if row.csat else -1,
    "load": lambda row: {"stop": 0, "warn": 1}.get(row.load, 2),
    "hours": lambda row: row.worked_seconds,
    "pending": lambda row: row.pending_count,
}
CSV_HEAD = (
    "agent", "team", "fcr_score", "fcr_low", "fcr_high", "fcr_expected", "fcr_n", "csat_score", "csat_low", "csat_high", "csat_expected",
    "csat_n", "qa_passed", "qa_n", "load", "pending", "disputes", "hours_week",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class TeamPage:
    """What the team page was read from."""

    choice: team_choice.TeamChoice
    rows: tuple[team_rows.TeamRow, ...]
    disputes: Sequence[Dispute]
    scale: drawings.Scale

    @property
    def title(self) -> str:
        """The name of the one team that is shown, or of several."""
        if self.choice.chosen:
            return self.choice.chosen.name
        return self.choice.led[0].name if len(self.choice.led) == 1 else _("Your teams")

    @property
    def shows_team_names(self) -> bool:
        """Whether the table holds agents of several teams."""
        return self.choice.chosen is None and len(self.choice.led) > 1


@require_safe
@portal_page
def team(request: PortalRequest) -> HttpResponse:
    """Show a lead their day, or a reader of everything one team."""
    page = _read(request)
    show, find, sort = (request.GET.get(name, "").strip() for name in ("show", "find", "sort"))
    shown = [row for row in team_rows.pick(page.rows, show) if find.lower() in row.name.lower()]
    rows = sorted(shown, key=SORTS.get(sort.lstrip("-"), SORTS["name"]), reverse=sort.startswith("-"))
    if request.GET.get("format") == "csv":
        return exports.csv_response(name=f"team-{request.today}", head=CSV_HEAD, rows=map(_csv_row, rows))
    context = {"page": page, "rows": rows, "find": find, "show": show, **_day(request, page), **_links(request, page)}
    return render(request, "lead/_team_table.html" if request.htmx else "lead/team.html", context)


def _day(request: PortalRequest, page: TeamPage) -> dict[str, Any]:
    """Return what stands above the table: who needs the lead, and the figures of the moment."""
    now = clock.now()
    todos = team_todos.list_todos(rows=page.rows, disputes=page.disputes, at=now, due=_due(request, page, now))
    shown = todos if request.GET.get("all") else todos[: team_todos.TODOS_MAX]
    return {
        "now": now,
        "period": (request.today.replace(day=1), request.today + timedelta(days=1)),
        "todos": shown,
        "todo_count": len(todos),
        "more_count": len(todos) - len(shown),
        "pending_count": sum(row.pending_count for row in page.rows),
        "stopped_count": sum(row.load == "stop" for row in page.rows),
    }


def _due(request: PortalRequest, page: TeamPage, now: datetime) -> tuple[Todo, ...]:
    """Return what of quality work waits for this lead; whoever only reads has nothing to do."""
    if not request.viewer.person.is_lead:
        return ()
    found = quality_work.list_due(
        user_id=request.user.pk,
        agent_ids=[row.agent_id for row in page.rows],
        today=request.today,
        until=request.today + timedelta(days=1),
        since=now - timedelta(weeks=1),
    )
    return quality_todos.list_due(due=found, today=request.today)


def _links(request: PortalRequest, page: TeamPage) -> dict[str, Any]:
    counts, asked = team_rows.count_filters(page.rows), list_tools.read_asked(request, "team", "show", "find", "sort")
    states = ((name, label, counts[name]) for name, label in FILTERS)
    return {
        "chips": list_tools.chips(name="show", states=states, asked=asked, keeps=True, part="#team"),
        "sorts": {name: list_tools.sort_link(name=name, asked=asked, part="#team") for name in SORTS},
        **list_tools.links(asked=asked, after="", next_after=""),
    }


def _read(request: PortalRequest) -> TeamPage:
    choice = team_choice.read_choice(request)
    members = team_overview.list_members(
        agents=access.agents_for(request.user, on=request.today), team_ids=choice.shown_ids, on=request.today, counts_pending=True
    )
    agent_ids = [member.agent.pk for member in members]
    found = team_quality.read_scores(agent_ids=agent_ids)
    scale = quality.scale_of(found.values())
    disputes = list(
        pay_access.disputes_for(request.user, on=request.today)
        .filter(status=Dispute.Status.OPEN, agent__in=agent_ids)
        .select_related("agent", "line__settlement", "resolution__case")
    )
    views = {agent: quality.view_of(score=score, scale=scale) for agent, score in found.items()}
    return TeamPage(choice=choice, rows=_rows(request, members, views, disputes), disputes=disputes, scale=scale)


def _rows(
    request: PortalRequest,
    members: Iterable[team_overview.Member],
    views: dict[int, quality.QualityView],
    disputes: Sequence[Dispute],
) -> tuple[team_rows.TeamRow, ...]:
    members = list(members)
    agent_ids = [member.agent.pk for member in members]
    monday = request.today - timedelta(days=request.today.weekday())
    weeks = [monday - timedelta(weeks=SPARK_WEEKS - 1 - back) for back in range(SPARK_WEEKS)]
    zone = request.viewer.person.zone
    starts = {day: datetime.combine(day, time(), tzinfo=zone) for day in (weeks[0], monday)}
    decisions = team_overview.active_decisions(
        decisions=access.decisions_for(request.user, on=request.today).filter(agent__in=agent_ids), at=clock.now()
    )
    worked = team_overview.worked_seconds(agent_ids=agent_ids, start=starts[monday], end=clock.now())
    rates = team_overview.weekly_first_contact(agent_ids=agent_ids, weeks=weeks, start=starts[weeks[0]], zone=zone)
    disputed = [dispute.agent_id for dispute in disputes]
    return tuple(
        team_rows.TeamRow(
            agent_id=member.agent.pk,
            name=member.agent.name,
            team_name=member.team_name,
            url=reverse("team_agent", args=[member.agent.pk]),
            scored=(view := views.get(member.agent.pk)),
            decisions=limits.in_force(limits.views_of(decisions.get(member.agent.pk, ()))),
            pending_count=member.pending_count,
            dispute_count=disputed.count(member.agent.pk),
            worked_seconds=worked.get(member.agent.pk, 0),
            spark=team_rows.spark_of(
                rates.get(member.agent.pk, ()), view.by_code["fcr"].expected if view and "fcr" in view.by_code else None
            ),
        )
        for member in members
    )


def _csv_row(row: team_rows.TeamRow) -> tuple[object, ...]:
    def parts(metric: quality.MetricView | None) -> tuple[object, ...]:
        if metric is None:
            return ("", "", "", "", 0)
        return (*(exports.rounded(rate, places=4) for rate in (metric.score, metric.low, metric.high, metric.expected)), metric.n)

    reviews = (int(row.qa.successes), row.qa.n) if row.qa else (0, 0)
    hours = exports.rounded(Fraction(row.worked_seconds, 3600), places=2)
    return (
        row.name,
        row.team_name,
        *parts(row.fcr),
        *parts(row.csat),
        *reviews,
        row.load or _("in range"),
        row.pending_count,
        row.dispute_count,
        hours,
    )
