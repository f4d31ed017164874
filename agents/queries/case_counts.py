"""Every case of a source in exactly one place: payable, pending, reopened, void or held."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

# What waits for a person comes first: a case counts as held whatever its state.
COUNT = """
    WITH given AS (
        SELECT id, code FROM agents_source WHERE code = %(source)s
    ), ticket AS (
        SELECT c.id, c.key FROM agents_case c JOIN given ON given.id = c.source_id WHERE c.opened_at <= %(as_of)s
    ), unread AS (
        SELECT DISTINCT h.case_key AS key FROM agents_heldrow h JOIN given ON given.id = h.source_id
        WHERE h.released_at IS NULL AND h.case_key <> '' AND h.reason <> 'changed_answer'
    ), known AS (
        SELECT r.case_id, bool_or(r.is_payable) AS is_payable, bool_or(h.resolution_id IS NOT NULL) AS is_held,
            (array_agg(r.state ORDER BY r.number DESC) FILTER (WHERE r.rule <> 'superseded'))[1] AS state
        FROM agents_resolution r
        JOIN ticket ON ticket.id = r.case_id
        LEFT JOIN (SELECT DISTINCT resolution_id FROM agents_hold WHERE released_at IS NULL) h ON h.resolution_id = r.id
        WHERE r.resolved_at <= %(as_of)s
        GROUP BY r.case_id
    ), excluded AS (
        SELECT DISTINCT e.case_id FROM agents_caseevent e JOIN ticket ON ticket.id = e.case_id
        WHERE e.type IN ('excluded', 'merged') AND e.occurred_at <= %(as_of)s
    ), placed AS (
        SELECT CASE
            WHEN known.is_held OR unread.key IS NOT NULL THEN 'held'
            WHEN known.is_payable THEN 'payable'
            WHEN known.state = 'pending' THEN 'pending_offered'
            WHEN known.state = 'reopened' THEN 'reopened'
            WHEN known.case_id IS NOT NULL OR excluded.case_id IS NOT NULL THEN 'void'
            ELSE 'pending_open' END AS place
        FROM ticket
        LEFT JOIN known ON known.case_id = ticket.id
        LEFT JOIN unread ON unread.key = ticket.key
        LEFT JOIN excluded ON excluded.case_id = ticket.id
        UNION ALL
        SELECT 'held' FROM unread
        WHERE NOT EXISTS (SELECT 1 FROM agents_case c JOIN given ON given.id = c.source_id WHERE c.key = unread.key)
    )
    SELECT place, count(*) FROM placed GROUP BY place"""

TICKETS = """
    SELECT count(DISTINCT key) FROM (
        SELECT c.key FROM agents_case c JOIN agents_source s ON s.id = c.source_id
        WHERE s.code = %(source)s AND c.opened_at <= %(as_of)s
        UNION ALL
        SELECT h.case_key FROM agents_heldrow h JOIN agents_source s ON s.id = h.source_id
        WHERE s.code = %(source)s AND h.released_at IS NULL AND h.case_key <> '' AND h.reason <> 'changed_answer'
            AND NOT EXISTS (SELECT 1 FROM agents_case c WHERE c.source_id = h.source_id AND c.key = h.case_key AND c.opened_at > %(as_of)s)
    ) ticket"""

UNNUMBERED = """
    SELECT count(*) FROM agents_heldrow h JOIN agents_source s ON s.id = h.source_id
    WHERE s.code = %(source)s AND h.released_at IS NULL AND h.case_key = ''"""


@dataclass(frozen=True, kw_only=True)
class CaseCounts:
    """Cases by what became of them; `tickets` is counted apart and equals the sum of the six others.

    `pending_offered` wait for the customer or for silence, `pending_open` have no solution yet, `held` wait for a person,
    those included of which no row at all could be read. `unnumbered_rows` are held rows that name no case, so they are in
    no count of cases.
    """

    tickets: int
    payable: int
    pending_offered: int
    pending_open: int
    reopened: int
    void: int
    held: int
    unnumbered_rows: int


def count_cases(*, source_code: str, as_of: datetime) -> CaseCounts:
    """Count the cases of a source opened up to an instant, as they were last resolved.

    Args:
        source_code: where the cases come from.
        as_of: business instant; call resolve_cases for it first.

    Returns: the counts, in three queries.
    """
    parameters: dict[str, Any] = {"source": source_code, "as_of": as_of}
    with connection.cursor() as cursor:
        cursor.execute(COUNT, parameters)
        places = dict(cursor.fetchall())
        cursor.execute(TICKETS, parameters)
        tickets = cursor.fetchone()[0]
        cursor.execute(UNNUMBERED, parameters)
        unnumbered_rows = cursor.fetchone()[0]
    return CaseCounts(
        tickets=tickets,
        payable=places.get("payable", 0),
        pending_offered=places.get("pending_offered", 0),
        pending_open=places.get("pending_open", 0),
        reopened=places.get("reopened", 0),
        void=places.get("void", 0),
        held=places.get("held", 0),
        unnumbered_rows=unnumbered_rows,
    )
