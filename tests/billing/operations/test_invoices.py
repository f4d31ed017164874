"""An invoice's life: draft, final, corrected by the next, credited, paid, voided and issued anew; and its place in the ledger."""

import concurrent.futures
import threading
from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.db import IntegrityError, connection, transaction

from billing import models as pay
from billing.operations import credit_invoice, draft_invoices, finalize_invoice, post_ledger, record_payment
from billing.queries import ledger as balances
from contracts import models as terms
from tests import factories
from tests.billing import billing_world as world_of

pytestmark = pytest.mark.django_db
FAR = date(2030, 1, 1)


@pytest.fixture
def person():
    return factories.make_user(name="Ruth Adeyemi")


def march(world):
    return pay.Invoice.objects.exclude(status="void").get(contract=world.contract, period_start=date(2016, 3, 1))


def april(world):
    return pay.Invoice.objects.exclude(status="void").get(contract=world.contract, period_start=date(2016, 4, 1))


def finalize(invoice, person, as_of=world_of.APRIL_6):
    return finalize_invoice.finalize_invoice(invoice_id=invoice.pk, person=person, as_of=as_of)


def accounts(world):
    return balances.party_balances(party="client", on=FAR).get(world.client.pk, {})


def test_a_draft_shows_the_rated_period_with_tax_and_is_written_once():
    world = world_of.make_billed()
    world_of.resolve(world, 3)

    assert world_of.draft().written == 1
    report = draft_invoices.refresh_drafts(as_of=world_of.APRIL_6)

    assert (report.written, report.unchanged) == (0, 1)
    invoice = march(world)
    assert world_of.lines_of(invoice) == [("Mar", "rated", "3", "8.00")]
    assert (invoice.subtotal_micros, invoice.tax_micros, invoice.due_micros) == (8_000_000, 800_000, 8_800_000)
    assert invoice.taxes == [{"name": "Sales tax", "percent": "10", "net": "8", "amount": "0.8"}]
    assert invoice.counted_count == 3


def test_a_draft_collects_until_its_days_of_grace_are_over(person):
    world = world_of.make_billed()
    world_of.resolve(world, 1)
    world_of.draft(world_of.APRIL_2)
    last_day_of_grace = world_of.APRIL_6 - timedelta(days=2)

    with pytest.raises(finalize_invoice.UnableToFinalize, match="until April 5, 2016"):
        finalize(march(world), person, last_day_of_grace)

    assert finalize(march(world), person, last_day_of_grace + timedelta(days=1)).number == "LF-0001"


def test_an_invoice_without_a_billing_address_says_what_to_do(person):
    world = world_of.make_billed()
    world_of.resolve(world, 1)
    pay.Buyer.objects.all().delete()
    world_of.draft()

    with pytest.raises(finalize_invoice.UnableToFinalize, match="Alder Home has no billing address yet; enter it"):
        finalize(march(world), person)

    assert pay.NumberSeries.objects.get(code="larkfield-LF").next_number == 1


def test_a_final_invoice_has_number_days_bookings_and_a_place_in_the_ledger(person):
    world = world_of.make_billed(commitment_micros=10_000_000)
    world_of.resolve(world, 3)
    world_of.draft()
    invoice = finalize(march(world), person)

    assert (invoice.number, invoice.status, invoice.issued_on, invoice.due_on) == ("LF-0001", "final", date(2016, 4, 6), date(2016, 5, 6))
    assert world_of.lines_of(invoice) == [("Mar", "rated", "3", "8.00"), ("Mar", "true_up", "", "2.00")]
    assert invoice.bookings.count() == 3
    assert accounts(world) == {("receivable", "USD"): 11_000_000, ("revenue", "USD"): -10_000_000}
    with pytest.raises(finalize_invoice.UnableToFinalize, match="final already"):
        finalize(invoice, person)


