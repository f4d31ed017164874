"""A statement as people read it: lines in groups that add up, each with its reason behind the amount."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from billing.models import Dispute, Settlement, SettlementLine
from contracts.rules import exact
from ppr_portal.templatetags import formats

HOURS_KINDS = ("base", "category", "recovery", "rest", "nonproductive", "shift_differential", "overtime")
UNIT_KINDS = ("unit", "tier_uplift", "piece")
GROUPS = (("Hours", HOURS_KINDS), ("Resolutions", UNIT_KINDS))
LAST_GROUP = "Quality and corrections"

DISPUTE_WORDS = {
    "open": "Disputed, answer by {due}",
    "accepted": "Dispute accepted",
    "partly_accepted": "Dispute accepted in part",
    "refused": "Dispute refused",
    "withdrawn": "Dispute withdrawn",
}


@dataclass(frozen=True, kw_only=True)
class LineDispute:
    """The dispute about a line, in words."""

    pk: int
    words: str
    is_open: bool


@dataclass(frozen=True, kw_only=True)
class StatementLine:
    """One line of a statement."""

    pk: int
    position: int
    kind: str
    label: str
    note: str
    quantity: str
    rate: str
    amount_micros: int
    dispute: LineDispute | None

    @property
    def product(self) -> str:
        """Quantity and rate in one, for the second line on a phone."""
        return f"{self.quantity}{formats.NO_BREAK}×{formats.NO_BREAK}{self.rate}" if self.quantity and self.rate else self.quantity


@dataclass(frozen=True, kw_only=True)
class StatementGroup:
    """Lines that belong together, and their sum."""

    title: str
    lines: tuple[StatementLine, ...]
    total_micros: int


def group_lines(*, lines: Iterable[SettlementLine], disputes: Iterable[Dispute]) -> tuple[StatementGroup, ...]:
    """Return the lines of a statement in the order in which people read them; groups without lines are left out."""
    by_line = {dispute.line_id: dispute for dispute in sorted(disputes, key=lambda dispute: dispute.opened_at)}
    found: dict[str, list[StatementLine]] = {title: [] for title in (*(title for title, _ in GROUPS), LAST_GROUP)}
    for line in lines:
        title = next((title for title, kinds in GROUPS if line.kind in kinds), LAST_GROUP)
        found[title].append(_line(line, by_line.get(line.pk)))
    return tuple(
        StatementGroup(title=title, lines=tuple(members), total_micros=sum(line.amount_micros for line in members))
        for title, members in found.items()
        if members
    )


def _line(line: SettlementLine, dispute: Dispute | None) -> StatementLine:
    quantity, rate = _beside(line)
    return StatementLine(
        pk=line.pk,
        position=line.position,
        kind=line.kind,
        label=line.label,
        note=note_of(line),
        quantity=quantity,
        rate=rate,
        amount_micros=line.amount_micros,
        dispute=_dispute(dispute) if dispute else None,
    )


def _dispute(dispute: Dispute) -> LineDispute:
    words = DISPUTE_WORDS[dispute.status].format(due=formats.day(dispute.due_at))
    return LineDispute(pk=dispute.pk, words=words, is_open=dispute.status == Dispute.Status.OPEN)


def _beside(line: SettlementLine) -> tuple[str, str]:
    """Return quantity and rate as they stand beside the amount; nothing where a rule has none."""
    if line.kind in HOURS_KINDS:
        return (f"{formats.decimal(line.quantity)}{formats.NO_BREAK}h" if line.quantity else "", _price(line.rate))
    if line.kind == "quality":
        return (formats.decimal(line.quantity) if line.quantity else "", formats.percent(line.rate, 2) if line.rate else "")
    if line.kind == "tier_uplift":
        rate = formats.percent(line.rate, 0) if line.rate and line.inputs.get("rate_kind") == "share" else _price(line.rate)
        return (formats.short_number(line.quantity), rate)
    if line.kind == "floor":
        return (f"{formats.decimal(line.quantity)}{formats.NO_BREAK}h" if line.quantity else "", _price(line.rate))
    return (formats.short_number(line.quantity), _price(line.rate))


def _price(rate: str) -> str:
    """Write a rate with cents, or as many decimals as it really has, up to four."""
    if not rate:
        return ""
    value = exact.parse_exact(text=rate)
    return formats.decimal(value, 2 if (value * 100).denominator == 1 else 4)


def note_of(line: SettlementLine) -> str:
    """Say in a few words what a line rests on."""
    inputs: Mapping[str, str] = line.inputs
    if line.kind == "quality":
        score = f"score {formats.percent(inputs['composite'])}" if inputs.get("composite") else "no results yet"
        return f"on all resolution pay, {score}{', few results so far' if inputs.get('provisional') == 'yes' else ''}"
    if line.kind in ("floor", "draw") and line.amount_micros == 0:
        return "tested, not needed"
    if line.kind == "unit" and inputs.get("credit") not in (None, "1"):
        return f"shared, credit {formats.percent(inputs['credit'], 0)}"
    if line.kind == "tier_uplift" and inputs.get("above"):
        return f"for those after your first {formats.short_number(inputs['above'])}"
    return ""


@dataclass(frozen=True, kw_only=True)
class WeekTest:
    """One workweek of the minimum wage test: hours, and pay an hour without overtime premium."""

    week: str
    hours: str
    hourly: str


@dataclass(frozen=True, kw_only=True)
class FloorTest:
    """The minimum wage test of a settlement."""

    is_met: bool
    required_hourly: str
    weeks: tuple[WeekTest, ...]
    top_up_micros: int


def count_lines(groups: Sequence[StatementGroup]) -> int:
    """Return how many lines a statement has."""
    return sum(len(group.lines) for group in groups)


def average_hour(settlement: Settlement) -> Fraction | None:
    """Return what an hour brought on average, in the major unit; None without hours."""
    if not settlement.paid_seconds:
        return None
    return Fraction(settlement.total_micros, 1_000_000) / Fraction(settlement.paid_seconds, 3600)


def floor_test_of(settlement: Settlement) -> FloorTest | None:
    return None
