"""The electronic invoice: valid by its schema, adds up, and refused with everything that is missing."""

import pathlib
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import drafthorse
import pytest
from lxml import etree

from billing import models as pay
from billing.operations import credit_invoice, finalize_invoice
from billing.queries import e_invoice, invoice_view
from tests import factories
from tests.billing import billing_world as world_of

pytestmark = pytest.mark.django_db
SCHEMA = pathlib.Path(drafthorse.__file__).parent / "schema" / "Factur-X_1.0.07_EN16931.xsd"
NAMES = {
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
}


def finalized(world, count=3, as_of=world_of.APRIL_6, start="2016-03-01", has_addresses=True):
    if has_addresses:
        world_of.complete_addresses(world)
    world_of.resolve(world, count, first=world_of.MARCH_10 + timedelta(days=31 if start == "2016-04-01" else 0))
    world_of.draft(as_of)
    draft = pay.Invoice.objects.get(contract=world.contract, period_start=start, status="draft")
    return finalize_invoice.finalize_invoice(invoice_id=draft.pk, person=factories.make_user(), as_of=as_of)


def read(xml):
    tree = etree.fromstring(xml)
    assert etree.XMLSchema(file=str(SCHEMA)).validate(tree)
    return lambda path: [node.text for node in tree.iterfind(f".//ram:{path}", NAMES)]


def test_an_invoice_is_valid_and_adds_up_tier_by_tier():
    find = read(e_invoice.write_invoice(invoice=finalized(world_of.make_billed())))

    assert find("NetPriceProductTradePrice/ram:ChargeAmount") == ["3", "2"]
    assert find("BilledQuantity") == ["2", "1"]
    assert find("SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount") == ["6.00", "2.00"]
    assert find("TaxTotalAmount") == ["0.80"]
    assert find("GrandTotalAmount") == find("DuePayableAmount") == ["8.80"]
    assert find("ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax/ram:CategoryCode") == ["S"]
    assert find("IBANID") == ["DE89370400440532013000"]


def test_an_invoice_in_whole_yen_adds_up_although_its_prices_have_decimals():
    world = world_of.make_billed(tiers=((3, 33_500_000), (None, 30_250_000)), tax=False, currency="JPY")
    invoice = finalized(world, count=5)
    find = read(e_invoice.write_invoice(invoice=invoice))

    assert [part.amount for line in invoice_view.read_lines(invoice=invoice) for part in line.parts] == [101, 60]
    assert find("GrandTotalAmount") == find("SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount") == ["161.00"]


def test_thousandths_of_a_dinar_are_refused_by_name_because_the_standard_writes_two_decimals():
    fils = world_of.make_billed(tiers=((2, 1_235_000), (None, 1_000_000)), tax=False, currency="KWD")

    with pytest.raises(e_invoice.UnableToWriteEInvoice, match="two decimals"):
        e_invoice.write_invoice(invoice=finalized(fils, count=1))


def test_without_tax_it_says_so_and_carries_no_rate():
    world = world_of.make_billed(tax=False)
    find = read(e_invoice.write_invoice(invoice=finalized(world)))

    assert find("ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax/ram:CategoryCode") == ["O"]
    assert find("ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax/ram:ExemptionReason") == ["Not subject to tax"]
    assert find("RateApplicablePercent") == []


def test_a_correction_has_a_count_below_zero_and_never_a_price_below_zero():
    world = world_of.make_billed()
    world_of.complete_addresses(world)
    first = world_of.resolve(world, 3)
    world_of.draft()
    draft = pay.Invoice.objects.get(contract=world.contract, period_start="2016-03-01")
    finalize_invoice.finalize_invoice(invoice_id=draft.pk, person=factories.make_user(), as_of=world_of.APRIL_6)
    world_of.fall(first[0])
    find = read(e_invoice.write_invoice(invoice=finalized(world, 2, world_of.MAY_6, "2016-04-01")))

    counts, prices = find("BilledQuantity"), find("NetPriceProductTradePrice/ram:ChargeAmount")
    assert (counts, prices) == (["2", "-1"], ["3", "2"])
    totals = find("SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount")
    assert [Decimal(count) * Decimal(price) for count, price in zip(counts, prices, strict=True)] == [Decimal(total) for total in totals]


def test_a_credit_note_names_its_invoice():
    invoice = finalized(world_of.make_billed())
    note = credit_invoice.credit_invoice(
        invoice_id=invoice.pk, items=[credit_invoice.Credited(line_id=invoice.lines.get().pk, amount=Fraction(4))], reason="Outage",
        person=None, as_of=world_of.APRIL_6,
    )  # fmt: skip
    find = read(e_invoice.write_credit_note(note=note))

    assert find("InvoiceReferencedDocument/ram:IssuerAssignedID") == [invoice.number]
    assert find("GrandTotalAmount") == ["4.40"]


def test_everything_that_is_missing_is_named_at_once():
    invoice = finalized(world_of.make_billed(), has_addresses=False)

    with pytest.raises(e_invoice.UnableToWriteEInvoice) as refused:
        e_invoice.write_invoice(invoice=invoice)

    for words in ("the street of the seller", "the postcode of the buyer", "the tax number of Larkfield Contact Inc. (Sellers)"):
        assert words in str(refused.value)


def test_an_address_that_changed_since_is_not_used():
    world = world_of.make_billed()
    invoice = finalized(world)
    pay.Buyer.objects.filter(client=world.client).update(street="2 Other Road")
    fresh = pay.Invoice.objects.select_related("contract__client__buyer", "seller").get(pk=invoice.pk)

    with pytest.raises(e_invoice.UnableToWriteEInvoice, match="void it and issue it anew"):
        e_invoice.write_invoice(invoice=fresh)
