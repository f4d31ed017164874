"""What stands on an invoice by what is known now: the lines of its period, and what corrects earlier ones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db.models import QuerySet

from billing.models import BookedLine, Invoice, InvoiceLine, Payment
from billing.queries import contract_period
from billing.rules import invoice_lines, money, prepaid
from contracts.models import Contract, ContractVersion, VersionStatus
from contracts.queries import terms

ZERO = Fraction(0)
HUNDRED = 100
BILLED = (Invoice.Status.FINAL, Invoice.Status.PAID)


@dataclass(frozen=True, kw_only=True)
class InvoiceContent:
    """The lines and sums of an invoice in one currency; amounts in the major unit."""

    currency: str
    period_start: date
    period_end: date
    amounts: dict[invoice_lines.LineKey, invoice_lines.Amount]
    taxes: tuple[invoice_lines.TaxAmount, ...]
    counted: int
    prepaid_left: Fraction

    @property
    def subtotal(self) -> Fraction:
        """All lines together, before tax."""
        return sum((amount.rounded for amount in self.amounts.values()), ZERO)

    @property
    def tax(self) -> Fraction:
        """All taxes together."""
        return sum((tax.amount for tax in self.taxes), ZERO)

    @property
    def used_credits(self) -> Fraction:
        """The prepaid credits that it uses: all that is left, at most what it comes to."""
        return max(min(self.prepaid_left, self.subtotal + self.tax), ZERO)


def read_contents(*, contract: Contract, day: date, but: int | None = None) -> list[InvoiceContent]:
    """Return what is to be billed for a contract's billing period now, one content for each currency of its versions.

    Args:
        contract: whose period.
        day: a day of it, in the contract's time zone.
        but: an invoice that does not count as billed, because it is what is being read anew.

    Returns: nothing for a period in which no version is in force.
    Source: design.md section 5, "Corrections" and "Invoice".
    """
    own = contract_period.read_contract_period(contract=contract, day=day)
    origins = [own, *_corrected(contract, own.start_date)]
    found = []
    for currency in sorted({version.currency for origin in origins for version in origin.versions}):
        stated = [(origin, version) for origin in origins for version in origin.versions if version.currency == currency]
        now = {key: amount for origin, version in stated for key, amount in _amounts(origin.start_date, version)}
        billed = _billed(contract, {origin.start_date for origin in origins}, currency, but)
        amounts = invoice_lines.add_to_billed(now=now, billed=billed, period_start=own.start_date)
        if not amounts:
            continue
        own_units = (amount.quantity or ZERO for key, amount in amounts.items() if key.kind == "rated" and key.origin == own.start_date)
        counted = int(sum(own_units, ZERO))
        found.append(
            InvoiceContent(
                currency=currency,
                period_start=own.start_date,
                period_end=own.end_date,
                amounts=amounts,
                taxes=_taxes(amounts, currency),
                counted=counted,
                prepaid_left=prepaid_left(contract=contract, currency=currency, on=own.end_date, but=but),
            )
        )
    return found


def prepaid_left(*, contract: Contract, currency: str, on: date, but: int | None = None) -> Fraction:
    """Return the client's prepaid credits that an invoice of the contract can use on a day, in the major unit."""
    payments = Payment.objects.filter(client=contract.client_id, invoice=None, currency=currency)
    used = Invoice.objects.filter(contract__client=contract.client_id, currency=currency, status__in=BILLED, credit_micros__gt=0)
    version = (
        ContractVersion.objects.filter(contract=contract, effective_from__lte=on)
        .exclude(status=VersionStatus.DRAFT)
        .order_by("-effective_from")
        .first()
    )
    return prepaid.left_on(
        grants=_moved(payments.values_list("received_on", "amount_micros")),
        uses=_moved(_without(used, but).values_list("period_end", "credit_micros")),
        day=on,
        expiry_months=version.prepaid_expiry_months if version else None,
    )


def _without(invoices: QuerySet[Invoice], but: int | None) -> QuerySet[Invoice]:
    return invoices if but is None else invoices.exclude(pk=but)


def _moved(rows: Iterable[tuple[date, int]]) -> list[prepaid.Moved]:
    return [prepaid.Moved(on=on, amount=money.from_micros(micros=micros)) for on, micros in rows]


def _corrected(contract: Contract, before: date) -> list[contract_period.ContractPeriod]:
    """Read the earlier periods that were billed and have bookings since that are on no invoice."""
    changed = (
        BookedLine.objects.filter(version__contract=contract, period_start__lt=before)
        .exclude(invoiced__is_void=False)
        .values_list("period_start", flat=True)
        .distinct()
    )
    billed = Invoice.objects.filter(contract=contract, status__in=BILLED, period_start__in=list(changed)).values_list(
        "period_start", flat=True
    )
    return [contract_period.read_contract_period(contract=contract, day=start) for start in sorted(set(billed))]


def _amounts(origin: date, stated: contract_period.VersionStatement) -> Iterable[tuple[invoice_lines.LineKey, invoice_lines.Amount]]:
    percent = sum((tax.rate for tax in _terms_of(stated.version_id).around.taxes), ZERO) * HUNDRED
    for line in stated.statement.lines:
        if line.kind != "tax":
            key = invoice_lines.LineKey(
                origin=origin, version_id=stated.version_id, kind=line.kind, row_id=line.row or 0, metric=line.metric
            )
            yield (
                key,
                invoice_lines.Amount(
                    label=line.label,
                    exact=line.exact,
                    rounded=line.amount,
                    quantity=line.quantity,
                    words=line.words,
                    tax_percent=percent,
                ),
            )


def _terms_of(version_id: int) -> terms.ContractTerms:
    return terms.load_contract_terms(version_ids=[version_id])[version_id]


def _billed(contract: Contract, origins: set[date], currency: str, but: int | None) -> dict[invoice_lines.LineKey, invoice_lines.Amount]:
    """Add up what invoices billed of each line."""
    rows = InvoiceLine.objects.filter(
        invoice__contract=contract, invoice__status__in=BILLED, invoice__currency=currency, origin_start__in=origins
    )
    rows = rows if but is None else rows.exclude(invoice=but)
    found: dict[invoice_lines.LineKey, invoice_lines.Amount] = {}
    for row in rows.order_by("invoice__period_start", "position"):
        key = invoice_lines.LineKey(
            origin=row.origin_start, version_id=row.version_id, kind=row.kind, row_id=row.row_id or 0, metric=row.metric
        )
        before = found.get(key)
        quantity = Fraction(row.quantity) if row.quantity else None
        found[key] = invoice_lines.Amount(
            label=row.label,
            exact=Fraction(row.exact) + (before.exact if before else ZERO),
            rounded=money.from_micros(micros=row.amount_micros) + (before.rounded if before else ZERO),
            quantity=quantity if before is None or before.quantity is None else before.quantity + (quantity or ZERO),
            tax_percent=Fraction(row.tax_percent),
        )
    return found


def _taxes(amounts: dict[invoice_lines.LineKey, invoice_lines.Amount], currency: str) -> tuple[invoice_lines.TaxAmount, ...]:
    rounding = money.Round(places=money.currency_places(currency=currency))
    version_ids = sorted({key.version_id for key in amounts})
    taxes: Sequence[invoice_lines.Tax] = [
        invoice_lines.Tax(version_id=version_id, name=tax.name, percent=tax.rate * HUNDRED)
        for version_id, agreed in terms.load_contract_terms(version_ids=version_ids).items()
        for tax in agreed.around.taxes
    ]
    return invoice_lines.add_taxes(amounts=amounts, taxes=taxes, rounding=rounding)
