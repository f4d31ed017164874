"""What the demo's clients are billed: March is final, as known after its days of grace; April is a draft."""

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction

from agents.models import User
from agents.operations.resolutions.resolve_cases import resolve_cases
from billing.models import Buyer, Invoice, NumberSeries, Seller
from billing.operations.book_resolutions import book_resolutions
from billing.operations.draft_invoices import refresh_drafts
from billing.operations.finalize_invoice import finalize_invoice
from billing.operations.recognize_revenue import recognize_revenue
from billing.operations.record_payment import record_payment
from contracts.models import Client
from ppr_portal import invoice_papers, papers
from ppr_portal.demo import company, people

Progress = Callable[[str, int, int], None]


def bill_first_month(progress: Progress) -> str:
    """Finalize the invoices of the first month as they were known after its days of grace, and record one payment."""
    definition = company.load_company()
    first, as_of = definition.close.period_start, definition.billing.known_at
    if Invoice.objects.filter(period_start=first).exclude(status=Invoice.Status.DRAFT).count() == len(definition.clients):
        return f"billed before; 0 new{_issue(progress)}"
    seed_parties(definition=definition)
    resolve_cases(as_of=as_of)
    book_resolutions(as_of=as_of)
    refresh_drafts(as_of=as_of)
    person = User.objects.get(email=people.address_of(company=definition, sign_in=definition.billing.finalized_by))
    drafts = list(Invoice.objects.filter(period_start=first, status=Invoice.Status.DRAFT).order_by("contract__client__name", "pk"))
    for place, draft in enumerate(drafts, start=1):
        progress("Finalizing", place, len(drafts))
        finalize_invoice(invoice_id=draft.pk, person=person, as_of=as_of)
    _record_payment(definition, person)
    return f"{len(drafts)} invoices final, 1 payment recorded{_issue(progress)}"


def seed_parties(*, definition: company.Company) -> Seller:
    """Enter the company that bills and pays, and how each client stands on its invoices; return the company."""
    known = definition.billing.seller
    series = {
        kind: NumberSeries.objects.get_or_create(code=kind, defaults={"prefix": prefix, "width": 4, "next_number": start})[0]
        for kind, prefix, start in (("invoices", known.invoice_prefix, known.first_invoice), ("credit-notes", known.credit_note_prefix, 1))
    }
    seller, _ = Seller.objects.get_or_create(
        code=known.code,
        defaults={**_address(known), "invoice_series": series["invoices"], "credit_note_series": series["credit-notes"]},
    )
    for client in definition.clients:
        payer = Client.objects.get(code=client.code)
        own = {"attention": client.buyer.attention, "reference": client.buyer.reference}
        Buyer.objects.get_or_create(client=payer, defaults={**_address(client.buyer), **own, "seller": seller})
    return seller


def draft_second_month(progress: Progress) -> str:
    """Let the open month collect up to the demo's present, and post revenue that was earned."""
    definition = company.load_company()
    report = refresh_drafts(as_of=definition.now)
    recognize_revenue(on=definition.now.date(), posted_at=definition.now)
    return f"{report.written} drafts written" if report.written else "0 new"


def _address(known: company.AddressDefinition) -> dict[str, str]:
    return {name: getattr(known, name) for name in company.AddressDefinition.model_fields}


def _record_payment(definition: company.Company, person: User) -> None:
    paid = definition.billing.payment
    invoice = Invoice.objects.get(contract__client__code=paid.client, period_start=definition.close.period_start)
    record_payment(
        client_id=invoice.contract.client_id,
        amount=Fraction(paid.amount),
        currency=invoice.currency,
        received_on=paid.received_at.date(),
        reference=f"{invoice.number}, {paid.reference}",
        person=person,
        as_of=paid.received_at + timedelta(hours=1),
        invoice_id=invoice.pk,
    )


def _issue(progress: Progress) -> str:
    progress("Writing PDF files", 0, 1)
    if papers.missing():
        return ", no PDF files because Pango is not installed"
    count = invoice_papers.issue_missing()
    return f", {count} PDF files issued" if count else ""