def test_a_case_that_falls_after_its_invoice_comes_as_a_signed_line_of_the_next(person):
    world = world_of.make_billed()
    first = world_of.resolve(world, 3)
    world_of.draft()
    finalize(march(world), person)
    world_of.fall(first[0])
    world_of.resolve(world, 1, first=world_of.MARCH_10 + timedelta(days=31))
    world_of.draft(world_of.MAY_6)

    # The two cases left fill the first tier, so the case that falls away is the last one, at 2.00.
    assert world_of.lines_of(april(world)) == [("Apr", "rated", "1", "3.00"), ("Mar", "rated", "-1", "-2.00")]
    assert april(world).counted_count == 1
    invoice = finalize(april(world), person, world_of.MAY_6)
    assert (invoice.number, invoice.due_micros) == ("LF-0002", 1_100_000)
    assert accounts(world)["receivable", "USD"] == 9_900_000
    assert ("unbilled_revenue", "USD") not in accounts(world)
    assert draft_invoices.refresh_drafts(as_of=world_of.MAY_6).written == 0


def test_what_falls_and_rises_again_leaves_no_correction(person):
    world = world_of.make_billed()
    first = world_of.resolve(world, 3)
    world_of.draft()
    finalize(march(world), person)
    world_of.fall(first[0])
    world_of.draft(world_of.APRIL_6)
    first[0].state, first[0].is_payable = "confirmed", True
    first[0].save()
    world_of.resolve(world, 1, first=world_of.MARCH_10 + timedelta(days=31))
    world_of.draft(world_of.MAY_6)

    assert world_of.lines_of(april(world)) == [("Apr", "rated", "1", "3.00")]


def test_corrections_that_take_back_more_than_is_charged_are_not_an_invoice(person):
    world = world_of.make_billed()
    first = world_of.resolve(world, 3)
    world_of.draft()
    finalize(march(world), person)
    for resolution in first:
        world_of.fall(resolution)
    world_of.resolve(world, 1, first=world_of.MARCH_10 + timedelta(days=31))
    world_of.draft(world_of.MAY_6)

    with pytest.raises(finalize_invoice.UnableToFinalize, match="write a credit note"):
        finalize(april(world), person, world_of.MAY_6)


def test_a_void_invoice_is_issued_anew_and_linked(person):
    world = world_of.make_billed()
    world_of.resolve(world, 3)
    world_of.draft()
    first = finalize(march(world), person)
    with pytest.raises(finalize_invoice.UnableToVoid, match="Say why"):
        finalize_invoice.void_invoice(invoice_id=first.pk, person=person, as_of=world_of.APRIL_6, reason=" ")
    finalize_invoice.void_invoice(invoice_id=first.pk, person=person, as_of=world_of.APRIL_6, reason="Wrong address")
    assert accounts(world) == {("unbilled_revenue", "USD"): 8_000_000, ("revenue", "USD"): -8_000_000}

    draft_invoices.refresh_drafts(as_of=world_of.APRIL_6)
    again = finalize(march(world), person)

    assert (again.number, again.replaces, again.due_micros) == ("LF-0002", first, 8_800_000)
    assert accounts(world) == {("receivable", "USD"): 8_800_000, ("revenue", "USD"): -8_000_000}


def test_payments_are_recorded_once_and_close_the_invoice(person):
    world = world_of.make_billed()
    world_of.resolve(world, 3)
    world_of.draft()
    invoice = finalize(march(world), person)

    def pay_in(amount, reference, invoice_id=invoice.pk):
        return record_payment.record_payment(
            client_id=world.client.pk, amount=Fraction(amount), currency="USD", received_on=date(2016, 4, 20),
            reference=reference, person=person, as_of=world_of.APRIL_6, invoice_id=invoice_id,
        )  # fmt: skip

    with pytest.raises(record_payment.UnableToRecordPayment, match=r"Only 8.8 USD is open"):
        pay_in("8.81", "wire 1")
    first = pay_in("5", "wire 1")
    assert pay_in("5", "wire 1") == first
    with pytest.raises(record_payment.UnableToRecordPayment, match="recorded before with other figures"):
        pay_in("4", "wire 1")
    pay_in("3.80", "wire 2")
    invoice.refresh_from_db()
    assert invoice.status == "paid"
    pay_in("-3.80", "wire 2 returned")
    invoice.refresh_from_db()
    assert (invoice.status, record_payment.open_micros(invoice=invoice)) == ("final", 3_800_000)
    assert accounts(world)["receivable", "USD"] == 3_800_000


