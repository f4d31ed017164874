"""One agent as their lead sees them: quality, load, coaching, training, reviews and answers, with the acts beside them. No pay."""

from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from agents import access
from agents.models import Agent, Assessment
from agents.queries import team_overview
from billing import access as pay_access
from billing.models import Dispute
from billing.queries import team_quality
from contracts import clock
from ppr_portal.pages.entry import PortalRequest, portal_page
from ppr_portal.pages.work import limits, quality

SHOWN = 5


@require_safe
@portal_page
def agent(request: PortalRequest, pk: int) -> HttpResponse:
    """Show an agent to the lead of their team, or to a reader of everything."""
    person = request.viewer.person
    if not person.reads_teams:
        raise Http404
    seen = access.agents_for(request.user, on=request.today).exclude(user=request.user)
    disputes = pay_access.disputes_for(request.user, on=request.today).filter(agent=OuterRef("pk"), status=Dispute.Status.OPEN)
    counted = disputes.order_by().values("agent").annotate(total=Count("pk")).values("total")
    found = get_object_or_404(seen.select_related("site").annotate(dispute_count=Subquery(counted)), pk=pk)
    may_coach = access.coached_agents_for(request.user, on=request.today).filter(pk=pk).exists()
    return render(request, "lead/agent.html", {"agent": found, "may_coach": may_coach, **_facts(request, found)})


def _facts(request: PortalRequest, found: Agent) -> dict[str, Any]:
    score = team_quality.read_scores(agent_ids=[found.pk]).get(found.pk)
    decisions = team_overview.active_decisions(
        decisions=access.decisions_for(request.user, on=request.today).filter(agent=found), at=clock.now()
    )
    reviews = access.assessments_for(request.user, on=request.today).filter(sampled__agent=found, status=Assessment.Status.PUBLISHED)
    in_force = limits.in_force(limits.views_of(decisions.get(found.pk, ())))
    members = team_overview.list_members(
        agents=access.agents_for(request.user, on=request.today).filter(pk=found.pk),
        team_ids=access.teams_for(request.user).order_by().values_list("pk", flat=True),
        on=request.today,
        counts_pending=True,
    )
    return {
        "scale": (scale := quality.scale_of([score] if score else [])),
        "view": quality.view_of(score=score, scale=scale) if score else None,
        "members": members,
        "pending_count": members[0].pending_count if members else 0,
        "decisions": in_force,
        "load_state": "stop" if any(one.is_stop for one in in_force) else "warn",
        "talks": access.coaching_for(request.user, on=request.today).filter(agent=found).order_by("-planned_on", "-pk")[:SHOWN],
        "plans": access.improvements_for(request.user, on=request.today).filter(agent=found).order_by("-opened_at", "-pk")[:SHOWN],
        "tasks": access.training_for(request.user, on=request.today)
        .filter(agent=found, cancelled_at=None)
        .order_by("-due_on", "-pk")[:SHOWN],
        "reviews": reviews.select_related("qa_review", "sampled__resolution__case").order_by("-published_at", "-pk")[:SHOWN],
        "answers": access.answers_for(request.user, on=request.today).filter(agent=found).order_by("-answered_at", "-pk")[:SHOWN],
        "today": request.today,
    }
