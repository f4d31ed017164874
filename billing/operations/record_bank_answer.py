"""Read the bank's answer to the payments of a run: what it says is recorded once, and what cannot be matched is kept by name."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import User
from billing.models import BankAnswer, Document, PayoutItem, PayRun
from billing.operations import bank_answers, pay_out, store_document
from billing.operations.bank_answers import Said, UnableToReadAnswer, Unreadable
from billing.operations.lock_pay_run import lock_pay_run
from billing.operations.pay_out import Outcome

EXPORTED, PAID, RETURNED = PayoutItem.Status.EXPORTED, PayoutItem.Status.PAID, PayoutItem.Status.RETURNED
SIZE_MAX = 10 * 1024 * 1024


@dataclass(kw_only=True)
class _Read:
    """What a file comes to: new outcomes by payment, counts, and what is held."""

    paid: dict[int, Outcome] = field(default_factory=dict)
    returned: dict[int, Outcome] = field(default_factory=dict)
    waiting_count: int = 0
    unchanged_count: int = 0
    held: list[dict[str, str]] = field(default_factory=list)

    def hold(self, place: str, reference: str, reason: str) -> None:
        self.held.append({"place": place, "reference": reference[:80], "reason": reason})


def record_bank_answer(*, run_id: int, name: str, content: bytes, person: User, as_of: datetime) -> BankAnswer:
    """Record what the bank says became of the payments of a run; the same file again changes nothing.

    A payment that is under way becomes paid or returned, one that was paid may still come back. What is paid is posted as sent,
    what comes back is reversed and owed again. The run is paid once all of it is.

    Args:
        run_id: the run whose payments it is about.
        name: of the file.
        content: CSV or pain.002.
        person: who brings it.
        as_of: business instant.

    Returns: counts, and everything that could not be read or matched with the reason; nothing of that is guessed.
    Raises: UnableToReadAnswer if the file is none; nothing is written then.
    Source: docs/payouts.md.
    """
    if len(content) > SIZE_MAX:
        raise UnableToReadAnswer(_("The bank's answer is larger than %(size_max)s MB; split it.") % {"size_max": SIZE_MAX // 1024 // 1024})
    entries = bank_answers.read_answer(content=content)
    with transaction.atomic(), pghistory.context(user=person.pk, act="read the bank's answer"):
        run = lock_pay_run(run_id=run_id)
        key = f"run:{run.pk}:{hashlib.sha256(content).hexdigest()[:32]}"
        known = BankAnswer.objects.filter(document__kind=Document.Kind.BANK_ANSWER, document__key=key).first()
        if known is not None:
            return known
        found = _match(run, entries, as_of)
        if not (found.paid or found.returned or found.waiting_count or found.unchanged_count or found.held):
            raise UnableToReadAnswer(_("The bank's answer says nothing of any payment; ask the bank for the report of single payments."))
        document = store_document.store_document(
            kind=Document.Kind.BANK_ANSWER,
            key=key,
            name=name[-160:] or "answer",
            content_type="application/octet-stream",
            content=content,
            issued_at=as_of,
        )
        _record(run, found, person, as_of)
        return BankAnswer.objects.create(
            run=run,
            document=document,
            paid_count=len(found.paid),
            returned_count=len(found.returned),
            waiting_count=found.waiting_count,
            unchanged_count=found.unchanged_count,
            held=found.held,
            read_by=person,
            read_at=as_of,
        )


def _record(run: PayRun, found: _Read, person: User, as_of: datetime) -> None:
    """Returns come first: a payment that came back opens a run that the others would close."""
    if found.returned:
        pay_out.record_returned(run=run, outcomes=list(found.returned.values()), posted_at=as_of, person_id=person.pk)
    if found.paid:
        pay_out.record_paid(run=run, outcomes=list(found.paid.values()), posted_at=as_of, person_id=person.pk)


def _match(run: PayRun, entries: Iterable[Said | Unreadable], as_of: datetime) -> _Read:
    ordered = PayoutItem.objects.filter(settlement__run=run).select_related("payout", "settlement__agent").order_by("pk")
    items = list(ordered.defer("settlement__evidence"))
    by_reference = {item.reference: item for item in items}
    zone, found = ZoneInfo(run.site.timezone), _Read()
    today = as_of.astimezone(zone).date()
    for entry in entries:
        if isinstance(entry, Unreadable):
            found.hold(entry.place, entry.reference, entry.reason)
            continue
        if entry.reference:
            matched = [by_reference[entry.reference]] if entry.reference in by_reference else []
        else:
            matched = [item for item in items if item.payout.message == entry.message]
        if not matched:
            named = entry.reference or entry.message
            found.hold(entry.place, named, "No payment of this run has this reference; it may belong to another run.")
        for item in matched:
            _decide(found, item, entry, entry.on or today, item.payout.exported_at.astimezone(zone).date(), today)
    return found


def _decide(found: _Read, item: PayoutItem, entry: Said, on: date, ordered_on: date, today: date) -> None:
    """Sort one statement about one payment; what contradicts what is known is held."""
    if entry.says == "waiting":
        found.waiting_count += 1
        return
    if not ordered_on <= on <= today:
        found.hold(entry.place, item.reference, f"It says {on}, which is before the order of {ordered_on} or after today, {today}.")
        return
    if item.answered_on is not None and on < item.answered_on:
        found.hold(entry.place, item.reference, f"It says {on}, but it was {item.get_status_display().lower()} on {item.answered_on}.")
        return
    seen = found.paid.get(item.pk) or found.returned.get(item.pk)
    said_before = (PAID if item.pk in found.paid else RETURNED) if seen else item.status
    wanted = PAID if entry.says == "paid" else RETURNED
    if said_before == wanted:
        found.unchanged_count += 1
    elif seen is not None:
        found.hold(entry.place, item.reference, "The file says both that it was paid and that it came back; find out which is true.")
    elif said_before == RETURNED:
        found.hold(entry.place, item.reference, "It came back before; a new order has a reference of its own.")
    elif wanted == PAID:
        found.paid[item.pk] = Outcome(item=item, on=on, words=entry.words)
    else:
        found.returned[item.pk] = Outcome(item=item, on=on, words=entry.words)
