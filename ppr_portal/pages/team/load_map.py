"""When a team is busy: a table of weekdays and hours with the figure in each cell, so that no shade says anything alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agents import access
from agents.models import Team
from agents.queries import load_map as hours
from agents.queries import team_overview
from ppr_portal.pages import exports
from ppr_portal.pages.entry import PortalRequest, portal_page
from ppr_portal.pages.team import team_choice

WEEKS = 4
# Bounds of the shades in percent of busy time; the two last are those at which the default limits warn and act.
STEPS = (Fraction(50, 100), Fraction(70, 100), Fraction(85, 100), Fraction(90, 100))
CSV_HEAD = ("weekday", "hour", "busy_hours", "free_hours", "occupancy", "resolved")
# Shades of pace, in parts of the highest pace of the map.
PACE_STEPS = (Fraction(25, 100), Fraction(50, 100), Fraction(75, 100))
# From this shade on, busy time is marked: 85 percent.
MARKED = 3
MONDAY = date(2024, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One hour of one weekday: busy time where free time is recorded, else what was solved in an hour of work."""

    occupancy: Fraction | None
    pace: Fraction | None
    shade: int
    people: Fraction
    resolved: Fraction
    is_high: bool


@dataclass(frozen=True, kw_only=True)
class Row:
    """One hour of the day over the week."""

    hour: int
    cells: tuple[Cell | None, ...]


@require_safe
@portal_page
def load_map(request: PortalRequest) -> HttpResponse:
    """Show busy time by weekday and hour of the last four whole weeks, for a team."""
    if not request.viewer.person.reads_teams:
        raise Http404
    choice = team_choice.read_choice(request, shows_all=False)
    first, end = hours.whole_weeks(today=request.today, count=WEEKS)
    found = _read(request, choice.chosen, first, end) if choice.chosen else {}
    if request.GET.get("format") == "csv":
        return exports.csv_response(name=f"load-{request.today}", head=CSV_HEAD, rows=map(_csv_row, sorted(found.items())))
    is_pace = not any(hour.free_seconds for hour in found.values())
    top = max((pace for hour in found.values() if (pace := _pace(hour)) is not None), default=Fraction(0))
    cells = {place: _cell(hour, top if is_pace else None) for place, hour in found.items()}
    busiest = sorted((place for place, cell in cells.items() if cell.is_high), key=lambda place: (-_value(cells[place]), place))
    context = {
        "choice": choice,
        "first": first,
        "end": end,
        "weekdays": [MONDAY + timedelta(days=day) for day in hours.WEEKDAYS],
        "rows": _rows(cells),
        "is_pace": is_pace,
        "busiest": [(MONDAY + timedelta(days=day), hour, cells[day, hour]) for day, hour in busiest[:5]],
        "csv_url": "?" + urlencode({**({"team": choice.chosen.pk} if choice.chosen else {}), "format": "csv"}),
    }
    return render(request, "lead/load_map.html", context)


def _read(request: PortalRequest, team: Team, first: date, end: date) -> dict[tuple[int, int], hours.Hour]:
    agents = access.agents_for(request.user, on=request.today)
    members = team_overview.list_members(agents=agents, team_ids=[team.pk], on=request.today)
    return hours.read_hours(agent_ids=[member.agent.pk for member in members], first=first, end=end, zone=ZoneInfo(team.site.timezone))


def _rows(cells: Mapping[tuple[int, int], Cell]) -> tuple[Row, ...]:
    """Return the hours from the first to the last that anybody worked or resolved in."""
    used = [hour for _weekday, hour in cells]
    if not used:
        return ()
    return tuple(
        Row(hour=hour, cells=tuple(cells.get((weekday, hour)) for weekday in hours.WEEKDAYS)) for hour in range(min(used), max(used) + 1)
    )


def _cell(hour: hours.Hour, top: Fraction | None) -> Cell:
    """Return a cell; with the highest pace of the map, it is shaded by pace. An hour that few work in is never marked."""
    occupancy, pace = (hour.occupancy, None) if top is None else (None, _pace(hour))
    people = Fraction(hour.busy_seconds + hour.free_seconds, 3600 * WEEKS)
    shade = 0
    if occupancy is not None:
        shade = sum(occupancy >= step for step in STEPS)
    elif pace is not None and top:
        shade = sum(pace >= top * step for step in PACE_STEPS)
    return Cell(
        occupancy=occupancy,
        pace=pace,
        shade=shade,
        people=people,
        resolved=Fraction(hour.resolved_count, WEEKS),
        is_high=people >= 1 and shade >= (MARKED if top is None else len(PACE_STEPS)),
    )


def _pace(hour: hours.Hour) -> Fraction | None:
    """Return resolutions per hour of work; None where fewer than one person worked on average, for then it jumps."""
    worked = Fraction(hour.busy_seconds + hour.free_seconds, 3600)
    return hour.resolved_count / worked if worked >= WEEKS else None


def _value(cell: Cell) -> Fraction:
    return cell.occupancy or cell.pace or Fraction(0)


def _csv_row(pair: tuple[tuple[int, int], hours.Hour]) -> tuple[Any, ...]:
    (weekday, hour), found = pair
    return (
        (MONDAY + timedelta(days=weekday)).strftime("%A"),
        hour,
        exports.rounded(Fraction(found.busy_seconds, 3600), places=2),
        exports.rounded(Fraction(found.free_seconds, 3600), places=2),
        exports.rounded(found.occupancy, places=4),
        found.resolved_count,
    )
