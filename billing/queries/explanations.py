"""Why a stored line is what it is: its own rule run again on its stored inputs, and what it rests on, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from billing.models import Settlement, SettlementLine
from billing.rules import money
from billing.rules.pay import explain
from contracts import reading
from contracts.queries import law_words
from contracts.translation import gettext_lazy

OUTCOMES = {
    "confirmed": gettext_lazy("confirmed by the customer"),
    "assumed": gettext_lazy("assumed after silence"),
    "reopened": gettext_lazy("reopened, and counted by the contract"),
}


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """The sum behind an amount, from first value to result, and sentences about what it rests on."""

    line: SettlementLine
    steps: tuple[explain.Step, ...]
    notes: tuple[str, ...]


def explain_line(*, line: SettlementLine) -> Explanation:
    """Explain one stored line; reads nothing but the line and its settlement.

    Args:
        line: with `settlement` and its `plan_version__plan` read.

    Returns: steps whose last one is the stored amount.
    Raises: UnableToExplain if the stored inputs do not give the stored exact amount to the last micro.
    Source: design.md section 6, "Explanation".
    """
    return _explain(line, _terms_note(line.settlement))


def explain_lines(*, lines: Iterable[SettlementLine]) -> list[Explanation]:
    """Explain the lines of statements; what a statement's lines share is told once for all of them.

    Args:
        lines: each as for `explain_line`.

    Returns: in the order of the lines.
    Raises: UnableToExplain, of the first line whose inputs do not give its amount.
    """
    notes: dict[int, str] = {}
    found = []
    for line in lines:
        if line.settlement_id not in notes:
            notes[line.settlement_id] = _terms_note(line.settlement)
        found.append(_explain(line, notes[line.settlement_id]))
    return found


def _explain(line: SettlementLine, terms_note: str) -> Explanation:
    steps = explain.explain_line(
        rule=line.rule, inputs=line.inputs, exact_amount=Fraction(line.exact), amount=money.from_micros(micros=line.amount_micros)
    )
    return Explanation(line=line, steps=steps, notes=(*_notes(line, line.settlement), terms_note))


def _notes(line: SettlementLine, settlement: Settlement) -> list[str]:
    notes = []
    outcomes: Mapping[str, Any] = settlement.evidence.get("outcomes", {}).get(str(line.position), {})
    if line.kind == "unit" and outcomes:
        counted = [f"{reading.write_number(f'{outcomes[state]:,}')} {words}" for state, words in OUTCOMES.items() if outcomes.get(state)]
        notes.append(f"{', '.join(counted)}.")
    if line.kind in ("adjustment", "reversal"):
        notes.append(_("It comes from %(source)s.") % {"source": line.source})
    return notes


def _terms_note(settlement: Settlement) -> str:
    return _("%(plan_version)s; pay rules %(rule_pack_version)s; arithmetic %(rule_version)s, as known on %(as_of)s.") % {
        "plan_version": _("%(name)s, version %(number)s")
        % {"name": settlement.plan_version.plan, "number": settlement.plan_version.number},
        "rule_pack_version": law_words.name_version(version=settlement.rule_pack_version),
        "rule_version": settlement.rule_version,
        "as_of": reading.write_day(settlement.as_of),
    }
