"""Store what a file says, set-based: identities, cases, events, held rows. Called inside one transaction."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from django.db import connection
from django.db.backends.utils import CursorWrapper

from agents.operations import copying
from agents.queries import frames

INCOMING = {
    "row_number": "integer",
    "key": "text",
    "body_hash": "text",
    "case_key": "text",
    "type": "text",
    "occurred_at": "timestamptz",
    "sequence": "integer",
    "space": "text",
    "identity": "text",
    "contract": "text",
    "query_type": "text",
    "channel": "text",
    "customer_hash": "text",
    "queue": "text",
    "transfer_count": "smallint",
    "code": "text",
    "is_system": "boolean",
    "direction": "text",
    "medium": "text",
    "content": "text",
    "is_qualified": "boolean",
    "is_appropriate": "boolean",
    "is_hostile": "boolean",
    "handle_seconds": "integer",
    "value_micros": "bigint",
    "value_currency": "text",
}
INCOMING_HELD = {"row_number": "integer", "case_key": "text", "reason": "text", "message": "text", "row": "jsonb", "row_hash": "text"}
HELD_SCHEMA = {"row_number": pl.Int64(), "case_key": pl.String(), "reason": pl.String(), "message": pl.String()}

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('import_cases', %(source)s))"

# Once a source says that a name is a bot, it is one, in whatever order it says so; a name that stands for an agent stays the agent's.
INSERT_IDENTITIES = """
    INSERT INTO agents_sourceidentity (source_id, space, value, is_system)
    SELECT %(source)s::bigint, space, identity, coalesce(bool_or(is_system), false)
    FROM incoming_event WHERE identity IS NOT NULL GROUP BY space, identity ORDER BY space, identity
    ON CONFLICT (source_id, space, value) DO UPDATE SET is_system = true
    WHERE excluded.is_system AND NOT agents_sourceidentity.is_system AND agents_sourceidentity.agent_id IS NULL"""

UNMASKED = """
    SELECT DISTINCT s.id FROM agents_sourceidentity s JOIN incoming_event i ON i.space = s.space AND i.identity = s.value
    WHERE s.source_id = %(source)s AND i.is_system AND NOT s.is_system AND s.agent_id IS NULL"""

INSERT_CASES = """
    INSERT INTO agents_case (source_id, key, contract_id, customer_hash, opened_at)
    SELECT DISTINCT ON (i.case_key) %(source)s::bigint, i.case_key, c.id, '', i.occurred_at
    FROM incoming_event i JOIN contracts_contract c ON c.code = i.contract
    ORDER BY i.case_key, i.occurred_at, i.sequence
    ON CONFLICT (source_id, key) DO NOTHING"""

# Of two rows of one file with one key and two bodies, the lower hash stays, so that their order in the file does not matter.
INSERT_EVENTS = """
    INSERT INTO agents_caseevent (source_id, key, body_hash, case_id, type, occurred_at, sequence, agent_identity_id, contract_id,
        query_type_id, channel_id, customer_hash, queue, transfer_count, direction, medium, content, code, is_qualified, is_appropriate,
        is_hostile, handle_seconds, value_micros, value_currency, run_id, received_at)
    SELECT DISTINCT ON (i.key) %(source)s::bigint, i.key, i.body_hash, k.id, i.type, i.occurred_at, i.sequence, s.id, c.id,
        q.id, h.id, i.customer_hash, i.queue, i.transfer_count, coalesce(i.direction, ''), coalesce(i.medium, ''), coalesce(i.content, ''),
        i.code, i.is_qualified, i.is_appropriate, i.is_hostile, i.handle_seconds, i.value_micros,
        coalesce(i.value_currency, ''), %(run)s::bigint, %(received_at)s::timestamptz
    FROM incoming_event i
    JOIN agents_case k ON k.source_id = %(source)s AND k.key = i.case_key
    LEFT JOIN agents_sourceidentity s ON s.source_id = %(source)s AND s.space = i.space AND s.value = i.identity
    LEFT JOIN contracts_contract c ON c.code = i.contract
    LEFT JOIN contracts_querytype q ON q.code = i.query_type
    LEFT JOIN contracts_channel h ON h.code = i.channel
    ORDER BY i.key, i.body_hash
    ON CONFLICT (source_id, key) DO NOTHING"""

TOUCHED_CASES = "SELECT DISTINCT case_id FROM agents_caseevent WHERE run_id = %(run)s"

# A case is a fold of its events: what it says comes from the first event that tells it, whenever that event arrived.
UPDATE_CASES = """
    UPDATE agents_case k SET contract_id = f.contract_id, customer_hash = f.customer_hash, opened_at = f.opened_at
    FROM (
        SELECT e.case_id,
            (array_agg(e.contract_id ORDER BY e.occurred_at, e.sequence, e.key COLLATE "C")
                FILTER (WHERE e.contract_id IS NOT NULL))[1] AS contract_id,
            coalesce((array_agg(e.customer_hash ORDER BY e.occurred_at, e.sequence, e.key COLLATE "C")
                FILTER (WHERE e.customer_hash <> ''))[1], '') AS customer_hash,
            coalesce(min(e.occurred_at) FILTER (WHERE e.type = 'opened' AND e.sequence < 0), min(e.occurred_at)) AS opened_at
        FROM agents_caseevent e
        WHERE e.case_id = ANY(%(case_ids)s)
        GROUP BY e.case_id
    ) f
    WHERE k.id = f.case_id
        AND (k.contract_id, k.customer_hash, k.opened_at) IS DISTINCT FROM (f.contract_id, f.customer_hash, f.opened_at)"""

# A row may tell several events: it changed if one of them did, and it is new if one of them is.
COUNT = """
    SELECT count(*) FILTER (WHERE is_new AND NOT is_changed), count(*) FILTER (WHERE is_changed), count(*)
    FROM (
        SELECT row_number, bool_or(NOT is_same) AS is_changed, bool_or(is_same AND is_mine AND is_first) AS is_new
        FROM (
            SELECT i.row_number, e.body_hash = i.body_hash AS is_same, e.run_id IS NOT DISTINCT FROM %(run)s AS is_mine,
                row_number() OVER (PARTITION BY i.key, i.body_hash ORDER BY i.row_number) = 1 AS is_first
            FROM incoming_event i JOIN agents_caseevent e ON e.source_id = %(source)s AND e.key = i.key
            WHERE i.row_number IS NOT NULL
        ) told GROUP BY row_number
    ) counted"""

CHANGED = """
    SELECT DISTINCT ON (i.row_number) i.row_number, i.case_key, 'changed', format(
        'Row %%s: this change of case %%s is known already with another content (%%s). '
        'The first one stays. Find out which is right; if it is this one, correct the case in the source and import its new change.',
        i.row_number, i.case_key, concat_ws(', ',
            CASE WHEN e.type <> i.type OR e.code <> i.code THEN 'kind of event' END,
            CASE WHEN e.occurred_at <> i.occurred_at THEN 'time' END,
            CASE WHEN s.value IS DISTINCT FROM i.identity THEN 'who is credited' END,
            CASE WHEN c.code IS DISTINCT FROM i.contract THEN 'contract' END,
            CASE WHEN q.code IS DISTINCT FROM i.query_type THEN 'query type' END,
            CASE WHEN h.code IS DISTINCT FROM i.channel THEN 'channel' END,
            CASE WHEN e.customer_hash <> i.customer_hash THEN 'customer' END,
            CASE WHEN e.queue <> i.queue THEN 'queue' END,
            CASE WHEN e.transfer_count IS DISTINCT FROM i.transfer_count THEN 'transfer count' END,
            CASE WHEN (e.direction, e.medium, e.content, e.is_qualified, e.is_appropriate, e.is_hostile, e.handle_seconds) IS DISTINCT FROM
                (coalesce(i.direction, ''), coalesce(i.medium, ''), coalesce(i.content, ''), i.is_qualified, i.is_appropriate, i.is_hostile,
                i.handle_seconds) THEN 'what was said and done' END,
            CASE WHEN (e.value_micros, e.value_currency) IS DISTINCT FROM (i.value_micros, coalesce(i.value_currency, ''))
                THEN 'value' END))
    FROM incoming_event i JOIN agents_caseevent e ON e.source_id = %(source)s AND e.key = i.key AND e.body_hash <> i.body_hash
    LEFT JOIN agents_sourceidentity s ON s.id = e.agent_identity_id
    LEFT JOIN contracts_contract c ON c.id = e.contract_id
    LEFT JOIN contracts_querytype q ON q.id = e.query_type_id
    LEFT JOIN contracts_channel h ON h.id = e.channel_id
    WHERE i.row_number IS NOT NULL
    ORDER BY i.row_number, i.key"""

# A row that somebody dismissed stays dismissed, however often it comes again. One that is held again, or whose content was deleted
# while it waited, belongs to the import that brought it now.
HOLD_AGAIN = """
    ON CONFLICT (source_id, row_hash, reason) DO UPDATE SET released_at = NULL, run_id = excluded.run_id,
        row_number = excluded.row_number, message = excluded.message, row = excluded.row
    WHERE agents_heldrow.release_note = '' AND (agents_heldrow.released_at IS NOT NULL OR agents_heldrow.row = '{}')"""
INSERT_HELD = f"""
    INSERT INTO agents_heldrow (source_id, run_id, row_number, case_key, reason, message, row, row_hash, release_note)
    SELECT DISTINCT ON (row_hash, reason) %(source)s::bigint, %(run)s::bigint, row_number, case_key, reason, message, row, row_hash, ''
    FROM incoming_held ORDER BY row_hash, reason, row_number
    {HOLD_AGAIN}"""  # noqa: S608 (our own text)

# Cases with new events, cases of a name that is a bot's as of now, and cases that wait, or no longer wait, for a row to be read.
AFFECTED = """
    SELECT case_id FROM agents_caseevent WHERE run_id = %(run)s
    UNION
    SELECT case_id FROM agents_caseevent WHERE agent_identity_id = ANY(%(unmasked)s)
    UNION
    SELECT c.id FROM agents_case c JOIN agents_heldrow h ON h.source_id = c.source_id AND h.case_key = c.key
    WHERE c.source_id = %(source)s AND (h.run_id = %(run)s OR h.id = ANY(%(released)s))
    ORDER BY 1"""

NOTE_CASES = "INSERT INTO agents_changedcase (case_id, noted_at) SELECT case_id, %(now)s FROM unnest(%(case_ids)s::bigint[]) AS case_id"


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What storing found. `changed` has a row per row whose event is known with another content (HELD_SCHEMA)."""

    new_case_count: int
    new_count: int
    changed_count: int
    unchanged_count: int
    changed: pl.DataFrame
    unmasked_ids: tuple[int, ...]