def test_prepaid_credits_are_used_up_by_invoices(person):
    world = world_of.make_billed()
    record_payment.record_payment(
        client_id=world.client.pk, amount=Fraction(5), currency="USD", received_on=date(2016, 2, 1), reference="in advance",
        person=person, as_of=world_of.MARCH_10,
    )  # fmt: skip
    world_of.resolve(world, 3)
    world_of.resolve(world, 1, first=world_of.MARCH_10 + timedelta(days=31))
    world_of.draft(world_of.MAY_6)
    invoice = finalize(march(world), person, world_of.MAY_6)

    assert (invoice.gross_micros, invoice.credit_micros, invoice.due_micros) == (8_800_000, 5_000_000, 3_800_000)
    assert finalize(april(world), person, world_of.MAY_6).credit_micros == 0
    assert ("prepaid_credit", "USD") not in accounts(world)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE billing_invoice SET due_micros = 1",
        "UPDATE billing_invoice SET status = 'draft', number = ''",
        "DELETE FROM billing_invoice",
        "UPDATE billing_invoiceline SET amount_micros = 1",
        "DELETE FROM billing_invoiceline",
        "DELETE FROM billing_invoicedbooking",
        "UPDATE billing_invoicedbooking SET is_void = true",
    ],
)
def test_raw_sql_changes_nothing_of_a_final_invoice(person, statement):
    world = world_of.make_billed()
    world_of.resolve(world, 1)
    world_of.draft()
    finalize(march(world), person)

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_eight_people_who_finalize_at_once_get_numbers_without_gap_or_double():
    seller = world_of.make_seller()
    person = factories.make_user()
    worlds = [world_of.make_billed(seller=seller) for _ in range(8)]
    for world in worlds:
        world_of.resolve(world, 1)
    world_of.draft()
    invoices = list(pay.Invoice.objects.order_by("pk"))
    # The same eight once more: half of the calls must be refused without using up a number.
    calls = [*invoices, *invoices]

    def run(invoice):
        try:
            return finalize(invoice, person).number
        except finalize_invoice.UnableToFinalize as refusal:
            return str(refusal)
        finally:
            connection.close()

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = list(pool.map(run, calls))

    assert sorted(number for number in found if number.startswith("LF-")) == [f"LF-{number:04d}" for number in range(1, 9)]
    assert sum(number.endswith("final already.") for number in found) == 8
    assert len({invoice.number for invoice in pay.Invoice.objects.all()}) == 8
    assert post_ledger.LedgerTransaction.objects.filter(kind="invoice").count() == 8


def test_a_credit_note_adds_up_what_stands_on_its_lines(person):
    world = world_of.make_billed(commitment_micros=20_000_000)
    world_of.resolve(world, 1)
    world_of.draft()
    invoice = finalize(march(world), person)
    rated, true_up = invoice.lines.order_by("position")

    def credit(*amounts):
        items = [
            credit_invoice.Credited(line_id=line.pk, amount=Fraction(amount))
            for line, amount in zip((rated, true_up), amounts, strict=False)
        ]
        return credit_invoice.credit_invoice(invoice_id=invoice.pk, items=items, reason="Outage", person=person, as_of=world_of.APRIL_6)

    # Half a cent of each of two lines is a cent of each, and two cents together.
    note = credit("0.005", "0.005")
    assert [line.amount_micros for line in note.lines.order_by("pk")] == [10_000, 10_000]
    assert note.subtotal_micros == 20_000
    with pytest.raises(credit_invoice.UnableToCredit, match="0 is not within it"):
        credit("0.004")
    assert pay.CreditNote.objects.count() == 1


def pay_in_advance(world, person, amount, reference, received_on=date(2016, 2, 1)):
    return record_payment.record_payment(
        client_id=world.client.pk, amount=Fraction(amount), currency="USD", received_on=received_on, reference=reference,
        person=person, as_of=world_of.MAY_6,
    )  # fmt: skip


