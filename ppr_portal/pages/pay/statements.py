"""Statements: the list, one statement whose every amount opens its reason, its PDF and its CSV."""

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction

from django.contrib import messages
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agents import access as work_access
from agents.models import Agent
from billing import access
from billing.models import Dispute, Settlement, SettlementLine
from billing.models.settlements import SettlementStatus
from billing.queries import statement_facts
from ppr_portal import papers, statement_papers
from ppr_portal.pages import exports, pay_seen, workbooks
from ppr_portal.pages.entry import PortalRequest, portal_page
from ppr_portal.pages.pay import floor_test, reasons, statement_rows, unit_reasons

LIST_MAX = 60
OTHERS_MAX = 6
OPEN = (SettlementStatus.ACCRUING, SettlementStatus.CALCULATED)
ISSUED = (SettlementStatus.POSTED, SettlementStatus.PAID)
CSV_HEAD = ("position", "kind", "label", "week", "quantity", "rate", "amount", "currency", "exact")


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
    agent = get_object_or_404(access.payees_for(request.user).select_related("site"), pk=agent_id)
    rows = [(found, statement_rows.state_of(found), statement_rows.payday_of(found)) for found in _settlements(request, agent)[:LIST_MAX]]
    pay_seen.saw(request, [agent.pk] if rows else [])
    return render(request, "agent/statements.html", {"agent": agent, "rows": rows, "is_own": _is_own(request, agent_id)})


@require_safe
@portal_page
def statement(request: PortalRequest, agent_id: int, period_start: date) -> HttpResponse:
    """Show one statement; `why` opens the reason of a line, and htmx gets only that."""
    found = _statement(request, agent_id, period_start)
    pay_seen.saw(request, [agent_id])
    lines = list(found.lines.all())
    disputes = list(access.disputes_for(request.user, on=request.today).filter(line__settlement=found).order_by("opened_at"))
    reason = _reason(request, found, lines, disputes)
    openable = work_access.resolutions_for(request.user, on=request.today)
    cases = unit_reasons.cases_of(line=reason.line, settlement=found, openable=openable) if reason else None
    if request.htmx:
        return _reason_row(request, reason, cases)
    groups = statement_rows.group_lines(lines=lines, disputes=disputes, open_position=reason.position if reason else None)
    context = {
        "settlement": found,
        "state": statement_rows.state_of(found),
        "payday": statement_rows.payday_of(found),
        "groups": groups,
        "line_count": statement_rows.count_lines(groups),
        "reason": reason,
        "cases": cases,
        "floor_test": floor_test.floor_test_of(found),
        "average_hour_micros": statement_rows.average_hour_micros(found),
        "reference": statement_rows.reference_of(found),
        "facts": statement_facts.read_facts(settlement=found),
        "is_issued": found.status in ISSUED,
        "others": _settlements(request, found.agent).exclude(pk=found.pk)[:OTHERS_MAX],
        "is_open": found.status in OPEN,
        "is_own": _is_own(request, agent_id),
    }
    return render(request, "agent/statement.html", context)


@require_safe
@portal_page
def statement_csv(request: PortalRequest, agent_id: int, period_start: date) -> HttpResponse:
    """Return a statement as CSV, amounts as decimals; rows without a position are no lines and stand beside the total."""
    found = get_object_or_404(
        access.settlements_for(request.user).select_related("agent", "plan_version__plan"), agent=agent_id, period_start=period_start
    )
    pay_seen.saw(request, [agent_id])
    lines = [_csv_row(line, found.currency) for line in found.lines.order_by("position")]
    name = f"statement-{found.agent.code}-{found.period_start:%Y-%m}"
    return exports.csv_response(name=name, head=CSV_HEAD, rows=[*lines, *_csv_beside(found)])


