"""What an invoice gives back in parts, and what is billed although no case came."""

from datetime import date
from fractions import Fraction

import pytest

from billing import models as pay
from billing.operations import credit_invoice
from tests import factories
from tests.billing import billing_world as world_of
from tests.billing.operations.test_invoices import accounts, april, finalize, march

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return factories.make_user(name="Ruth Adeyemi")


def billed_for(price_micros, person):
    """A final invoice of one resolution, and how to credit a part of its line."""
    world = world_of.make_billed(tiers=((2, price_micros), (None, 2_000_000)))
    world_of.resolve(world, 1)
    world_of.draft()
    invoice = finalize(march(world), person)
    line = invoice.lines.get()

    def credit(amount):
        return credit_invoice.credit_invoice(
            invoice_id=invoice.pk,
            items=[credit_invoice.Credited(line_id=line.pk, amount=Fraction(amount))],
            reason="Outage",
            person=person,
            as_of=world_of.APRIL_6,
        )

    return world, invoice, credit


def test_a_period_without_a_case_is_billed_what_was_promised(person):
    world = world_of.make_billed(commitment_micros=20_000_000)
    world_of.resolve(world, 3)
    world_of.draft(world_of.APRIL_6)
    finalize(march(world), person)
    assert not pay.Invoice.objects.filter(contract=world.contract, period_start="2016-04-01").exists()

    world_of.draft(world_of.MAY_6)

    assert world_of.lines_of(april(world)) == [("Apr", "true_up", "", "20.00")]
    invoice = finalize(april(world), person, world_of.MAY_6)
    assert (invoice.counted_count, invoice.gross_micros) == (0, 22_000_000)
    world_of.draft(world_of.MAY_6)
    assert list(pay.Invoice.objects.filter(contract=world.contract, status="draft")) == []


def test_a_period_without_a_case_and_without_a_promise_has_no_invoice(person):
    world = world_of.make_billed()
    world_of.resolve(world, 3)
    world_of.draft(world_of.MAY_6)

    assert [one.period_start for one in pay.Invoice.objects.filter(contract=world.contract)] == [date(2016, 3, 1)]


def test_what_rounding_moved_from_note_to_note_is_counted_once(person):
    # 0.006 of tax each: 0.01, then nothing, then 0.01; together the 0.02 that was invoiced of 0.018.
    _, invoice, credit = billed_for(180_000, person)

    notes = [credit("0.06"), credit("0.06"), credit("0.06")]

    assert [note.tax_micros for note in notes] == [10_000, 0, 10_000]
    assert [Fraction(note.tax_rounding) for note in notes] == [Fraction("0.004"), Fraction("-0.006"), Fraction("0.004")]
    assert sum(note.total_micros for note in notes) == invoice.gross_micros == 200_000


def test_credit_notes_are_capped_by_line_and_the_last_absorbs_the_rounding(person):
    world, invoice, credit = billed_for(3_330_000, person)
    assert (invoice.subtotal_micros, invoice.tax_micros) == (3_330_000, 330_000)

    notes = [credit("1.11"), credit("1.11"), credit("1.11")]
    assert [(note.number, note.subtotal_micros, note.tax_micros) for note in notes] == [
        ("CN-0001", 1_110_000, 110_000),
        ("CN-0002", 1_110_000, 110_000),
        ("CN-0003", 1_110_000, 110_000),
    ]
    assert sum(note.total_micros for note in notes) == invoice.gross_micros
    invoice.refresh_from_db()
    assert invoice.status == "paid"
    assert ("receivable", "USD") not in accounts(world)
    with pytest.raises(credit_invoice.UnableToCredit, match=r"has 0 USD left to credit; 0\.01 is not within it"):
        credit("0.01")
