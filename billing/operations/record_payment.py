"""Record what a client paid: for an invoice, or in advance."""

from datetime import date, datetime
from fractions import Fraction

import pghistory
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from agents.models import User
from billing.models import Invoice, LedgerTransaction, Payment
from billing.operations import post_ledger
from billing.queries import invoice_content, prepaid_grants
from billing.rules import ledger, money
from billing.rules.prepaid import InvalidPrepaid
from contracts.models import Client
from contracts.rules import exact


class UnableToRecordPayment(Exception):
    """A payment that was recorded before with other figures, or that is more than an invoice still asks for."""


def open_micros(*, invoice: Invoice) -> int:
    """Return what is still to be paid on an invoice after payments and credit notes, in micros; below zero is too much."""
    paid = invoice.payments.aggregate(total=Sum("amount_micros", default=0))["total"]
    credited = invoice.credit_notes.aggregate(total=Sum("total_micros", default=0))["total"]
    return int(invoice.due_micros - paid - credited)


def record_payment(
    *,
    client_id: int,
    amount: Fraction,
    currency: str,
    received_on: date,
    reference: str,
    person: User,
    as_of: datetime,
    invoice_id: int | None = None,
) -> Payment:
    """Record a payment once; the same reference of the same client is the same payment.

    Args:
        client_id: who paid.
        amount: major unit; below zero where the bank took a payment back.
        currency: of the amount.
        received_on: day that it came.
        reference: as the bank writes it.
        person: who records it.
        as_of: business instant.
        invoice_id: what it pays; None is in advance.

    Returns: the payment; the invoice is paid once nothing is open on it.
    Raises: UnableToRecordPayment if it was recorded before with other figures, is nothing, is in another currency, or more
        than is open; nothing is written then.
    Source: design.md section 5; docs/invoices.md.
    """
    micros = money.to_micros(amount=amount, currency=currency)
    if not micros or not reference.strip():
        raise UnableToRecordPayment(_("Give the amount and the reference of the payment, as the bank writes them."))
    with transaction.atomic(), pghistory.context(user=person.pk, act="record payment"):
        client = Client.objects.select_for_update(no_key=True).get(pk=client_id)
        invoice = _lock(invoice_id)
        wanted = {"invoice": invoice, "received_on": received_on, "currency": currency, "amount_micros": micros}
        known = Payment.objects.filter(client=client, reference=reference.strip()).first()
        if known is not None:
            if any(getattr(known, name) != value for name, value in wanted.items()):
                raise UnableToRecordPayment(
                    _('"%(reference)s" of %(client)s was recorded before with other figures; look it up first.')
                    % {"reference": known.reference, "client": client}
                )
            return known
        if invoice is not None:
            _check(invoice, client, currency, micros)
        made = Payment.objects.create(client=client, reference=reference.strip(), recorded_by=person, recorded_at=as_of, **wanted)
        event = post_ledger.Event(
            key=f"payment:{made.pk}",
            kind=LedgerTransaction.Kind.PAYMENT if invoice else LedgerTransaction.Kind.PREPAYMENT,
            on=received_on,
            words=f"{client} paid {f'invoice {invoice}' if invoice else 'in advance'}: {made.reference}",
            currency=currency,
            postings=ledger.post_payment(client_id=client.pk, amount=micros, in_advance=invoice is None),
        )
        post_ledger.post_events(events=[event], posted_at=as_of, person_id=person.pk)
        if invoice is not None:
            settle(invoice=invoice)
        elif micros < 0:
            _refuse_taking_back_used(client, currency, as_of)
    return made


def settle(*, invoice: Invoice) -> None:
    """Mark a locked invoice as paid once nothing is open on it, and as owed again if something is."""
    is_settled = open_micros(invoice=invoice) <= 0
    status = Invoice.Status.PAID if is_settled else Invoice.Status.FINAL
    if invoice.status != status:
        invoice.status = status
        invoice.save(update_fields=["status"])


def _lock(invoice_id: int | None) -> Invoice | None:
    if invoice_id is None:
        return None
    return Invoice.objects.select_for_update(of=["self"], no_key=True).select_related("contract").get(pk=invoice_id)


def _check(invoice: Invoice, client: Client, currency: str, micros: int) -> None:
    if invoice.contract.client_id != client.pk or invoice.currency != currency:
        raise UnableToRecordPayment(
            _("Invoice %(invoice)s is not one of %(client)s in %(currency)s.")
            % {"invoice": invoice, "client": client, "currency": currency}
        )
    if invoice.status not in (Invoice.Status.FINAL, Invoice.Status.PAID):
        raise UnableToRecordPayment(
            _("Invoice %(invoice)s is %(lower)s; only a final one is paid.")
            % {"invoice": invoice, "lower": invoice.get_status_display().lower()}
        )
    paid = invoice.payments.aggregate(total=Sum("amount_micros", default=0))["total"]
    if paid + micros < 0:
        words = exact.format_exact(value=money.from_micros(micros=paid))
        raise UnableToRecordPayment(
            _("Only %(words)s %(currency)s was paid on invoice %(invoice)s, so the bank cannot have taken back more; look the payment up.")
            % {"words": words, "currency": currency, "invoice": invoice}
        )
    still_open = open_micros(invoice=invoice)
    if micros > max(still_open, 0):
        words = exact.format_exact(value=money.from_micros(micros=max(still_open, 0)))
        raise UnableToRecordPayment(
            _("Only %(words)s %(currency)s is open on invoice %(invoice)s; record the rest as paid in advance.")
            % {"words": words, "currency": currency, "invoice": invoice}
        )


def _refuse_taking_back_used(client: Client, currency: str, as_of: datetime) -> None:
    """Refuse to take back what was never paid in advance, or what invoices have used."""
    payments = Payment.objects.filter(client=client, invoice=None, currency=currency).order_by("received_on", "pk")
    unmatched = prepaid_grants.list_standing(payments=payments.values_list("received_on", "amount_micros")).unmatched_micros
    try:
        for contract in client.contracts.order_by("pk"):
            invoice_content.prepaid_left(contract=contract, currency=currency, on=as_of.date())
    except InvalidPrepaid:
        unmatched = unmatched or -1
    if unmatched:
        raise UnableToRecordPayment(
            _(
                "So much of what %(client)s paid in advance in %(currency)s is not there any more: invoices have used it. "
                "Void the invoice that used it first; then it is issued anew and asks for the money."
            )
            % {"client": client, "currency": currency}
        )
