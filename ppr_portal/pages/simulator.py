"""Simulator: what a contract version would have billed and paid on real months, beside how they were. Nothing is written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from billing import access
from billing.queries import simulate_version
from billing.rules import money
from contracts import clock
from contracts.models import ContractVersion
from contracts.rules import errors
from ppr_portal.pages import exports, simulator_knobs, simulator_rows
from ppr_portal.pages.entry import PortalRequest, asked_text, portal_page

MONTHS_AT_FIRST = 3
# Twelve months of folding at eleven settings is as much as a request should carry.
MONTHS_MAX = 12
# The rest opens in its place: a second working-out would take as long as the first.
CLASSES_MAX = 12
CSV_HEAD = ("part", "period", "name", "code", "now", "then", "difference", "unit")
Cells = tuple[object, ...]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What an address asks for: months that follow each other, and whether the knobs are turned."""

    months: tuple[date, ...]
    is_misread: bool
    with_knobs: bool

    def query(self, **more: str) -> str:
        """Return the address's question again, with more."""
        knobs = {"sensitivity": "on"} if self.with_knobs else {}
        return urlencode({"from": f"{self.months[0]:%Y-%m}", "to": f"{self.months[-1]:%Y-%m}", **knobs, **more})


@require_safe
@portal_page
def version_simulation(request: PortalRequest, pk: int) -> HttpResponse:
    """Try a contract version on months of its contract."""
    if not access.may_back_test(request.user):
        raise Http404
    version = get_object_or_404(ContractVersion.objects.select_related("contract__client"), pk=pk)
    known = simulate_version.list_months(contract=version.contract)
    context: dict[str, object] = {"version": version, "known_months": known}
    if not known:
        return render(request, "simulator/page.html", context)
    asked = _read(request, known)
    context |= {"asked": asked, "first": asked.months[0], "last": asked.months[-1]}
    try:
        desk = simulate_version.open_desk(version=version, months=asked.months, as_of=clock.now())
        found = simulate_version.simulate_version(desk=desk, version=version)
        points = simulate_version.try_knobs(desk=desk, version=version) if asked.with_knobs else ()
    except errors.InvalidInput as refused:
        return render(request, "simulator/page.html", {**context, "refusal": refused.message})
    panels = simulator_knobs.draw_panels(points=points, currency=found.then.currency)
    if request.GET.get("format") == "csv":
        return _csv(version, found, panels)
    return render(request, "simulator/page.html", {**context, **_context(version, asked, found, panels)})


def _read(request: PortalRequest, known: Sequence[date]) -> Asked:
    """Read the months asked for; the newest three with work where none are, or where they make no span."""
    first, last = (_month(asked_text(request, name), known) for name in ("from", "to"))
    asked_for = bool(request.GET.get("from") or request.GET.get("to"))
    is_misread = asked_for and (first is None or last is None or first > last)
    if first is None or last is None or first > last:
        first, last = known[min(MONTHS_AT_FIRST, len(known)) - 1], known[0]
    months = _span(first, last)
    is_misread = is_misread or len(months) > MONTHS_MAX
    return Asked(months=months[-MONTHS_MAX:], is_misread=is_misread, with_knobs=request.GET.get("sensitivity") == "on")


def _month(text: str, known: Sequence[date]) -> date | None:
    return next((month for month in known if f"{month:%Y-%m}" == text), None)


def _span(first: date, last: date) -> tuple[date, ...]:
    count = (last.year - first.year) * 12 + last.month - first.month
    return tuple(date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1) for n in range(count + 1))


def _context(
    version: ContractVersion, asked: Asked, found: simulate_version.Simulation, panels: Sequence[simulator_knobs.Panel]
) -> dict[str, object]:
    currency, classes = found.then.currency, simulator_rows.list_classes(found=found)
    return {
        "found": found,
        "currency": currency,
        "difference_micros": money.to_micros(amount=found.difference, currency=currency),
        "change": found.difference / found.now.total if found.now.total else None,
        "now_micros": money.to_micros(amount=found.now.total, currency=currency),
        "then_micros": money.to_micros(amount=found.then.total, currency=currency),
        "booked_micros": money.to_micros(amount=found.booked, currency=currency),
        "is_as_booked": found.booked == found.now.rated_total,
        "sums": simulator_rows.list_sums(found=found),
        "counts": simulator_rows.list_counts(found=found),
        "lines": simulator_rows.list_lines(found=found),
        "classes": classes[:CLASSES_MAX],
        "more_classes": classes[CLASSES_MAX:],
        "has_margins": bool(found.classes) and found.classes[0].now_pay is not None,
        "cliffs": simulator_rows.list_cliffs(version=version),
        "panels": panels,
        "csv_query": asked.query(format="csv"),
        "knobs_query": asked.query(sensitivity="on"),
    }


def _csv(version: ContractVersion, found: simulate_version.Simulation, panels: Sequence[simulator_knobs.Panel]) -> HttpResponse:
    name = f"simulation-{version.contract.code}-{version.number}-{found.months[0]:%Y-%m}-{found.months[-1]:%Y-%m}"
    return exports.csv_response(name=name, head=CSV_HEAD, rows=_cells(version, found, panels))


def _cells(version: ContractVersion, found: simulate_version.Simulation, panels: Sequence[simulator_knobs.Panel]) -> Iterator[Cells]:
    def amounts(row: simulator_rows.Sum) -> Cells:
        written = (row.now_micros, row.then_micros, row.difference_micros)
        return (*(exports.amount(micros=micros, currency=row.currency) for micros in written), row.currency)

    for row in simulator_rows.list_sums(found=found):
        yield ("sum", "", f"{row.label}{', ' * bool(row.note)}{row.note}", "", *amounts(row))
    for one in simulator_rows.list_counts(found=found):
        yield ("count", "", one.label, "", one.now, one.then, one.difference, "resolutions")
    for start, row in simulator_rows.list_period_lines(found=found):
        yield ("line", start, row.label, row.note, *amounts(row))
    for view in simulator_rows.list_classes(found=found):
        yield ("class count", "", view.name, view.code, view.now_count, view.then_count, view.then_count - view.now_count, "resolutions")
        yield ("class amount", "", view.name, view.code, *amounts(view.amount))
        if view.margin is not None:
            yield ("class margin", "", view.name, view.code, *amounts(view.margin))
    yield from _knob_cells(found.then.currency, panels)
    for cliff in simulator_rows.list_cliffs(version=version):
        yield ("cliff", "", cliff.what, "", "", "", cliff.at_stake, "")


def _knob_cells(currency: str, panels: Sequence[simulator_knobs.Panel]) -> Iterator[Cells]:
    for panel in panels:
        own = next(point for point in panel.points if point.is_own)
        for point in panel.points:
            name = f"{panel.title}, {point.label}"
            bill, pay = ((own.bill_micros, point.bill_micros), (own.pay_micros, point.pay_micros))
            for part, (before, after) in (("knob bill", bill), ("knob pay", pay)):
                written = (exports.amount(micros=micros, currency=currency) for micros in (before, after, after - before))
                yield (part, "", name, panel.knob, *written, currency)
            yield (
                "knob count",
                "",
                name,
                panel.knob,
                own.billed_count,
                point.billed_count,
                point.billed_count - own.billed_count,
                "resolutions",
            )
