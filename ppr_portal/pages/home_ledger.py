"""What the figure on an agent's home is made of: rows that add up to it, from hours and confirmed to corrections."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from billing.models import SettlementLine
from billing.queries import open_period
from ppr_portal.pages import statement_rows
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
            name="Hours worked",
            how=_hours_words(paid, seconds),
            why="Every clocked hour is paid, waiting for contacts included.",
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
        name="Confirmed",
        how=_resolutions(confirmed),
        amount_micros=sum(part.amount_micros for part in confirmed),
        position=position,
        why="The customer said that it is solved. Price × your credit × your share, added over these resolutions.",
    )
    yield LedgerRow(
        fill=ASSUMED,
        name="Assumed",
        how=f"{_resolutions(assumed)} after silence",
        position=position,
        amount_micros=sum(part.amount_micros for part in assumed) + rest,
        why="The customer did not come back until the window ended. These pay the same as confirmed ones.",
    )


OTHERS = {
    "tier_uplift": ("What your higher share adds to the resolutions above the first tier.", ""),
    "recovery": ("A guardrail gave you a paid rest, at your average hour.", ""),
    "overtime": ("Hours beyond the week's limit earn more; this is the part on top of your normal pay.", ""),
    "quality": ("It moves with your score until the period is settled. It can never take away pay for hours.", ""),
    "guardrail": ("While you worked beyond a limit, resolutions earned their base pay and no premium.", ""),
    "floor": ("Your pay is tested against the minimum that your plan and the law promise.", "tested, not needed"),
}


def _rank(kind: str) -> int:
    """Order the rest of the ledger like OTHERS; what is not listed there comes last."""
    return list(OTHERS).index(kind) if kind in OTHERS else len(OTHERS)


def _other_row(line: SettlementLine) -> LedgerRow:
    why, zero = OTHERS.get(line.kind, ("It was entered or corrected by a person, or carried over. The statement tells the reason.", ""))
    how = zero if zero and line.amount_micros == 0 else _how(line)
    name = "Quality so far" if line.kind == "quality" else statement_rows.label_of(line)
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
        return f"{formats.signed_percent(line.rate, 2)} until the period is settled"
    if line.kind in {"recovery", "overtime"} and line.quantity:
        return f"{formats.decimal(line.quantity)} h"
    if line.kind == "reversal" and line.inputs.get("resolution"):
        return f"case {statement_rows.case_of(line.inputs['resolution'])}"
    return ""


def _hours_words(paid: Sequence[SettlementLine], seconds: int) -> str:
    if len(paid) == 1 and paid[0].quantity and paid[0].rate:
        return f"{formats.decimal(paid[0].quantity)} h at {formats.decimal(paid[0].rate)}"
    return f"{formats.hours(seconds)} h"


def _resolutions(parts: Iterable[open_period.Part]) -> str:
    total = sum(part.resolution_count for part in parts)
    return f"{formats.count(total)} resolution{'' if total == 1 else 's'}"
