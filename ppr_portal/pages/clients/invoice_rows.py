"""An invoice as people read it, on a page and on paper: rows in groups, sums that add up, and what was counted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _

from billing.models import Invoice
from billing.queries.invoice_view import ViewLine
from billing.rules import money
from billing.rules.invoice_split import SplitPart
from contracts.translation import gettext_lazy, told
from ppr_portal import stored_sentences
from ppr_portal.templatetags import formats, times

CASES = gettext_lazy("Resolved cases")
AROUND = gettext_lazy("What the contract adds")
CREDITS = gettext_lazy("Service credits")
CREDIT_KINDS = ("service_credit", "earn_back")
COUNTED = ("confirmed", "assumed")
SHAPES = {"later": "pending", "unpriced": "held", "capped": "void"}
OUTCOMES = {
    "confirmed": gettext_lazy("Confirmed"),
    "assumed": gettext_lazy("Assumed after silence"),
    "pending": gettext_lazy("Window still open"),
    "later": gettext_lazy("Verified after the period"),
    "unpriced": gettext_lazy("No price agreed yet"),
    "reopened": gettext_lazy("Reopened or repeated"),
    "capped": gettext_lazy("Another one counts already"),
    "held": gettext_lazy("Held for a person"),
    "void": gettext_lazy("Excluded"),
}
EXCLUDED = {
    "spam": gettext_lazy("Spam"),
    "test": gettext_lazy("Test"),
    "internal": gettext_lazy("Internal"),
    "duplicate": gettext_lazy("Duplicate"),
    "merged": gettext_lazy("Merged"),
    "abandoned": gettext_lazy("Abandoned"),
    "wrong_queue": gettext_lazy("Wrong queue"),
    "client_outage": gettext_lazy("Your outage"),
    "greeting_only": gettext_lazy("Greeting only"),
    "self_service": gettext_lazy("Self-service"),
    "superseded": gettext_lazy("Replaced by a later one"),
}
STATES = {
    Invoice.Status.DRAFT: ("pending", gettext_lazy("Draft, an estimate")),
    Invoice.Status.FINAL: ("assumed", gettext_lazy("Final")),
    Invoice.Status.PAID: ("confirmed", gettext_lazy("Paid")),
    Invoice.Status.VOID: ("void", gettext_lazy("Void")),
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row: a line, or one tier of it. `why` is what its address asks for; `count` and `price` are written for people, what they are
    stands in `quantity` and `unit_amount`.
    """

    why: str
    label: str
    note: str
    count: str
    price: str
    quantity: Fraction | None
    unit_amount: Fraction | None
    amount_micros: int
    is_open: bool
    is_correction: bool

    @property
    def product(self) -> str:
        """Count and price in one, for the second line on a phone."""
        return f"{self.count}{formats.NO_BREAK}×{formats.NO_BREAK}{self.price}" if self.count and self.price else self.count


@dataclass(frozen=True, kw_only=True)
class Group:
    """Rows under one head, and what they come to."""

    title: str
    rows: tuple[Row, ...]
    total_micros: int


@dataclass(frozen=True, kw_only=True)
class SumRow:
    """A row of the sums below the lines."""

    label: str
    amount_micros: int


@dataclass(frozen=True, kw_only=True)
class Counted:
    """How many resolutions had an outcome; `width` is the length of its bar, percent of the longest."""

    label: str
    shape: str
    count: int
    width: str
    is_counted: bool


def state_of(*, invoice: Invoice) -> tuple[str, str]:
    """Return where an invoice stands, as a shape and words."""
    return STATES[Invoice.Status(invoice.status)]


def group_lines(*, lines: Sequence[ViewLine], currency: str, why: str = "") -> tuple[Group, ...]:
    """Return the rows of an invoice in groups: its own cases, what the contract adds, service credits, corrections by period.

    Args:
        lines: as the invoice has them.
        currency: of the invoice.
        why: of the row whose reason is open; empty for none.
    """
    own = [line for line in lines if line.correction is None and line.line.kind == "rated"]
    by_version = len({line.line.version_id for line in own}) > 1
    titles = {
        id(line): _("%(cases)s, contract version %(number)s") % {"cases": CASES, "number": line.line.version.number}
        if by_version
        else CASES
        for line in own
    }
    found: dict[str, list[ViewLine]] = {**{title: [] for title in titles.values()}, AROUND: [], CREDITS: []}
    for line in lines:
        found.setdefault(titles.get(id(line)) or _title(line), []).append(line)
    return tuple(
        Group(
            title=title,
            rows=tuple(row for line in members for row in _rows(line, currency, why)),
            total_micros=sum(line.line.amount_micros for line in members),
        )
        for title, members in found.items()
        if members
    )


