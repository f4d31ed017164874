"""Store what a delivery tells: few statements whatever its size, one COPY for its events. Called inside one transaction."""

import csv
import hashlib
import io
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.backends.utils import CursorWrapper

from agents.intake.delivered_codes import Coded, HeldEvent
from agents.operations import copying
from agents.operations.imports import import_storage
from contracts.models import Channel, Contract, QueryType

# Up to here a delivery waits only for others about the same cases and events; a larger one waits for its whole source.
SMALL = 100
Names = Collection[tuple[str, str]]

# The source first, then the words in their order: everybody takes them so, and nobody waits in a circle.
LOCK_SHARED = """
    WITH source AS MATERIALIZED (SELECT pg_advisory_xact_lock_shared(hashtextextended('import_cases', %(source)s)) AS taken)
    SELECT pg_advisory_xact_lock(word) FROM source CROSS JOIN LATERAL unnest(%(words)s::bigint[]) AS word WHERE source.taken IS NOT NULL"""

# A source that is one client's speaks of no other client's contracts, and does not learn which there are.
LOOK_UP = """
    SELECT nextval(pg_get_serial_sequence('agents_importrun', 'id')),
        (SELECT coalesce(json_object_agg(code, id), '{}') FROM contracts_contract
            WHERE code = ANY(%(contract)s) AND (%(client)s::bigint IS NULL OR client_id = %(client)s))::text,
        (SELECT coalesce(json_object_agg(code, id), '{}') FROM contracts_querytype WHERE code = ANY(%(query_type)s))::text,
        (SELECT coalesce(json_object_agg(code, id), '{}') FROM contracts_channel WHERE code = ANY(%(channel)s))::text,
        (SELECT coalesce(json_agg(id), '[]') FROM (SELECT id FROM contracts_contract WHERE client_id = %(client)s LIMIT 2) found)::text,
        (SELECT coalesce(json_object_agg(key, id), '{}') FROM agents_case
            WHERE source_id = %(source)s AND key = ANY(%(cases)s))::text,
        (SELECT coalesce(json_object_agg(e.key, json_build_array(e.body_hash, c.key)), '{}')
            FROM agents_caseevent e JOIN agents_case c ON c.id = e.case_id
            WHERE e.source_id = %(source)s AND e.key = ANY(%(keys)s))::text,
        EXISTS (SELECT 1 FROM agents_heldrow WHERE source_id = %(source)s AND released_at IS NULL)"""

FIND_IDENTITIES = """
    SELECT s.space, s.value, s.id, s.is_system OR s.agent_id IS NOT NULL
    FROM unnest(%(spaces)s::text[], %(values)s::text[]) AS told (space, value)
    JOIN agents_sourceidentity s ON s.source_id = %(source)s AND s.space = told.space AND s.value = told.value"""

INSERT_IDENTITIES = """
    INSERT INTO agents_sourceidentity (source_id, space, value, is_system)
    SELECT %(source)s::bigint, space, value, is_system
    FROM unnest(%(spaces)s::text[], %(values)s::text[], %(systems)s::boolean[]) AS told (space, value, is_system)
    ORDER BY space, value
    ON CONFLICT (source_id, space, value) DO NOTHING"""

# Once a source says that a name is a bot, it is one; a name that stands for an agent stays the agent's.
UNMASK = "UPDATE agents_sourceidentity SET is_system = true WHERE id = ANY(%(ids)s) AND NOT is_system AND agent_id IS NULL"

INSERT_CASES = """
    INSERT INTO agents_case (source_id, key, contract_id, customer_hash, opened_at)
    SELECT %(source)s::bigint, key, contract_id, customer_hash, opened_at
    FROM unnest(%(keys)s::text[], %(contracts)s::bigint[], %(customers)s::text[], %(opened)s::timestamptz[])
        AS told (key, contract_id, customer_hash, opened_at)
    RETURNING key, id"""

COPY_EVENTS = """
    COPY agents_caseevent (key, case_id, type, occurred_at, sequence, agent_identity_id, contract_id, query_type_id, channel_id,
        customer_hash, queue, transfer_count, code, direction, medium, content, is_qualified, is_appropriate, is_hostile, handle_seconds,
        value_micros, value_currency, body_hash, source_id, run_id, received_at)
    FROM STDIN (FORMAT csv, FORCE_NOT_NULL (customer_hash, queue, code, direction, medium, content, value_currency))"""

INSERT_HELD = f"""
    INSERT INTO agents_heldrow (source_id, run_id, row_number, case_key, reason, message, row, row_hash, release_note)
    SELECT DISTINCT ON (row_hash, reason) %(source)s::bigint, %(run)s::bigint, row_number, case_key, reason, message, row, row_hash, ''
    FROM unnest(%(numbers)s::integer[], %(cases)s::text[], %(reasons)s::text[], %(messages)s::text[], %(rows)s::jsonb[], %(hashes)s::text[])
        AS told (row_number, case_key, reason, message, row, row_hash)
    ORDER BY row_hash, reason, row_number
    {import_storage.HOLD_AGAIN}"""  # noqa: S608 (our own text)

