"""Every case of a source in exactly one place: payable, pending, reopened, void or held."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

# What waits for a person comes first: a case counts as held whatever its state.
COUNT = """
    WITH known AS (
        SELECT c.id, EXISTS (
                SELECT 1 FROM agents_heldrow h WHERE h.source_id = c.source_id AND h.case_key = c.key AND h.released_at IS NULL
            ) OR EXISTS (
                SELECT 1 FROM agents_hold h JOIN agents_resolution r ON r.id = h.resolution_id
                WHERE r.case_id = c.id AND h.released_at IS NULL AND r.resolved_at <= %(as_of)s
            ) AS is_held,
            EXISTS (
                SELECT 1 FROM agents_resolution r WHERE r.case_id = c.id AND r.is_payable AND r.resolved_at <= %(as_of)s
            ) AS is_payable,
            (SELECT r.state FROM agents_resolution r WHERE r.case_id = c.id AND r.resolved_at <= %(as_of)s AND r.rule <> 'superseded'
                ORDER BY r.number DESC LIMIT 1) AS state,
            EXISTS (
                SELECT 1 FROM agents_caseevent e
                WHERE e.case_id = c.id AND e.type IN ('excluded', 'merged') AND e.occurred_at <= %(as_of)s
            ) AS is_excluded
        FROM agents_case c JOIN agents_source s ON s.id = c.source_id
        WHERE s.code = %(source)s AND c.opened_at <= %(as_of)s
    ), placed AS (
        SELECT CASE
            WHEN is_held THEN 'held'
            WHEN is_payable THEN 'payable'
            WHEN state = 'pending' THEN 'pending_offered'
            WHEN state = 'reopened' THEN 'reopened'
            WHEN state IS NOT NULL OR is_excluded THEN 'void'
            ELSE 'pending_open' END AS place
        FROM known
        UNION ALL
        SELECT 'held' FROM (
            SELECT DISTINCT h.case_key FROM agents_heldrow h JOIN agents_source s ON s.id = h.source_id
            WHERE s.code = %(source)s AND h.released_at IS NULL AND h.case_key <> ''
                AND NOT EXISTS (SELECT 1 FROM agents_case c WHERE c.source_id = h.source_id AND c.key = h.case_key)
        ) unread
    )
    SELECT place, count(*) FROM placed GROUP BY place"""

TICKETS = """
    SELECT count(DISTINCT key) FROM (
        SELECT c.key FROM agents_case c JOIN agents_source s ON s.id = c.source_id
        WHERE s.code = %(source)s AND c.opened_at <= %(as_of)s
        UNION ALL
        SELECT h.case_key FROM agents_heldrow h JOIN agents_source s ON s.id = h.source_id
        WHERE s.code = %(source)s AND h.released_at IS NULL AND h.case_key <> ''
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
