"""What the figure on an agent's home is made of: rows that add up to it, from hours and confirmed to corrections."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import SettlementLine
from billing.queries import open_period
from contracts.translation import gettext_lazy
from ppr_portal.pages.pay import statement_rows
from ppr_portal.templatetags import formats

HOURS = ("base", "category", "rest", "nonproductive", "shift_differential")
CONFIRMED, ASSUMED = "confirmed", "assumed"


@dataclass(frozen=True, kw_only=True)
class LedgerRow:
    """One row of what the figure is made of; rows add up to the total."""

    fill: str
    name: str
    how: str
    why: str
    amount_micros: int
    position: int | None


def hours_micros(lines: Iterable[SettlementLine]) -> int:
    """Return what the hours earned."""
    return sum(line.amount_micros for line in lines if line.kind in HOURS)


def list_rows(*, lines: Sequence[SettlementLine], parts: Sequence[open_period.Part], seconds: int) -> tuple[LedgerRow, ...]:
    """Put the lines of the open period into rows that add up to its total.

    Args:
        lines: of the settlement, in order.
        parts: what each day and state brought of the unit lines.
        seconds: time worked in the period so far.
    """
    return tuple(_rows(lines, parts, seconds))


def _rows(lines: Sequence[SettlementLine], parts: Sequence[open_period.Part], seconds: int) -> Iterable[LedgerRow]:
    paid = [line for line in lines if line.kind in HOURS]
    if paid:
        yield LedgerRow(
            fill="hours",
            name=_("Hours worked"),
            how=_hours_words(paid, seconds),
            why=_("Every clocked hour is paid, waiting for contacts included."),
            amount_micros=hours_micros(lines),
            position=paid[0].position,
        )
    yield from _unit_rows(lines, parts)
    others = [line for line in lines if line.kind not in HOURS and line.kind != "unit"]
    for line in sorted(others, key=lambda line: (_rank(line.kind), line.position)):
        if line.amount_micros or line.kind in {"quality", "floor"}:
            yield _other_row(line)


def _unit_rows(lines: Sequence[SettlementLine], parts: Sequence[open_period.Part]) -> Iterable[LedgerRow]:
    units = [line for line in lines if line.kind == "unit"]
    if not units:
        return
    position = units[0].position
    confirmed = [part for part in parts if part.state == CONFIRMED]
    assumed = [part for part in parts if part.state != CONFIRMED]
    # Lines whose credits are not known by state stand with the assumed ones, so that the rows still add up.
    rest = sum(line.amount_micros for line in units) - sum(part.amount_micros for part in parts)
    yield LedgerRow(
        fill=CONFIRMED,
        name=_("Confirmed"),
        how=_resolutions(confirmed),
        amount_micros=sum(part.amount_micros for part in confirmed),
        position=position,
        why=_("The customer said that it is solved. Price × your credit × your share, added over these resolutions."),
    )
    yield LedgerRow(
        fill=ASSUMED,
        name=_("Assumed"),
        how=_("%(assumed)s after silence") % {"assumed": _resolutions(assumed)},
        position=position,
        amount_micros=sum(part.amount_micros for part in assumed) + rest,
        why=_("The customer did not come back until the window ended. These pay the same as confirmed ones."),
    )


OTHERS = {
    "tier_uplift": (gettext_lazy("What your higher share adds to the resolutions above the first tier."), ""),
    "recovery": (gettext_lazy("A guardrail gave you a paid rest, at your average hour."), ""),
    "overtime": (gettext_lazy("Hours beyond the week's limit earn more; this is the part on top of your normal pay."), ""),
    "quality": (gettext_lazy("It moves with your score until the period is settled. It can never take away pay for hours."), ""),
    "guardrail": (gettext_lazy("While you worked beyond a limit, resolutions earned their base pay and no premium."), ""),
    "floor": (
        gettext_lazy("Your pay is tested against the minimum that your plan and the law promise."),
        gettext_lazy("tested, not needed"),
    ),
}


def _rank(kind: str) -> int:
    """Order the rest of the ledger like OTHERS; what is not listed there comes last."""
    return list(OTHERS).index(kind) if kind in OTHERS else len(OTHERS)


def _other_row(line: SettlementLine) -> LedgerRow:
    why, zero = OTHERS.get(line.kind, (_("It was entered or corrected by a person, or carried over. The statement tells the reason."), ""))
    how = zero if zero and line.amount_micros == 0 else _how(line)
    name = _("Quality so far") if line.kind == "quality" else statement_rows.label_of(line)
    return LedgerRow(
        fill="hours" if line.kind in {"recovery", "overtime"} else "quality",
        name=name,
        how=how,
        why=why,
        amount_micros=line.amount_micros,
        position=line.position,
    )


def _how(line: SettlementLine) -> str:
    if line.kind == "quality" and line.rate:
        return _("%(rate)s until the period is settled") % {"rate": formats.signed_percent(line.rate, 4)}
    if line.kind in {"recovery", "overtime"} and line.quantity:
        return f"{formats.decimal(line.quantity)} h"
    if line.kind == "reversal" and line.inputs.get("resolution"):
        return _("case %(resolution)s") % {"resolution": statement_rows.case_of(line.inputs["resolution"])}
    return ""


def _hours_words(paid: Sequence[SettlementLine], seconds: int) -> str:
    if len(paid) == 1 and paid[0].quantity and paid[0].rate:
        return _("%(quantity)s h at %(rate)s") % {"quantity": formats.decimal(paid[0].quantity), "rate": formats.decimal(paid[0].rate)}
    return f"{formats.hours(seconds)} h"


def _resolutions(parts: Iterable[open_period.Part]) -> str:
    total = sum(part.resolution_count for part in parts)
    return ngettext("%(count)s resolution", "%(count)s resolutions", total) % {"count": formats.count(total)}
