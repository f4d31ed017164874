"""What changed in a team since the week before: volumes, and rates with the interval of their difference."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from agents import access
from agents.models import TeamMembership
from agents.queries import team_overview
from agents.queries import week_changes as counted
from agents.rules import rate_changes
from ppr_portal.pages import exports
from ppr_portal.pages.entry import PortalRequest, portal_page
from ppr_portal.pages.team import team_choice

METRICS = (("fcr", _("First contact resolution")), ("csat", _("CSAT")), ("qa", _("QA passed")))
LENGTHS = {"week": timedelta(weeks=1), "month": timedelta(weeks=4)}
LENGTH_WORDS = (("week", _("One week")), ("month", _("Four weeks")))
CSV_HEAD = (
    *("agent", "verified_before", "verified_after", "metric", "successes_before", "n_before", "successes_after", "n_after"),
    *("difference_low", "difference_high", "reading"),
)


@dataclass(frozen=True, kw_only=True)
class MetricChange:
    """One metric of one agent, or of all, in both weeks."""

    code: str
    label: Any
    before: rate_changes.Stretch
    after: rate_changes.Stretch
    change: rate_changes.RateChange

    @property
    def rate_before(self) -> Fraction | None:
        """The rate of the earlier week."""
        return Fraction(self.before.successes, self.before.n) if self.before.n else None

    @property
    def rate_after(self) -> Fraction | None:
        """The rate of the later week."""
        return Fraction(self.after.successes, self.after.n) if self.after.n else None


@dataclass(frozen=True, kw_only=True)
class ChangeRow:
    """One agent, or the team as a whole."""

    name: str
    url: str
    verified_before: int
    verified_after: int
    metrics: tuple[MetricChange, ...]

    @property
    def verified_change(self) -> int:
        """How many more were verified in the later week."""
        return self.verified_after - self.verified_before


Counts = dict[tuple[int, str], tuple[rate_changes.Stretch, rate_changes.Stretch]]


@require_safe
@portal_page
def changes(request: PortalRequest) -> HttpResponse:
    """Compare the last whole week, or four, with what came before, agent by agent; a reader of everything sees one team."""
    person = request.viewer.person
    if not person.reads_teams:
        raise Http404
    by = request.GET.get("by", "week")
    by = by if by in LENGTHS else "week"
    length = LENGTHS[by]
    monday = request.today - timedelta(days=request.today.weekday())
    choice = team_choice.read_choice(request)
    agents = access.agents_for(request.user, on=request.today)
    members = team_overview.list_members(agents=agents, team_ids=choice.shown_ids, on=request.today)
    ids = [member.agent.pk for member in members]
    found = counted.count_weeks(agent_ids=ids, monday=monday, length=length, zone=person.zone)
    rows = [_row(member.agent.name, reverse("team_agent", args=[member.agent.pk]), [member.agent.pk], found) for member in members]
    if request.GET.get("format") == "csv":
        lines = [line for row in rows for line in _csv_rows(row)]
        return exports.csv_response(name=f"changes-{request.today}", head=CSV_HEAD, rows=lines)
    context = {
        "rows": rows,
        "whole": _row("", "", ids, found),
        "by": by,
        "lengths": [(name, label, _url(choice, by=name)) for name, label in LENGTH_WORDS],
        "choice": choice,
        "spans": ((monday - 2 * length, monday - length), (monday - length, monday)),
        "came": _moves(choice.shown_ids, monday - length, monday),
        "csv_url": _url(choice, by=by, format="csv"),
    }
    return render(request, "lead/changes.html", context)


def _url(choice: team_choice.TeamChoice, **asked: str) -> str:
    return "?" + urlencode({**({"team": choice.chosen.pk} if choice.chosen else {}), **asked})


def _row(name: str, url: str, ids: list[int], found: Counts) -> ChangeRow:
    def both(metric: str) -> tuple[rate_changes.Stretch, rate_changes.Stretch]:
        sides = [found[pk, metric] for pk in ids if (pk, metric) in found]
        return _sum([side[0] for side in sides]), _sum([side[1] for side in sides])

    verified = both("verified")
    metrics = []
    for code, label in METRICS:
        before, after = both(code)
        change = rate_changes.compare_rates(before=before, after=after)
        metrics.append(MetricChange(code=code, label=label, before=before, after=after, change=change))
    return ChangeRow(name=name, url=url, verified_before=verified[0].n, verified_after=verified[1].n, metrics=tuple(metrics))


def _sum(sides: list[rate_changes.Stretch]) -> rate_changes.Stretch:
    return rate_changes.Stretch(n=sum(side.n for side in sides), successes=sum(side.successes for side in sides))


def _moves(team_ids: Sequence[int], first: date, end: date) -> list[TeamMembership]:
    """Return who joined or left one of the teams in the later week."""
    found = TeamMembership.objects.filter(
        Q(effective_from__gte=first, effective_from__lt=end) | Q(effective_to__gte=first, effective_to__lt=end), team__in=team_ids
    )
    return list(found.select_related("agent", "team").order_by("agent__name")[:20])


def _csv_rows(row: ChangeRow) -> list[tuple[Any, ...]]:
    return [
        (
            row.name,
            row.verified_before,
            row.verified_after,
            metric.code,
            metric.before.successes,
            metric.before.n,
            metric.after.successes,
            metric.after.n,
            exports.rounded(metric.change.low, places=4),
            exports.rounded(metric.change.high, places=4),
            metric.change.verdict,
        )
        for metric in row.metrics
    ]
