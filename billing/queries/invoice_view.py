"""An invoice's lines as its readers see them: parts by tier, and each correction with its cases and the effect on the tiers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db.models import F, Prefetch, QuerySet, Sum
from django.utils.translation import gettext as _

from billing.models import BookedLine, Invoice, InvoiceLine
from billing.queries import invoice_content
from billing.rules import invoice_split, money
from contracts import reading
from contracts.models import RateCardRow, RateTier
from contracts.queries import card_terms
from contracts.rules import errors, rate_cards

ZERO = Fraction(0)
CASES_SHOWN = 12
# Lines that only move with others name no case: the cases that made them move are named.
MOVED = ("tier_effect",)
Key = tuple[date, int, str, int, str]


@dataclass(frozen=True, kw_only=True)
class CorrectedCase:
    """A case behind a correction: the code of why, and whether it was taken away or added."""

    resolution_id: int
    key: str
    reason: str
    is_away: bool


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What a correction rests on: the count and amount that were billed, and those that stand now.

    Args:
        numbers: of the invoices that billed it.
        before_count: what they billed together; None for a line about money alone.
        before: major unit, rounded as billed.
        before_words: how that count was priced; empty where the row does not price counts.
        cases: the first few, in the order of their keys; `more_count` others follow.
    """

    numbers: tuple[str, ...]
    before_count: Fraction | None
    after_count: Fraction | None
    before: Fraction
    after: Fraction
    before_words: str
    after_words: str
    cases: tuple[CorrectedCase, ...]
    more_count: int


@dataclass(frozen=True, kw_only=True)
class ViewLine:
    """One line, what it is called, the parts that add up to it, and for a correction what it rests on."""

    line: InvoiceLine
    name: str
    parts: tuple[invoice_split.SplitPart, ...]
    correction: Correction | None


def read_lines(*, invoice: Invoice) -> tuple[ViewLine, ...]:
    """Return the lines of an invoice in their order, in two queries, and three more where something is corrected."""
    tiers = Prefetch("row__tiers", queryset=RateTier.objects.order_by("up_to"))
    lines = list(invoice.lines.select_related("row__query_type", "row__channel", "version").prefetch_related(tiers).order_by("position"))
    rows = {line.row_id: frozen for line in lines if line.row and (frozen := _frozen(line.row)) is not None}
    corrected = [line for line in lines if line.origin_start < invoice.period_start]
    billed = _billed(invoice, corrected) if corrected else {}
    cases = _cases(invoice, corrected) if corrected else {}
    return tuple(
        ViewLine(
            line=line,
            name=name_of(line=line),
            parts=_parts(line, rows.get(line.row_id), invoice.currency),
            correction=_correction(line, rows.get(line.row_id), billed, cases) if line in corrected else None,
        )
        for line in lines
    )


def name_of(*, line: InvoiceLine) -> str:
    """Name a line as its readers do: the query type and the channel of its price, in words."""
    row = line.row
    if row is None:
        return line.label
    topic = row.query_type.name if row.query_type else _("Any query type")
    channel = row.channel.name if row.channel else _("any channel")
    name = ", ".join(part for part in (topic, reading.inside_a_sentence(channel), row.outcome) if part)
    return _("Minimum for %(name)s") % {"name": name} if line.kind == InvoiceLine.Kind.MINIMUM else name


def _frozen(row: RateCardRow) -> rate_cards.RateCardRow | None:
    """Read a stored row; one that makes no valid price any more is shown without parts."""
    try:
        return card_terms.freeze_row(row=row)
    except errors.InvalidInput:
        return None


def _parts(line: InvoiceLine, row: rate_cards.RateCardRow | None, currency: str) -> tuple[invoice_split.SplitPart, ...]:
    if row is None or line.kind != InvoiceLine.Kind.RATED or not line.quantity:
        return ()
    return invoice_split.split_line(
        row=row,
        quantity=Fraction(line.quantity),
        exact_amount=Fraction(line.exact),
        amount=money.from_micros(micros=line.amount_micros),
        rounding=money.Round(places=money.currency_places(currency=currency)),
    )


def _key(line: InvoiceLine) -> Key:
    return line.origin_start, line.version_id, line.kind, line.row_id or 0, line.metric


def _billed(invoice: Invoice, corrected: Sequence[InvoiceLine]) -> dict[Key, list[InvoiceLine]]:
    """Return what invoices before this one billed of the corrected lines."""
    earlier = InvoiceLine.objects.filter(
        invoice__contract=invoice.contract_id,
        invoice__currency=invoice.currency,
        invoice__status__in=invoice_content.BILLED,
        origin_start__in={line.origin_start for line in corrected},
    ).exclude(invoice=invoice.pk)
    if invoice.finalized_at:
        earlier = earlier.filter(invoice__finalized_at__lte=invoice.finalized_at, invoice__period_start__lt=invoice.period_start)
    found: dict[Key, list[InvoiceLine]] = defaultdict(list)
    for line in earlier.select_related("invoice").order_by("invoice__finalized_at", "position"):
        found[_key(line)].append(line)
    return found


def _cases(invoice: Invoice, corrected: Sequence[InvoiceLine]) -> dict[tuple[date, int], list[CorrectedCase]]:
    """Return the cases behind corrections by period and row: bookings that this invoice bills of an earlier period."""
    bookings: QuerySet[BookedLine] = BookedLine.objects.filter(
        version__contract=invoice.contract_id, period_start__in={line.origin_start for line in corrected}
    ).exclude(reason__in=MOVED)
    if invoice.status == Invoice.Status.DRAFT:
        bookings = bookings.exclude(invoiced__is_void=False)
    else:
        bookings = bookings.filter(invoiced__invoice=invoice.pk)
    rows = bookings.values("period_start", "row_id", "resolution_id", "reason", key=F("resolution__case__key")).annotate(
        total=Sum("amount_micros")
    )
    found: dict[tuple[date, int], dict[int, CorrectedCase]] = defaultdict(dict)
    for row in rows.order_by("key", "resolution_id", "reason"):
        found[row["period_start"], row["row_id"]][row["resolution_id"]] = CorrectedCase(
            resolution_id=row["resolution_id"], key=row["key"], reason=row["reason"], is_away=row["total"] < 0
        )
    return {key: list(cases.values()) for key, cases in found.items()}


def _correction(
    line: InvoiceLine,
    row: rate_cards.RateCardRow | None,
    billed: Mapping[Key, Sequence[InvoiceLine]],
    cases: Mapping[tuple[date, int], Sequence[CorrectedCase]],
) -> Correction:
    before = billed.get(_key(line), ())
    before_count = _sum_counts(before) if line.quantity else None
    after_count = None if before_count is None else before_count + Fraction(line.quantity)
    amount = sum((money.from_micros(micros=one.amount_micros) for one in before), ZERO)
    own = cases.get((line.origin_start, line.row_id or 0), ())
    return Correction(
        numbers=tuple(dict.fromkeys(one.invoice.number for one in before)),
        before_count=before_count,
        after_count=after_count,
        before=amount,
        after=amount + money.from_micros(micros=line.amount_micros),
        before_words=_priced(row, before_count),
        after_words=_priced(row, after_count),
        cases=tuple(own[:CASES_SHOWN]),
        more_count=max(len(own) - CASES_SHOWN, 0),
    )


def _sum_counts(lines: Iterable[InvoiceLine]) -> Fraction:
    return sum((Fraction(line.quantity) for line in lines if line.quantity), ZERO)


def _priced(row: rate_cards.RateCardRow | None, count: Fraction | None) -> str:
    return "" if row is None or count is None else invoice_split.describe_price(row=row, quantity=count)
