"""Load and rest: how far every limit is, and what the guardrails decided and why."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from agents import access
from ppr_portal.pages import limits
from ppr_portal.pages.entry import PortalRequest, portal_page

LIST_MAX = 100


@require_safe
@portal_page
def load(request: PortalRequest) -> HttpResponse:
    """Show one's own load, or that of an agent whom this person may see."""
    number = request.GET.get("agent", "") or str(request.viewer.person.agent_id or "")
    agent = get_object_or_404(access.agents_for(request.user, on=request.today), pk=int(number) if number.isdecimal() else 0)
    decisions = access.decisions_for(request.user, on=request.today).filter(agent=agent)
    found = decisions.select_related("agent", "plan_version__plan", "lifted_by").order_by("-starts_at", "-pk")[:LIST_MAX]
    context = {"agent": agent, "is_own": agent.pk == request.viewer.person.agent_id, "decisions": [limits.view_of(row) for row in found]}
    return render(request, "agent/load.html", context)
