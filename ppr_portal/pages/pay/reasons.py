"""The reason of a statement line, set like a sum on paper: the engine's own steps, shown as people read numbers."""

import re
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from agents.models import User
from billing import access
from billing.models import Dispute, Settlement, SettlementLine
from billing.models.settlements import SettlementStatus
from billing.queries import explanations
from billing.rules.pay import explain
from contracts.rules import errors
from contracts.translation import told
from ppr_portal.pages.pay import statement_rows
from ppr_portal.templatetags import formats

SETTLED = (SettlementStatus.APPROVED, SettlementStatus.POSTED, SettlementStatus.PAID)
# An exact number inside a sentence that nobody wants to read whole: 11391/10100, or many decimals.
LONG_NUMBER = re.compile(r"\d+/\d+|\d+\.\d{5,}")


@dataclass(frozen=True, kw_only=True)
class ReasonStep:
    """One step of the sum: sign and value left, words right."""

    sign: str
    value: str
    name: str
    text: str
    is_result: bool
    is_final: bool


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Everything behind one amount."""

    line: SettlementLine
    position: int
    amount_micros: int
    currency: str
    steps: tuple[ReasonStep, ...]
    notes: tuple[str, ...]
    dispute: statement_rows.LineDispute | None
    dispute_url: str
    source_url: str
    source_words: str


def reason_of(*, line: SettlementLine, settlement: Settlement, dispute: Dispute | None, user: User) -> Reason:
    """Return why a line came to its amount, and where the agent can dispute it."""
    line.settlement = settlement
    steps, notes = _explained(line)
    source_url, source_words = _source(line, settlement)
    last = len(steps) - 1
    return Reason(
        line=line,
        position=line.position,
        amount_micros=line.amount_micros,
        currency=settlement.currency,
        steps=tuple(_step(line, step, is_final=place == last) for place, step in enumerate(steps)),
        notes=tuple(readable(note) for note in notes),
        dispute=statement_rows.dispute_of(dispute) if dispute else None,
        dispute_url="" if dispute else _dispute_url(line, settlement, user),
        source_url=source_url,
        source_words=source_words,
    )


def _source(line: SettlementLine, settlement: Settlement) -> tuple[str, str]:
    """Return where what a line rests on is told, if that is a page of its own: the scores of a month, or what gave a rest."""
    if line.kind == "quality":
        place = f"{reverse('performance')}?agent={settlement.agent_id}&period={settlement.period_start:%Y-%m}"
        return place, _("How the score came about")
    if line.kind == "recovery":
        return f"{reverse('load')}?agent={settlement.agent_id}#decisions", _("Which decisions gave the rest")
    return "", ""


def _explained(line: SettlementLine) -> tuple[tuple[explain.Step, ...], tuple[str, ...]]:
    """Explain a line; where its inputs do not give its amount, say so instead of hiding it."""
    try:
        found = explanations.explain_line(line=line)
    except errors.InvalidInput as refused:
        return (), (told(refused.message),)
    return found.steps, found.notes


def _step(line: SettlementLine, step: explain.Step, *, is_final: bool) -> ReasonStep:
    return ReasonStep(
        sign=step.sign,
        value=_final(line) if is_final else shown(step),
        name=told(step.name),
        text=_score_text(line) if line.kind == "quality" and step.sign == "×" else readable(told(step.note)),
        is_result=step.is_result,
        is_final=is_final,
    )


def _final(line: SettlementLine) -> str:
    return formats.amount(line.amount_micros, line.settlement.currency)


def shown(step: explain.Step) -> str:
    """Write a step's value as people read it."""
    if step.style == "money":
        return formats.fine_amount(step.value)
    if step.style == "percent":
        return formats.fine_percent(step.value)
    if step.style == "count":
        return formats.short_number(step.value)
    if step.style == "hours":
        return f"{formats.decimal(step.value)}{formats.NO_BREAK}h"
    return formats.short_number(step.value)


def _score_text(line: SettlementLine) -> str:
    inputs = line.inputs
    if inputs.get("provisional") == "yes":
        return _("%(value)s results so far. With so few, quality cannot lower your pay.") % {"value": inputs.get("n", "0")}
    if not inputs.get("composite"):
        return _("Nothing was observed, so quality changes nothing.")
    return _("Your score is %(composite)s, from %(n)s results; your plan turns it into this.") % {
        "composite": formats.percent(inputs["composite"]),
        "n": inputs["n"],
    }


def readable(text: str) -> str:
    """Shorten the exact numbers of a sentence."""
    return LONG_NUMBER.sub(lambda found: formats.decimal(found.group(), 4), text)


def _dispute_url(line: SettlementLine, settlement: Settlement, user: User) -> str:
    if settlement.status not in SETTLED or not access.may_dispute(user, agent=settlement.agent):
        return ""
    return reverse("statement_dispute", args=[settlement.agent_id, settlement.period_start, line.position])
