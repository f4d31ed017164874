"""A client that is billed: a graduated price, 10% tax, a commitment on demand, a seller and a buyer."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from billing import models as pay
from billing.operations import book_resolutions, draft_invoices
from contracts import models as terms
from tests import factories

MARCH_10 = datetime(2016, 3, 10, 15, tzinfo=UTC)
APRIL_2 = datetime(2016, 4, 2, 12, tzinfo=UTC)
APRIL_6 = datetime(2016, 4, 6, 12, tzinfo=UTC)
MAY_6 = datetime(2016, 5, 6, 12, tzinfo=UTC)


@dataclass(kw_only=True)
class Billed:
    """What a test changes and asks for."""

    client: terms.Client
    contract: terms.Contract
    version: terms.ContractVersion
    seller: pay.Seller


def make_seller(code="larkfield"):
    """A company with numbers of its own."""
    series = [pay.NumberSeries.objects.create(code=f"{code}-{kind}", prefix=f"{kind}-") for kind in ("LF", "CN")]
    return pay.Seller.objects.create(
        code=code, legal_name="Larkfield Contact Inc.", city="San Antonio, Texas", country="US",
        invoice_series=series[0], credit_note_series=series[1],
    )  # fmt: skip


def make_buyer(*, client, seller):
    """How a client stands on invoices."""
    return pay.Buyer.objects.create(client=client, seller=seller, legal_name="Alder Home LLC", city="Austin, Texas", country="US")


def make_billed(*, commitment_micros=None, seller=None, tiers=((2, 3_000_000), (None, 2_000_000)), tax=True, currency="USD"):
    """Two cases at 3.00 and each further one at 2.00, and 10% tax."""
    number = terms.Client.objects.count() + 1
    client = terms.Client.objects.create(code=f"alder-{number}", name="Alder Home")
    contract = terms.Contract.objects.create(client=client, code=f"alder-{number}", name="2016", timezone=factories.NEW_YORK)
    version = terms.ContractVersion.objects.create(contract=contract, number=1, effective_from=date(2015, 1, 1), currency=currency)
    row = terms.RateCardRow.objects.create(version=version, shape="graduated")
    for up_to, unit_amount in tiers:
        terms.RateTier.objects.create(row=row, up_to=up_to, unit_amount_micros=unit_amount)
    if tax:
        terms.TaxRate.objects.create(version=version, name="Sales tax", rate_ppm=100_000)
    if commitment_micros is not None:
        terms.MinimumCommitment.objects.create(version=version, amount_micros=commitment_micros)
    terms.ContractVersion.objects.filter(pk=version.pk).update(status="active")
    seller = seller or make_seller()
    make_buyer(client=client, seller=seller)
    return Billed(client=client, contract=contract, version=version, seller=seller)


def complete_addresses(world):
    """Enter everything that an electronic invoice asks for."""
    address = {"street": "1 Mill Road", "postcode": "78701", "tax_id": "74-1234567"}
    pay.Seller.objects.filter(pk=world.seller.pk).update(**address, iban="DE89370400440532013000", email="billing@larkfield.example")
    pay.Buyer.objects.filter(client=world.client).update(**address | {"tax_id": ""}, attention="Ingrid Solheim", reference="PO 7")


def resolve(world, count=1, *, first=MARCH_10, **values):
    """Verified resolutions, a minute apart."""
    return [
        factories.make_resolution(
            agent=None, version=world.version, resolved_at=first + timedelta(minutes=place),
            verified_at=first + timedelta(hours=1, minutes=place), **values,
        )
        for place in range(count)
    ]  # fmt: skip


def fall(resolution):
    """Let a counted resolution be reopened."""
    resolution.state, resolution.is_payable, resolution.reason = "reopened", False, "reopened"
    resolution.save()


def draft(as_of=APRIL_6):
    """Book what is payable and bring the drafts up to date."""
    book_resolutions.book_resolutions(as_of=as_of)
    return draft_invoices.refresh_drafts(as_of=as_of)


def lines_of(invoice):
    """Origin, kind, quantity and amount of each line."""
    return [
        (f"{line.origin_start:%b}", line.kind, line.quantity, f"{line.amount_micros / 1_000_000:.2f}")
        for line in invoice.lines.order_by("position")
    ]
