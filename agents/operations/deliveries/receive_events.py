"""Take in a delivery of events, by API or webhook: each is stored, known, held or rejected; the whole commits at once."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from agents.intake import delivered, delivered_codes
from agents.intake.delivered import DeliveredEvent, Rejection, Row
from agents.intake.delivered_codes import Coded, HeldEvent, Meanings
from agents.models import CaseEvent, HeldRow, ImportRun, Source
from agents.operations.deliveries import delivery_storage, event_outcomes, held_deliveries, told_surveys
from agents.operations.deliveries.delivery_storage import Known
from agents.operations.deliveries.event_outcomes import CHANGED_MESSAGE, Hold, Outcome, Status
from agents.operations.imports import import_cases, import_storage

CHANGED = "changed"
CHANGED_ANSWER = "changed_answer"
SURVEY = "survey_answered"
RETRIED = "Held events, tried again"
CHANGED_ANSWER_MESSAGE = (
    'This customer answered "{first}" before and says "{now}" now. One question has one answer, and the first that came counts, because '
    "credit is frozen with it. Dismiss this once you have read it; pay does not wait for it."
)


@dataclass(frozen=True, kw_only=True)
class DeliveryReport:
    """What became of a delivery, event by event in its order, and how many cases it changed."""

    outcomes: tuple[Outcome, ...]
    changed_case_count: int


def receive_events(
    *,
    source: Source,
    origin: ImportRun.Origin,
    deliverer: str,
    body_sha256: str,
    read: Sequence[DeliveredEvent | Rejection],
    received_at: datetime,
    holds: Mapping[int, Hold] | None = None,
) -> DeliveryReport:
    """Store the events of a delivery in one transaction; the same delivery again changes nothing.

    An event is known by its id within its source. A body that differs from the known one is rejected, or held where the
    deliverer reads no answers (webhooks).

    Args:
        source: whom the deliverer speaks for; all events are of this source.
        origin: by API or by webhook.
        deliverer: who brought it, for people.
        body_sha256: of the bytes that came.
        read: what each document is.
        received_at: business instant.
        holds: why the event at that position is held, whatever else is known.

    Returns: one outcome per document, in order.
    Source: formats.md, "Events API".
    """
    numbered = [(number, event) for number, event in enumerate(read) if isinstance(event, DeliveredEvent)]
    outcomes = {
        number: Outcome(status="rejected", id=fault.id, path=fault.path, message=fault.message)
        for number, fault in enumerate(read)
        if isinstance(fault, Rejection)
    }
    changed_case_count = 0
    if numbered:
        rows = delivered.to_rows(
            delivered=[event for _, event in numbered],
            row_numbers=[number for number, _ in numbered],
            hash_key=import_cases.hash_key(),
            customer_space=source.customer_space or source.code,
        )
        delivery = _Delivery(source=source, origin=origin, deliverer=deliverer, body_sha256=body_sha256, received_at=received_at)
        taken, changed_case_count = delivery.take_in(rows, holds or {})
        outcomes |= taken
    return DeliveryReport(outcomes=tuple(outcomes[number] for number in range(len(read))), changed_case_count=changed_case_count)


def retry_held_events(*, held_ids: Collection[int], as_of: datetime) -> DeliveryReport:
    """Try delivered events again that were held, because a person put right what held them, or says that they count.

    Args:
        held_ids: held rows; those of files, and those released already, are left alone.
        as_of: business instant.

    Returns: one outcome per event that was tried.
    """
    outcomes: list[Outcome] = []
    changed_case_count = 0
    for source, origin, rows in held_deliveries.load_held_events(held_ids=held_ids):
        delivery = _Delivery(source=source, origin=origin, deliverer=RETRIED, body_sha256="", received_at=as_of)
        taken, count = delivery.take_in(rows, {})
        outcomes += [taken[number] for number in sorted(taken)]
        changed_case_count += count
    return DeliveryReport(outcomes=tuple(outcomes), changed_case_count=changed_case_count)


@dataclass(kw_only=True)
class _Delivery:
    """One delivery while it is stored."""

    source: Source
    origin: ImportRun.Origin
    deliverer: str
    body_sha256: str
    received_at: datetime

    def take_in(self, rows: Sequence[Row], holds: Mapping[int, Hold]) -> tuple[dict[int, Outcome], int]:
        """Store the delivery in one transaction, or nothing of it."""
        with transaction.atomic(), connection.cursor() as cursor:
            started = time.monotonic()
            cases, keys = list({row.case_key for row in rows}), list({row.key for row in rows})
            delivery_storage.lock(cursor=cursor, source_id=self.source.pk, cases=cases, keys=keys)
            meanings = delivered_codes.OUR_CODES if self._are_codes else delivered_codes.load_meanings(source=self.source)
            known = delivery_storage.look_up(
                cursor=cursor,
                source_id=self.source.pk,
                client_id=self.source.client_id,
                codes=delivered_codes.list_codes(rows=rows, meanings=meanings),
                cases=cases,
                keys=keys,
            )
            contradicted = told_surveys.find_contradicted(source=self.source, rows=[row for row in rows if row.type == SURVEY])
            known = replace(known, events={**contradicted, **known.events}) if contradicted else known
            outcomes, case_ids = self._store(cursor, known, meanings, rows, holds)
            self._record(cursor, known, rows, outcomes, case_ids, time.monotonic() - started)
            return outcomes, len(case_ids)

    @property
    def _are_codes(self) -> bool:
        return self.origin == ImportRun.Origin.API

    def _store(
        self, cursor: CursorWrapper, known: Known, meanings: Meanings, rows: Sequence[Row], holds: Mapping[int, Hold]
    ) -> tuple[dict[int, Outcome], set[int]]:
        """Store what can be stored, hold what cannot; say of each event which it was, and which cases it changed."""
        held, free, settled = event_outcomes.set_apart(rows=rows, holds=holds, known=known)
        coded, unknown = delivered_codes.read_codes(rows=free, meanings=meanings, ids=known.codes, only_contract_id=known.only_contract_id)
        good, waiting_for_contract = event_outcomes.hold_without_contract(coded=coded, known=known)
        waiting = self._load_waiting(good, known)
        stored = event_outcomes.first_of_each(events=[*good, *(event for _, event in waiting)], known=known)
        case_ids, unmasked_ids = delivery_storage.store_events(
            cursor=cursor, source_id=self.source.pk, known=known, events=list(stored.values()), received_at=self.received_at
        )
        statuses = event_outcomes.compare(good=good, known=known, stored=stored, settled=settled)
        held += unknown + waiting_for_contract + self._hold_changed_answers(good, statuses) + self._hold_changed(good, statuses)
        delivery_storage.store_held(cursor=cursor, source_id=self.source.pk, run_id=known.run_id, held=held)
        released_ids = self._release(known, good, statuses, [held_id for held_id, _ in waiting])
        if held or released_ids or unmasked_ids:
            case_ids |= self._find_affected(cursor, known.run_id, released_ids, unmasked_ids)
        keys = {row.row_number: row.key for row in rows}
        return event_outcomes.list_outcomes(good=good, statuses=statuses, held=held, keys=keys), case_ids

    def _load_waiting(self, good: Sequence[Coded], known: Known) -> list[tuple[int, Coded]]:
        """Return the events that waited for the contract of a case that tells it now, with the rows that held them."""
        cases = {event.row.case_key: event.contract_id for event in good if event.contract_id is not None} if known.has_held else {}
        if not cases:
            return []
        by_origin: dict[ImportRun.Origin, list[tuple[int, Row]]] = {}
        for held_id, origin, row in held_deliveries.load_waiting_for_contract(source=self.source, case_keys=cases):
            by_origin.setdefault(origin, []).append((held_id, row))
        found: list[tuple[int, Coded]] = []
        for origin, told in by_origin.items():
            is_api = origin == ImportRun.Origin.API
            meanings = delivered_codes.OUR_CODES if is_api else delivered_codes.load_meanings(source=self.source)
            rows = [row for _, row in told]
            codes = delivered_codes.list_codes(rows=rows, meanings=meanings)
            ids = delivery_storage.find_codes(client_id=self.source.client_id, codes=codes)
            coded, _ = delivered_codes.read_codes(rows=rows, meanings=meanings, ids=ids, only_contract_id=known.only_contract_id)
            held_ids = {row: held_id for held_id, row in told}
            found += [(held_ids[event.row], event) for event in coded]
        return found

    def _hold_changed(self, good: Sequence[Coded], statuses: Mapping[int, Status]) -> list[HeldEvent]:
        """Hold what is known with another content, where the deliverer reads no answers."""
        if self._are_codes:
            return []
        changed = [
            event.row for event in good if statuses[event_outcomes.number_of(row=event.row)] == "rejected" and event.row.type != SURVEY
        ]
        return [delivered_codes.as_held(row=row, reason=CHANGED, message=CHANGED_MESSAGE) for row in changed]

    def _hold_changed_answers(self, good: Sequence[Coded], statuses: dict[int, Status]) -> list[HeldEvent]:
        """Hold another answer to a survey; one that is told again with a comment or an assignee more is the same answer."""
        changed = [
            event.row for event in good if statuses[event_outcomes.number_of(row=event.row)] == "rejected" and event.row.type == SURVEY
        ]
        if self._are_codes or not changed:
            return []
        told = CaseEvent.objects.filter(source=self.source, key__in=[row.key for row in changed])
        first = {(key, case): code for key, case, code in told.values_list("key", "case__key", "code")}
        held: list[HeldEvent] = []
        for row in changed:
            if first.get((row.key, row.case_key)) == row.code:
                statuses[event_outcomes.number_of(row=row)] = "duplicate"
            else:
                message = CHANGED_ANSWER_MESSAGE.format(first=first.get((row.key, row.case_key), "on another case"), now=row.code)
                held.append(delivered_codes.as_held(row=row, reason=CHANGED_ANSWER, message=message))
        return held

    def _release(self, known: Known, good: Sequence[Coded], statuses: Mapping[int, Status], waiting_ids: Sequence[int]) -> tuple[int, ...]:
        """Release what waited and is stored now, because it was delivered again or because its case has a contract."""
        if not known.has_held:
            return ()
        rows = [event.row for event in good if statuses[event_outcomes.number_of(row=event.row)] != "rejected"]
        hashes = [hash_of(row=row) for row in rows for hash_of in (delivered_codes.hash_of, delivered_codes.doubt_hash)]
        freed = HeldRow.objects.filter(source=self.source, released_at=None, row_hash__in=hashes)
        ids = tuple({*freed.values_list("pk", flat=True), *waiting_ids})
        if ids:
            HeldRow.objects.filter(pk__in=ids).update(released_at=self.received_at)
        return ids

    def _find_affected(
        self, cursor: CursorWrapper, run_id: int, released_ids: Sequence[int], unmasked_ids: Sequence[int]
    ) -> frozenset[int]:
        return frozenset(
            import_storage.find_affected_cases(
                cursor=cursor, run_id=run_id, source_id=self.source.pk, released_ids=released_ids, unmasked_ids=unmasked_ids
            )
        )

    def _record(
        self, cursor: CursorWrapper, known: Known, rows: Sequence[Row], outcomes: Mapping[int, Outcome], case_ids: set[int], seconds: float
    ) -> None:
        told: dict[str, Any] = {"accepted": 0, "rejected": 0, "duplicate": 0, "held": 0}
        for outcome in outcomes.values():
            told[outcome.status] += 1
        told |= {"run": known.run_id, "source": self.source.pk, "origin": str(self.origin), "deliverer": self.deliverer[:255]}
        told |= {"body_sha256": self.body_sha256, "row_count": len(rows), "case_count": len({row.case_key for row in rows})}
        delivery_storage.record(cursor=cursor, case_ids=case_ids, now=timezone.now(), told={**told, "seconds": seconds})
