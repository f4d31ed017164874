"""Pay runs: what stands where, what failed, what changed since the last period, and the steps to payment."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from agents.models import Agent, Site
from billing import access, tasks
from billing.models import PayRun
from billing.operations import approve_pay_run, calculate_pay_run, changed_pay, pay_out, review_pay_run, withdraw_final_run
from billing.queries import pay_periods
from billing.queries import runs as run_queries
from contracts import clock
from contracts.rules import errors
from contracts.translation import gettext_lazy
from ppr_portal import tasks as portal_tasks
from ppr_portal.pages import exports, list_tools, pay_seen
from ppr_portal.pages.entry import PortalRequest, asked_number, portal_page
from ppr_portal.pages.pay import run_rows

LIST_HEAD = ("site", "period", "status", "agents", "parts_done", "parts", "as_of", "prepared_by", "approved_by", "paid_on")
RUN_HEAD = ("agent", "currency", "resolutions", "total", "before", "change", "flags")
REFUSALS = (
    review_pay_run.UnableToReview,
    approve_pay_run.UnableToApprove,
    approve_pay_run.UnableToPost,
    pay_out.UnableToMarkPaid,
    calculate_pay_run.UnableToCalculate,
    withdraw_final_run.UnableToWithdraw,
)


class StartForm(forms.Form):
    """Which month of which site."""

    site = forms.ModelChoiceField(queryset=Site.objects.order_by("name"), label=gettext_lazy("Site"), empty_label=None)
    period = forms.CharField(
        label=gettext_lazy("Month"),
        max_length=7,
        help_text=gettext_lazy("Year and month, for example 2016-03."),
        widget=forms.TextInput(attrs={"type": "month"}),
    )

    def clean_period(self) -> date:
        """Read the month."""
        try:
            return pay_periods.parse_period(text=self.cleaned_data["period"].strip())
        except errors.InvalidInput as refused:
            raise forms.ValidationError(refused.message) from refused


class FinalForm(forms.Form):
    """Whose final pay."""

    agent = forms.ModelChoiceField(
        queryset=Agent.objects.filter(employed_to__isnull=False).order_by("-employed_to", "name"),
        label=gettext_lazy("Agent who left"),
        empty_label=None,
    )


def _month_before(today: date) -> str:
    """Return the last month that is over, which is the one to calculate."""
    return f"{today.replace(day=1) - timedelta(days=1):%Y-%m}"


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def pay_runs(request: PortalRequest) -> HttpResponse:
    """List the pay runs; an approver starts one here, or tries one out."""
    found, may_decide = _runs(request), access.may_decide_runs(request.user)
    if request.method == "POST" and not may_decide:
        raise Http404
    form = StartForm(request.POST or None, initial={"period": _month_before(request.today)}) if may_decide else None
    asked = list_tools.read_asked(request, "find", "status")
    find, status = asked.get("find", ""), asked.get("status", "")
    answer = _start_or_try(request, form) if form is not None and form.is_valid() else {}
    if isinstance(answer, HttpResponse):
        return answer
    narrowed = found.filter(Q(site__name__icontains=find) | Q(site__code__icontains=find))
    narrowed = narrowed.filter(status=status) if status in PayRun.Status.values else narrowed
    if request.GET.get("format") == "csv":
        return exports.csv_response(
            name=f"pay-runs-{request.today}", head=LIST_HEAD, rows=map(_list_cells, narrowed.iterator()), counted=narrowed
        )
    has_left = may_decide and Agent.objects.filter(employed_to__isnull=False).exists()
    context = {
        "form": form,
        "final_form": FinalForm() if has_left else None,
        **asked,
        **answer,
        **_page(request, narrowed, asked),
    }
    return render(request, "runs/list.html", context, status=422 if form and form.errors else 200)


@require_safe
@portal_page
def pay_run(request: PortalRequest, pk: int) -> HttpResponse:
    """Show one run: progress while it is calculated, then what each agent gets beside the period before."""
    run = get_object_or_404(_runs(request), pk=pk)
    if request.htmx and request.GET.get("part") == "progress":
        # Whoever watched sees all of it as soon as it is there.
        is_under_way = run.status == PayRun.Status.CALCULATING
        return render(request, "runs/_progress.html", {"run": run}) if is_under_way else HttpResponseClientRefresh()
    view = run_queries.read_run(run=run)
    rows = run_rows.list_rows(view=view)
    asked, after = list_tools.read_asked(request, "find", "show", "sort"), asked_number(request, "after")
    find, show, sort = (asked.get(name, "") for name in ("find", "show", "sort"))
    picked = run_rows.pick_rows(rows=rows, find=find, show=show, sort=sort)
    if request.GET.get("format") == "csv":
        pay_seen.saw(request, (row.agent_id for row in picked))
        return exports.csv_response(name=f"pay-run-{run.site.code}-{run.period_start:%Y-%m}", head=RUN_HEAD, rows=map(_cells, picked))
    part = run_rows.cut_rows(rows=picked, after=after)
    changed = run_rows.list_changed(run=run)
    pay_seen.saw(request, (*(row.agent_id for row in part.rows), *(found["agent_id"] for found in changed)))
    context = {
        "run": run,
        "failures": view.failures,
        "changed": changed,
        "changes_mark": changed_pay.mark_of(rows=run.changed),
        "is_open": run.status not in calculate_pay_run.FIXED,
        "totals": (run.variance or {}).get("totals", []),
        "agent_count": len(view.agents),
        "thresholds": run_rows.list_thresholds(run=run),
        "flagged_count": sum(bool(row.flags) for row in rows),
        "rows": part.rows,
        "find": find,
        "show": show,
        "chips": _chips(rows, asked),
        "sorts": {name: list_tools.sort_link(name=name, asked=asked, part="#agents") for name in run_rows.SORTS},
        **list_tools.links(asked=asked, after=str(after or ""), next_after=part.next_after, part="#agents"),
        "may_decide": access.may_decide_runs(request.user),
        "may_withdraw": run.agent is not None and run.status in changed_pay.DECIDED,
        "is_preparer": run.prepared_by_id == request.user.pk,
        "today": request.today,
    }
    return render(request, "runs/run.html", context)


@require_POST
@portal_page
def run_step(request: PortalRequest, pk: int) -> HttpResponse:
    """Take a run one step further; a step that is refused says why and what to do."""
    run = get_object_or_404(_runs(request), pk=pk)
    if not access.may_decide_runs(request.user):
        raise Http404
    try:
        messages.success(request, _take_step(request, run))
    except (PayRun.DoesNotExist, withdraw_final_run.AlreadyWithdrawn):
        messages.error(request, _("This final pay is withdrawn already."))
        return redirect("pay_runs")
    except approve_pay_run.PayChanged as refused:
        changed_pay.keep_changed(run=run, changed=refused.changed)
        messages.error(request, str(refused))
    except REFUSALS as refused:
        messages.error(request, str(refused))
    else:
        if request.POST["step"] == "withdraw":
            return redirect("pay_runs")
    return redirect("pay_run", pk=pk)


def _take_step(request: PortalRequest, run: PayRun) -> str:
    step, now, reason = request.POST.get("step", ""), clock.now(), request.POST.get("reason", "").replace("\x00", "").strip()
    if step == "review":
        review_pay_run.send_to_review(run_id=run.pk, person=request.user, as_of=now)
        return _("The run is in review. Somebody else than who prepared it can approve it now.")
    if step == "approve":
        if not reason:
            raise approve_pay_run.UnableToApprove(_("Say in a few words why this run may be paid; the words are kept with it."))
        decided = approve_pay_run.approve_pay_run(
            run_id=run.pk,
            person=request.user,
            as_of=now,
            despite_failures=bool(request.POST.get("despite")),
            despite_changes=bool(request.POST.get("despite_changes")),
            reason=reason,
            seen_hash=request.POST.get("seen"),
            seen_changes=request.POST.get("seen_changes"),
        )
        if decided.status != PayRun.Status.APPROVED:
            return _("Your approval is kept. The run owes more than one person may approve, so a second approver has to follow.")
        return _("The run is approved. Nothing of it changes any more; what changes later comes into the open period.")
    if step == "post":
        approve_pay_run.post_pay_run(run_id=run.pk, person=request.user, as_of=now)
        transaction.on_commit(portal_tasks.send_statement_notices.delay)
        return _("The run is posted: what it owes is owed now.")
    if step == "pay":
        pay_out.mark_pay_run_paid(run_id=run.pk, person=request.user, paid_on=request.today, as_of=now)
        return _("The run is marked as paid today.")
    if step == "withdraw":
        withdraw_final_run.withdraw_final_run(run_id=run.pk, person=request.user)
        return _("The final pay is withdrawn. The run of the month pays this agent again.")
    if step == "calculate":
        if run.agent is not None:
            _calculate_final(request, run.agent, run.period_start)
        else:
            _calculate(request, run.site, run.period_start)
        return _("The run is being calculated again.")
    raise Http404


def _start_or_try(request: PortalRequest, form: StartForm) -> HttpResponse | dict[str, Any]:
    """Start the run that a form asks for, or compute it without writing; a refusal is told in the form."""
    site, period_start = form.cleaned_data["site"], form.cleaned_data["period"]
    try:
        if "try" in request.POST:
            return {"tried": calculate_pay_run.calculate_pay_run(site=site, period_start=period_start, as_of=clock.now(), dry_run=True)}
        _calculate(request, site, period_start)
    except calculate_pay_run.UnableToCalculate as refused:
        form.add_error(None, str(refused))
        return {}
    messages.success(request, _("The run is being calculated."))
    return redirect("pay_run", pk=PayRun.objects.get(site=site, period_start=period_start, agent=None).pk)


def _calculate(request: PortalRequest, site: Site, period_start: date) -> None:
    """Open the run, so that a refusal is told at once, and let the workers do the rest."""
    period = pay_periods.period_of(site=site, day=period_start)
    calculate_pay_run.open_pay_run(site=site, period=period, as_of=clock.now(), prepared_by=request.user)
    tasks.calculate_site.delay(site_id=site.pk, period_start=period_start.isoformat(), person_id=request.user.pk)


def _calculate_final(request: PortalRequest, agent: Agent, period_start: date | None = None) -> PayRun:
    run = calculate_pay_run.open_final_run(agent=agent, as_of=clock.now(), prepared_by=request.user, period_start=period_start)
    transaction.on_commit(lambda: tasks.calculate_final_pay.delay(run_id=run.pk))
    return run


@require_POST
@portal_page
def final_pay(request: PortalRequest) -> HttpResponse:
    """Calculate the final pay of an agent who left, ahead of the month's run; a refusal says what to do."""
    if not access.may_decide_runs(request.user):
        raise Http404
    form = FinalForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose an agent whose last day is entered in the administration."))
        return redirect("pay_runs")
    try:
        run = _calculate_final(request, form.cleaned_data["agent"])
    except calculate_pay_run.UnableToCalculate as refused:
        messages.error(request, str(refused))
        return redirect("pay_runs")
    messages.success(request, _("The final pay is being calculated. It goes the way of every run."))
    return redirect("pay_run", pk=run.pk)


