"""Shadow mode: a present invoice or payslip file beside ours, each difference line by line in words."""

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agents.intake.errors import UnableToImport
from billing import access
from billing.models import ShadowLine, ShadowRun
from billing.operations import compare_shadow
from billing.queries.shadow import file, labels
from billing.rules import shadow as rules
from contracts import clock
from ppr_portal.pages import exports, list_tools
from ppr_portal.pages.entry import PortalRequest, asked_number, portal_page
from ppr_portal.pages.trials import shadow_rows
from ppr_portal.pages.trials.shadow_forms import ColumnsForm, FileForm, MeaningsForm

LINES_SHOWN = 50
ROWS_SHOWN = 5


@require_safe
@portal_page
def shadow_runs(request: PortalRequest) -> HttpResponse:
    """List the comparisons that this person may see, newest first."""
    seen = access.shadow_runs_for(request.user)
    sides = access.shadow_sides_for(request.user)
    if not sides and not access.sees_all_pay(request.user):
        raise Http404
    asked = list_tools.read_asked(request, "find", "side")
    found = _narrowed(seen, asked)
    if request.GET.get("format") == "csv":
        rows = map(shadow_rows.run_cells, found.order_by("-made_at", "-pk").iterator())
        return exports.csv_response(name=f"comparisons-{request.today}", head=shadow_rows.LIST_HEAD, rows=rows, counted=found)
    page = list_tools.cut(request, found=found, by="made_at", asked=asked)
    context = {
        "rows": [(row, (row.our_micros or 0) - (row.their_micros or 0), row.state == ShadowRun.State.DONE) for row in page.rows],
        **page.links,
        "chips": list_tools.chips(name="side", states=shadow_rows.SIDES, asked=asked, keeps=True),
        "may_compare": bool(sides),
        **asked,
    }
    return render(request, "shadow/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def shadow_new(request: PortalRequest) -> HttpResponse:
    """Take in a file, and say whose and of which month it is."""
    sides = access.shadow_sides_for(request.user)
    if not sides:
        raise Http404
    form = FileForm(request.POST or None, request.FILES or None, sides=sides)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            run = compare_shadow.open_comparison(
                target=form.target(),
                period_start=given["month"],
                name=given["file"].name,
                content=given["file"].read(compare_shadow.BYTES_MAX + 1),
                person=request.user,
                as_of=clock.now(),
                sheet=given["sheet"].strip(),
                lines_before_head=given["lines_before_head"] or 0,
            )
            return redirect("shadow_columns", pk=run.pk)
        except (compare_shadow.UnableToCompare, UnableToImport) as refused:
            form.add_error("file", str(refused))
    return render(request, "shadow/new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def shadow_columns(request: PortalRequest, pk: int) -> HttpResponse:
    """Say which column is what and what labels mean, then compare."""
    run = _run(request, pk)
    if run.side not in access.shadow_sides_for(request.user):
        raise Http404
    if run.state == ShadowRun.State.DONE:
        return redirect("shadow_run", pk=pk)
    known = file.Definition(**run.definition)
    table = compare_shadow.read_table(run=run, definition=known)
    form = ColumnsForm(request.POST or None, run=run, heads=table.columns)
    meanings: MeaningsForm | None = None
    if request.method == "POST" and form.is_valid():
        definition = form.definition()
        try:
            meanings, is_asked = _meanings(request, run, definition, table)
            if not is_asked and meanings.is_valid():
                return _compared(run, definition, meanings, table)
        except compare_shadow.UnableToCompare as refused:
            form.add_error(None, str(refused))
    context = {
        "run": run,
        "form": form,
        "meanings": meanings if meanings is not None and meanings.fields else None,
        "heads": table.columns,
        "samples": table.frame.select(table.columns).head(ROWS_SHOWN).rows(),
        "row_count": table.frame.height,
    }
    return render(request, "shadow/columns.html", context, status=422 if form.errors else 200)


@require_safe
@portal_page
def shadow_run(request: PortalRequest, pk: int) -> HttpResponse:
    """Show what came of a comparison: both sums, what moves them, and each line with its causes."""
    run = _run(request, pk)
    if run.state == ShadowRun.State.DRAFT:
        if run.side in access.shadow_sides_for(request.user):
            return redirect("shadow_columns", pk=pk)
        raise Http404
    asked, after = list_tools.read_asked(request, "cause", "find"), asked_number(request, "after")
    lines = _lines(run, asked.get("cause", ""), asked.get("find", ""))
    if request.GET.get("format") == "csv":
        name = f"comparison-{run.pk}-{run.period_start:%Y-%m}"
        rows = (shadow_rows.line_cells(line, currency=run.currency) for line in lines.iterator())
        return exports.csv_response(name=name, head=shadow_rows.LINE_HEAD, rows=rows, counted=lines)
    shown = list(lines.filter(position__gt=after)[: LINES_SHOWN + 1])
    last = shown[LINES_SHOWN - 1].position if len(shown) > LINES_SHOWN else 0
    has_links = access.sees_all_pay(request.user)
    assert run.our_micros is not None
    assert run.their_micros is not None
    context = {
        "run": run,
        "difference": run.our_micros - run.their_micros,
        "causes": shadow_rows.cause_rows(run=run),
        "chips": list_tools.chips(name="cause", states=shadow_rows.count_causes(run=run), asked=asked, keeps=True, part="#lines"),
        "rows": [shadow_rows.line_row(line=line, currency=run.currency, has_links=has_links) for line in shown[:LINES_SHOWN]],
        **list_tools.links(asked=asked, after=str(after or ""), next_after=str(last or ""), part="#lines"),
        "may_compare": run.side in access.shadow_sides_for(request.user),
        **asked,
    }
    return render(request, "shadow/run.html", context)


@require_POST
@portal_page
def shadow_again(request: PortalRequest, pk: int) -> HttpResponse:
    """Compare the same file again, with other columns or with what is known now; this comparison stays."""
    run = _run(request, pk)
    if run.side not in access.shadow_sides_for(request.user):
        raise Http404
    made = compare_shadow.copy_comparison(run=run, person=request.user, as_of=clock.now())
    return redirect("shadow_columns", pk=made.pk)


def _run(request: PortalRequest, pk: int) -> ShadowRun:
    found = access.shadow_runs_for(request.user).select_related("contract__client", "site", "file", "made_by", "invoice")
    return get_object_or_404(found, pk=pk)


def _meanings(request: PortalRequest, run: ShadowRun, definition: file.Definition, table: Any) -> tuple[MeaningsForm, bool]:
    """Return what is asked about labels, and whether it still has to be asked."""
    compare_shadow.check_definition(table=table, definition=definition)
    lines = file.read_lines(table=table, definition=definition, currency=run.currency).lines
    unknown = labels.find_unknown(run=run, definition=definition, lines=lines)
    form = MeaningsForm(request.POST, run=run, unknown=unknown)
    is_asked = any(name not in request.POST for name in form.fields)
    return (MeaningsForm(run=run, unknown=unknown) if is_asked else form), is_asked


def _compared(run: ShadowRun, definition: file.Definition, meanings: MeaningsForm, table: Any) -> HttpResponse:
    whole = file.Definition(**{**definition.as_json(), "meanings": {**definition.meanings, **meanings.meanings()}})
    made = compare_shadow.compare(run=run, definition=whole, table=table)
    compare_shadow.store_comparison(run=run, definition=whole, made=made)
    return redirect("shadow_run", pk=run.pk)


def _narrowed(seen: QuerySet[ShadowRun], asked: dict[str, str]) -> QuerySet[ShadowRun]:
    found = seen.select_related("contract__client", "site", "file", "made_by").defer("file__content", "definition", "causes")
    if find := asked.get("find"):
        found = found.filter(
            Q(contract__name__icontains=find)
            | Q(contract__client__name__icontains=find)
            | Q(site__name__icontains=find)
            | Q(file__name__icontains=find)
        )
    return found.filter(side=asked["side"]) if asked.get("side") in ShadowRun.Side.values else found


def _lines(run: ShadowRun, cause: str, find: str) -> QuerySet[ShadowLine]:
    found = ShadowLine.objects.filter(run=run).order_by("position")
    if cause == "different":
        found = found.exclude(cause__in=(rules.SAME, rules.HELD))
    elif cause in (rules.SAME, rules.HELD):
        found = found.filter(cause=cause)
    elif cause:
        found = found.filter(causes__contains=[{"code": cause}])
    return found.filter(label__icontains=find) if find else found
