"""My plan: what an agent is paid by, in plain words with a worked example, what changed, and that they have read it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agents import access
from agents.access import Role
from agents.models import Agent
from agents.operations.people import acknowledge_plan
from agents.queries import people, plan_history
from billing.queries import pay_periods
from billing.rules import paydays
from contracts import clock
from contracts.queries import plan_example, plan_words, version_changes
from ppr_portal.pages import exports
from ppr_portal.pages.entry import PortalRequest, asked_text, portal_page


@require_safe
@portal_page
def plan(request: PortalRequest) -> HttpResponse:
    """Show an agent's own plan; without one, say so."""
    agent = _own_agent(request)
    spans = plan_history.list_spans(agent_id=agent.pk)
    current = _current(spans, request.today)
    context: dict[str, Any] = {
        "current": current,
        "history": [span for span in spans if span is not current],
        "today": request.today,
    }
    if current is not None:
        before = next((span for span in spans if span.starts_on < current.starts_on), None)
        period = pay_periods.period_of(site=agent.site, day=request.today)
        context |= {
            "period": period,
            "payday": paydays.find_payday(period_end=period.end, working_day=agent.site.payday_rule),
            "parts": plan_words.describe_plan_parts(version=current.version),
            "example": plan_example.find_example(version=current.version),
            "before": before,
            "changes": version_changes.compare_versions(before=before.version, after=current.version) if before else [],
        }
    return render(request, "agent/plan.html", context)


@require_POST
@portal_page
def acknowledgement(request: PortalRequest) -> HttpResponse:
    """Keep that the agent has read the version that was shown; an older page is asked to be read again."""
    agent = _own_agent(request)
    current = _current(plan_history.list_spans(agent_id=agent.pk), request.today)
    if current is None or request.POST.get("version") != str(current.version.pk):
        messages.warning(request, _("Your plan has changed since you opened this page. Read it once more, then say so."))
        return redirect("plan")
    sentences = plan_words.describe_plan_version(version=current.version)
    acknowledge_plan.acknowledge_plan(agent=agent, version_id=current.version.pk, sentences=sentences, as_of=clock.now())
    messages.success(request, _("Noted: you have read %(version)s. Your pay does not depend on it.") % {"version": current.version})
    return redirect("plan")


@require_safe
@portal_page
def readers(request: PortalRequest) -> HttpResponse:
    """List who has read the plan version that is theirs today: a lead's members, or everyone for those who set up plans."""
    find, after = asked_text(request, "find"), asked_text(request, "after")
    page = people.list_agents(agents=_agents(request), find=find, after=after, on=request.today)
    rows = _rows(page.rows, request.today)
    return render(request, "lead/plan_readers.html", {"page": page, "rows": rows, "find": find})


@require_safe
@portal_page
def readers_csv(request: PortalRequest) -> HttpResponse:
    """The same list as a file, all of it."""
    found = _agents(request).select_related("site").order_by("name", "code")
    head = ("agent", "name", "plan", "version", "acknowledged_at")
    rows = [
        (
            agent.code,
            agent.name,
            reading.version.plan.code if reading.version else "",
            reading.version.number if reading.version else "",
            exports.moment(reading.acknowledged_at),
        )
        for agent, reading in _rows(tuple(found), request.today)
    ]
    return exports.csv_response(name="plan-readers", head=head, rows=rows)


def _own_agent(request: PortalRequest) -> Agent:
    agent = access.own_agent(request.user)
    if agent is None:
        raise Http404
    return agent


def _current(spans: list[plan_history.PlanSpan], today: date) -> plan_history.PlanSpan | None:
    return next((span for span in spans if span.starts_on <= today and (span.ends_on is None or today < span.ends_on)), None)


def _agents(request: PortalRequest) -> QuerySet[Agent]:
    person = request.viewer.person
    if Role.CONTRACT_ADMIN in person.roles:
        return Agent.objects.all()
    if not person.reads_teams:
        raise Http404
    return access.agents_for(request.user, on=request.today)


def _rows(agents: tuple[Agent, ...], today: date) -> list[tuple[Agent, plan_history.Reading]]:
    found = plan_history.readings_of(agent_ids=[agent.pk for agent in agents], on=today)
    return [(agent, found[agent.pk]) for agent in agents]
