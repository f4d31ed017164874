"""One agent as their lead sees them: quality, load, coaching, training, reviews and answers, with the acts beside them. No pay."""

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from agents import access
from agents.models import Agent, Assessment
from agents.queries import team_overview
from billing.queries import team_quality
from contracts import clock
from ppr_portal.pages import limits, quality
from ppr_portal.pages.entry import PortalRequest, portal_page

SHOWN = 5


@require_safe
@portal_page
def agent(request: PortalRequest, pk: int) -> HttpResponse:
    """Show an agent to the lead of their team, or to a reader of everything."""
    person = request.viewer.person
    if not (person.is_lead or person.reads_everyone):
        raise Http404
    seen = access.agents_for(request.user, on=request.today).exclude(user=request.user)
    found = get_object_or_404(seen.select_related("site"), pk=pk)
    may_coach = access.coached_agents_for(request.user, on=request.today).filter(pk=pk).exists()
    return render(request, "lead/agent.html", {"agent": found, "may_coach": may_coach, **_facts(request, found)})


def _facts(request: PortalRequest, found: Agent) -> dict[str, Any]:
    score = team_quality.read_scores(agent_ids=[found.pk]).get(found.pk)
    decisions = team_overview.active_decisions(
        decisions=access.decisions_for(request.user, on=request.today).filter(agent=found), at=clock.now()
    )
    reviews = access.assessments_for(request.user, on=request.today).filter(sampled__agent=found, status=Assessment.Status.PUBLISHED)
    return {
        "scale": (scale := quality.scale_of([score] if score else [])),
        "view": quality.view_of(score=score, scale=scale) if score else None,
        "decisions": limits.in_force(limits.views_of(decisions.get(found.pk, ()))),
        "talks": access.coaching_for(request.user, on=request.today).filter(agent=found).order_by("-planned_on", "-pk")[:SHOWN],
        "plans": access.improvements_for(request.user, on=request.today).filter(agent=found).order_by("-opened_at", "-pk")[:SHOWN],
        "tasks": access.training_for(request.user, on=request.today)
        .filter(agent=found, cancelled_at=None)
        .order_by("-due_on", "-pk")[:SHOWN],
        "reviews": reviews.select_related("qa_review", "sampled__resolution__case").order_by("-published_at", "-pk")[:SHOWN],
        "answers": access.answers_for(request.user, on=request.today).filter(agent=found).order_by("-answered_at", "-pk")[:SHOWN],
        "today": request.today,
        "soon": request.today + timedelta(days=1),
    }
