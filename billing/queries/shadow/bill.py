"""Our side of a present invoice: what our invoice or draft of that period bills, by case, by class, or together."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from billing.models import Invoice, InvoiceLine, ShadowRun
from billing.queries import invoice_view
from billing.queries.shadow import cases
from billing.queries.shadow.file import Definition, FileLine, label_of
from billing.queries.shadow.match import OurLine, Surplus, TheirLine, sum_keys, theirs_of
from billing.rules import money, shadow
from contracts.models import Channel, ContractVersion, QueryType, RateCardRow, VersionStatus
from contracts.queries import terms
from contracts.rules import rate_cards

TAX, NOTHING = "tax", "none"
ROW = "row"
MICRO_PLACES = 6
# What an invoice bills for each resolution of its own period; a draft bills what no invoice bills yet.
BILLED = """
    SELECT b.resolution_id, c.id, c.key, b.version_id, b.row_id, sum(b.amount_micros)::bigint
    FROM billing_bookedline b JOIN contracts_contractversion v ON v.id = b.version_id
    JOIN agents_resolution r ON r.id = b.resolution_id JOIN agents_case c ON c.id = r.case_id
    WHERE v.contract_id = %(contract)s AND v.currency = %(currency)s AND b.period_start = %(start)s AND {which}
    GROUP BY b.resolution_id, c.id, c.key, b.version_id, b.row_id HAVING sum(b.amount_micros) <> 0 ORDER BY c.key, b.resolution_id"""
FINAL = "EXISTS (SELECT 1 FROM billing_invoicedbooking x WHERE x.booked_line_id = b.id AND x.invoice_id = %(invoice)s)"
DRAFT = "NOT EXISTS (SELECT 1 FROM billing_invoicedbooking x WHERE x.booked_line_id = b.id AND NOT x.is_void)"


@dataclass(frozen=True, kw_only=True)
class BillSide:
    """An invoice or draft of ours, with the terms that price it."""

    invoice: Invoice
    lines: Sequence[InvoiceLine]
    names: Mapping[int, str]
    agreed: Mapping[int, terms.ContractTerms]

    @property
    def rows(self) -> dict[int, rate_cards.RateCardRow]:
        """Each row of the card by its stored id."""
        return {row_id: row for found in self.agreed.values() for row_id, row in zip(found.row_ids, found.card.rows, strict=True)}


def find_invoice(*, run: ShadowRun) -> Invoice | None:
    """Return our invoice or draft of the period; the final one where there are several currencies or both."""
    found = Invoice.objects.filter(contract=run.contract_id, period_start=run.period_start).exclude(status=Invoice.Status.VOID)
    if run.currency:
        found = found.filter(currency=run.currency)
    return found.select_related("contract__client").order_by("currency", "-pk").first()


def read_side(*, invoice: Invoice) -> BillSide:
    """Read the lines of our invoice and the versions in force."""
    lines = list(invoice.lines.select_related("row__query_type", "row__channel").order_by("position"))
    stored = ContractVersion.objects.filter(contract=invoice.contract_id, currency=invoice.currency).exclude(status=VersionStatus.DRAFT)
    in_force = stored.filter(effective_from__lt=invoice.period_end).exclude(effective_to__lte=invoice.period_start)
    version_ids = {*in_force.values_list("pk", flat=True), *(line.version_id for line in lines)}
    rows = RateCardRow.objects.filter(version__in=version_ids).select_related("query_type", "channel")
    names = {row.pk: invoice_view.name_of(line=InvoiceLine(row=row)) for row in rows.order_by("pk")}
    return BillSide(invoice=invoice, lines=lines, names=names, agreed=terms.load_contract_terms(version_ids=version_ids))


def list_meanings(*, side: BillSide) -> list[tuple[str, str]]:
    """Return what a label of theirs can mean: a price of the contract, another line of an invoice, the tax, or nothing here."""
    found = [(f"{ROW}:{row_id}", name) for row_id, name in side.names.items()]
    kinds = [(f"kind:{kind.value}", str(kind.label)) for kind in InvoiceLine.Kind if kind != InvoiceLine.Kind.RATED]
    return [*sorted(found, key=lambda item: item[1]), *kinds, (TAX, _("Tax")), (NOTHING, _("Nothing here"))]


def read_ours(*, side: BillSide, definition: Definition, has_tax: bool) -> list[OurLine]:
    """Return our lines cut as theirs are: their amounts add up to the invoice before tax, with tax if theirs tells it."""
    if definition.grain == ShadowRun.Grain.TOTAL:
        ours = [_whole(side)]
    elif definition.grain == ShadowRun.Grain.CASE:
        ours = [*_cases(side), *(_line(line, side) for line in side.lines if not _is_own(line, side))]
    else:
        ours = [_line(line, side) for line in side.lines]
    return [*ours, *_taxes(side)] if has_tax else ours


def read_theirs(*, side: BillSide, definition: Definition, lines: Sequence[FileLine]) -> list[TheirLine]:
    """Return their lines with the key of what each is about here."""
    if definition.grain == ShadowRun.Grain.TOTAL:
        total = sum((line.amount for line in lines), Fraction(0))
        return [TheirLine(key=("total",), label=_("Their total"), place=1, theirs=shadow.Theirs(amount=total))] if lines else []
    classes = Classes(side)
    if definition.grain == ShadowRun.Grain.CASE:
        known = cases.find_cases(texts={line.keys.get("case", "") for line in lines}, contract_id=side.invoice.contract_id)
        return [_their_case(line, classes, definition, known) for line in lines]
    return sum_keys(lines=(_their_label(line, classes, definition) for line in lines))


def tells_tax(*, theirs: Sequence[TheirLine]) -> bool:
    """Tell whether a line of theirs is the tax."""
    return any(line.key == (TAX,) for line in theirs)


def explain_surplus(*, side: BillSide) -> Callable[[Sequence[TheirLine]], list[Surplus]]:
    """Return what says why ours has none of their lines: by case from what is known of it, else that nothing was counted."""

    def explain(lines: Sequence[TheirLine]) -> list[Surplus]:
        case_ids = [int(line.key[1]) for line in lines if line.key[0] == "case"]
        known = cases.explain_cases(invoice=side.invoice, case_ids=case_ids) if case_ids else {}
        return [known[int(line.key[1])] if line.key[0] == "case" else Surplus(code="not_counted") for line in lines]

    return explain


class Classes:
    """What names and codes of theirs stand for."""

    def __init__(self, side: BillSide) -> None:
        self.side = side
        self.topics = _by_name(QueryType.objects.values_list("code", "name"))
        self.channels = _by_name(Channel.objects.values_list("code", "name"))
        self.rows = {name.casefold(): row_id for row_id, name in side.names.items()}
        self.kinds = {str(kind.label).casefold(): kind.value for kind in InvoiceLine.Kind if kind != InvoiceLine.Kind.RATED}
        self.kinds |= {line.label.casefold(): line.kind for line in side.lines if line.row_id is None}

    def meaning(self, keys: Mapping[str, str]) -> str:
        """Return the meaning of a line by its names and codes; empty if nothing fits."""
        label = label_of(keys=keys, grain=ShadowRun.Grain.CLASS).casefold()
        if label in self.rows:
            return f"{ROW}:{self.rows[label]}"
        if label in self.kinds:
            return f"kind:{self.kinds[label]}"
        if any(word in label.split() for word in ("tax", "vat")):
            return TAX
        row_id = self.row_of(keys)
        return "" if row_id is None else f"{ROW}:{row_id}"

    def row_of(self, keys: Mapping[str, str]) -> int | None:
        """Return the row that prices the class a line names, in the newest version; None if it names none that is known."""
        topic, channel = (keys.get(name, "").casefold() for name in ("query_type", "channel"))
        label = keys.get("label", "").casefold()
        topic = topic or label
        if not topic or (topic not in self.topics) or (channel and channel not in self.channels):
            return None
        newest = self.side.agreed[max(self.side.agreed)] if self.side.agreed else None
        if newest is None:
            return None
        return newest.find_row_id(query_type=self.topics[topic], channel=self.channels.get(channel), outcome="assumed")


def _by_name(pairs: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for code, name in pairs:
        found[name.casefold()] = code
        found.setdefault(code.rpartition("/")[2].casefold(), code)
    return found | {code.casefold(): code for code in list(found.values())}


def _their_case(line: FileLine, classes: Classes, definition: Definition, known: Mapping[str, int]) -> TheirLine:
    text = line.keys.get("case", "")
    if not text:
        return _their_label(line, classes, definition)
    row_id = classes.row_of(line.keys)
    return TheirLine(
        key=("case", str(known[text])) if text in known else (),
        label=text,
        place=line.place,
        theirs=theirs_of(line=line),
        row=None if row_id is None else classes.side.rows.get(row_id),
        why="" if text in known else "unknown",
    )


def _their_label(line: FileLine, classes: Classes, definition: Definition) -> TheirLine:
    label = label_of(keys=line.keys, grain=definition.grain)
    meaning = definition.meanings.get(label) or classes.meaning(line.keys)
    why = "" if meaning and meaning != NOTHING else "unmapped" if not meaning else "nothing_here"
    key = () if why else tuple(meaning.split(":"))
    return TheirLine(key=key, label=label, place=line.place, theirs=theirs_of(line=line), why=why)


def _is_own(line: InvoiceLine, side: BillSide) -> bool:
    return line.kind == InvoiceLine.Kind.RATED and line.origin_start == side.invoice.period_start


def _line(line: InvoiceLine, side: BillSide) -> OurLine:
    """Return a line of our invoice as it stands there."""
    is_own = line.origin_start == side.invoice.period_start
    name = invoice_view.name_of(line=line)
    count = Fraction(line.quantity) if line.quantity else None
    key: tuple[str, ...] = (ROW, str(line.row_id)) if _is_own(line, side) else ("kind", line.kind)
    if not is_own:
        key, name = (
            ("correction", str(line.pk)),
            _("%(line)s, correction of %(month)s") % {"line": name, "month": f"{line.origin_start:%Y-%m}"},
        )
    exact = Fraction(line.exact)
    return OurLine(
        key=key,
        label=name,
        ours=shadow.Ours(
            amount=money.from_micros(micros=line.amount_micros),
            count=count,
            price=exact / count if count else None,
            kind=line.kind if is_own else "correction",
            row=side.rows.get(line.row_id) if _is_own(line, side) and line.row_id else None,
        ),
    )


def _whole(side: BillSide) -> OurLine:
    amount = money.from_micros(micros=side.invoice.subtotal_micros)
    return OurLine(key=("total",), label=_("Our invoice before tax"), ours=shadow.Ours(amount=amount, kind="total"))


def _taxes(side: BillSide) -> list[OurLine]:
    amount = money.from_micros(micros=side.invoice.tax_micros)
    return [OurLine(key=(TAX,), label=_("Tax"), ours=shadow.Ours(amount=amount, kind=TAX))] if amount else []


def _cases(side: BillSide) -> list[OurLine]:
    """Return one line for each counted case, and one for each line of the invoice whose rounding moves it from their sum."""
    rows, summed = side.rows, Counter[tuple[int, int]]()
    found = []
    for resolution_id, case_id, key, version_id, row_id, micros in _read_billed(side.invoice):
        summed[version_id, row_id] += micros
        amount = money.from_micros(micros=micros)
        ours = shadow.Ours(amount=amount, count=Fraction(1), price=amount, kind="case", row=rows.get(row_id), is_unit=True)
        found.append(OurLine(key=("case", str(case_id)), label=key, ours=ours, resolution_id=resolution_id))
    return [*found, *_roundings(side, summed)]


def _roundings(side: BillSide, summed: Mapping[tuple[int, int], int]) -> list[OurLine]:
    """Return what stands on our lines beside their cases: less than a unit is rounding; more was booked since the draft was written."""
    unit = 10 ** (MICRO_PLACES - money.currency_places(currency=side.invoice.currency))
    found = []
    for line in side.lines:
        rest = line.amount_micros - summed.get((line.version_id, line.row_id or 0), 0) if _is_own(line, side) else 0
        if rest:
            label = _("Rounding of %(line)s") % {"line": invoice_view.name_of(line=line)}
            ours = shadow.Ours(amount=money.from_micros(micros=rest), kind="rounding" if abs(rest) < unit else "stale")
            found.append(OurLine(key=("rounding", str(line.pk)), label=label, ours=ours))
    return found


def _read_billed(invoice: Invoice) -> list[tuple[int, int, str, int, int, int]]:
    asked = {"contract": invoice.contract_id, "currency": invoice.currency, "start": invoice.period_start, "invoice": invoice.pk}
    which = DRAFT if invoice.status == Invoice.Status.DRAFT else FINAL
    with connection.cursor() as cursor:
        cursor.execute(BILLED.format(which=which), asked)
        return list(cursor.fetchall())
