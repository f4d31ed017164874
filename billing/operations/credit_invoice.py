"""Give back a part of a final invoice, line by line."""

import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

import pghistory
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from agents.models import User
from billing.models import CreditNote, CreditNoteLine, Invoice, InvoiceLine, LedgerTransaction
from billing.operations import post_ledger, record_payment, take_number
from billing.queries import invoice_view
from billing.rules import credit_note, ledger, money
from contracts import reading
from contracts.rules import exact

ZERO = Fraction(0)


class UnableToCredit(Exception):
    """A credit on an invoice that is not final, or more than its line still has."""


@dataclass(frozen=True, kw_only=True)
class Credited:
    """What is given back of one line, before tax, in the major unit."""

    line_id: int
    amount: Fraction
    label: str = ""


def credit_invoice(
    *, invoice_id: int, items: Sequence[Credited], reason: str, person: User | None, as_of: datetime, seen_count: int | None = None
) -> CreditNote:
    """Write a credit note on lines of a final invoice.

    Args:
        invoice_id: a final or paid invoice.
        items: at most what each line still has after earlier notes; rounded to the minor unit.
        reason: why; the client reads it.
        person: who decides; None is a job that carries out a decision.
        as_of: business instant.
        seen_count: how many notes the invoice had when the person looked; None asks nothing. A button that is pressed twice writes one.

    Returns: the note; the last one of a line absorbs the rounding that earlier ones left in the tax.
    Raises: UnableToCredit if the invoice is not final, a line is not its own or has less left, without items or reason, or if a note
        came after the person looked.
    Source: design.md section 5: credit notes per line, capped at what is still creditable.
    """
    with transaction.atomic(), pghistory.context(user=person.pk if person else None, act="credit invoice"):
        invoice = (
            Invoice.objects.select_for_update(of=["self"], no_key=True).select_related("contract__client", "seller").get(pk=invoice_id)
        )
        if invoice.status not in (Invoice.Status.FINAL, Invoice.Status.PAID) or invoice.seller is None:
            raise UnableToCredit(
                _("Invoice %(invoice)s is %(lower)s; only a final one can be credited.")
                % {"invoice": invoice, "lower": invoice.get_status_display().lower()}
            )
        if seen_count is not None and invoice.credit_notes.count() != seen_count:
            raise UnableToCredit(
                _("A credit note on invoice %(invoice)s was written since you looked; open the invoice, and credit what is still missing.")
                % {"invoice": invoice}
            )
        if not reason.strip() or not items:
            raise UnableToCredit(_("Say which lines are credited and why; the client reads it."))
        rounding = money.Round(places=money.currency_places(currency=invoice.currency))
        # What stands on each line is what the note adds up.
        items = [replace(item, amount=exact.round_exact(value=item.amount, places=rounding.places)) for item in items]
        lines = _check(invoice, items)
        prior = sum((Fraction(note.tax_rounding) for note in invoice.credit_notes.all()), ZERO)
        computed = credit_note.compute_credit_note(
            items=[
                credit_note.Item(
                    fee_amount=money.from_micros(micros=line.amount_micros),
                    credited_amount=item.amount,
                    tax_percent=Fraction(line.tax_percent),
                )
                for line, item in zip(lines, items, strict=True)
            ],
            rounding=rounding,
            prior_tax_adjustments=prior,
        )
        note = _write(invoice, computed, items, lines, reason, person, as_of)
        record_payment.settle(invoice=invoice)
    return note


def _check(invoice: Invoice, items: Sequence[Credited]) -> list[InvoiceLine]:
    named = invoice.lines.select_related("row__query_type", "row__channel")
    by_id = {line.pk: line for line in named.annotate(given=Sum("credits__amount_micros", default=0))}
    found: list[InvoiceLine] = []
    for item in items:
        line = by_id.get(item.line_id)
        if line is None:
            raise UnableToCredit(
                _("Line %(line_id)s does not stand on invoice %(invoice)s.") % {"line_id": item.line_id, "invoice": invoice}
            )
        left = money.from_micros(micros=line.amount_micros - line.given)
        if not ZERO < item.amount <= left:
            asked, most = exact.format_exact(value=item.amount), exact.format_exact(value=max(left, ZERO))
            raise UnableToCredit(
                _('"%(label)s" has %(most)s %(currency)s left to credit; %(asked)s is not within it.')
                % {"label": line.label, "most": most, "currency": invoice.currency, "asked": asked}
            )
        found.append(line)
    if len({item.line_id for item in items}) != len(items):
        raise UnableToCredit(_("Name each line once, with everything that is credited of it."))
    return found


def _write(
    invoice: Invoice,
    computed: credit_note.CreditNote,
    items: Sequence[Credited],
    lines: Sequence[InvoiceLine],
    reason: str,
    person: User | None,
    as_of: datetime,
) -> CreditNote:
    assert invoice.seller is not None
    subtotal = money.to_micros(amount=computed.subtotal, currency=invoice.currency)
    tax = money.to_micros(amount=computed.tax, currency=invoice.currency)
    note = CreditNote.objects.create(
        invoice=invoice,
        number=take_number.take_number(series_id=invoice.seller.credit_note_series_id),
        issued_on=as_of.astimezone(zoneinfo.ZoneInfo(invoice.contract.timezone)).date(),
        reason=reason.strip(),
        currency=invoice.currency,
        subtotal_micros=subtotal,
        tax_micros=tax,
        total_micros=subtotal + tax,
        tax_rounding=exact.format_exact(value=computed.tax - exact.total(values=computed.taxes)),
        issued_by=person,
        issued_at=as_of,
    )
    with reading.plainly():
        labels = [(item.label or invoice_view.name_of(line=line))[:160] for line, item in zip(lines, items, strict=True)]
    CreditNoteLine.objects.bulk_create(
        CreditNoteLine(
            note=note,
            line=line,
            label=label,
            amount_micros=money.to_micros(amount=item.amount, currency=invoice.currency),
        )
        for line, item, label in zip(lines, items, labels, strict=True)
    )
    event = post_ledger.Event(
        key=f"credit_note:{note.pk}",
        kind=LedgerTransaction.Kind.CREDIT_NOTE,
        on=note.issued_on,
        words=f"Credit note {note.number} on invoice {invoice.number}",
        currency=invoice.currency,
        postings=ledger.post_credit_note(client_id=invoice.contract.client_id, subtotal=subtotal, tax=tax),
    )
    post_ledger.post_events(events=[event], posted_at=as_of, person_id=person.pk if person else None)
    return note