def test_what_the_bank_took_back_of_a_payment_in_advance_is_used_by_no_invoice(person):
    world = world_of.make_billed()
    pay_in_advance(world, person, 6, "wire 1")
    pay_in_advance(world, person, 2, "wire 2")
    pay_in_advance(world, person, -6, "wire 1 returned", date(2016, 4, 20))
    world_of.resolve(world, 3)
    world_of.resolve(world, 3, first=world_of.MARCH_10 + timedelta(days=31))
    world_of.draft(world_of.MAY_6)

    assert finalize(march(world), person, world_of.MAY_6).credit_micros == 2_000_000
    assert finalize(april(world), person, world_of.MAY_6).credit_micros == 0
    assert ("prepaid_credit", "USD") not in accounts(world)


def test_the_bank_takes_back_no_more_than_there_is(person):
    world = world_of.make_billed()
    pay_in_advance(world, person, 5, "wire 1")
    world_of.resolve(world, 3)
    world_of.draft()
    invoice = finalize(march(world), person)
    assert invoice.credit_micros == 5_000_000

    with pytest.raises(record_payment.UnableToRecordPayment, match="invoices have used it"):
        pay_in_advance(world, person, -5, "wire 1 returned", date(2016, 4, 20))
    with pytest.raises(record_payment.UnableToRecordPayment, match="Only 0 USD was paid on invoice LF-0001"):
        record_payment.record_payment(
            client_id=world.client.pk, amount=Fraction(-1), currency="USD", received_on=date(2016, 4, 20), reference="odd",
            person=person, as_of=world_of.APRIL_6, invoice_id=invoice.pk,
        )  # fmt: skip
    assert pay.Payment.objects.count() == 1

    finalize_invoice.void_invoice(invoice_id=invoice.pk, person=person, as_of=world_of.APRIL_6, reason="Paid by nobody")
    pay_in_advance(world, person, -5, "wire 1 returned", date(2016, 4, 20))
    world_of.draft()
    assert march(world).credit_micros == 0


@pytest.mark.django_db(transaction=True)
def test_two_contracts_of_a_client_that_are_finalized_at_once_use_what_was_paid_in_advance_once(person):
    world = world_of.make_billed()
    other = terms.Contract.objects.create(client=world.client, code="alder-more", name="More", timezone=factories.NEW_YORK)
    version = terms.ContractVersion.objects.create(contract=other, number=1, effective_from=date(2015, 1, 1), currency="USD")
    terms.RateCardRow.objects.create(version=version, unit_amount_micros=4_000_000)
    terms.ContractVersion.objects.filter(pk=version.pk).update(status="active")
    pay_in_advance(world, person, 5, "wire 1")
    world_of.resolve(world, 2)
    factories.make_resolution(agent=None, version=version, resolved_at=world_of.MARCH_10)
    world_of.draft()
    invoices = list(pay.Invoice.objects.order_by("pk"))
    assert [invoice.credit_micros for invoice in invoices] == [5_000_000, 4_000_000]
    both = threading.Barrier(2)

    def run(invoice):
        try:
            both.wait()
            return finalize(invoice, person).credit_micros
        finally:
            connection.close()

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        used = list(pool.map(run, invoices))

    assert sum(used) == 5_000_000
    assert ("prepaid_credit", "USD") not in accounts(world)


def test_what_makes_no_sense_in_one_contract_stops_no_other(person):
    broken, whole = world_of.make_billed(), world_of.make_billed(seller=pay.Seller.objects.get())
    pay_in_advance(broken, person, 5, "wire 1")
    for world in (broken, whole):
        world_of.resolve(world, 3)
    world_of.draft()
    finalize(march(broken), person)
    # As no operation records it: what an invoice has used is taken back.
    pay.Payment.objects.create(
        client=broken.client, amount_micros=-5_000_000, currency="USD", received_on=date(2016, 4, 1), reference="odd",
        recorded_by=person, recorded_at=world_of.APRIL_6,
    )  # fmt: skip
    april_10 = world_of.MARCH_10 + timedelta(days=31)
    for world in (broken, whole):
        world_of.resolve(world, 1, first=april_10)

    report = world_of.draft(world_of.MAY_6)

    assert report.failures == ("Alder Home, 2016, 2016-04: on 2016-04-01 5 was used, 5 more than there was.",)
    assert april(whole).subtotal_micros == 3_000_000
    assert not pay.Invoice.objects.filter(contract=broken.contract, period_start=date(2016, 4, 1)).exists()
