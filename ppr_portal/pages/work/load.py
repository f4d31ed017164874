"""Load and rest: how far every limit is, and what the guardrails decided and why."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agents import access
from agents.models import Agent, GuardrailDecision
from agents.operations.fairness import lift_decision
from agents.queries import load_now, plan_spans, work_facts
from contracts import clock
from ppr_portal.pages.entry import PortalRequest, asked_number, portal_page
from ppr_portal.pages.work import headroom, limits

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
    found = decisions.select_related("agent", "plan_version__plan", "lifted_by").order_by("-starts_at", "-pk")[:LIST_MAX]
    context = {
        "agent": agent,
        "is_own": agent.pk == request.viewer.person.agent_id,
        # What has a bar comes first, so that bars stand beside bars.
        "headroom": sorted(_headroom(request, agent), key=lambda room: room.drawing is None),
        "decisions": limits.views_of(found),
        "liftable": _liftable(request, agent, found),
    }
    return render(request, "agent/load.html", context)


@require_POST
@portal_page
def lift(request: PortalRequest, pk: int) -> HttpResponse:
    """Lift a decision that acts now, with a reason: for the lead of the agent's team."""
    found = get_object_or_404(access.decisions_for(request.user, on=request.today).select_related("agent"), pk=pk)
    if not access.may_lift(request.user, agent=found.agent, on=request.today):
        raise Http404
    reason = request.POST.get("reason", "").replace("\x00", "")
    try:
        lift_decision.lift_decision(decision_id=pk, person=request.user, reason=reason, as_of=clock.now())
    except lift_decision.UnableToLift as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Lifted. %(agent)s can be given work again, and reads your reason.") % {"agent": found.agent})
    return HttpResponseRedirect(f"{reverse('load')}?agent={found.agent_id}#decision-{pk}")


def _liftable(request: PortalRequest, agent: Agent, decisions: Iterable[GuardrailDecision]) -> set[int]:
    """Return which decisions act now and may be lifted by this person."""
    now = clock.now()
    acting = {
        one.pk
        for one in decisions
        if one.level == GuardrailDecision.Level.ACT
        and one.lifted_at is None
        and one.starts_at <= now
        and (one.ends_at is None or one.ends_at > now)
    }
    return acting if acting and access.may_lift(request.user, agent=agent, on=request.today) else set()


def _headroom(request: PortalRequest, agent: Agent) -> tuple[headroom.Headroom, ...]:
    as_of = clock.now()
    entries = load_now.list_entries(agent_id=agent.pk, as_of=as_of)
    plan = plan_spans.terms_in_force(agent_id=agent.pk, on=request.today)
    now = load_now.measure_load(
        agent_id=agent.pk,
        entries=entries,
        limits=work_facts.limits_of(plan=plan),
        zone=request.viewer.person.zone,
        as_of=as_of,
    )
    return headroom.headroom_of(now) if now.is_known else ()
