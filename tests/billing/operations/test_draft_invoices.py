"""What drafts say: cases between two calendars, terms that make no sense, and the free cases that a line counts."""

from datetime import UTC, date, datetime

import pytest

from agents import models as work
from billing import models as pay
from billing.operations import draft_invoices, finalize_invoice
from billing.queries import invoice_cases
from contracts import models as terms
from tests import factories
from tests.billing import billing_world as world_of

pytestmark = pytest.mark.django_db


def march(world):
    return pay.Invoice.objects.get(contract=world.contract, period_start=date(2016, 3, 1))


def begin_version(world, effective_from, row=None, **values):
    """Let another version follow, as no operation checks it."""
    terms.ContractVersion.objects.filter(pk=world.version.pk).update(effective_to=effective_from)
    made = terms.ContractVersion.objects.create(contract=world.contract, number=2, effective_from=effective_from, currency="USD", **values)
    terms.RateCardRow.objects.create(version=made, **row or {"unit_amount_micros": 4_000_000})
    terms.ContractVersion.objects.filter(pk=made.pk).update(status="active")
    return world_of.Billed(client=world.client, contract=world.contract, version=made, seller=world.seller)


def test_cases_that_stand_between_two_calendars_are_named():
    world = world_of.make_billed()
    world_of.resolve(world, 1, first=datetime(2016, 4, 4, 15, tzinfo=UTC))
    weekly = begin_version(world, date(2016, 4, 6), billing_calendar="week")
    for day in (7, 12):
        world_of.resolve(weekly, 1, first=datetime(2016, 4, day, 15, tzinfo=UTC))

    first, second = world_of.draft(world_of.MAY_6), draft_invoices.refresh_drafts(as_of=world_of.MAY_6)

    drafts = list(pay.Invoice.objects.order_by("period_start").values_list("period_start", "subtotal_micros"))
    assert drafts == [(date(2016, 4, 1), 3_000_000), (date(2016, 4, 11), 4_000_000)]
    assert (first.written, second.written, second.failures) == (2, 0, first.failures)
    (sentence,) = first.failures
    assert sentence.startswith("Alder Home, 2016: cases are booked for a billing period from 2016-04-04, but by the calendar in force on")
    assert "the period from 2016-04-01, so no invoice bills them. Bill them outside the portal, or activate" in sentence


def test_a_first_version_that_begins_within_a_week_bills_that_week():
    weekly = begin_version(world_of.make_billed(), date(2016, 4, 6), billing_calendar="week")
    terms.ContractVersion.objects.filter(number=1).update(effective_to=date(2016, 3, 1))
    world_of.resolve(weekly, 1, first=datetime(2016, 4, 7, 15, tzinfo=UTC))

    assert world_of.draft(world_of.MAY_6).failures == ()
    assert pay.Invoice.objects.get().period_start == date(2016, 4, 4)


def test_terms_that_make_no_sense_stop_the_drafts_of_no_other_contract():
    broken, whole = world_of.make_billed(), world_of.make_billed(seller=pay.Seller.objects.get())
    for world in (broken, whole):
        world_of.resolve(world, 3)
    # A price in tiers that has none.
    begin_version(broken, date(2016, 9, 1), row={"shape": "graduated"})

    report = world_of.draft()

    assert (report.written, len(report.failures)) == (1, 1)
    assert report.failures[0] == "Alder Home, 2016: A tiered price needs at least one tier."
    assert pay.Invoice.objects.get().contract == whole.contract


def cases_of(invoice):
    return [
        (row["resolution_id"], row["amount_micros"])
        for row in invoice_cases.list_cases(invoice=invoice, line=invoice.lines.get(kind="rated", origin_start=invoice.period_start))
    ]


def test_free_cases_are_among_those_that_a_line_counts_while_they_stand():
    world = world_of.make_billed(tiers=((2, 0), (None, 2_000_000)))
    one, two, three, four, five, six = (found.pk for found in world_of.resolve(world, 6))
    world_of.draft()
    assert cases_of(march(world)) == [(one, 0), (two, 0), *((case, 2_000_000) for case in (three, four, five, six))]

    # The first falls, which no line says, as it was free; then the third is free. The fourth falls, and it was not free.
    for case in (one, four):
        world_of.fall(work.Resolution.objects.get(pk=case))
        world_of.draft()
    kept = [(two, 0), (three, 0), (five, 2_000_000), (six, 2_000_000)]
    assert (cases_of(march(world)), march(world).lines.get().quantity) == (kept, "4")

    invoice = finalize_invoice.finalize_invoice(invoice_id=march(world).pk, person=factories.make_user(), as_of=world_of.APRIL_6)
    fallen = work.Resolution.objects.get(pk=two)
    world_of.fall(fallen)
    work.ResolutionTransition.objects.create(
        resolution=fallen, state="reopened", at=world_of.MAY_6, rule="returned", policy_version=world.version, recorded_at=world_of.MAY_6
    )
    assert cases_of(invoice) == kept
