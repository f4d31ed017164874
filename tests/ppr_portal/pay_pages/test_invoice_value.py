"""An invoice says what the client gets beside the count: rates with their intervals, or nothing where nobody was asked."""

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import Invoice, ValueCount
from billing.queries import invoice_value
from tests import factories
from tests.billing import billing_world as world_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice() -> Invoice:
    world = world_of.make_billed()
    world_of.resolve(world, 2)
    world_of.draft()
    return Invoice.objects.get(contract=world.contract)


def count(invoice: Invoice, **values: int) -> ValueCount:
    return ValueCount.objects.create(
        contract=invoice.contract, period_start=invoice.period_start, period_end=invoice.period_end, currency=invoice.currency,
        channel=values.pop("channel", None), counted_at=world_of.APRIL_6, **values,
    )  # fmt: skip


def test_rates_of_all_channels_stand_with_their_intervals_and_counts(invoice: Invoice, client: Client) -> None:
    count(invoice, fcr_yes_count=5, fcr_count=6)
    count(invoice, channel=factories.make_channel(), fcr_yes_count=4, fcr_count=4)  # type: ignore[arg-type]
    found = invoice_value.read_value(invoice=invoice)
    assert found is not None
    assert found.fcr is not None
    assert (float(found.fcr.rate), float(found.fcr.low), float(found.fcr.high), found.fcr.n) == (0.9, 0.595844, 0.982124, 10)
    assert found.csat is None

    client.force_login(factories.make_user(roles=["auditor"]))
    words = client.get(reverse("invoice", args=[invoice.pk])).content.decode()
    assert "59.6–98.2%, 10 cases" in words
    assert "CSAT" not in words


def test_nothing_is_said_where_nothing_was_asked(invoice: Invoice) -> None:
    assert invoice_value.read_value(invoice=invoice) is None
    count(invoice)
    assert invoice_value.read_value(invoice=invoice) is None
