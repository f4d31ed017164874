"""Statements: the list, one statement whose every amount opens its reason, and its CSV."""

from datetime import date

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from agents.models import Agent
from billing import access
from billing.models import Settlement, SettlementLine
from billing.models.settlements import SettlementStatus
from ppr_portal.pages import exports, reasons, statement_rows
from ppr_portal.pages.entry import PortalRequest, portal_page

LIST_MAX = 60
EARLIER_MAX = 6
OPEN = (SettlementStatus.ACCRUING, SettlementStatus.CALCULATED)


@require_safe
@portal_page
def statements(request: PortalRequest) -> HttpResponse:
    """Bring an agent to the list of their own statements."""
    agent_id = request.viewer.person.agent_id
    return redirect("agent_statements", agent_id=agent_id) if agent_id and request.viewer.person.is_agent else redirect("agents")


@require_safe
@portal_page
def agent_statements(request: PortalRequest, agent_id: int) -> HttpResponse:
    """List an agent's statements, the open period first."""
    agent = get_object_or_404(access.payees_for(request.user), pk=agent_id)
    found = _settlements(request, agent)[:LIST_MAX]
    return render(request, "agent/statements.html", {"agent": agent, "settlements": list(found), "is_own": _is_own(request, agent_id)})


@require_safe
@portal_page
def statement(request: PortalRequest, agent_id: int, period_start: date) -> HttpResponse:
    """Show one statement; `why` opens the reason of a line, and htmx gets only that."""
    found = get_object_or_404(
        access.settlements_for(request.user).select_related("agent__site", "run__approved_by", "run__prepared_by", "plan_version__plan"),
        agent=agent_id,
        period_start=period_start,
    )
    lines = list(found.lines.order_by("position"))
    why = request.GET.get("why", "")
    open_line = next((line for line in lines if str(line.position) == why), None)
    reason = reasons.reason_of(line=open_line, settlement=found, user=request.user) if open_line else None
    if request.htmx and reason:
        return render(request, "agent/_reason_row.html", {"reason": reason})
    disputes = access.disputes_for(request.user, on=request.today).filter(line__settlement=found)
    context = {
        "settlement": found,
        "groups": (groups := statement_rows.group_lines(lines=lines, disputes=disputes)),
        "line_count": statement_rows.count_lines(groups),
        "reason": reason,
        "floor_test": statement_rows.floor_test_of(found),
        "average_hour": statement_rows.average_hour(found),
        "earlier": _settlements(request, found.agent).exclude(pk=found.pk)[:EARLIER_MAX],
        "is_open": found.status in OPEN,
        "is_own": _is_own(request, agent_id),
    }
    return render(request, "agent/statement.html", context)


@require_safe
@portal_page
def statement_csv(request: PortalRequest, agent_id: int, period_start: date) -> HttpResponse:
    """Return the lines of a statement as CSV, amounts as decimals with their exact value beside them."""
    found = get_object_or_404(access.settlements_for(request.user).select_related("agent"), agent=agent_id, period_start=period_start)
    head = ("position", "kind", "label", "week", "quantity", "rate", "amount", "currency", "exact")
    rows = (_csv_row(line, found.currency) for line in found.lines.order_by("position"))
    return exports.csv_response(name=f"statement-{found.agent.code}-{found.period_start:%Y-%m}", head=head, rows=rows)


def _csv_row(line: SettlementLine, currency: str) -> tuple[object, ...]:
    amount = exports.amount(micros=line.amount_micros, currency=currency)
    return (line.position, line.kind, line.label, line.week, line.quantity, line.rate, amount, currency, line.exact)


def _settlements(request: PortalRequest, agent: Agent) -> QuerySet[Settlement]:
    return access.settlements_for(request.user).filter(agent=agent).select_related("run").order_by("-period_start")


def _is_own(request: PortalRequest, agent_id: int) -> bool:
    return request.viewer.person.agent_id == agent_id