def sums_of(*, invoice: Invoice, groups: Iterable[Group]) -> list[SumRow]:
    """Return what adds up to the amount due: each group, each tax, and prepaid credits."""
    rows = [SumRow(label=group.title, amount_micros=group.total_micros) for group in groups]
    for tax in invoice.taxes:
        label = _("%(name)s %(percent)s%% of %(net)s") % {
            "name": tax["name"],
            "percent": formats.short_number(tax["percent"]),
            "net": formats.decimal(tax["net"]),
        }
        rows.append(SumRow(label=label, amount_micros=money.to_micros(amount=Fraction(tax["amount"]), currency=invoice.currency)))
    if not invoice.taxes:
        rows.append(SumRow(label=_("Sales tax, none under this contract"), amount_micros=0))
    if invoice.credit_micros:
        rows.append(SumRow(label=_("Paid in advance, used here"), amount_micros=-invoice.credit_micros))
    return rows


def counts_of(*, invoice: Invoice) -> tuple[Counted, ...]:
    """Return what was counted and what was not, each with the length of its bar."""
    longest = max((int(row["count"]) for row in invoice.counts), default=1)
    return tuple(_counted(row, longest) for row in invoice.counts if int(row["count"]))


def per_case_micros(*, invoice: Invoice, groups: Iterable[Group]) -> int | None:
    """Return what a resolved case of the period came to on average, before tax; None without cases."""
    if not invoice.counted_count:
        return None
    own = sum(group.total_micros for group in groups if group.title.startswith((str(CASES), str(AROUND), str(CREDITS))))
    return money.to_micros(amount=money.from_micros(micros=own) / invoice.counted_count, currency=invoice.currency)


def _title(line: ViewLine) -> str:
    if line.correction is not None:
        return _("Correction for %(origin_start)s") % {"origin_start": times.month_year(line.line.origin_start)}
    return CREDITS if line.line.kind in CREDIT_KINDS else AROUND


def _rows(line: ViewLine, currency: str, why: str) -> list[Row]:
    if len(line.parts) < 2:
        part = line.parts[0] if line.parts else None
        return [_row(line, part, currency, str(line.line.position), why)]
    return [_row(line, part, currency, f"{line.line.position}-{place}", why) for place, part in enumerate(line.parts, start=1)]


def _row(line: ViewLine, part: SplitPart | None, currency: str, key: str, why: str) -> Row:
    stored = line.line
    count = part.quantity if part else Fraction(stored.quantity) if stored.quantity else None
    amount = money.to_micros(amount=part.amount, currency=currency) if part else stored.amount_micros
    price = part.unit_amount if part else _even_price(stored.amount_micros, count)
    return Row(
        why=key,
        label=label_of(line),
        note=_note(line, part),
        count="" if count is None else formats.short_number(count),
        price="" if price is None else formats.fine_amount(price),
        quantity=count,
        unit_amount=price,
        amount_micros=amount,
        is_open=key == why,
        is_correction=line.correction is not None,
    )


def label_of(line: ViewLine) -> str:
    """Return what a line is called; what the contract adds is stored in English, what somebody named stays as it is."""
    return line.name if line.line.row_id else stored_sentences.tell(line.name)


def _even_price(amount_micros: int, count: Fraction | None) -> Fraction | None:
    """Return the price of one where all cost the same, and nothing where that would hide different prices."""
    if not count:
        return None
    price = Fraction(amount_micros, 1_000_000) / count
    return price if (price * 10_000).denominator == 1 and price >= 0 else None


def _note(line: ViewLine, part: SplitPart | None) -> str:
    if line.correction is not None:
        return _correction_note(line)
    if part is not None:
        return stored_sentences.tell(told(part.words))
    return stored_sentences.tell(str(line.line.inputs.get("words", ""))) if line.line.kind != "rated" else ""


def _correction_note(line: ViewLine) -> str:
    found = line.correction
    assert found is not None
    billed = _("billed on %(numbers)s") % {"numbers": _(" and ").join(found.numbers)} if found.numbers else _("not billed before")
    keys = [case.key for case in found.cases]
    if len(keys) == 1:
        return _("case %(keys)s, %(billed)s") % {"keys": keys[0], "billed": billed}
    if not keys:
        return billed
    return _("%(keys)s cases, %(billed)s") % {"keys": formats.count(len(keys) + found.more_count), "billed": billed}


def _counted(row: Mapping[str, str | int], longest: int) -> Counted:
    outcome, reason, count = str(row["outcome"]), str(row["reason"]), int(row["count"])
    label = OUTCOMES.get(outcome, outcome.capitalize())
    if reason:
        label = EXCLUDED.get(reason, reason.replace("_", " ").capitalize())
    return Counted(
        label=label,
        shape=SHAPES.get(outcome, outcome),
        count=count,
        width=f"{100 * count / longest:.1f}%",
        is_counted=outcome in COUNTED,
    )
