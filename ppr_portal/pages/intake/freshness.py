"""How fresh data is, for the people who keep it coming."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from agents import access
from agents.models import Source
from billing.queries import freshness as fresh
from contracts import clock
from contracts.translation import gettext_lazy
from ppr_portal.pages import exports
from ppr_portal.pages.entry import PortalRequest, portal_page
from ppr_portal.templatetags import formats

STATES = {
    "fine": ("confirmed", gettext_lazy("As usual")),
    "late": ("warn", gettext_lazy("Silent for longer than usual")),
    "few": ("pending", gettext_lazy("Too new to tell")),
    "never": ("void", gettext_lazy("Nothing came yet")),
}
WORDS = {
    "cases": (gettext_lazy("Cases with news"), gettext_lazy("Folded within seconds of a delivery, and every minute.")),
    "windows": (
        gettext_lazy("Windows that have ended"),
        gettext_lazy("Silence counts as a yes when the window ends; looked at every ten minutes."),
    ),
    "answers": (
        gettext_lazy("Surveys and reviews without an agent"),
        gettext_lazy("They wait for a resolution or a name, and are tried again by themselves."),
    ),
    "accruals": (gettext_lazy("Pay so far"), gettext_lazy("The oldest agent's figure. One whose facts did not change stays as it is.")),
    "drafts": (gettext_lazy("Invoice drafts"), gettext_lazy("Written anew every night, where something changed.")),
    "value": (gettext_lazy("Value reports"), gettext_lazy("Counted every night.")),
    "first_contacts": (
        gettext_lazy("First contacts"),
        gettext_lazy("Days that changed are counted anew every five minutes, and small ones whenever the report is read."),
    ),
}
CSV_HEAD = ("source", "code", "state", "last_arrival", "lag_hours", "last_record", "held")


@require_safe
@portal_page
def freshness(request: PortalRequest) -> HttpResponse:
    """Show when each source last came, and how far what is worked out here is behind."""
    if not access.reads_jobs(request.user):
        raise Http404
    now, as_of = timezone.now(), clock.now()
    sources = fresh.list_sources(source_ids=list(Source.objects.values_list("pk", flat=True)), now=now)
    if request.GET.get("format") == "csv":
        return exports.csv_response(name=f"freshness-{request.today}", head=CSV_HEAD, rows=_cells(sources, now))
    context = {
        "sources": [_row(source, now) for source in sources],
        "late_count": sum(source.health == "late" for source in sources),
        "derived": [_derived(found) for found in fresh.list_derived(as_of=as_of)],
        "reads_intake": access.reads_intake(request.user),
        "as_of": as_of,
    }
    return render(request, "jobs/freshness.html", context)


def _row(source: fresh.SourceFreshness, now: datetime) -> dict[str, Any]:
    shape, words = STATES[source.health]
    at = source.line.last_import_at
    return {"line": source.line, "shape": shape, "words": words, "lag": formats.duration(_seconds(at, now)) if at else ""}


def _seconds(at: datetime, now: datetime) -> int:
    return max(int((now - at).total_seconds()), 0)


def _derived(found: fresh.Derived) -> dict[str, Any]:
    name, how = WORDS[found.code]
    return {"name": name, "how": how, "found": found, "counts": found.code in ("cases", "windows", "answers", "first_contacts")}


def _cells(sources: Iterable[fresh.SourceFreshness], now: datetime) -> Iterable[tuple[object, ...]]:
    for source in sources:
        line = source.line
        at, record = line.last_import_at, line.last_record_at
        lag = f"{_seconds(at, now) / 3600:.1f}" if at else ""
        yield (
            line.name,
            line.code,
            str(STATES[source.health][1]),
            exports.moment(at),
            lag,
            exports.moment(record),
            line.held_count,
        )
