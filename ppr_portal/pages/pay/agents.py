"""Agents by name, for those who read everyone's statements."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agents.queries import people
from billing import access
from ppr_portal.pages import exports
from ppr_portal.pages.entry import PortalRequest, asked_text, portal_page

CSV_HEAD = ("agent", "code", "team", "site", "employed_from", "employed_to")


@require_safe
@portal_page
def agents(request: PortalRequest) -> HttpResponse:
    """List the agents whose statements this person may open, with a search by name or code."""
    if not request.viewer.person.reads_everyone:
        raise Http404
    find, after = asked_text(request, "find"), asked_text(request, "after")
    if request.GET.get("format") == "csv":
        return exports.csv_response(name=f"agents-{request.today}", head=CSV_HEAD, rows=_rows(request, find))
    found = people.list_agents(agents=access.payees_for(request.user), find=find, after=after, on=request.today)
    csv_url = "?" + urlencode({**({"find": find} if find else {}), "format": "csv"})
    return render(request, "agents/list.html", {"page": found, "find": find, "csv_url": csv_url})


def _rows(request: PortalRequest, find: str) -> Iterator[tuple[object, ...]]:
    """Yield every agent of the list, page after page."""
    after = ""
    while True:
        found = people.list_agents(agents=access.payees_for(request.user), find=find, after=after, on=request.today)
        for agent in found.rows:
            team_name = agent.team_name or ""  # type: ignore[attr-defined]
            yield agent.name, agent.code, team_name, agent.site.name, agent.employed_from, agent.employed_to or ""
        if not (after := found.next_after):
            return