@require_safe
@portal_page
def statement_pdf(request: PortalRequest, agent_id: int, period_start: date) -> HttpResponse:
    """Give out the PDF of a posted statement, the same bytes to everybody and every time; in a language that is asked for, a copy."""
    issued = access.settlements_for(request.user).filter(status__in=ISSUED)
    found = get_object_or_404(issued.defer("evidence"), agent=agent_id, period_start=period_start)
    try:
        document = statement_papers.issue_statement(settlement_id=found.pk, language=papers.asked_language(request=request))
    except papers.UnableToRender as refused:
        messages.error(request, str(refused))
        return redirect("statement", agent_id=agent_id, period_start=period_start)
    pay_seen.saw(request, [agent_id])
    headers = {"Content-Disposition": f'attachment; filename="{document.name}"'}
    return HttpResponse(bytes(document.content), content_type=document.content_type, headers=headers)


def _statement(request: PortalRequest, agent_id: int, period_start: date) -> Settlement:
    found = access.settlements_for(request.user).select_related(
        "agent__site", "run__site", "run__approved_by", "run__first_approved_by", "run__prepared_by", "plan_version__plan"
    )
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


def _reason_row(request: PortalRequest, reason: reasons.Reason | None, cases: unit_reasons.LineCases | None) -> HttpResponse:
    if reason is None:
        raise Http404
    return render(request, "agent/_reason_row.html", {"reason": reason, "cases": cases})


def _csv_row(line: SettlementLine, currency: str) -> tuple[object, ...]:
    amount = exports.amount(micros=line.amount_micros, currency=currency)
    quantity, rate = (exports.number(Fraction(value)) if value else "" for value in (line.quantity, line.rate))
    return (line.position, line.kind, line.label, line.week, quantity, rate, amount, currency, workbooks.Figure(line.exact))


def _csv_beside(found: Settlement) -> Iterator[tuple[object, ...]]:
    """Give what stands beside the lines: total, year so far, balances, workweeks, minimum pay tests and the plan."""
    facts, currency = statement_facts.read_facts(settlement=found), found.currency

    def row(kind: str, label: str, micros: int | None = None, week: object = None, quantity: object = None, rate: object = None) -> tuple:
        amount = exports.amount(micros=micros, currency=currency)
        return (None, kind, label, week, quantity, rate, amount, currency, None)

    yield row("total", _("Total before tax"), found.total_micros)
    for year in facts.year_rows:
        yield row("year_to_date", _("%(label)s, %(year)s so far") % {"label": year.label, "year": facts.year}, year.amount_micros)
    yield row("year_to_date", _("Total, %(year)s so far") % {"year": facts.year}, facts.year_total_micros)
    for balance in facts.balances:
        yield row("balance", balance.label, balance.amount_micros)
    for week in facts.weeks:
        rate = None if week.regular_rate is None else exports.number(week.regular_rate)
        yield row("workweek", _("Hours and regular rate"), None, week.week, exports.number(week.hours), rate)
        yield row("workweek_overtime", _("Overtime hours"), None, week.week, exports.number(week.overtime_hours))
    for test in found.evidence.get("floor_tests") or ():
        required = Fraction(test["required"]) / Fraction(test["hours"]) if Fraction(test["hours"]) else None
        bound = None if required is None else exports.number(required)
        yield row(
            "floor_test",
            _("Minimum pay test, %(rule)s") % {"rule": test["rule"]},
            None,
            test["week"],
            exports.number(Fraction(test["hours"])),
            bound,
        )
    if facts.holiday_hours is not None:
        yield row("holiday_hours", _("Holiday earned"), quantity=exports.number(facts.holiday_hours))
    read = (
        _("read %(acknowledged_at)s") % {"acknowledged_at": f"{facts.acknowledged_at:%Y-%m-%d}"}
        if facts.acknowledged_at
        else _("not acknowledged")
    )
    yield row("plan", f"{found.plan_version}, {read}, {found.rule_pack_version}")
    yield row(
        "contest",
        _("Open the amount in the portal and dispute it, or name %(found)s to your team lead")
        % {"found": statement_rows.reference_of(found)},
    )


def _settlements(request: PortalRequest, agent: Agent) -> QuerySet[Settlement]:
    return access.settlements_for(request.user).filter(agent=agent).select_related("run__site", "agent__site").order_by("-period_start")


def _is_own(request: PortalRequest, agent_id: int) -> bool:
    return request.viewer.person.agent_id == agent_id