def store_events(
    *, cursor: CursorWrapper, run_id: int, source_id: int, incoming: pl.DataFrame, received_at: datetime, advance: Callable[[], None]
) -> Stored:
    """Add the events that are not known yet, with their cases and identities.

    Args:
        cursor: inside the transaction of the whole import; a second import of the same source waits here.
        run_id: the import that brings them.
        source_id: where they come from.
        incoming: what it says, columns of agents.intake.events.INCOMING_SCHEMA; only rows with a number are counted.
        received_at: when the portal received it.
        advance: called after each of five steps.

    Returns: counts of rows, and the changed rows.
    """
    parameters: dict[str, int | datetime] = {"source": source_id, "run": run_id, "received_at": received_at}
    cursor.execute(LOCK, parameters)
    with copying.temporary_table(cursor=cursor, name="incoming_event", columns=INCOMING, frame=incoming):
        advance()
        cursor.execute(UNMASKED, parameters)
        unmasked_ids = tuple(identity_id for (identity_id,) in cursor.fetchall())
        cursor.execute(INSERT_IDENTITIES, parameters)
        cursor.execute(INSERT_CASES, parameters)
        new_case_count = cursor.rowcount
        copying.refresh_statistics(cursor=cursor, tables=("agents_case", "agents_sourceidentity"), row_count=new_case_count)
        advance()
        cursor.execute(INSERT_EVENTS, parameters)
        copying.refresh_statistics(cursor=cursor, tables=("agents_caseevent",), row_count=cursor.rowcount)
        advance()
        cursor.execute(TOUCHED_CASES, parameters)
        cursor.execute(UPDATE_CASES, {"case_ids": [case_id for (case_id,) in cursor.fetchall()]})
        advance()
        cursor.execute(COUNT, parameters)
        new_count, changed_count, known_count = cursor.fetchone()
        changed = frames.query_frame(sql=CHANGED, parameters=parameters, schema=HELD_SCHEMA)
        advance()
    return Stored(
        new_case_count=new_case_count,
        new_count=new_count,
        changed_count=changed_count,
        unchanged_count=known_count - new_count - changed_count,
        changed=changed,
        unmasked_ids=unmasked_ids,
    )


