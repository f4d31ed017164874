"""Credit surveys that came as events, and surveys and reviews that waited, as soon as it is known whose work they judge."""

from collections.abc import Collection
from datetime import datetime

from django.db import connection

from agents.intake.delivered_quality import Judgment
from agents.models import HeldAnswer, Source
from agents.operations.deliveries import receive_quality
from agents.operations.deliveries.event_outcomes import Outcome

# Of each source's survey events, those that are neither credited nor held.
LOAD_EVENTS = """
    SELECT e.source_id, s.code, e.key, c.key, e.occurred_at, e.code
    FROM agents_caseevent e JOIN agents_case c ON c.id = e.case_id JOIN agents_source s ON s.id = e.source_id
    WHERE e.type = 'survey_answered' AND (%(case_ids)s::bigint[] IS NULL OR e.case_id = ANY(%(case_ids)s)) AND e.occurred_at <= %(as_of)s
        AND NOT EXISTS (SELECT 1 FROM agents_survey v WHERE v.source_id = e.source_id AND v.key = e.key)
        AND NOT EXISTS (
            SELECT 1 FROM agents_heldanswer h
            WHERE h.source_id = e.source_id AND h.kind = 'survey' AND h.key = e.key AND h.released_at IS NULL)
    ORDER BY e.source_id, e.key"""
LOAD_HELD = """
    SELECT h.id FROM agents_heldanswer h
    WHERE h.released_at IS NULL
        AND (%(case_ids)s::bigint[] IS NULL OR h.case_key IN (SELECT key FROM agents_case WHERE id = ANY(%(case_ids)s)))"""


def credit_waiting_answers(*, as_of: datetime, case_ids: Collection[int] | None = None) -> tuple[Outcome, ...]:
    """Credit what can be credited now; a second run changes nothing.

    Args:
        as_of: business instant.
        case_ids: cases of which something is known now; None means all.

    Returns: what became of each survey event and of each judgment that waited.
    Source: design.md section 7, "survey credit".
    """
    parameters = {"as_of": as_of, "case_ids": None if case_ids is None else sorted(case_ids)}
    with connection.cursor() as cursor:
        cursor.execute(LOAD_EVENTS, parameters)
        events = cursor.fetchall()
        cursor.execute(LOAD_HELD, parameters)
        held_ids = [held_id for (held_id,) in cursor.fetchall()]
    groups: dict[tuple[int, str], list[Judgment]] = {}
    for source_id, source, key, case_key, at, answer in events:
        told = Judgment(kind="survey", key=key, case_source=source, case_key=case_key, at=at, answer=answer)
        groups.setdefault((source_id, "survey"), []).append(told)
    for held in HeldAnswer.objects.filter(pk__in=held_ids, released_at=None).order_by("pk"):
        groups.setdefault((held.source_id, held.kind), []).append(receive_quality.read_held(held=held))
    sources = Source.objects.in_bulk([source_id for source_id, _ in groups])
    outcomes: list[Outcome] = []
    for (source_id, kind), judgments in groups.items():
        report = receive_quality.receive_quality(
            source=sources[source_id], kind="survey" if kind == "survey" else "qa_review", read=judgments, received_at=as_of
        )
        outcomes += report.outcomes
    return tuple(outcomes)
