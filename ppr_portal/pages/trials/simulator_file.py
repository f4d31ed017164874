"""The simulator's file: every figure of its page as one table, for the page and for the command."""

from collections.abc import Iterator, Sequence

from billing.queries import class_names
from billing.queries.simulator import simulate_version
from contracts.models import ContractVersion
from ppr_portal.pages import exports
from ppr_portal.pages.trials import simulator_knobs, simulator_rows

HEAD = ("part", "period", "name", "code", "now", "then", "difference", "unit")
Cells = tuple[object, ...]


def list_cells(
    *,
    version: ContractVersion,
    found: simulate_version.Simulation,
    panels: Sequence[simulator_knobs.Panel],
    cliffs: Sequence[simulator_rows.Cliff],
    before: str,
) -> Iterator[Cells]:
    """Give the rows of the file, part by part: what stands beside what, sums, counts, statement lines by period, classes, knobs, cliffs."""

    def amounts(row: simulator_rows.Sum) -> Cells:
        written = (row.now_micros, row.then_micros, row.difference_micros)
        return (*(exports.amount(micros=micros, currency=row.currency) for micros in written), row.currency)

    yield ("side", "", "", "", before, f"Version {version.number}", "", "")
    for row in simulator_rows.list_sums(found=found):
        yield ("sum", "", f"{row.label}{', ' * bool(row.note)}{row.note}", "", *amounts(row))
    for one in simulator_rows.list_counts(found=found):
        yield ("count", "", one.label, "", one.now, one.then, one.difference, "resolutions")
    for start, row in simulator_rows.list_period_lines(found=found):
        yield ("line", start, row.label, row.note, *amounts(row))
    for view in simulator_rows.list_classes(found=found, names=class_names.load_class_names()):
        yield ("class count", "", view.name, view.code, view.now_count, view.then_count, view.then_count - view.now_count, "resolutions")
        yield ("class amount", "", view.name, view.code, *amounts(view.amount))
        if view.margin is not None:
            yield ("class margin", "", view.name, view.code, *amounts(view.margin))
    yield from _knob_cells(found.then.currency, panels)
    for cliff in cliffs:
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