def store_held_rows(*, cursor: CursorWrapper, run_id: int, source_id: int, held: pl.DataFrame) -> None:
    """Keep the rows that could not become events; one that is held already for the same reason stays as it is.

    Args:
        cursor: inside the transaction of the whole import.
        run_id: the import that brings them.
        source_id: where they come from.
        held: one row per row of the file, columns of INCOMING_HELD.
    """
    if held.is_empty():
        return
    with copying.temporary_table(cursor=cursor, name="incoming_held", columns=INCOMING_HELD, frame=held):
        cursor.execute(INSERT_HELD, {"source": source_id, "run": run_id})


def find_affected_cases(
    *, cursor: CursorWrapper, run_id: int, source_id: int, released_ids: Collection[int], unmasked_ids: Collection[int]
) -> tuple[int, ...]:
    """Return the cases of which an import learned something: those are to be resolved again.

    Args:
        cursor: inside the transaction of the whole import.
        run_id: the import.
        source_id: where it comes from.
        released_ids: held rows that it let in.
        unmasked_ids: identities of which it says that they are bots.
    """
    cursor.execute(AFFECTED, {"run": run_id, "source": source_id, "released": list(released_ids), "unmasked": list(unmasked_ids)})
    return tuple(case_id for (case_id,) in cursor.fetchall())


def note_cases(*, case_ids: Collection[int], now: datetime) -> None:
    """Note the cases of which something is known now, for their resolutions and pay to follow.

    Args:
        case_ids: which; inside the transaction of the whole import, so that no case is known and never folded.
        now: wall clock.
    """
    with connection.cursor() as cursor:
        cursor.execute(NOTE_CASES, {"case_ids": list(case_ids), "now": now})
