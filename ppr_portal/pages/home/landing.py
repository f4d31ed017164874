"""Where each role lands, and what does not fit into the bar of a phone."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from agents.access import Role
from ppr_portal.pages.entry import PortalRequest, portal_page
from ppr_portal.pages.home import agent, office_waiting


@require_safe
@portal_page
def more(request: PortalRequest) -> HttpResponse:
    """Show what does not fit into the bar of a phone."""
    return render(request, "more.html", {"is_more": True})


@require_safe
@portal_page
def home(request: PortalRequest) -> HttpResponse:
    """Bring everybody to the page they come for."""
    person = request.viewer.person
    if person.is_agent:
        return agent.home(request)
    if person.is_lead:
        return redirect("team")
    if person.is_staff and not person.reads_everyone:
        return redirect("admin:index")
    if person.roles == {Role.CLIENT}:
        return redirect("invoices")
    if len(request.viewer.places) == 1:
        return redirect(request.viewer.places[0].url)
    return render(request, "welcome.html", office_waiting.read_waiting(request))
