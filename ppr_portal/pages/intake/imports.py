"""What came in: sources and how fresh they are, imports with their counts, and what each of them held."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from agents import access
from agents.models import ImportRun
from agents.queries import import_lists
from ppr_portal.pages import exports, list_tools
from ppr_portal.pages.entry import PortalRequest, asked_number, asked_text, portal_page
from ppr_portal.pages.intake import hold_words

KEPT = ("source", "origin", "find")
HELD_SHOWN = 50
CSV_HEAD = ("source", "file", "origin", "started", "seconds", "in", "cases", "new", "changed", "unchanged", "held", "still_waiting", "by")


@require_safe
@portal_page
def imports(request: PortalRequest) -> HttpResponse:
    """List sources and imports."""
    if not access.reads_intake(request.user):
        raise Http404
    source_ids = list(access.sources_for(request.user).values_list("pk", flat=True))
    chosen = asked_number(request, "source") if request.GET.get("source") else None
    found = import_lists.narrow_imports(
        imports=access.imports_for(request.user),
        source_id=chosen,
        origin=request.GET.get("origin", ""),
        find=asked_text(request, "find"),
    )
    if request.GET.get("format") == "csv":
        return exports.csv_response(name=f"imports-{request.today}", head=CSV_HEAD, rows=map(_csv_row, found.iterator()), counted=found)
    page = import_lists.cut_imports(imports=found, before=asked_number(request, "before"))
    sources = import_lists.list_sources(source_ids=source_ids)
    context = {
        "sources": sources,
        "rows": page.rows,
        "find": asked_text(request, "find"),
        "selects": _selects(request, sources),
        "list_url": reverse("imports"),
        "is_filtered": any(request.GET.get(name) for name in KEPT),
        "uploads": access.uploads_for(request.user).filter(run=None).select_related("source", "uploaded_by")[:10],
        "may_upload": access.changes_intake(request.user),
        "csv_url": _url(request, format="csv"),
        "next_url": f"{_url(request, before=str(page.next_before))}#list" if page.next_before else "",
        "first_url": f"{_url(request)}#list" if "before" in request.GET else "",
    }
    return render(request, "operations/_import_list.html" if _is_part(request) else "operations/imports.html", context)


@require_safe
@portal_page
def import_run(request: PortalRequest, pk: int) -> HttpResponse:
    """Tell what one import read, what is new, and what it held."""
    run = get_object_or_404(access.imports_for(request.user).select_related("source__client", "mapping", "undone_by"), pk=pk)
    reasons = [
        (hold_words.title_of(reason), total, waiting, f"{reverse('holds')}?kind=row&reason={reason}&source={run.source_id}#list")
        for reason, total, waiting in import_lists.held_by_reason(run=run)
    ]
    context: dict[str, Any] = {
        "run": run,
        "reasons": reasons,
        "held": list(access.held_rows_for(request.user).filter(run=run, released_at=None).order_by("row_number", "pk")[:HELD_SHOWN]),
        "held_max": HELD_SHOWN,
        "upload": access.uploads_for(request.user).filter(run=run).select_related("uploaded_by").first(),
    }
    return render(request, "operations/import_run.html", context)


def _selects(request: PortalRequest, sources: Iterable[Any]) -> list[list_tools.Select]:
    named = [(source.pk, source.name) for source in sources]
    rows = (
        ("source", _("Source"), _("Any source"), named),
        ("origin", _("Origin"), _("Any origin"), ImportRun.Origin.choices),
    )
    return list_tools.selects(asked=request.GET, rows=rows)


def _is_part(request: PortalRequest) -> bool:
    return bool(request.htmx) and not request.htmx.boosted


def _url(request: PortalRequest, **changes: str) -> str:
    kept = {name: asked_text(request, name) for name in KEPT}
    query = urlencode({name: value for name, value in {**kept, **changes}.items() if value})
    return f"{reverse('imports')}?{query}" if query else reverse("imports")


def _csv_row(run: Any) -> tuple[object, ...]:
    counts = (run.row_count, run.case_count, run.new_count, run.changed_count, run.unchanged_count, run.held_count, run.waiting_count or 0)
    return (
        run.source.code, run.file_name, run.origin, run.started_at.isoformat(), f"{run.seconds:.1f}", *counts, run.person_name or ""
    )  # fmt: skip
