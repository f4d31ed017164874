"""A correction on an invoice names its case and shows what it did to the tiers."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import Invoice
from billing.operations import finalize_invoice
from tests import factories
from tests.billing import billing_world as world_of

pytestmark = pytest.mark.django_db


def test_a_correction_names_its_case_and_shows_the_effect_on_the_tiers(client: Client) -> None:
    world = world_of.make_billed()
    first = world_of.resolve(world, 3)
    world_of.draft()
    march = Invoice.objects.get(contract=world.contract)
    finalize_invoice.finalize_invoice(invoice_id=march.pk, person=factories.make_user(), as_of=world_of.APRIL_6)
    world_of.fall(first[0])
    world_of.resolve(world, 1, first=world_of.MARCH_10 + timedelta(days=31))
    world_of.draft(world_of.MAY_6)
    april = Invoice.objects.get(contract=world.contract, status="draft")
    client.force_login(factories.make_user(roles=["auditor"]))
    reason = client.get(f"{reverse('invoice', args=[april.pk])}?why=2").context["reason"]

    assert [(case.key, case.is_away) for case in reason.cases] == [(first[0].case.key, True)]
    assert [(step.sign, step.value, step.name, step.text.removeprefix("Any query type, any channel: ")) for step in reason.steps][:2] == [
        ("", "6.00", "March 2016 with 2 cases", "2 × 3.00"),
        ("−", "8.00", "Billed with 3 cases", "2 × 3.00 and 1 × 2.00"),
    ]
    assert (reason.title, reason.steps[2].value) == ("Why −2.00?", "−2.00")
