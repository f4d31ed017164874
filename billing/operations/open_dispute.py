"""Contest a figure: a dispute names one line, resolution, review, stretch of hours or billed case, and nothing else waits for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pghistory
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from agents.models import Agent, ClientContact, PlanAssignment, QaReview, Resolution, TimeEntry, User
from agents.operations.quality_work import set_aside_review
from billing.models import BillChange, BookedLine, Dispute, DisputeTerms, Invoice, InvoicedBooking, Settlement, SettlementLine
from billing.models.disputes import Kind
from billing.models.settlements import SettlementStatus
from billing.operations import dispute_notices
from billing.queries import dispute_people

FIXED = (SettlementStatus.APPROVED, SettlementStatus.POSTED, SettlementStatus.PAID)
BILLED = (Invoice.Status.FINAL, Invoice.Status.PAID)
WAITING = (Dispute.Status.OPEN, Dispute.Status.ESCALATED)
GIVEN_BACK = (Dispute.Status.ACCEPTED, Dispute.Status.PARTLY_ACCEPTED)


class UnableToOpenDispute(Exception):
    """A dispute about nothing, about what belongs to somebody else, or about something already in dispute."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What somebody says is wrong: the coded reason, words, what it should be in micros, and evidence."""

    words: str
    reason: str = Dispute.Reason.OTHER
    proposed_micros: int | None = None
    evidence_url: str = ""
    evidence_note: str = ""


def open_dispute(
    *,
    agent: Agent,
    person: User,
    as_of: datetime,
    claim: Claim,
    line_id: int | None = None,
    resolution_id: int | None = None,
    qa_review_id: int | None = None,
    time_entry_id: int | None = None,
) -> Dispute:
    """Open an agent's dispute about exactly one thing.

    Args:
        agent: whose pay it is.
        person: who writes; told of the answer.
        as_of: business instant; the deadline follows from the stored terms of the kind.
        claim: what is wrong.
        line_id: a line of an approved, posted or paid settlement of this agent.
        resolution_id: a resolution, before or after it was paid.
        qa_review_id: a review of this agent.
        time_entry_id: a stretch of this agent's recorded hours.

    Returns: the dispute; whoever answers it is told by mail.
    Raises: UnableToOpenDispute; nothing is written then.
    Source: design.md sections 6 and 9; the undisputed part is paid on time.
    """
    named = {"line": line_id, "resolution": resolution_id, "qa_review": qa_review_id, "time_entry": time_entry_id}
    things = {name: pk for name, pk in named.items() if pk is not None}
    if len(things) != 1:
        raise UnableToOpenDispute(_("A dispute is about one statement line, resolution, review or stretch of hours; name one of them."))
    (name, pk) = next(iter(things.items()))
    with transaction.atomic(), pghistory.context(user=person.pk, act="open dispute"):
        Agent.objects.select_for_update().get(pk=agent.pk)
        facts = _FACTS[name](agent, pk)
        _refuse_second({"agent": agent, f"{name}_id": pk})
        kind = Kind.HOURS if name == "time_entry" else Kind(name)
        return _write(kind, claim, person, as_of, {"agent": agent, f"{name}_id": pk, **facts})


def question_case(*, invoice_id: int, resolution_id: int, person: User, as_of: datetime, claim: Claim) -> Dispute:
    """Open a client's dispute about a case that an invoice counts.

    Args:
        invoice_id: a final or paid invoice of the person's company.
        resolution_id: a resolution that it bills.
        person: a contact of the client.
        as_of: business instant.
        claim: what is wrong; `proposed_micros` is what the case should cost, none is nothing.

    Returns: the dispute. The rest of the invoice stays due on its day.
    Raises: UnableToOpenDispute; nothing is written then.
    Source: design.md section 5; a final invoice is corrected by a credit note.
    """
    with transaction.atomic(), pghistory.context(user=person.pk, act="question case"):
        invoice = Invoice.objects.select_for_update(of=["self"], no_key=True).select_related("contract__client").get(pk=invoice_id)
        client = invoice.contract.client
        if not ClientContact.objects.filter(client=client, user=person).exists():
            raise UnableToOpenDispute(
                _("%(person)s is no contact of %(client)s; a client questions its own invoices.") % {"person": person, "client": client}
            )
        if invoice.status not in BILLED:
            raise UnableToOpenDispute(
                _("The %(invoice)s is %(lower)s: it is no demand yet or no more. Question the final invoice.")
                % {"invoice": invoice, "lower": invoice.get_status_display().lower()}
            )
        billed = billed_micros(invoice_id=invoice.pk, resolution_id=resolution_id)
        if billed <= 0:
            raise UnableToOpenDispute(
                _("Invoice %(invoice)s does not bill this case, or what it billed is given back already.") % {"invoice": invoice}
            )
        if claim.proposed_micros is not None and claim.proposed_micros >= billed:
            raise UnableToOpenDispute(_("The price that you propose is not below what is billed; leave it empty, or enter a lower one."))
        given = Dispute.objects.filter(kind=Kind.CLIENT_CASE, resolution=resolution_id, status__in=GIVEN_BACK).values_list("pk", flat=True)
        changed = BillChange.objects.filter(resolution=resolution_id, effect=BillChange.Effect.UNCOUNT).values_list("dispute", flat=True)
        number = given.first() or changed.first()
        if number is not None:
            raise UnableToOpenDispute(
                _("Dispute D-%(pk)s about this case was accepted; what it gives back is given once.") % {"pk": number}
            )
        _refuse_second({"kind": Kind.CLIENT_CASE, "resolution_id": resolution_id})
        about = {"client": client, "invoice": invoice, "resolution_id": resolution_id}
        return _write(Kind.CLIENT_CASE, claim, person, as_of, {**about, "disputed_micros": billed, "currency": invoice.currency})


