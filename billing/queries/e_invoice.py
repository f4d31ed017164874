"""An invoice or credit note as an electronic invoice by EN 16931, in the form that Factur-X embeds in a PDF."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from drafthorse.models.accounting import ApplicableTradeTax
from drafthorse.models.document import Document as Tree
from drafthorse.models.note import IncludedNote
from drafthorse.models.party import TaxRegistration, TradeParty
from drafthorse.models.payment import PaymentMeans, PaymentTerms
from drafthorse.models.tradelines import LineItem
from lxml import etree

from billing import countries
from billing.models import Buyer, CreditNote, Invoice, InvoiceLine, Seller
from billing.queries import invoice_view
from billing.rules import money
from billing.rules.prices import lines
from contracts.rules import exact

PROFILE = "urn:cen.eu:en16931:2017"
SCHEMA = "FACTUR-X_EN16931"
INVOICE_CODE, CREDIT_NOTE_CODE, TRANSFER_CODE = "380", "381", "58"
# A piece, because a resolution has no unit of its own in UN/ECE Recommendation 20.
UNIT = "C62"
ZERO, HUNDRED = Fraction(0), 100
NOT_TAXED = "Not subject to tax"


class UnableToWriteEInvoice(Exception):
    """Something that the standard asks for is missing; the message names all of it and says where to enter it."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line: `quantity` times `price` is `amount`; the price is never below zero, as the standard asks."""

    name: str
    note: str
    quantity: Fraction
    price: Fraction
    amount: Fraction
    percent: Fraction


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What an invoice and a credit note have in common here; amounts in the major unit."""

    code: str
    number: str
    issued_on: date
    due_on: date | None
    invoice: Invoice
    items: tuple[Item, ...]
    tax: Fraction
    prepaid: Fraction
    note: str


def write_invoice(*, invoice: Invoice) -> bytes:
    """Write a final invoice as XML by EN 16931.

    Args:
        invoice: final, paid or void, with its seller and its client's buyer.

    Raises: UnableToWriteEInvoice if something that the standard needs is missing, or an address changed since it was issued.
    """
    items = tuple(item for line in invoice_view.read_lines(invoice=invoice) for item in _items(line))
    return _write(
        Paper(
            code=INVOICE_CODE,
            number=invoice.number,
            issued_on=invoice.issued_on or invoice.period_end,
            due_on=invoice.due_on,
            invoice=invoice,
            items=items,
            tax=money.from_micros(micros=invoice.tax_micros),
            prepaid=money.from_micros(micros=invoice.credit_micros),
            note=f"Evidence file, SHA-256: {invoice.evidence_sha256}" if invoice.evidence_sha256 else "",
        )
    )


def write_credit_note(*, note: CreditNote) -> bytes:
    """Write a credit note as XML by EN 16931; it names the invoice that it credits.

    Raises: UnableToWriteEInvoice as for an invoice.
    """
    items = tuple(
        _item(
            name=line.label,
            note="",
            amount=money.from_micros(micros=line.amount_micros),
            percent=Fraction(line.line.tax_percent),
        )
        for line in note.lines.select_related("line").order_by("pk")
    )
    return _write(
        Paper(
            code=CREDIT_NOTE_CODE,
            number=note.number,
            issued_on=note.issued_on,
            due_on=None,
            invoice=note.invoice,
            items=items,
            tax=money.from_micros(micros=note.tax_micros),
            prepaid=ZERO,
            note=note.reason,
        )
    )


def find_missing(*, invoice: Invoice) -> list[str]:
    """Return, in words, what an electronic invoice would still need; nothing means that it can be written."""
    buyer: Buyer | None = getattr(invoice.contract.client, "buyer", None)
    if invoice.seller is None or buyer is None:
        return [f"a billing address of {invoice.contract.client} (Buyers)"]
    seller = invoice.seller
    found = [*_address_gaps(seller, "seller", "Sellers"), *_address_gaps(buyer, "buyer", "Buyers")]
    if not seller.tax_id:
        found.append(f"the tax number of {seller} (Sellers)")
    if invoice.status != Invoice.Status.DRAFT and not found:
        to_words = "\n".join(part for part in (buyer.attention, buyer.words) if part)
        if not (countries.is_same(invoice.from_words, seller.words) and countries.is_same(invoice.to_words, to_words)):
            found.append("the addresses as they stood when it was issued; they have changed, so void it and issue it anew")
    if _is_mixed(invoice):
        found.append("one treatment of tax: some lines are taxed and others are not, which needs a reason for each")
    return found


def _address_gaps(party: Seller | Buyer, role: str, where: str) -> list[str]:
    names = {"street": "street", "postcode": "postcode", "city": "city", "country": "country"}
    return [f"the {words} of the {role}, {party} ({where})" for field, words in names.items() if not getattr(party, field)]


def _is_mixed(invoice: Invoice) -> bool:
    percents = {Fraction(text) for text in invoice.lines.values_list("tax_percent", flat=True)}
    return ZERO in percents and len(percents) > 1


def _items(view: invoice_view.ViewLine) -> list[Item]:
    """Return the parts of a line whose count times price is the amount, else one item for the whole line."""
    line = view.line
    percent = Fraction(line.tax_percent)
    origin = f"Correction of {line.origin_start:%B %Y}" if view.correction else ""
    is_plain = all(
        part.quantity and part.unit_amount is not None and part.quantity * part.unit_amount == part.amount for part in view.parts
    )
    if view.parts and is_plain:
        return [
            Item(
                name=view.name,
                note=part.words,
                quantity=part.quantity or ZERO,
                price=part.unit_amount or ZERO,
                amount=part.amount,
                percent=percent,
            )
            for part in view.parts
        ]
    words = origin or str(line.inputs.get("words", "") if line.kind != InvoiceLine.Kind.RATED else _count_words(line))
    return [_item(name=view.name, note=words, amount=money.from_micros(micros=line.amount_micros), percent=percent)]


def _count_words(line: InvoiceLine) -> str:
    return f"{line.quantity} resolved cases" if line.quantity else ""


def _item(*, name: str, note: str, amount: Fraction, percent: Fraction) -> Item:
    quantity = Fraction(-1 if amount < 0 else 1)
    return Item(name=name, note=note, quantity=quantity, price=abs(amount), amount=amount, percent=percent)


def _write(paper: Paper) -> bytes:
    missing = find_missing(invoice=paper.invoice)
    if missing:
        raise UnableToWriteEInvoice(
            f"An electronic invoice of {paper.number or paper.invoice} needs {'; '.join(missing)}. "
            "Enter it in the administration; the invoice itself is not touched."
        )
    tree = Tree()
    tree.context.guideline_parameter.id = PROFILE
    tree.header.id = paper.number
    tree.header.type_code = paper.code
    tree.header.issue_date_time = paper.issued_on
    if paper.note:
        tree.header.notes.add(_included(paper.note))
    _write_parties(tree, paper.invoice)
    for position, item in enumerate(paper.items, start=1):
        tree.trade.items.add(_line(position, item))
    _write_settlement(tree, paper)
    try:
        return bytes(tree.serialize(schema=SCHEMA))
    except etree.XMLSyntaxError as fault:
        raise UnableToWriteEInvoice(
            f"The electronic invoice of {paper.number} would not be valid: {fault}. Tell who runs the portal."
        ) from fault


def _included(words: str) -> IncludedNote:
    note = IncludedNote()
    note.content = words
    return note


def _write_parties(tree: Tree, invoice: Invoice) -> None:
    seller, buyer = invoice.seller, invoice.contract.client.buyer
    assert seller is not None
    agreement = tree.trade.agreement
    if buyer.reference:
        agreement.buyer_reference = buyer.reference
    _write_party(agreement.seller, seller, needs_vat_prefix=_is_taxed(invoice))
    _write_party(agreement.buyer, buyer, needs_vat_prefix=_is_taxed(invoice))
    agreement.contract.issuer_assigned_id = invoice.contract.code


def _is_taxed(invoice: Invoice) -> bool:
    return any(Fraction(text) for text in invoice.lines.values_list("tax_percent", flat=True))


def _write_party(party: TradeParty, known: Seller | Buyer, *, needs_vat_prefix: bool) -> None:
    party.name = known.legal_name
    address = party.address
    address.postcode, address.line_one, address.city_name, address.country_id = known.postcode, known.street, known.city, known.country
    if isinstance(known, Buyer) and known.attention:
        party.contact.person_name = known.attention
    if known.email:
        party.electronic_address.uri_ID = ("EM", known.email)
    is_vat = known.tax_id[:2].isalpha()
    # What is not subject to tax must not carry a VAT number, and a buyer has no other number of tax in the standard.
    if known.tax_id and (isinstance(known, Seller) or (is_vat and needs_vat_prefix)):
        scheme = "VA" if is_vat and needs_vat_prefix else "FC"
        party.tax_registrations.add(TaxRegistration(id=(scheme, known.tax_id)))


def _line(position: int, item: Item) -> LineItem:
    line = LineItem()
    line.document.line_id = str(position)
    if item.note:
        line.document.notes.add(_included(item.note))
    line.product.name = item.name
    line.agreement.net.amount = _decimal(item.price)
    line.delivery.billed_quantity = (_decimal(item.quantity), UNIT)
    tax = line.settlement.trade_tax
    tax.type_code, tax.category_code = "VAT", _category(item.percent)
    if item.percent:
        tax.rate_applicable_percent = _decimal(item.percent)
    line.settlement.monetary_summation.total_amount = _money(item.amount)
    return line


def _write_settlement(tree: Tree, paper: Paper) -> None:
    invoice, settlement = paper.invoice, tree.trade.settlement
    seller = invoice.seller
    assert seller is not None
    settlement.payment_reference = paper.number
    settlement.currency_code = invoice.currency
    if seller.iban and paper.code == INVOICE_CODE:
        settlement.payment_means.add(_payment_means(seller))
    for tax in _taxes(paper.items, paper.tax, invoice.currency):
        settlement.trade_tax.add(tax)
    settlement.period.start, settlement.period.end = invoice.period_start, invoice.period_end - timedelta(days=1)
    if paper.due_on:
        terms = PaymentTerms()
        terms.due = paper.due_on
        settlement.terms.add(terms)
    net = sum((item.amount for item in paper.items), ZERO)
    sums = settlement.monetary_summation
    sums.line_total = _money(net)
    sums.charge_total = sums.allowance_total = Decimal("0.00")
    sums.tax_basis_total = (_money(net), None)
    sums.tax_total = (_money(paper.tax), invoice.currency)
    sums.grand_total = (_money(net + paper.tax), None)
    sums.prepaid_total = _money(paper.prepaid)
    sums.due_amount = _money(net + paper.tax - paper.prepaid)
    preceding = invoice.number if paper.code == CREDIT_NOTE_CODE else invoice.replaces.number if invoice.replaces else ""
    if preceding:
        settlement.invoice_referenced_document.issuer_assigned_id = preceding


def _payment_means(seller: Seller) -> PaymentMeans:
    means = PaymentMeans()
    means.type_code = TRANSFER_CODE
    means.payee_account.iban = seller.iban
    means.payee_account.account_name = seller.bank_account_holder or seller.legal_name
    if seller.bic:
        means.payee_institution.bic = seller.bic
    return means


def _taxes(items: Sequence[Item], tax: Fraction, currency: str) -> list[ApplicableTradeTax]:
    """Return what each percentage comes to; the last takes what the one rounding of the invoice leaves."""
    nets: dict[Fraction, Fraction] = {}
    for item in items:
        nets[item.percent] = nets.get(item.percent, ZERO) + item.amount
    rounding = money.Round(places=money.currency_places(currency=currency))
    amounts = list(lines.round_running(amounts=[net * percent / HUNDRED for percent, net in nets.items()], rounding=rounding))
    if sum(amounts, ZERO) != tax:
        raise UnableToWriteEInvoice(
            f"The tax of {exact.format_exact(value=tax)} cannot be told by percentage, which the standard asks for; send the PDF instead."
        )
    return [_tax(percent, net, amount) for (percent, net), amount in zip(nets.items(), amounts, strict=True)]


def _tax(percent: Fraction, net: Fraction, amount: Fraction) -> ApplicableTradeTax:
    tax = ApplicableTradeTax()
    tax.calculated_amount, tax.basis_amount = _money(amount), _money(net)
    tax.type_code, tax.category_code = "VAT", _category(percent)
    if percent:
        tax.rate_applicable_percent = _decimal(percent)
    else:
        tax.exemption_reason = NOT_TAXED
    return tax


def _category(percent: Fraction) -> str:
    return "S" if percent else "O"


def _money(amount: Fraction) -> Decimal:
    if (amount * HUNDRED).denominator != 1:
        raise UnableToWriteEInvoice(
            f"{exact.format_exact(value=amount)} has more than the two decimals that the standard writes; send the PDF instead."
        )
    return Decimal(exact.format_places(value=amount, places=2))


def _decimal(value: Fraction) -> Decimal:
    return Decimal(exact.format_exact(value=value))
