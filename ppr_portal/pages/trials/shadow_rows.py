"""Comparisons as lists, chips and files: what each shows and says."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from billing.models import ShadowLine, ShadowRun
from billing.queries.shadow import words
from billing.rules import money
from billing.rules import shadow as rules
from contracts.translation import gettext_lazy
from ppr_portal.pages import exports
from ppr_portal.templatetags import formats

SIDES = (("", gettext_lazy("All"), None), ("bill", gettext_lazy("Invoices"), None), ("pay", gettext_lazy("Payslips"), None))
LIST_HEAD = ("compared", "what", "whose", "period", "file", "currency", "theirs", "ours", "difference", "lines", "same", "held", "by")
LINE_HEAD = (
    *("row", "line", "cause", "their_count", "our_count", "their_price", "our_price", "theirs", "ours", "difference", "currency"),
    "explanation",
)


def count_causes(*, run: ShadowRun) -> list[tuple[str, str, int]]:
    """Return what the lines can be narrowed to: all, what differs, and each cause with how many there are."""
    different = run.line_count - run.same_count
    counts = [("", _("All"), run.line_count + run.held_count), ("different", _("Different"), different)]
    counts += [(row["code"], words.name_of(code=row["code"]), row["count"]) for row in run.causes]
    counts += [
        (rules.SAME, words.name_of(code=rules.SAME), run.same_count),
        (rules.HELD, words.name_of(code=rules.HELD), run.held_count),
    ]
    return [(code, label, count) for code, label, count in counts if count or not code]


def cause_rows(*, run: ShadowRun) -> list[dict[str, Any]]:
    """Return the steps from their sum to ours."""
    shown = ({**row, "shown": fine_amount(micros=row["micros"], currency=run.currency, is_signed=True)} for row in run.causes)
    return [{**row, "name": words.name_of(code=row["code"])} for row in shown]


def line_row(*, line: ShadowLine, currency: str, has_links: bool) -> dict[str, Any]:
    """Return a line as its page shows it: both amounts, the difference, each cause with its sentence, and a link for whoever sees it."""
    return {
        "line": line,
        "url": reverse("resolution", args=[line.resolution_id]) if has_links and line.resolution_id else "",
        "theirs": "" if line.their_micros is None else fine_amount(micros=line.their_micros, currency=currency),
        "ours": "" if line.our_micros is None else fine_amount(micros=line.our_micros, currency=currency),
        "difference": fine_amount(micros=(line.our_micros or 0) - (line.their_micros or 0), currency=currency, is_signed=True),
        "causes": [
            {
                "name": words.name_of(code=one["code"]),
                "words": _explain(one, currency),
                "shown": fine_amount(micros=one["micros"], currency=currency, is_signed=True) if one["micros"] else "",
            }
            for one in line.causes
        ],
    }


def fine_amount(*, micros: int, currency: str, is_signed: bool = False) -> str:
    """Write an amount as people read it, with more decimals than the currency has where cents would hide something."""
    places = len(words.amount(micros=micros, currency=currency).rpartition(".")[2]) if money.currency_places(currency=currency) else 0
    return formats.number(value=money.from_micros(micros=micros), places=places, signed=is_signed)


def run_cells(run: ShadowRun) -> tuple[object, ...]:
    """Return a comparison as a row of a file."""
    difference = None if run.their_micros is None or run.our_micros is None else run.our_micros - run.their_micros
    sums = (run.their_micros, run.our_micros, difference)
    amounts = [exports.amount(micros=micros, currency=run.currency) for micros in sums]
    return (
        *(run.made_at.isoformat(), run.side, str(run.contract or run.site), f"{run.period_start:%Y-%m}", run.file.name, run.currency),
        *(*amounts, run.line_count, run.same_count, run.held_count, str(run.made_by or "")),
    )


def line_cells(line: ShadowLine, *, currency: str) -> tuple[object, ...]:
    """Return a line as a row of a file."""

    def write(micros: int | None) -> str:
        return "" if micros is None else words.amount(micros=micros, currency=currency)

    told = " ".join(f"{_explain(one, currency)} ({write(one['micros'])})" for one in line.causes)
    figures = (line.their_count, line.our_count, line.their_price, line.our_price)
    sums = (line.their_micros, line.our_micros, (line.our_micros or 0) - (line.their_micros or 0))
    return (line.place, line.label, line.cause, *figures, *map(write, sums), currency, told)


def _explain(cause: Mapping[str, Any], currency: str) -> str:
    return words.explain(cause=cause, currency=currency)
