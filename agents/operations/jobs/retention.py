"""Delete what was kept long enough: what came unread, held rows, and what people wrote. How long, each client says."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from agents.operations.deliveries import receive_hook
from agents.operations.imports import keep_uploads
from agents.operations.jobs import keep_reports

# Whose a row is, and so how long it stays: its case's client where that is known, or else its source's; nobody's, the default.
DEFAULT_DAYS = {"raw": 14, "held": 90, "comment": 365, "news": 365, "filters": 30}

# A sentence may quote what stood in a cell, so it ends there.
# A held event needs its content until it is let in, and holds no name and no words; a row of a file can be imported again.
EMPTY_HELD_ROWS = """
    UPDATE agents_heldrow h SET row = '{}', message = CASE WHEN h.message LIKE '%% says "%%'
        THEN split_part(h.message, ' says "', 1)
            || ' said what could not be read. Its content was deleted; import the file again to see it.'
        ELSE h.message END
    FROM agents_source s LEFT JOIN contracts_client l ON l.id = s.client_id, agents_importrun r
    WHERE s.id = h.source_id AND r.id = h.run_id AND h.row <> '{}'
        AND (h.released_at < %(as_of)s - make_interval(days => coalesce(l.raw_days, %(raw)s))
            OR (r.origin IN ('file', 'accounts') AND h.released_at IS NULL
                AND r.started_at < %(now)s - make_interval(days => coalesce(l.held_days, %(held)s))))"""

OLD_WORDS = """
    FROM agents_resolution r JOIN agents_case c ON c.id = r.case_id JOIN contracts_contract k ON k.id = c.contract_id
    JOIN contracts_client l ON l.id = k.client_id
    WHERE r.id = w.resolution_id AND (NOT l.keeps_comments OR w.{at} < %(as_of)s - make_interval(days => l.comment_days))"""
EMPTY_COMMENTS = f"UPDATE agents_survey w SET comment = '' {OLD_WORDS.format(at='answered_at')} AND w.comment <> ''"  # noqa: S608 (our own text)
EMPTY_NOTES = f"UPDATE agents_qareview w SET note = '' {OLD_WORDS.format(at='reviewed_at')} AND w.note <> ''"  # noqa: S608 (our own text)
DELETE_FEEDBACK = """
    DELETE FROM agents_feedback w
    USING agents_resolution r, agents_case c, contracts_contract k, contracts_client l
    WHERE w.kind = 'customer' AND r.id = w.resolution_id AND c.id = r.case_id AND k.id = c.contract_id AND l.id = k.client_id
        AND (NOT l.keeps_comments OR w.given_at < %(as_of)s - make_interval(days => l.comment_days))"""
# News is no record, and a filter that was deleted can be brought back for a month.
DELETE_READ_NEWS = "DELETE FROM agents_notification WHERE read_at < %(as_of)s - make_interval(days => %(news)s)"
DELETE_OLD_FILTERS = "DELETE FROM agents_savedfilter WHERE deleted_at < %(as_of)s - make_interval(days => %(filters)s)"
EMPTY_HELD_WORDS = """
    UPDATE agents_heldanswer h SET body = h.body || '{"words": ""}'
    FROM agents_source s LEFT JOIN contracts_client l ON l.id = s.client_id
    WHERE s.id = h.source_id AND coalesce(h.body ->> 'words', '') <> ''
        AND (NOT coalesce(l.keeps_comments, false)
            OR h.received_at < %(as_of)s - make_interval(days => coalesce(l.comment_days, %(comment)s)))"""
# Records of jobs that ended well are kept for a month, of others for a year; the newest of each job that ended well stays.
DELETE_JOB_RUNS = """
    DELETE FROM agents_jobrun r
    WHERE r.started_at < %(now)s - CASE WHEN r.outcome IN ('done', 'skipped') THEN interval '30 days' ELSE interval '365 days' END
        AND (r.outcome <> 'done' OR EXISTS (
            SELECT 1 FROM agents_jobrun n WHERE n.job = r.job AND n.outcome = 'done' AND n.started_at > r.started_at))"""


@dataclass(frozen=True, kw_only=True)
class RetentionReport:
    """How many of each were deleted or emptied."""

    delivery_count: int
    upload_count: int
    held_row_count: int
    comment_count: int
    report_count: int = 0
    job_run_count: int = 0
    listed_count: int = 0

    @property
    def count(self) -> int:
        """How many in all."""
        content = self.delivery_count + self.upload_count + self.held_row_count + self.comment_count
        return content + self.report_count + self.job_run_count + self.listed_count

    def __str__(self) -> str:
        return (
            f"{self.delivery_count} deliveries, {self.upload_count} uploads, the content of {self.held_row_count} held rows "
            f"and the words of {self.comment_count} surveys, reviews and feedbacks; "
            f"{self.report_count} reports of held rows, {self.job_run_count} records of jobs, "
            f"{self.listed_count} old notifications and filters."
        )


def apply_retention(*, as_of: datetime, now: datetime, report_folder: Path | None = None) -> RetentionReport:
    """Delete what was kept long enough; a second run finds nothing.

    What was decided stays: answers, scores, credit, reasons, counts and hashes.

    Args:
        as_of: business instant, for what is dated by it.
        now: wall clock, for what is dated by its arrival.
        report_folder: where commands write reports of held rows; without it none are looked for.

    Returns: counts.
    Source: issue "Resolution you can trust", privacy at the door.
    """
    parameters: dict[str, Any] = {"as_of": as_of, "now": now, **DEFAULT_DAYS}
    delivery_count = receive_hook.delete_old_deliveries(now=now)
    upload_count = keep_uploads.delete_old_uploads(now=now)
    report_count = keep_reports.delete_old_reports(folder=report_folder, now=now) if report_folder else 0
    with connection.cursor() as cursor:
        cursor.execute(EMPTY_HELD_ROWS, parameters)
        held_row_count = cursor.rowcount
        comment_count = 0
        for statement in (EMPTY_COMMENTS, EMPTY_NOTES, DELETE_FEEDBACK, EMPTY_HELD_WORDS):
            cursor.execute(statement, parameters)
            comment_count += cursor.rowcount
        cursor.execute(DELETE_JOB_RUNS, parameters)
        job_run_count = cursor.rowcount
        listed_count = 0
        for statement in (DELETE_READ_NEWS, DELETE_OLD_FILTERS):
            cursor.execute(statement, parameters)
            listed_count += cursor.rowcount
    return RetentionReport(
        delivery_count=delivery_count,
        upload_count=upload_count,
        held_row_count=held_row_count,
        comment_count=comment_count,
        report_count=report_count,
        job_run_count=job_run_count,
        listed_count=listed_count,
    )