def _runs(request: PortalRequest) -> QuerySet[PayRun]:
    """Return the runs that this person may see, with the progress of each; who may see none finds no page."""
    if not request.viewer.person.reads_everyone:
        raise Http404
    counted = access.runs_for(request.user).select_related("site", "agent", "prepared_by", "first_approved_by", "approved_by", "review_by")
    return counted.annotate(part_count=Count("shards"), done_count=Count("shards", filter=Q(shards__status="done"))).order_by(
        "-period_start", "-pk"
    )


def _page(request: PortalRequest, found: QuerySet[PayRun], asked: dict[str, str]) -> dict[str, Any]:
    """Return one page of runs, newest period first, and the addresses of the next one and of the file."""
    page = list_tools.cut(request, found=found, by="period_start", asked=asked)
    return {
        "rows": page.rows,
        "statuses": PayRun.Status.choices,
        **page.links,
    }


def _chips(rows: Iterable[run_rows.Row], asked: dict[str, str]) -> list[list_tools.Chip]:
    words = {"": _("Everybody"), "flagged": _("Flagged"), **run_rows.FLAG_WORDS}
    states = ((name, words[name], count) for name, count in run_rows.count_flags(rows=list(rows)).items())
    return list_tools.chips(name="show", states=states, asked=asked, keeps=True, part="#agents")


def _cells(row: run_rows.Row) -> tuple[object, ...]:
    def write(micros: int | None) -> str:
        return exports.amount(micros=micros, currency=row.currency)

    flags = "; ".join(map(str, row.flag_words))
    return row.name, row.currency, row.resolution_count, write(row.now_micros), write(row.before_micros), write(row.change_micros), flags


def _list_cells(run: Any) -> tuple[object, ...]:
    agents = sum(found["now_count"] for found in (run.variance or {}).get("totals", []))
    people = [str(person) if person else "" for person in (run.prepared_by, run.approved_by)]
    as_of = timezone.localtime(run.as_of).isoformat()
    return run.site.name, f"{run.period_start:%Y-%m}", run.status, agents, run.done_count, run.part_count, as_of, *people, run.paid_on