RECORD = """
    WITH noted AS (
        INSERT INTO agents_changedcase (case_id, noted_at) SELECT case_id, %(now)s FROM unnest(%(case_ids)s::bigint[]) AS case_id
    )
    INSERT INTO agents_importrun (id, source_id, origin, file_name, file_sha256, started_at, seconds, row_count, case_count,
        new_count, changed_count, unchanged_count, held_count)
    VALUES (%(run)s, %(source)s, %(origin)s, %(deliverer)s, %(body_sha256)s, %(now)s, %(seconds)s, %(row_count)s, %(case_count)s,
        %(accepted)s, %(rejected)s, %(duplicate)s, %(held)s)"""


@dataclass(frozen=True, kw_only=True)
class Known:
    """What was known before a delivery. `events` gives body hash and case by key, `codes` ids by target and code."""

    run_id: int
    codes: Mapping[str, Mapping[str, int]]
    only_contract_id: int | None
    cases: dict[str, int]
    events: Mapping[str, tuple[str, str]]
    has_held: bool


def lock(*, cursor: CursorWrapper, source_id: int, cases: Iterable[str], keys: Sequence[str]) -> None:
    """Let deliveries that could speak of the same wait for each other, so that each sees what the one before it made.

    Args:
        cursor: inside the transaction of the delivery.
        source_id: whose delivery it is; an import of a file waits too.
        cases: that it speaks of.
        keys: of its events.
    """
    if len(keys) > SMALL:
        cursor.execute(import_storage.LOCK, {"source": source_id})
        return
    words = {_number(f"{kind}/{source_id}/{word}") for kind, told in (("case", cases), ("event", keys)) for word in told}
    cursor.execute(LOCK_SHARED, {"source": source_id, "words": sorted(words)})


def look_up(
    *, cursor: CursorWrapper, source_id: int, client_id: int | None, codes: Mapping[str, Collection[str]], cases: list[str], keys: list[str]
) -> Known:
    """Find what a delivery speaks of.

    Args:
        cursor: inside the transaction of the delivery, after `lock`.
        source_id: whose delivery it is.
        client_id: of the source.
        codes: that it speaks of, by target.
        cases: keys of its cases.
        keys: of its events.

    Returns: what is known, and the id that the record of this delivery will have.
    """
    told: dict[str, Any] = {target: list(wanted) for target, wanted in codes.items()}
    cursor.execute(LOOK_UP, {**told, "source": source_id, "client": client_id, "cases": cases, "keys": keys})
    run_id, contracts, query_types, channels, only, known_cases, known_events, has_held = cursor.fetchone()
    found = json.loads(only)
    return Known(
        run_id=run_id,
        codes={"contract": json.loads(contracts), "query_type": json.loads(query_types), "channel": json.loads(channels)},
        only_contract_id=found[0] if len(found) == 1 else None,
        cases=json.loads(known_cases),
        events={key: (body, case) for key, (body, case) in json.loads(known_events).items()},
        has_held=has_held,
    )


def find_codes(*, client_id: int | None, codes: Mapping[str, Collection[str]]) -> dict[str, dict[str, int]]:
    """Return the ids of the codes that exist, by target and code.

    Args:
        client_id: of the source that speaks of them, whose contracts alone count; None: those of every client.
        codes: as they were told, by target: contract, query_type, channel.
    """
    contracts = Contract.objects.all() if client_id is None else Contract.objects.filter(client=client_id)
    rows: dict[str, Any] = {"contract": contracts, "query_type": QueryType.objects, "channel": Channel.objects}
    return {target: dict(rows[target].filter(code__in=told).values_list("code", "pk")) for target, told in codes.items()}


def store_events(
    *, cursor: CursorWrapper, source_id: int, known: Known, events: Sequence[Coded], received_at: datetime
) -> tuple[set[int], tuple[int, ...]]:
    """Add events that are not known yet, with their cases and identities.

    Args:
        cursor: inside the transaction of the delivery, after `lock`.
        source_id: where they come from.
        known: what is known; its cases are completed by those that are new.
        events: each key once.
        received_at: business instant.

    Returns: the cases that have new events, and the names that are bots' as of now.
    """
    if not events:
        return set(), ()
    identities, unmasked_ids = _store_identities(cursor, source_id, events)
    new_count = _store_cases(cursor, source_id, known.cases, events)
    copying.refresh_statistics(cursor=cursor, tables=("agents_case",), row_count=new_count)
    _copy(cursor, source_id, known, events, identities, received_at)
    copying.refresh_statistics(cursor=cursor, tables=("agents_caseevent",), row_count=len(events))
    case_ids = {known.cases[event.row.case_key] for event in events}
    cursor.execute(import_storage.UPDATE_CASES, {"case_ids": sorted(case_ids)})
    return case_ids, unmasked_ids


