"""Who read whose pay, as the frame of every page wrote it down: all of it for auditors, what is about them for agents."""

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agents.models import Agent, User
from billing import access
from billing.models import PayRead
from contracts.translation import gettext_lazy as _
from ppr_portal.pages import exports, list_tools
from ppr_portal.pages.entry import PortalRequest, midnight, portal_page, read_day

# What the pages and files are called that show pay; another one is told by its address alone.
PAGE_WORDS = {
    "agent_statements": _("Statements of an agent"),
    "statement": _("Statement"),
    "statement_csv": _("Statement"),
    "statement_pdf": _("Statement"),
    "performance": _("Performance"),
    "resolution": _("Resolution"),
    "dispute": _("Dispute"),
    "disputes": _("Disputes"),
    "pay_run": _("Pay run"),
    "corrections": _("Corrections of pay"),
    "reversal": _("Reversal"),
    "payouts": _("Payments"),
    "payout_order": _("Payment order"),
    "payroll_file": _("Payroll file"),
    "ledger": _("Ledger"),
    "ledger_account": _("Ledger"),
    "plan_back_test": _("Back-test of a pay plan"),
}
CSV_HEAD = ("read_at", "person", "e_mail", "agent", "agent_code", "page", "form", "address")


@require_safe
@portal_page
def pay_reads(request: PortalRequest) -> HttpResponse:
    """List who read whose pay: everybody's for auditors and the owner, their own pay's for agents."""
    if not access.reads_pay_reads(request.user):
        raise Http404
    asked = list_tools.read_asked(request, "find", "form", "from", "to")
    found = _narrow(access.pay_reads_for(request.user), asked).select_related("person", "agent")
    if request.GET.get("format") == "csv":
        return exports.csv_response(
            name=f"pay-reads-{request.today}",
            head=CSV_HEAD,
            rows=map(_cells, found.order_by("-read_at", "-pk").iterator()),
            counted=found,
        )
    page = list_tools.cut(request, found=found, by="read_at", asked=asked)
    for row in page.rows:
        row.page_words = PAGE_WORDS.get(row.route, "")  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "rows": page.rows,
        **{name if name != "from" else "since": value for name, value in asked.items()},
        "forms": [(value, label, value == asked.get("form")) for value, label in PayRead.Form.choices],
        "is_filtered": bool(asked),
        "is_own": not access.reads_all_pay_reads(request.user),
        **page.links,
    }
    return render(request, "pay_reads/list.html", context)


def _narrow(found: QuerySet[PayRead], asked: dict[str, str]) -> QuerySet[PayRead]:
    if find := asked.get("find"):
        # Who is called so is looked up first: by their numbers, an index tells when their pay was read.
        people = User.objects.filter(Q(name__icontains=find) | Q(email__icontains=find)).values_list("pk", flat=True)
        agents = Agent.objects.order_by().filter(name__icontains=find).values_list("pk", flat=True)
        found = found.filter(Q(person__in=list(people)) | Q(agent__in=list(agents)))
    if asked.get("form") in PayRead.Form.values:
        found = found.filter(form=asked["form"])
    if first := read_day(asked.get("from", "")):
        found = found.filter(read_at__gte=midnight(first))
    if last := read_day(asked.get("to", "")):
        found = found.filter(read_at__lt=midnight(last + timedelta(days=1)))
    return found


def _cells(found: PayRead) -> tuple[object, ...]:
    person, agent = found.person, found.agent
    return found.read_at.isoformat(), str(person), person.email, agent.name, agent.code, found.route, found.form, found.path
