"""What an accepted dispute of an agent changes on the client's bill: proposed with the answer, carried out when another person approves."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from agents.intake.delivered import DeliveredEvent
from agents.models import ImportRun, Resolution, User
from agents.operations.deliveries import receive_events
from agents.queries import policies as stored_policies
from agents.rules.lifecycle import CONFIRMING_EVENT
from billing.models import BillChange, Dispute
from billing.operations import credit_case, open_dispute
from contracts.queries import class_codes
from contracts.rules import resolution_policy

Effect, Outcome = BillChange.Effect, BillChange.Outcome
DELIVERER = "Dispute"


class UnableToChangeBill(Exception):
    """A change of a bill that names no case, that changes nothing, or that this person may not approve."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What the answer of an agent's dispute means for the client.

    Args:
        effect: `uncount` or `count`.
        resolution_id: the case.
        amount_micros: given back before tax; None is all that the case stands with.
        code: of the exclusion, used where the case is not billed yet.
        reason: in words that the client reads.
    """

    effect: str
    resolution_id: int
    reason: str
    amount_micros: int | None = None
    code: str = "wrong_queue"


def propose_bill_change(*, dispute: Dispute, proposal: Proposal, person: User, as_of: datetime) -> BillChange:
    """Note what a dispute changes on the client's bill; nothing moves before another person approves it.

    Args:
        dispute: an agent's, about a resolution or a statement line, locked by the caller.
        proposal: what changes.
        person: who answers the dispute.
        as_of: business instant.

    Raises: UnableToChangeBill; nothing is written then.
    Source: design.md sections 5 and 9: a final invoice is corrected by a credit note, with its own approval.
    """
    if dispute.is_by_client:
        raise UnableToChangeBill(_("%(dispute)s is the client's own; its answer is the credit note.") % {"dispute": dispute})
    if not proposal.reason.strip():
        raise UnableToChangeBill(_("Say why the bill changes; the client reads it."))
    if proposal.code not in resolution_policy.EXCLUSIONS:
        raise UnableToChangeBill(
            _('"%(code)s" is no exclusion; choose one of %(known)s.')
            % {"code": proposal.code, "known": ", ".join(sorted(resolution_policy.EXCLUSIONS))}
        )
    resolution = Resolution.objects.filter(pk=proposal.resolution_id).select_related("case").first()
    if resolution is None:
        raise UnableToChangeBill(_("There is no such case; enter its number as the help desk writes it."))
    if proposal.effect == Effect.COUNT:
        _check_countable(resolution)
    else:
        _check_uncountable(dispute, resolution, proposal.amount_micros)
    return BillChange.objects.create(
        dispute=dispute,
        resolution=resolution,
        effect=proposal.effect,
        amount_micros=proposal.amount_micros if proposal.effect == Effect.UNCOUNT else None,
        code=proposal.code if proposal.effect == Effect.UNCOUNT else "",
        reason=proposal.reason.strip(),
        proposed_by=person,
        proposed_at=as_of,
    )


def approve_bill_change(*, change_id: int, person: User, as_of: datetime) -> BillChange:
    """Carry out a change of a bill: a credit note where a final invoice bills the case, else an event that the next invoice follows.

    Args:
        change_id: a proposed change.
        person: who approves; neither who proposed it nor the agent whose dispute it is.
        as_of: business instant.

    Returns: the change with its outcome.
    Raises: UnableToChangeBill; nothing is written then.
    Source: design.md section 5; docs/disputes.md.
    """
    with transaction.atomic(), pghistory.context(user=person.pk, act="approve bill change"):
        wanted = ("dispute__agent", "resolution__case__source", "resolution__identity", "resolution__query_type", "resolution__channel")
        found = BillChange.objects.select_for_update(of=["self"]).select_related(*wanted).get(pk=change_id)
        if found.approved_by_id is not None:
            raise UnableToChangeBill(_("The %(change)s is approved already.") % {"change": found})
        if found.proposed_by_id == person.pk:
            raise UnableToChangeBill(
                _("%(person)s proposed the %(change)s and cannot approve it; ask another person of the office.")
                % {"person": person, "change": found}
            )
        if found.dispute.agent is not None and found.dispute.agent.user_id == person.pk:
            raise UnableToChangeBill(
                _("The %(change)s is about a dispute of %(person)s; ask another person of the office.")
                % {"person": person, "change": found}
            )
        found.approved_by, found.approved_at = person, as_of
        if found.effect == Effect.COUNT:
            _check_countable(found.resolution)
            _record(found, _confirming_events(found, as_of), as_of)
            found.outcome = Outcome.COUNTED
        else:
            _uncount(found, person, as_of)
        found.save(update_fields=["approved_by", "approved_at", "outcome", "invoice", "credit_note"])
    return found


def _check_countable(resolution: Resolution) -> None:
    if resolution.is_payable:
        raise UnableToChangeBill(_("Case %(key)s counts already.") % {"key": resolution.case.key})
    if resolution.state not in ("pending", "reopened"):
        raise UnableToChangeBill(
            _("Case %(key)s is %(state)s; only the help desk's own record can make it count.")
            % {"key": resolution.case.key, "state": resolution.get_state_display().lower()}
        )


def _check_uncountable(dispute: Dispute, resolution: Resolution, amount_micros: int | None) -> None:
    try:
        credit_case.refuse_second(resolution_id=resolution.pk, but=dispute.pk)
    except credit_case.UnableToCreditCase as refused:
        raise UnableToChangeBill(str(refused)) from refused
    invoice = credit_case.find_billing_invoice(resolution_id=resolution.pk)
    if invoice is None and not resolution.is_payable:
        raise UnableToChangeBill(_("Case %(key)s does not count, so nothing can be given back for it.") % {"key": resolution.case.key})
    billed = open_dispute.billed_micros(invoice_id=invoice.pk, resolution_id=resolution.pk) if invoice else 0
    if amount_micros is not None and (amount_micros <= 0 or (invoice is not None and amount_micros > billed)):
        raise UnableToChangeBill(
            _("More than zero is given back, and at most what the case still stands with; leave it empty for all of it.")
        )


def _uncount(change: BillChange, person: User, as_of: datetime) -> None:
    """Credit the case where a final invoice bills it; else exclude it, and the draft follows."""
    _check_uncountable(change.dispute, change.resolution, change.amount_micros)
    invoice = credit_case.find_billing_invoice(resolution_id=change.resolution_id)
    if invoice is None:
        _record(change, [_event(change, "excluded", as_of, code=change.code)], as_of)
        change.outcome = Outcome.EXCLUDED
        return
    billed = open_dispute.billed_micros(invoice_id=invoice.pk, resolution_id=change.resolution_id)
    try:
        change.credit_note = credit_case.credit_case(
            invoice_id=invoice.pk,
            resolution_id=change.resolution_id,
            amount_micros=change.amount_micros if change.amount_micros is not None else billed,
            dispute_id=change.dispute_id,
            words=change.reason,
            person=person,
            as_of=as_of,
        )
    except credit_case.UnableToCreditCase as refused:
        raise UnableToChangeBill(str(refused)) from refused
    change.invoice, change.outcome = invoice, Outcome.CREDITED


def _confirming_events(change: BillChange, as_of: datetime) -> list[DeliveredEvent]:
    """Return what makes a case count from now on: whatever its policy asks for, after a new claim where the customer had come back."""
    resolution = change.resolution
    policies = stored_policies.load_policies()
    verified_by = "customer_or_silence"
    if resolution.policy_version_id in policies.readable:
        policy = policies.effective(version_id=resolution.policy_version_id, **class_codes.codes_of(resolution))
        verified_by = policy.verified_by
    confirming = _event(change, CONFIRMING_EVENT[verified_by], as_of, sequence=1)
    if resolution.state == "pending":
        return [confirming]
    identity = resolution.identity
    who = {"agent": identity.value, "agent_space": identity.space} if identity else {}
    return [_event(change, "solution_offered", as_of, **who), confirming]


def _event(change: BillChange, kind: str, as_of: datetime, *, sequence: int = 0, **more: str) -> DeliveredEvent:
    case = change.resolution.case
    return DeliveredEvent(
        source=case.source.code,
        id=f"dispute/D-{change.dispute_id}/{kind}",
        type=kind,  # type: ignore[arg-type]
        case=case.key,
        occurred_at=as_of,
        sequence=sequence,
        **more,  # type: ignore[arg-type]
    )


def _record(change: BillChange, told: list[DeliveredEvent], as_of: datetime) -> None:
    """Let the case know as the help desk would have told it; folding and booking follow as for any delivery."""
    report = receive_events.receive_events(
        source=change.resolution.case.source,
        origin=ImportRun.Origin.API,
        deliverer=f"{DELIVERER} D-{change.dispute_id}",
        body_sha256=sha256(str(change).encode()).hexdigest(),
        read=told,
        received_at=as_of,
    )
    refused = [one.message or one.reason for one in report.outcomes if one.status not in ("accepted", "duplicate")]
    if refused:
        raise UnableToChangeBill(_("Case %(key)s does not take it: %(why)s") % {"key": change.resolution.case.key, "why": refused[0]})