def store_held(*, cursor: CursorWrapper, source_id: int, run_id: int, held: Sequence[HeldEvent]) -> None:
    """Keep events that wait; one that waits already for the same reason stays as it is.

    Args:
        cursor: inside the transaction of the delivery.
        source_id: where they come from.
        run_id: the record of the delivery.
        held: events that wait, each with its reason.
    """
    if not held:
        return
    numbers, cases, reasons, messages, rows, hashes = map(list, zip(*held, strict=True))
    told = {"numbers": numbers, "cases": cases, "reasons": reasons, "messages": messages, "rows": rows, "hashes": hashes}
    cursor.execute(INSERT_HELD, {**told, "source": source_id, "run": run_id})


def record(*, cursor: CursorWrapper, case_ids: Collection[int], now: datetime, told: Mapping[str, Any]) -> None:
    """Record a delivery, and note the cases of which something is known now, for their resolutions and pay to follow.

    Args:
        cursor: inside the transaction of the delivery.
        case_ids: cases of which something is known now.
        now: wall clock.
        told: what RECORD names beside those two.
    """
    cursor.execute(RECORD, {**told, "now": now, "case_ids": sorted(case_ids)})


def _number(text: str) -> int:
    """Return a lock's number for a word: 64 bits of its hash, the same in every process."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), signed=True)


def _store_identities(cursor: CursorWrapper, source_id: int, events: Sequence[Coded]) -> tuple[dict[tuple[str, str], int], tuple[int, ...]]:
    told: dict[tuple[str, str], bool] = {}
    for row, *_ in events:
        if row.identity is not None and row.space is not None:
            name = (row.space, row.identity)
            told[name] = told.get(name, False) or bool(row.is_system)
    if not told:
        return {}, ()
    found = _find_identities(cursor, source_id, told)
    unmasked = tuple(identity_id for name, (identity_id, is_settled) in found.items() if told[name] and not is_settled)
    if unmasked:
        cursor.execute(UNMASK, {"ids": list(unmasked)})
    missing = [name for name in told if name not in found]
    if missing:
        cursor.execute(INSERT_IDENTITIES, {**_columns(missing), "systems": [told[name] for name in missing], "source": source_id})
        found |= _find_identities(cursor, source_id, missing)
    return {name: identity_id for name, (identity_id, _) in found.items()}, unmasked


def _find_identities(cursor: CursorWrapper, source_id: int, names: Names) -> dict[tuple[str, str], tuple[int, bool]]:
    cursor.execute(FIND_IDENTITIES, {**_columns(names), "source": source_id})
    return {(space, value): (identity_id, is_settled) for space, value, identity_id, is_settled in cursor.fetchall()}


def _columns(names: Names) -> dict[str, list[str]]:
    return {"spaces": [space for space, _ in names], "values": [value for _, value in names]}


def _store_cases(cursor: CursorWrapper, source_id: int, cases: dict[str, int], events: Sequence[Coded]) -> int:
    """Add the cases that are new, as their first event tells them; what all of their events tell is written after those."""
    first: dict[str, Coded] = {}
    for event in sorted((event for event in events if event.row.case_key not in cases), key=_order):
        known = first.setdefault(event.row.case_key, event)
        if known.contract_id is None and event.contract_id is not None:
            first[event.row.case_key] = known._replace(contract_id=event.contract_id)
    if not first:
        return 0
    told: dict[str, Any] = {
        "keys": list(first),
        "contracts": [event.contract_id for event in first.values()],
        "customers": [event.row.customer_hash for event in first.values()],
        "opened": [event.row.occurred_at for event in first.values()],
    }
    cursor.execute(INSERT_CASES, told | {"source": source_id})
    cases |= dict(cursor.fetchall())
    return len(first)


def _order(event: Coded) -> tuple[str, int, str]:
    return event.row.occurred_at, event.row.sequence, event.row.key


def _copy(
    cursor: CursorWrapper,
    source_id: int,
    known: Known,
    events: Sequence[Coded],
    identities: Mapping[tuple[str, str], int],
    received_at: datetime,
) -> None:
    """Write the events by one COPY. Empty text and nothing look alike there; which of the two it is, each column says."""
    text = io.StringIO()
    same = (source_id, known.run_id, received_at.isoformat())
    csv.writer(text).writerows(
        (
            row.key,
            known.cases[row.case_key],
            row.type,
            row.occurred_at,
            row.sequence,
            None if row.identity is None or row.space is None else identities[row.space, row.identity],
            contract_id,
            query_type_id,
            channel_id,
            row.customer_hash,
            row.queue,
            row.transfer_count,
            row.code,
            row.direction,
            row.medium,
            row.content,
            row.is_qualified,
            row.is_appropriate,
            row.is_hostile,
            row.handle_seconds,
            row.value_micros,
            row.value_currency,
            row.body_hash,
            *same,
        )
        for row, contract_id, query_type_id, channel_id in events
    )
    with cursor.copy(COPY_EVENTS) as copy:
        copy.write(text.getvalue())
