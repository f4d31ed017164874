"""Simulator: what a contract version would have billed and paid on real months, beside how they were or another version.

Nothing is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agents.operations.jobs import kept_answers
from billing import access
from billing.queries import class_names
from billing.queries.simulator import simulate_version
from billing.rules import money
from contracts import clock
from contracts.models import ContractVersion
from contracts.rules import calendar_months
from ppr_portal import tasks
from ppr_portal.pages import exports, watched
from ppr_portal.pages.entry import PortalRequest, asked_month, asked_text, portal_page
from ppr_portal.pages.trials import simulator_file, simulator_kept, simulator_knobs, simulator_rows

PAGE = "simulator/page.html"
MONTHS_AT_FIRST = 3
# Twelve months of folding at eleven settings is as much as a request should carry.
MONTHS_MAX = 12
# The rest opens in its place: a second working-out would take as long as the first.
CLASSES_MAX = 12


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What an address asks for: months that follow each other, what stands beside the version, and whether the knobs are turned."""

    months: tuple[date, ...]
    is_misread: bool
    with_knobs: bool
    against: ContractVersion | None

    def query(self, **more: str) -> str:
        """Return the address's question again, with more."""
        knobs = {"sensitivity": "on"} if self.with_knobs else {}
        beside = {} if self.against is None else {"beside": str(self.against.number)}
        return urlencode({"from": f"{self.months[0]:%Y-%m}", "to": f"{self.months[-1]:%Y-%m}", **beside, **knobs, **more})


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def version_simulation(request: PortalRequest, pk: int) -> HttpResponse:
    """Try a contract version on months of its contract; what was worked out is kept until somebody wants it anew."""
    if not access.may_back_test(request.user):
        raise Http404
    version = get_object_or_404(ContractVersion.objects.select_related("contract__client"), pk=pk)
    known = simulate_version.list_months(contract=version.contract)
    context: dict[str, object] = {"version": version, "known_months": known}
    if not known:
        return render(request, PAGE, context)
    others = list(version.contract.versions.exclude(pk=version.pk).order_by("-number"))
    asked = _read(request, known, others)
    context |= {"asked": asked, "first": asked.months[0], "last": asked.months[-1], "others": others}
    context["before_title"] = name_before(against=asked.against)
    question = simulator_kept.Question(version=version, months=asked.months, against=asked.against, with_knobs=asked.with_knobs)
    if request.method == "POST":
        kept_answers.forget(key=question.key)
        return redirect(f"{request.path}?{asked.query()}")
    return watched.show_answer(
        request,
        state=simulator_kept.read_or_start(question=question, as_of=clock.now(), start=lambda name: _start(question, name)),
        template=PAGE,
        context=context,
        watch_url=f"{request.path}?{asked.query()}",
        show=lambda answer: _show(request, version, asked, answer, context),
    )


def _show(
    request: PortalRequest, version: ContractVersion, asked: Asked, answer: simulator_kept.Answer, context: dict[str, object]
) -> HttpResponse:
    panels = simulator_knobs.draw_panels(points=answer.points, currency=answer.found.then.currency)
    if request.GET.get("format") == "csv":
        return _csv(version, asked, answer, panels)
    return render(request, PAGE, {**context, **_context(asked, answer, panels)})


def _start(question: simulator_kept.Question, name: str) -> None:
    """Ask a worker to work a question out, in the language of who asks."""
    tasks.simulate.delay(
        name=name,
        version_id=question.version.pk,
        months=[month.isoformat() for month in question.months],
        against_id=None if question.against is None else question.against.pk,
        with_knobs=question.with_knobs,
        language=translation.get_language(),
    )


def name_before(*, against: ContractVersion | None) -> str:
    """Name what stands beside the version that is tried."""
    return _("As it was") if against is None else _("Version %(number)s") % {"number": against.number}


def _read(request: PortalRequest, known: Sequence[date], others: Sequence[ContractVersion]) -> Asked:
    """Read the months asked for; the newest three with work where none are, or where they make no span."""
    first, last = (asked_month(request, name, known=known) for name in ("from", "to"))
    asked_for = bool(request.GET.get("from") or request.GET.get("to"))
    is_misread = asked_for and (first is None or last is None or first > last)
    if first is None or last is None or first > last:
        first, last = known[min(MONTHS_AT_FIRST, len(known)) - 1], known[0]
    months = calendar_months.list_months(first=first, last=last)
    is_misread = is_misread or len(months) > MONTHS_MAX
    against = next((one for one in others if str(one.number) == asked_text(request, "beside")), None)
    return Asked(months=months[-MONTHS_MAX:], is_misread=is_misread, with_knobs=request.GET.get("sensitivity") == "on", against=against)


def _context(asked: Asked, answer: simulator_kept.Answer, panels: Sequence[simulator_knobs.Panel]) -> dict[str, object]:
    found = answer.found
    names, currency = class_names.load_class_names(), found.then.currency
    classes = simulator_rows.list_classes(found=found, names=names)
    return {
        "found": found,
        "as_of": answer.as_of,
        "currency": currency,
        "difference_micros": money.to_micros(amount=found.difference, currency=currency),
        "change": found.difference / found.now.total if found.now.total else None,
        "now_micros": money.to_micros(amount=found.now.total, currency=currency),
        "then_micros": money.to_micros(amount=found.then.total, currency=currency),
        "booked_micros": money.to_micros(amount=found.booked, currency=currency),
        "is_as_booked": found.booked == found.now.rated_total,
        "sums": simulator_rows.list_sums(found=found),
        "counts": simulator_rows.list_counts(found=found),
        "lines": simulator_rows.list_lines(found=found, names=names),
        "classes": classes[:CLASSES_MAX],
        "more_classes": classes[CLASSES_MAX:],
        "has_margins": bool(found.classes) and found.classes[0].now_pay is not None,
        "cliffs": answer.cliffs,
        "panels": panels,
        "csv_query": asked.query(format="csv"),
        "knobs_query": asked.query(sensitivity="on"),
        "query": asked.query(),
    }


def _csv(version: ContractVersion, asked: Asked, answer: simulator_kept.Answer, panels: Sequence[simulator_knobs.Panel]) -> HttpResponse:
    found = answer.found
    beside = "" if asked.against is None else f"-beside-{asked.against.number}"
    name = f"simulation-{version.contract.code}-{version.number}{beside}-{found.months[0]:%Y-%m}-{found.months[-1]:%Y-%m}"
    before = name_before(against=asked.against)
    rows = simulator_file.list_cells(version=version, found=found, panels=panels, cliffs=answer.cliffs, before=before)
    return exports.csv_response(name=name, head=simulator_file.HEAD, rows=rows)
