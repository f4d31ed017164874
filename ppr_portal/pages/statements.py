"""Statements: the list, one statement whose every amount opens its reason, and its CSV."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from agents.models import Agent
from billing import access
from billing.models import Dispute, Settlement, SettlementLine
from billing.models.settlements import SettlementStatus
from ppr_portal.pages import exports, floor_test, reasons, statement_rows
from ppr_portal.pages.entry import PortalRequest, portal_page

LIST_MAX = 60
OTHERS_MAX = 6
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
    rows = [(found, statement_rows.state_of(found)) for found in _settlements(request, agent)[:LIST_MAX]]
    return render(request, "agent/statements.html", {"agent": agent, "rows": rows, "is_own": _is_own(request, agent_id)})


@require_safe
@portal_page
def statement(request: PortalRequest, agent_id: int, period_start: date) -> HttpResponse:
    """Show one statement; `why` opens the reason of a line, and htmx gets only that."""
    found = _statement(request, agent_id, period_start)
    lines = list(found.lines.all())
    disputes = list(access.disputes_for(request.user, on=request.today).filter(line__settlement=found).order_by("opened_at"))
    reason = _reason(request, found, lines, disputes)
    if request.htmx:
        return _reason_row(request, reason)
    groups = statement_rows.group_lines(lines=lines, disputes=disputes, open_position=reason.position if reason else None)
    context = {
        "settlement": found,
        "state": statement_rows.state_of(found),
        "groups": groups,
        "line_count": statement_rows.count_lines(groups),
        "reason": reason,
        "floor_test": floor_test.floor_test_of(found),
        "average_hour": statement_rows.average_hour(found),
        "reference": statement_rows.reference_of(found),
        "others": _settlements(request, found.agent).exclude(pk=found.pk)[:OTHERS_MAX],
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


def _statement(request: PortalRequest, agent_id: int, period_start: date) -> Settlement:
    found = access.settlements_for(request.user).select_related("agent__site", "run__approved_by", "run__prepared_by", "plan_version__plan")
    lines = Prefetch("lines", queryset=SettlementLine.objects.order_by("position"))
    return get_object_or_404(found.prefetch_related(lines), agent=agent_id, period_start=period_start)


def _reason(
    request: PortalRequest, found: Settlement, lines: Sequence[SettlementLine], disputes: Sequence[Dispute]
) -> reasons.Reason | None:
    """Return the reason of the line that the address asks for, if there is one of that number."""
    line = next((line for line in lines if str(line.position) == request.GET.get("why", "")), None)
    if line is None:
        return None
    dispute = next((dispute for dispute in reversed(disputes) if dispute.line_id == line.pk), None)
    return reasons.reason_of(line=line, settlement=found, dispute=dispute, user=request.user)


def _reason_row(request: PortalRequest, reason: reasons.Reason | None) -> HttpResponse:
    if reason is None:
        raise Http404
    return render(request, "agent/_reason_row.html", {"reason": reason})


def _csv_row(line: SettlementLine, currency: str) -> tuple[object, ...]:
    amount = exports.amount(micros=line.amount_micros, currency=currency)
    return (line.position, line.kind, line.label, line.week, line.quantity, line.rate, amount, currency, line.exact)


def _settlements(request: PortalRequest, agent: Agent) -> QuerySet[Settlement]:
    return access.settlements_for(request.user).filter(agent=agent).select_related("run").order_by("-period_start")


def _is_own(request: PortalRequest, agent_id: int) -> bool:
    return request.viewer.person.agent_id == agent_id
