"""Load and rest: how far every limit is, and what the guardrails decided and why."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from agents import access
from agents.models import Agent
from agents.queries import load_now, people
from agents.rules.load import Limits
from billing.queries import pending_pay
from contracts import clock
from ppr_portal.pages import headroom, limits
from ppr_portal.pages.entry import PortalRequest, asked_number, portal_page

LIST_MAX = 100


@require_safe
@portal_page
def load(request: PortalRequest) -> HttpResponse:
    """Show one's own load, or that of an agent whom this person may see."""
    own_id = request.viewer.person.agent_id or 0
    agent_id = asked_number(request, "agent") if request.GET.get("agent") else own_id
    agents = access.agents_for(request.user, on=request.today).select_related("site")
    agent = get_object_or_404(agents, pk=agent_id)
    decisions = access.decisions_for(request.user, on=request.today).filter(agent=agent)
    found = decisions.select_related("agent", "plan_version__plan").order_by("-starts_at", "-pk")[:LIST_MAX]
    context = {
        "agent": agent,
        "is_own": agent.pk == request.viewer.person.agent_id,
        "headroom": _headroom(request, agent),
        "decisions": limits.views_of(found),
    }
    return render(request, "agent/load.html", context)


def _headroom(request: PortalRequest, agent: Agent) -> tuple[headroom.Headroom, ...]:
    as_of = clock.now()
    entries = load_now.list_entries(agent_id=agent.pk, as_of=as_of)
    version_id = people.plan_version_id(agent_id=agent.pk, on=request.today)
    plan = pending_pay.plan_terms(version_id=version_id) if version_id else None
    now = load_now.measure_load(
        agent_id=agent.pk,
        entries=entries,
        limits=Limits(by_code=plan.pay.guardrails) if plan else Limits(),
        zone=request.viewer.person.zone,
        as_of=as_of,
    )
    return headroom.headroom_of(now) if now.is_known else ()
