"""A statement as people read it: lines in groups that add up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.utils.translation import gettext as _

from billing.models import Dispute, Settlement, SettlementLine
from billing.models.settlements import SettlementStatus
from billing.queries import line_labels, pay_periods, references
from billing.rules import money, paydays
from contracts.translation import gettext_lazy
from ppr_portal.templatetags import formats, times

HOURS_KINDS = ("base", "category", "recovery", "rest", "nonproductive", "shift_differential", "overtime")
UNIT_KINDS = ("unit", "tier_uplift", "piece")
GROUPS = ((gettext_lazy("Hours"), HOURS_KINDS), (gettext_lazy("Resolutions"), UNIT_KINDS))
LAST_GROUP = gettext_lazy("Quality and corrections")

DISPUTE_WORDS = {
    "open": gettext_lazy("Disputed, answer by {due}"),
    "accepted": gettext_lazy("Dispute accepted"),
    "partly_accepted": gettext_lazy("Dispute accepted in part"),
    "refused": gettext_lazy("Dispute refused"),
    "withdrawn": gettext_lazy("Dispute withdrawn"),
}
STATES = {
    SettlementStatus.ACCRUING: ("pending", gettext_lazy("Open, an estimate")),
    SettlementStatus.CALCULATED: ("pending", gettext_lazy("Calculated, not approved yet")),
    SettlementStatus.APPROVED: ("assumed", gettext_lazy("Approved, not sent yet")),
    SettlementStatus.POSTED: ("assumed", gettext_lazy("Posted, on its way")),
    SettlementStatus.PAID: ("confirmed", gettext_lazy("Paid")),
}


@dataclass(frozen=True, kw_only=True)
class SettlementState:
    """Where a settlement stands, as a shape and words."""

    shape: str
    words: str


@dataclass(frozen=True, kw_only=True)
class LineDispute:
    """The dispute about a line, in words."""

    pk: int
    words: str
    is_open: bool


@dataclass(frozen=True, kw_only=True)
class StatementLine:
    """One line of a statement."""

    position: int
    label: str
    note: str
    quantity: str
    rate: str
    amount_micros: int
    dispute: LineDispute | None
    is_open: bool
    is_product: bool

    @property
    def product(self) -> str:
        """Quantity and rate in one, for the second line on a phone; a sign between them only where they make the amount."""
        sign = "×" if self.is_product else "·"
        return f"{self.quantity}{formats.NO_BREAK}{sign}{formats.NO_BREAK}{self.rate}" if self.quantity and self.rate else self.quantity


@dataclass(frozen=True, kw_only=True)
class StatementGroup:
    """Lines that belong together, and their sum."""

    title: str
    lines: tuple[StatementLine, ...]
    total_micros: int


def state_of(settlement: Settlement) -> SettlementState:
    """Return where a settlement stands; its run must be loaded."""
    shape, words = STATES[SettlementStatus(settlement.status)]
    if settlement.status == SettlementStatus.PAID and settlement.run and settlement.run.paid_on:
        words = _("Paid %(paid_on)s") % {"paid_on": times.day(settlement.run.paid_on)}
    return SettlementState(shape=shape, words=words)


def payday_of(settlement: Settlement) -> date | None:
    """Return when a settlement is paid, by the rule of the site of its run, also where the agent moved since; None once it is paid."""
    if settlement.status == SettlementStatus.PAID:
        return None
    return paydays.find_payday(period_end=settlement.period_end, working_day=pay_periods.site_of(settlement=settlement).payday_rule)


def group_lines(*, lines: Iterable[SettlementLine], disputes: Iterable[Dispute], open_position: int | None) -> tuple[StatementGroup, ...]:
    """Return the lines of a statement in the order in which people read them; groups without lines are left out."""
    by_line = {dispute.line_id: dispute for dispute in sorted(disputes, key=lambda dispute: dispute.opened_at)}
    found: dict[str, list[StatementLine]] = {title: [] for title in (*(title for title, _other in GROUPS), LAST_GROUP)}
    for line in lines:
        title = next((title for title, kinds in GROUPS if line.kind in kinds), LAST_GROUP)
        dispute = by_line.get(line.pk)
        found[title].append(_line(line, dispute_of(dispute) if dispute else None, is_open=line.position == open_position))
    return tuple(
        StatementGroup(title=title, lines=tuple(members), total_micros=sum(line.amount_micros for line in members))
        for title, members in found.items()
        if members
    )


def count_lines(groups: Sequence[StatementGroup]) -> int:
    """Return how many lines a statement has."""
    return sum(len(group.lines) for group in groups)


def average_hour(settlement: Settlement) -> Fraction | None:
    """Return what an hour brought on average, in the major unit; None without hours."""
    if not settlement.paid_seconds:
        return None
    return Fraction(settlement.total_micros, 1_000_000) / Fraction(settlement.paid_seconds, 3600)


def average_hour_micros(settlement: Settlement) -> int | None:
    """Return the same as an amount, rounded as amounts are."""
    found = average_hour(settlement)
    return None if found is None else money.to_micros(amount=found, currency=settlement.currency)


def reference_of(settlement: Settlement) -> str:
    """Return the reference that a person gives when they ask about a statement."""
    return references.statement_reference(settlement=settlement)


def dispute_of(dispute: Dispute) -> LineDispute:
    """Return a dispute in the words that stand beside its line."""
    words = DISPUTE_WORDS[dispute.status].format(due=times.day(dispute.due_at))
    return LineDispute(pk=dispute.pk, words=words, is_open=dispute.status == Dispute.Status.OPEN)


def _line(line: SettlementLine, dispute: LineDispute | None, *, is_open: bool) -> StatementLine:
    quantity, rate = _beside(line)
    return StatementLine(
        position=line.position,
        label=label_of(line),
        note=_note(line),
        quantity=quantity,
        rate=rate,
        amount_micros=line.amount_micros,
        dispute=dispute,
        is_open=is_open,
        is_product=_is_product(line),
    )


def label_of(line: SettlementLine) -> str:
    """Name a line as people read it."""
    if line.kind == "reversal" and line.inputs.get("resolution"):
        return _("Taken back")
    return line_labels.tell_label(line.label)


def case_of(resolution: str) -> str:
    """Return the case number of a resolution that is named by source, case and number."""
    return resolution.split("/", 1)[-1].rpartition("/")[0] or resolution


def _beside(line: SettlementLine) -> tuple[str, str]:
    """Return quantity and rate as they stand beside the amount; nothing where a rule has none."""
    if line.kind in (*HOURS_KINDS, "floor"):
        return (f"{formats.decimal(line.quantity)}{formats.NO_BREAK}h" if line.quantity else "", _price(line.rate))
    if line.kind == "quality":
        return (formats.decimal(line.quantity) if line.quantity else "", formats.fine_percent(line.rate) if line.rate else "")
    if _is_share_above(line):
        return (formats.short_number(line.quantity), formats.fine_percent(line.rate))
    return (formats.short_number(line.quantity), _price(line.rate))


def _is_product(line: SettlementLine) -> bool:
    """Say whether quantity times rate is the amount before its one rounding; caps, weeks that are cut and minimums make another one."""
    if not (line.quantity and line.rate):
        return False
    return Fraction(line.quantity) * Fraction(line.rate) == Fraction(line.exact)


def _is_share_above(line: SettlementLine) -> bool:
    """Say whether the rate of a line is a part of what clients pay, which stands in its reason, and not of its quantity."""
    return line.kind == "tier_uplift" and bool(line.rate) and line.inputs.get("rate_kind") == "share"


def _price(rate: str) -> str:
    """Write a rate with cents, or more decimals where cents would hide something."""
    return formats.fine_amount(rate) if rate else ""


def _note(line: SettlementLine) -> str:
    """Say in a few words what a line rests on."""
    inputs: Mapping[str, str] = line.inputs
    if line.kind == "quality":
        score = (
            _("score %(composite)s") % {"composite": formats.percent(inputs["composite"])}
            if inputs.get("composite")
            else _("no results yet")
        )
        is_few = inputs.get("provisional") == "yes"
        return (_("on all resolution pay, %(score)s, few results so far") if is_few else _("on all resolution pay, %(score)s")) % {
            "score": score
        }
    if line.kind in ("floor", "draw") and line.amount_micros == 0:
        return _("tested, not needed")
    if line.kind == "floor":
        return _("what you earned was short of this")
    if line.kind == "unit":
        return _unit_note(inputs)
    if line.kind == "tier_uplift" and inputs.get("above"):
        words = (
            _("of their prices, for those after your first %(above)s")
            if _is_share_above(line)
            else _("for those after your first %(above)s")
        )
        return words % {"above": formats.short_number(inputs["above"])}
    if line.kind in ("recovery", "overtime") and line.week:
        return _("week of %(week)s") % {"week": times.day_range(line.week, line.week + timedelta(days=7), brief=True)}
    if line.kind == "reversal":
        return _("case %(value)s: the customer came back, and a person approved it") % {"value": case_of(inputs.get("resolution", ""))}
    return ""


def _unit_note(inputs: Mapping[str, str]) -> str:
    if inputs.get("credit") not in (None, "1"):
        return _("shared, credit %(credit)s") % {"credit": formats.fine_percent(inputs["credit"])}
    if inputs.get("basis_sum"):
        share = _(", of which %(share)s is yours") % {"share": formats.fine_percent(inputs["share"])} if inputs.get("share") else ""
        return _("prices add up to %(basis_sum)s%(share)s") % {"basis_sum": formats.decimal(inputs["basis_sum"]), "share": share}
    return ""
