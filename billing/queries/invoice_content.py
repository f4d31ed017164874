"""What stands on an invoice by what is known now: the lines of its period, and what corrects earlier ones."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.db.models import QuerySet

from billing.models import BookedLine, Invoice, InvoiceLine, Payment
from billing.queries import contract_period, prepaid_grants
from billing.rules import invoice_lines, money, prepaid, version_period
from contracts.models import Contract, ContractVersion, VersionStatus

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
        return invoice_lines.use_credits(left=self.prepaid_left, gross=self.subtotal + self.tax)


def read_contents(*, contract: Contract, day: date, but: int | None = None) -> list[InvoiceContent]:
    """Return what is to be billed for a contract's billing period now, one content for each currency of its versions.

    Args:
        contract: whose period.
        day: a day of it, in the contract's time zone.
        but: an invoice that does not count as billed, because it is what is being read anew.

    Returns: nothing for a period in which no version is in force.
    Source: design.md section 5, "Corrections" and "Invoice".
    """
    books = contract_period.open_books(contract=contract)
    origins = _read_origins(books, day)
    own = origins[0]
    found = []
    for currency in sorted({version.currency for origin in origins for version in origin.versions}):
        stated = [(origin, version) for origin in origins for version in origin.versions if version.currency == currency]
        now = {key: amount for origin, version in stated for key, amount in _amounts(books, origin.start_date, version)}
        before = read_billed(contract=contract, origins={origin.start_date for origin in origins}, currency=currency, but=but)
        billed = invoice_lines.add_up(billed=((line.key, line.amount) for line in before))
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
                taxes=_taxes(books, amounts, currency),
                counted=counted,
                prepaid_left=prepaid_left(contract=contract, currency=currency, on=own.end_date, but=but),
            )
        )
    return found


@dataclass(frozen=True, kw_only=True)
class PrepaidFacts:
    """What was paid in advance and what was used of it, up to the day on which an invoice can use the rest."""

    grants: tuple[prepaid.Moved, ...]
    uses: tuple[prepaid.Moved, ...]
    on: date
    expiry_months: int | None

    @property
    def left(self) -> Fraction:
        """What can be used on the day, major unit."""
        return prepaid.left_on(grants=self.grants, uses=self.uses, day=self.on, expiry_months=self.expiry_months)


def read_prepaid(*, contract: Contract, currency: str, on: date, but: int | None = None) -> PrepaidFacts:
    """Return the prepaid credits of the client that an invoice of the contract can use on a day."""
    payments = Payment.objects.filter(client=contract.client_id, invoice=None, currency=currency).order_by("received_on", "pk")
    paid = payments.values_list("received_on", "amount_micros")
    used = Invoice.objects.filter(contract__client=contract.client_id, currency=currency, status__in=BILLED, credit_micros__gt=0)
    version = (
        ContractVersion.objects.filter(contract=contract, effective_from__lte=on)
        .exclude(status=VersionStatus.DRAFT)
        .order_by("-effective_from")
        .first()
    )
    return PrepaidFacts(
        grants=tuple(_moved(prepaid_grants.list_standing(payments=paid).standing)),
        uses=tuple(_moved(_without(used, but).order_by("period_end", "pk").values_list("period_end", "credit_micros"))),
        on=on,
        expiry_months=version.prepaid_expiry_months if version else None,
    )


def prepaid_left(*, contract: Contract, currency: str, on: date, but: int | None = None) -> Fraction:
    """Return the client's prepaid credits that an invoice of the contract can use on a day, in the major unit."""
    return read_prepaid(contract=contract, currency=currency, on=on, but=but).left


def read_origins(*, contract: Contract, day: date) -> list[contract_period.ContractPeriod]:
    """Return the billing period of a day, then the earlier ones that were billed and are corrected now."""
    return _read_origins(contract_period.open_books(contract=contract), day)


def _read_origins(books: contract_period.Books, day: date) -> list[contract_period.ContractPeriod]:
    own = contract_period.state_contract_period(books=books, day=day)
    return [own, *_corrected(books, own.start_date)]


def _without(invoices: QuerySet[Invoice], but: int | None) -> QuerySet[Invoice]:
    return invoices if but is None else invoices.exclude(pk=but)


def _moved(rows: Iterable[tuple[date, int]]) -> list[prepaid.Moved]:
    return [prepaid.Moved(on=on, amount=money.from_micros(micros=micros)) for on, micros in rows]


def _corrected(books: contract_period.Books, before: date) -> list[contract_period.ContractPeriod]:
    """Read the earlier periods that were billed and have bookings since that are on no invoice."""
    changed = (
        BookedLine.objects.filter(version__contract=books.contract, period_start__lt=before)
        .exclude(invoiced__is_void=False)
        .values_list("period_start", flat=True)
        .distinct()
    )
    billed = Invoice.objects.filter(contract=books.contract, status__in=BILLED, period_start__in=list(changed)).values_list(
        "period_start", flat=True
    )
    return [contract_period.state_contract_period(books=books, day=start) for start in sorted(set(billed))]


def _amounts(
    books: contract_period.Books, origin: date, stated: contract_period.VersionStatement
) -> Iterable[tuple[invoice_lines.LineKey, invoice_lines.Amount]]:
    taxes = books.loaded[stated.version_id].around.taxes
    return version_period.key_lines(statement=stated.statement, origin=origin, version_id=stated.version_id, taxes=taxes)


@dataclass(frozen=True, kw_only=True)
class BilledLine:
    """A line of an earlier invoice, with that invoice's number."""

    number: str
    key: invoice_lines.LineKey
    amount: invoice_lines.Amount


def read_billed(*, contract: Contract, origins: Collection[date], currency: str, but: int | None = None) -> list[BilledLine]:
    """Return the lines of invoices, not void, that belong to billing periods, in the order in which they were billed."""
    rows = InvoiceLine.objects.filter(
        invoice__contract=contract, invoice__status__in=BILLED, invoice__currency=currency, origin_start__in=origins
    )
    rows = rows if but is None else rows.exclude(invoice=but)
    return [
        BilledLine(
            number=row.invoice.number,
            key=invoice_lines.LineKey(
                origin=row.origin_start, version_id=row.version_id, kind=row.kind, row_id=row.row_id or 0, metric=row.metric
            ),
            amount=invoice_lines.Amount(
                label=row.label,
                exact=Fraction(row.exact),
                rounded=money.from_micros(micros=row.amount_micros),
                quantity=Fraction(row.quantity) if row.quantity else None,
                tax_percent=Fraction(row.tax_percent),
            ),
        )
        for row in rows.select_related("invoice").order_by("invoice__period_start", "position")
    ]


def _taxes(
    books: contract_period.Books, amounts: dict[invoice_lines.LineKey, invoice_lines.Amount], currency: str
) -> tuple[invoice_lines.TaxAmount, ...]:
    rounding = money.Round(places=money.currency_places(currency=currency))
    version_ids = sorted({key.version_id for key in amounts})
    taxes: Sequence[invoice_lines.Tax] = [
        invoice_lines.Tax(version_id=version_id, name=tax.name, percent=tax.rate * HUNDRED)
        for version_id in version_ids
        for tax in books.loaded[version_id].around.taxes
    ]
    return invoice_lines.add_taxes(amounts=amounts, taxes=taxes, rounding=rounding)