def billed_micros(*, invoice_id: int, resolution_id: int) -> int:
    """Return what an invoice bills for a resolution and no later booking has taken away, in micros.

    Args:
        invoice_id: the invoice.
        resolution_id: the resolution.

    Returns: zero where the invoice does not bill it.
    """
    on_invoice = InvoicedBooking.objects.filter(invoice=invoice_id, is_void=False, booked_line__resolution=resolution_id)
    stated = on_invoice.aggregate(total=Sum("booked_line__amount_micros", default=0))["total"]
    standing = BookedLine.objects.filter(resolution=resolution_id).aggregate(total=Sum("amount_micros", default=0))["total"]
    return int(min(stated, standing))


def _write(kind: str, claim: Claim, person: User, as_of: datetime, values: dict[str, Any]) -> Dispute:
    if not claim.words.strip():
        raise UnableToOpenDispute(_("Write what is wrong, in your own words; then open the dispute again."))
    if claim.reason not in Dispute.Reason.values:
        raise UnableToOpenDispute(_('"%(reason)s" is no reason; choose one of the list.') % {"reason": claim.reason})
    terms = _terms_of(kind)
    due_at = as_of + timedelta(days=terms.answer_days)
    made = Dispute.objects.create(
        kind=kind,
        reason=claim.reason,
        words=claim.words.strip(),
        proposed_micros=claim.proposed_micros,
        evidence_url=claim.evidence_url,
        evidence_note=claim.evidence_note.strip(),
        opened_by=person,
        opened_at=as_of,
        due_at=due_at,
        remind_at=due_at - timedelta(days=terms.remind_days),
        default_outcome=terms.default_outcome,
        reply_due_at=as_of + timedelta(days=terms.reply_days),
        **values,
    )
    if made.qa_review_id is not None:
        set_aside_review.set_review_aside(review_id=made.qa_review_id, as_of=as_of)
    people = dispute_people.list_answerers(disputes=[made], on=as_of.date())[made.pk]
    dispute_notices.note(dispute=made, kind="opened", people=people - {person.pk}, as_of=as_of)
    return made


def _line_facts(agent: Agent, pk: int) -> dict[str, Any]:
    line = SettlementLine.objects.select_related("settlement").filter(pk=pk, settlement__agent=agent).first()
    if line is None:
        raise UnableToOpenDispute(
            _("%(agent)s has no line %(pk)s; open the dispute from the line of the statement.") % {"agent": agent, "pk": pk}
        )
    if line.settlement.status not in FIXED:
        raise UnableToOpenDispute(
            _("%(settlement)s still changes every day; name the resolution instead, or wait until the statement is approved.")
            % {"settlement": line.settlement}
        )
    return {"currency": line.settlement.currency, "disputed_micros": line.amount_micros}


def _resolution_facts(agent: Agent, pk: int) -> dict[str, Any]:
    if not Resolution.objects.filter(pk=pk).exists():
        raise UnableToOpenDispute(_("There is no resolution %(pk)s; open the dispute from its page.") % {"pk": pk})
    return {"currency": pay_currency(agent=agent)}


def _review_facts(agent: Agent, pk: int) -> dict[str, Any]:
    if not QaReview.objects.filter(pk=pk, agent=agent).exists():
        raise UnableToOpenDispute(
            _("%(agent)s has no QA review %(pk)s; open the dispute from your own review.") % {"agent": agent, "pk": pk}
        )
    return {"currency": pay_currency(agent=agent)}


def _hours_facts(agent: Agent, pk: int) -> dict[str, Any]:
    if not TimeEntry.objects.filter(pk=pk, agent=agent).exists():
        raise UnableToOpenDispute(_("%(agent)s has no hours %(pk)s; open the dispute from your own hours.") % {"agent": agent, "pk": pk})
    return {"currency": pay_currency(agent=agent)}


_FACTS = {"line": _line_facts, "resolution": _resolution_facts, "qa_review": _review_facts, "time_entry": _hours_facts}


def find_due(*, kind: str, as_of: datetime) -> datetime:
    """Return by when a dispute that is opened now is answered.

    Args:
        kind: what it would be about.
        as_of: business instant.

    Returns: the instant that the dispute would keep.
    """
    return as_of + timedelta(days=_terms_of(kind).answer_days)


def _terms_of(kind: str) -> DisputeTerms:
    return DisputeTerms.objects.filter(kind=kind).first() or DisputeTerms(kind=kind)


def pay_currency(*, agent: Agent) -> str:
    """Return the currency that an agent was paid in last, or is to be paid in by plan; empty if neither is known."""
    paid = Settlement.objects.filter(agent=agent).order_by("-period_start").values_list("currency", flat=True).first()
    planned = (
        PlanAssignment.objects.filter(agent=agent, plan__versions__currency__isnull=False)
        .order_by("-pk", "-plan__versions")
        .values_list("plan__versions__currency", flat=True)
    )
    return str(paid or planned.first() or "")


def _refuse_second(about: dict[str, Any]) -> None:
    waiting = Dispute.objects.filter(status__in=WAITING, **about).first()
    if waiting is not None:
        raise UnableToOpenDispute(
            _("%(waiting)s is about the same and is answered by %(due_at)s; add to it instead.")
            % {"waiting": waiting, "due_at": f"{waiting.due_at:%B %-d}"}
        )
