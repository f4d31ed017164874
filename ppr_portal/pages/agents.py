"""Agents by name, for those who read everyone's statements."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agents.queries import people
from billing import access
from ppr_portal.pages.entry import PortalRequest, asked_text, portal_page


@require_safe
@portal_page
def agents(request: PortalRequest) -> HttpResponse:
    """List the agents whose statements this person may open, with a search by name or code."""
    if not request.viewer.person.reads_everyone:
        raise Http404
    find, after = asked_text(request, "find"), asked_text(request, "after")
    found = people.list_agents(agents=access.payees_for(request.user), find=find, after=after, on=request.today)
    return render(request, "agents/list.html", {"page": found, "find": find})
