"""Write to the ledger: each event once, balanced, never changed; undone by a reversal only."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import LedgerEntry, LedgerTransaction
from billing.operations.write_rows import copy_rows
from billing.rules import ledger

ENTRY_FIELDS = ("transaction", "account", "agent", "client", "currency", "amount_micros", "on")


class UnableToPostLedger(Exception):
    """An event that was posted before with other amounts, or a reversal of a reversal."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event about money: its key tells it from all others, and its postings add up to zero."""

    key: str
    kind: LedgerTransaction.Kind
    on: date
    words: str
    currency: str
    postings: tuple[ledger.Posting, ...]


def post_events(*, events: Sequence[Event], posted_at: datetime, person_id: int | None) -> int:
    """Post events in one transaction; those that were posted before with the same amounts are left as they are.

    Args:
        events: in the order they are to be numbered; keys differ.
        posted_at: business instant.
        person_id: who posts; None is a job.

    Returns: how many were new.
    Raises: UnableToPostLedger if a key was posted before with other amounts; InvalidPostings if one does not add up to zero.
    Source: design.md section 9.
    """
    checked = [(event, ledger.check_postings(postings=event.postings)) for event in events]
    with transaction.atomic():
        LedgerTransaction.objects.bulk_create(
            [
                LedgerTransaction(
                    key=event.key, kind=event.kind, on=event.on, words=event.words[:200], posted_at=posted_at, posted_by_id=person_id
                )
                for event, _other in checked
            ],
            ignore_conflicts=True,
        )
        ids = dict(LedgerTransaction.objects.filter(key__in=[event.key for event in events]).values_list("key", "pk"))
        posted = _posted(ids.values())
        new = [(event, postings) for event, postings in checked if ids[event.key] not in posted]
        for event, postings in checked:
            if ids[event.key] in posted and posted[ids[event.key]] != _amounts(event.currency, postings):
                raise UnableToPostLedger(
                    _('"%(key)s" was posted before with other amounts; reverse it before you post it anew.') % {"key": event.key}
                )
        copy_rows(model=LedgerEntry, fields=ENTRY_FIELDS, rows=_rows(new, ids))
    return len(new)


def reverse_event(*, key: str, on: date, words: str, posted_at: datetime, person_id: int | None) -> LedgerTransaction:
    """Post the opposite of an event; a second call returns the same reversal.

    Args:
        key: of the event to undo.
        on: day that the reversal counts on, not before the event's own.
        words: why, as people read it.
        posted_at: business instant.
        person_id: who decided it.

    Raises: UnableToPostLedger if nothing was posted under the key, if it is a reversal itself, or the day lies before it.
    Source: design.md section 9: undo by reversal only.
    """
    with transaction.atomic():
        found = LedgerTransaction.objects.select_for_update(no_key=True).filter(key=key).first()
        if found is None:
            raise UnableToPostLedger(_('nothing was posted under "%(key)s"; there is nothing to reverse.') % {"key": key})
        if found.kind == LedgerTransaction.Kind.REVERSAL:
            raise UnableToPostLedger(_('"%(key)s" is a reversal itself; post the event anew instead.') % {"key": key})
        if on < found.on:
            raise UnableToPostLedger(
                _('"%(key)s" counts on %(on)s; it cannot be reversed on %(on_2)s, before that.') % {"key": key, "on": found.on, "on_2": on}
            )
        earlier = LedgerTransaction.objects.filter(reverses=found).first()
        if earlier is not None:
            return earlier
        made = LedgerTransaction.objects.create(
            key=f"reversal:{found.pk}",
            kind=LedgerTransaction.Kind.REVERSAL,
            on=on,
            words=words[:200],
            reverses=found,
            posted_at=posted_at,
            posted_by_id=person_id,
        )
        # All of them are read before the copy begins: one connection cannot do both at once.
        copy_rows(model=LedgerEntry, fields=ENTRY_FIELDS, rows=list(_opposite(found, made, on)))
    return made


def _rows(events: Iterable[tuple[Event, tuple[ledger.Posting, ...]]], ids: dict[str, int]) -> Iterable[tuple[object, ...]]:
    for event, postings in events:
        for posting in postings:
            yield (ids[event.key], posting.account, posting.agent_id, posting.client_id, event.currency, posting.amount_micros, event.on)


def _opposite(found: LedgerTransaction, made: LedgerTransaction, on: date) -> Iterable[tuple[object, ...]]:
    """Return the entries that undo those of a transaction, each in its own currency."""
    for entry in found.entries.order_by("pk"):
        stood = ledger.Posting(
            account=cast(ledger.Account, entry.account),
            amount_micros=entry.amount_micros,
            agent_id=entry.agent_id,
            client_id=entry.client_id,
        )
        for posting in ledger.reverse_postings(postings=[stood]):
            yield (made.pk, posting.account, posting.agent_id, posting.client_id, entry.currency, posting.amount_micros, on)


def _posted(ids: Collection[int]) -> dict[int, list[tuple[object, ...]]]:
    """Return what stands in the ledger under each of the transactions, in one fixed order."""
    found: dict[int, list[tuple[object, ...]]] = {}
    entries = LedgerEntry.objects.filter(transaction_id__in=list(ids)).values_list(
        "transaction_id", "account", "agent_id", "client_id", "currency", "amount_micros"
    )
    for transaction_id, *amount in entries:
        found.setdefault(transaction_id, []).append(tuple(amount))
    return {pk: sorted(amounts, key=repr) for pk, amounts in found.items()}


def _amounts(currency: str, postings: Iterable[ledger.Posting]) -> list[tuple[object, ...]]:
    return sorted(((found.account, found.agent_id, found.client_id, currency, found.amount_micros) for found in postings), key=repr)
