"""The agent's home: what I earned and of what, what is not in that figure yet, and how my quality and load are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access
from agents.models import TimeEntry
from agents.queries import inbox, load_now, work_facts
from billing import access as pay_access
from billing.models import Dispute, Reversal, Settlement
from billing.models.corrections import Decision
from billing.models.settlements import SettlementStatus
from billing.queries import open_period, pending_pay, team_quality
from billing.rules import paydays
from contracts import clock
from contracts.queries.terms import PlanTerms
from ppr_portal.pages import drawings
from ppr_portal.pages.entry import PortalRequest
from ppr_portal.pages.home import home_days, home_forecast, home_ledger, home_waiting
from ppr_portal.pages.work import headroom, limits, quality

NOON, EVENING = 12, 18
CERTAINTY = ("hours", "confirmed", "assumed", "quality")
HOME_LIMITS = ("weekly_hours", "consecutive_days", "break_after", "occupancy")
FEEDBACK_SHOWN = 2
DISPUTES_SHOWN = 3
REVERSALS_SHOWN = 3
# How long the reason of a decision stands on the first page of who is paid less or not.
DECISION_SHOWN = timedelta(days=31)
UNPAID = (SettlementStatus.CALCULATED, SettlementStatus.APPROVED, SettlementStatus.POSTED)


@dataclass(frozen=True, kw_only=True)
class Payday:
    """When pay comes next, and for which period."""

    day: date
    until_words: str
    period_start: date
    period_end: date


def home(request: PortalRequest) -> HttpResponse:
    """Show an agent their day and their period."""
    as_of = clock.now()
    settlements = open_period.latest_settlements(settlements=pay_access.settlements_for(request.user), agent_id=_agent_id(request), count=2)
    settlement = next((found for found in settlements if found.status == SettlementStatus.ACCRUING), None)
    plan = open_period.plan_of(settlement=settlement) if settlement else None
    entries = load_now.list_entries(agent_id=_agent_id(request), as_of=as_of)
    context = {
        "now": as_of,
        "figures_as_of": settlement.as_of if settlement else as_of,
        "greeting": _greeting(request.viewer.person.name, timezone.localtime(as_of).hour),
        "settlement": settlement,
        "before": next((found for found in settlements if found is not settlement), None),
        "payday": _payday(request, settlements),
        "feedback": inbox.list_feedback(feedback=access.feedback_for(request.user), limit=FEEDBACK_SHOWN),
        "disputes": _open_disputes(request),
        "reversals": _recent_reversals(request),
        "decision": _latest_decision(request),
        "hours_are_simulated": any(entry.source.is_simulated for entry in entries[-1:]),
        "headroom": _headroom(request, plan, entries, as_of),
        **(_pay_context(request, settlement, plan, entries, as_of) if settlement else {}),
    }
    return render(request, "agent/home.html", context)


def _pay_context(
    request: PortalRequest, settlement: Settlement, plan: PlanTerms | None, entries: Sequence[TimeEntry], as_of: datetime
) -> dict[str, Any]:
    zone, today = request.viewer.person.zone, request.today
    lines = list(settlement.lines.order_by("position"))
    cells = open_period.read_cells(settlement=settlement, zone=zone)
    resolutions = access.resolutions_for(request.user, on=today).filter(agent=settlement.agent_id)
    units = pending_pay.list_open_units(resolutions=resolutions, plan=plan)
    seconds = load_now.seconds_by_day(entries=entries, first=settlement.period_start, end=settlement.period_end, zone=zone, as_of=as_of)
    parts = open_period.split_units(lines=lines, cells=cells, currency=settlement.currency)
    rows = home_ledger.list_rows(lines=lines, parts=parts, seconds=sum(seconds.values()))
    days = home_days.list_days(
        settlement=settlement,
        parts=parts,
        hours_micros=home_ledger.hours_micros(lines),
        seconds_by_day=seconds,
        units=units,
        today=today,
        zone=zone,
    )
    waiting = home_waiting.list_waiting(units=units, currency=settlement.currency, zone=zone, resolutions_url=reverse("resolutions"))
    score = team_quality.score_of(settlement.evidence.get("score"))
    return {
        "rows": rows,
        "waiting": waiting,
        "segments": _draw_certainty(rows, waiting),
        "days": days,
        "beyond_days_micros": settlement.total_micros - days.earned_micros,
        "week": home_days.week_of(days=days.rows, today=today),
        "forecast": home_forecast.forecast_of(settlement=settlement, days=days.rows, today=today),
        "quality": quality.view_of(score=score, scale=quality.scale_of([score])) if score else None,
        "scale": quality.scale_of([score]) if score else None,
        "quality_line": next((line for line in lines if line.kind == "quality"), None),
        "period_so_far_end": min(settlement.period_end, today + home_days.ONE_DAY),
    }


def _draw_certainty(rows: Sequence[home_ledger.LedgerRow], waiting: Sequence[home_waiting.OpenRow]) -> tuple[drawings.Segment, ...]:
    """Draw how certain the known pay is: hours, confirmed, assumed, the rest, then pending and held."""
    earned = [(fill, sum(row.amount_micros for row in rows if row.fill == fill)) for fill in CERTAINTY]
    return drawings.draw_certainty(parts=[*earned, *((row.fill, row.amount_micros or 0) for row in waiting)])


def _greeting(name: str, hour: int) -> str:
    greeting = (
        _("Good morning, %(name)s") if hour < NOON else _("Good afternoon, %(name)s") if hour < EVENING else _("Good evening, %(name)s")
    )
    return greeting % {"name": name.split()[0]}


def _days_until(day: date, today: date) -> str:
    left = (day - today).days
    if left in (0, 1):
        return _("tomorrow") if left else _("today")
    return _("in %(left)s days") % {"left": left}


def _payday(request: PortalRequest, settlements: Sequence[Settlement]) -> Payday | None:
    """Return the next payday: of the oldest period that is settled and not paid yet, else of the open one."""
    waiting = [found for found in settlements if found.status in UNPAID] or [
        found for found in settlements if found.status == SettlementStatus.ACCRUING
    ]
    if not waiting:
        return None
    period = waiting[-1]
    day = paydays.find_payday(period_end=period.period_end, working_day=request.viewer.person.payday_rule)
    until = _days_until(day, request.today)
    return Payday(day=day, until_words=until, period_start=period.period_start, period_end=period.period_end)


def _headroom(
    request: PortalRequest, plan: PlanTerms | None, entries: Sequence[TimeEntry], as_of: datetime
) -> tuple[headroom.Headroom, ...]:
    now = load_now.measure_load(
        agent_id=_agent_id(request),
        entries=entries,
        limits=work_facts.limits_of(plan=plan),
        zone=request.viewer.person.zone,
        as_of=as_of,
    )
    return tuple(room for room in headroom.headroom_of(now) if room.code in HOME_LIMITS) if now.is_known else ()


def _latest_decision(request: PortalRequest) -> limits.DecisionView | None:
    found = access.decisions_for(request.user, on=request.today).filter(agent=_agent_id(request))
    views = limits.views_of(found.select_related("agent", "plan_version__plan", "lifted_by").order_by("-starts_at", "-pk")[:4])
    return views[0] if views else None


def _open_disputes(request: PortalRequest) -> list[Dispute]:
    found = pay_access.disputes_for(request.user, on=request.today).filter(agent=_agent_id(request), status=Dispute.Status.OPEN)
    return list(found.select_related("line__settlement", "resolution__case").order_by("due_at")[:DISPUTES_SHOWN])


def _recent_reversals(request: PortalRequest) -> list[Reversal]:
    """Return what is proposed, and what was decided lately with the reason that the agent is to read."""
    is_shown = Q(status=Decision.PROPOSED) | Q(decided_at__gte=clock.now() - DECISION_SHOWN)
    found = pay_access.reversals_for(request.user).filter(is_shown, agent=_agent_id(request))
    return list(found.select_related("resolution__case").order_by("-proposed_at")[:REVERSALS_SHOWN])


def _agent_id(request: PortalRequest) -> int:
    agent_id = request.viewer.person.agent_id
    assert agent_id is not None
    return agent_id
