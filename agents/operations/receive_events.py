"""Take in a delivery of events, by API or webhook: each is stored, known, held or rejected; the whole commits at once."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import polars as pl
from django.db import connection, transaction
from django.utils import timezone

from agents.intake import delivered, delivered_codes
from agents.intake.delivered import DeliveredEvent, Rejection
from agents.models import Case, CaseEvent, HeldRow, ImportRun, Source
from agents.operations import held_deliveries, import_cases, import_storage
from agents.queries import frames

Status = Literal["accepted", "duplicate", "held", "rejected"]

KNOWN: dict[str, pl.DataType] = {
    "key": pl.String(),
    "known_hash": pl.String(),
    "known_case": pl.String(),
    "known_run": pl.Int64(),
}
LOAD_KNOWN = """
    SELECT e.key, e.body_hash, c.key, e.run_id FROM agents_caseevent e JOIN agents_case c ON c.id = e.case_id
    WHERE e.source_id = %(source)s AND e.key = ANY(%(keys)s)"""
NOTE_CHANGED = """
    INSERT INTO agents_changedcase (case_id, noted_at) SELECT case_id, %(now)s FROM unnest(%(case_ids)s::bigint[]) AS case_id"""
CHANGED = "changed"
RETRIED = "Held events, tried again"
CHANGED_MESSAGE = (
    "This event is known already with another content. The first one stays. Find out which is right; "
    "if it is this one, deliver it under an id of its own."
)


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Why a person has to look at an event before it counts."""

    reason: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one event of a delivery: `reason` and `message` of a held one, `path` and `message` of a rejected one."""

    status: Status
    id: str | None
    reason: str = ""
    path: str = ""
    message: str = ""


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
        frame = delivered.to_frame(
            delivered=[event for _, event in numbered],
            row_numbers=[number for number, _ in numbered],
            hash_key=import_cases.hash_key(),
        )
        delivery = _Delivery(source=source, origin=origin, deliverer=deliverer, body_sha256=body_sha256, received_at=received_at)
        taken, changed_case_count = delivery.take_in(frame, holds or {})
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
    for source, origin, frame in held_deliveries.load_held_events(held_ids=held_ids):
        delivery = _Delivery(source=source, origin=origin, deliverer=RETRIED, body_sha256="", received_at=as_of)
        taken, count = delivery.take_in(frame, {})
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
    settled: frozenset[int] = frozenset()
    released_ids: tuple[int, ...] = ()
    unmasked_ids: tuple[int, ...] = ()

    def take_in(self, frame: pl.DataFrame, holds: Mapping[int, Hold]) -> tuple[dict[int, Outcome], int]:
        """Store the delivery in one transaction, or nothing of it."""
        with transaction.atomic(), connection.cursor() as self.cursor:
            # Deliveries of one source wait for each other here, so that each sees which cases the one before it made.
            self.cursor.execute(import_storage.LOCK, {"source": self.source.pk})
            self.started = time.monotonic()
            run = self._open_run(frame)
            outcomes = self._store(run, frame, holds)
            return outcomes, self._note_changed_cases(run)

    def _open_run(self, frame: pl.DataFrame) -> ImportRun:
        return ImportRun.objects.create(
            source=self.source,
            origin=self.origin,
            file_name=self.deliverer[:255],
            file_sha256=self.body_sha256,
            started_at=timezone.now(),
            seconds=0,
            row_count=frame.height,
            case_count=frame["case_key"].n_unique(),
            new_count=0,
            changed_count=0,
            unchanged_count=0,
            held_count=0,
        )

    def _store(self, run: ImportRun, frame: pl.DataFrame, holds: Mapping[int, Hold]) -> dict[int, Outcome]:
        """Store what can be stored, hold what cannot, and say of each event which it was."""
        held_first, free = _set_apart(frame, self._unsettled(frame, holds))
        are_codes = self.origin == ImportRun.Origin.API
        tables = delivered_codes.load_code_tables(source=self.source, told=delivered_codes.words_of(frame=free), are_codes=are_codes)
        coded, unknown = delivered_codes.read_codes(frame=free, tables=tables)
        good, waiting_for_contract = delivered_codes.hold_without_contract(frame=coded, known_cases=self._known_cases(coded))
        waiting = held_deliveries.load_waiting_for_contract(source=self.source, case_keys=_cases_with_contract(good))
        incoming = pl.concat([good, waiting.drop("held_id")])
        stored = import_storage.store_events(
            cursor=self.cursor,
            run_id=run.pk,
            source_id=self.source.pk,
            incoming=incoming,
            received_at=self.received_at,
            advance=lambda: None,
        )
        self.unmasked_ids = stored.unmasked_ids
        told = self._compare(good, run.pk)
        changed = self._hold_changed(frame, told)
        held = pl.concat([held_first, unknown, waiting_for_contract, changed])
        import_storage.store_held_rows(cursor=self.cursor, run_id=run.pk, source_id=self.source.pk, held=held)
        self.released_ids = self._release(frame, told, waiting)
        outcomes = _outcomes(told, held, are_codes)
        self._count(run, outcomes)
        return outcomes

    def _note_changed_cases(self, run: ImportRun) -> int:
        """Note the cases of which something is known now, for their resolutions and pay to follow."""
        case_ids = import_storage.find_affected_cases(
            cursor=self.cursor,
            run_id=run.pk,
            source_id=self.source.pk,
            released_ids=self.released_ids,
            unmasked_ids=self.unmasked_ids,
        )
        self.cursor.execute(NOTE_CHANGED, {"now": timezone.now(), "case_ids": list(case_ids)})
        return len(case_ids)

    def _unsettled(self, frame: pl.DataFrame, holds: Mapping[int, Hold]) -> Mapping[int, Hold]:
        """Return the holds that nobody has decided yet: once somebody let an event in, a repetition of it is just that."""
        if not holds:
            return holds
        keys = dict(frame.filter(pl.col("row_number").is_in(list(holds))).select("row_number", "key").iter_rows())
        known = set(CaseEvent.objects.filter(source=self.source, key__in=keys.values()).values_list("key", flat=True))
        self.settled = frozenset(number for number, key in keys.items() if key in known)
        return {number: hold for number, hold in holds.items() if number not in self.settled}

    def _known_cases(self, coded: pl.DataFrame) -> frozenset[str]:
        keys = coded.filter(pl.col("contract").is_null())["case_key"].unique().to_list()
        return frozenset(Case.objects.filter(source=self.source, key__in=keys).values_list("key", flat=True)) if keys else frozenset()

    def _compare(self, good: pl.DataFrame, run_id: int) -> pl.DataFrame:
        """Say of each stored event whether it is new, known, or known with another content."""
        known = frames.query_frame(
            sql=LOAD_KNOWN, parameters={"source": self.source.pk, "keys": good["key"].unique().to_list()}, schema=KNOWN
        )
        is_same = (pl.col("body_hash") == pl.col("known_hash")) & (pl.col("case_key") == pl.col("known_case"))
        is_first = pl.int_range(pl.len()).over("key", "body_hash", "case_key") == 0
        return good.join(known, on="key", how="left", maintain_order="left").with_columns(
            status=pl.when(pl.col("row_number").is_in(list(self.settled)))
            .then(pl.lit("duplicate"))
            .when(~is_same)
            .then(pl.lit(CHANGED))
            .when((pl.col("known_run") == run_id) & is_first)
            .then(pl.lit("accepted"))
            .otherwise(pl.lit("duplicate"))
        )

    def _hold_changed(self, frame: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
        is_read = self.origin == ImportRun.Origin.API
        numbers = [] if is_read else told.filter(pl.col("status") == CHANGED)["row_number"].to_list()
        changed = frame.filter(pl.col("row_number").is_in(numbers))
        return delivered_codes.as_held(frame=changed.with_columns(reason=pl.lit(CHANGED), message=pl.lit(CHANGED_MESSAGE)))

    def _release(self, frame: pl.DataFrame, told: pl.DataFrame, waiting: pl.DataFrame) -> tuple[int, ...]:
        """Release what waited and is stored now, because it was delivered again or because its case has a contract."""
        freed = HeldRow.objects.none()
        if HeldRow.objects.filter(source=self.source, released_at=None).exists():
            stored = told.filter(pl.col("status") != CHANGED)["row_number"].to_list()
            let_in = frame.filter(pl.col("row_number").is_in(stored))
            hashes = [*delivered_codes.row_hashes(frame=let_in), *delivered_codes.doubt_hashes(frame=let_in)]
            freed = HeldRow.objects.filter(source=self.source, released_at=None, row_hash__in=hashes)
        ids = tuple({*freed.values_list("pk", flat=True), *waiting["held_id"].to_list()})
        HeldRow.objects.filter(pk__in=ids).update(released_at=self.received_at)
        return ids

    def _count(self, run: ImportRun, outcomes: Mapping[int, Outcome]) -> None:
        found = [outcome.status for outcome in outcomes.values()]
        run.new_count, run.unchanged_count = found.count("accepted"), found.count("duplicate")
        run.changed_count, run.held_count = found.count("rejected"), found.count("held")
        run.seconds = time.monotonic() - self.started
        run.save()


def _set_apart(frame: pl.DataFrame, holds: Mapping[int, Hold]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the events that are held whatever else is known, as held rows, and the others."""
    is_held = pl.col("row_number").is_in(list(holds))
    marked = frame.filter(is_held)
    numbers = marked["row_number"].to_list()
    held = marked.with_columns(
        pl.Series("reason", [holds[number].reason for number in numbers], dtype=pl.String),
        pl.Series("message", [holds[number].message for number in numbers], dtype=pl.String),
    )
    hashes = pl.Series("row_hash", delivered_codes.doubt_hashes(frame=held), dtype=pl.String)
    return delivered_codes.as_held(frame=held).with_columns(hashes), frame.filter(~is_held)


def _cases_with_contract(good: pl.DataFrame) -> list[str]:
    return good.filter(pl.col("contract").is_not_null())["case_key"].unique().to_list()


def _outcomes(told: pl.DataFrame, held: pl.DataFrame, are_codes: bool) -> dict[int, Outcome]:
    outcomes: dict[int, Outcome] = {}
    for number, key, status in told.select("row_number", "key", "status").iter_rows():
        if status == CHANGED and are_codes:
            outcomes[number] = Outcome(status="rejected", id=key, path="id", message=CHANGED_MESSAGE)
        elif status != CHANGED:
            outcomes[number] = Outcome(status=status, id=key)
    for number, reason, message, key in held.select(
        "row_number", "reason", "message", pl.col("row").str.json_path_match("$.key")
    ).iter_rows():
        outcomes[number] = Outcome(status="held", id=key, reason=reason, message=message)
    return outcomes
