"""Retention: what was kept long enough goes, what was decided stays, and each client says how long."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agents import models as work
from agents.operations.jobs import retention
from agents.tasks import apply_retention
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2016, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def resolution() -> work.Resolution:
    found = factories.make_resolution(agent=factories.make_agent(), version=factories.make_contract_version())
    source = found.case.source
    source.client = found.case.contract.client
    source.client.keeps_comments = True
    source.client.comment_days, source.client.raw_days, source.client.held_days = 100, 10, 50
    source.client.save()
    source.save()
    return found


def _apply() -> tuple[int, int, int, int]:
    report = retention.apply_retention(as_of=NOW, now=NOW)
    return report.delivery_count, report.upload_count, report.held_row_count, report.comment_count


def _survey(resolution: work.Resolution, key: str, days: int) -> None:
    said: dict[str, Any] = {"source": resolution.case.source, "resolution": resolution, "agent": resolution.agent}
    at = NOW - timedelta(days=days)
    work.Survey.objects.create(**said, key=key, is_favorable=True, comment="Bob says hi", answered_at=at)
    work.QaReview.objects.create(**said, key=key, score=90, is_passed=True, note="Bob was calm", reviewed_at=at)
    work.Feedback.objects.create(**said, kind="customer", words="Bob says hi", given_at=at)
    work.Feedback.objects.create(**said, kind="coaching", words="Well done", given_at=at)


QUOTING = 'Row 1: column "At" says "Bob, "the" builder", which is no date. Correct the row.'
EMPTIED = 'Row 1: column "At" said what could not be read. Its content was deleted; import the file again to see it.'


def _words() -> list[str]:
    told = [work.Survey.objects.values_list("comment", flat=True), work.QaReview.objects.values_list("note", flat=True)]
    told.append(work.Feedback.objects.filter(kind="customer").values_list("words", flat=True))
    return sorted(word for words in told for word in words if word)


def test_words_go_after_their_days_and_answers_stay(resolution: work.Resolution) -> None:
    _survey(resolution, "old", 101)
    _survey(resolution, "young", 100)

    assert _apply() == (0, 0, 0, 3)

    assert _words() == ["Bob says hi", "Bob says hi", "Bob was calm"]
    assert (work.Survey.objects.count(), work.QaReview.objects.count(), work.Feedback.objects.filter(kind="coaching").count()) == (2, 2, 2)
    assert _apply() == (0, 0, 0, 0)


def test_words_go_at_once_where_the_client_keeps_none(resolution: work.Resolution) -> None:
    _survey(resolution, "young", 1)
    work.HeldAnswer.objects.create(
        source=resolution.case.source, kind="survey", key="w", body_hash="x", case_key="?", body={"words": "Bob"}, received_at=NOW
    )
    client = resolution.case.contract.client
    client.keeps_comments = False
    client.save()

    assert _apply() == (0, 0, 0, 4)
    assert _words() == []
    assert work.HeldAnswer.objects.get().body == {"words": ""}


@pytest.mark.parametrize(
    ("origin", "run_days", "released_days", "is_emptied"),
    [
        ("file", 51, None, True),
        ("file", 49, None, False),
        ("api", 51, None, False),
        ("api", 51, 11, True),
        ("file", 20, 9, False),
        ("file", 20, 11, True),
    ],
)
def test_held_rows_lose_their_content(
    resolution: work.Resolution, origin: str, run_days: int, released_days: int | None, is_emptied: bool
) -> None:
    counts = dict.fromkeys(("row_count", "case_count", "new_count", "changed_count", "unchanged_count", "held_count"), 1)
    run = work.ImportRun.objects.create(
        source=resolution.case.source, origin=origin, file_name="f", started_at=NOW - timedelta(days=run_days), seconds=1, **counts
    )
    released_at = None if released_days is None else NOW - timedelta(days=released_days)
    held = work.HeldRow.objects.create(
        source=run.source, run=run, row_number=1, reason="bad_date", message=QUOTING, row={"Caller": "Bob"}, released_at=released_at
    )

    assert _apply() == (0, 0, int(is_emptied), 0)

    held.refresh_from_db()
    assert held.row == ({} if is_emptied else {"Caller": "Bob"})
    assert held.message == (EMPTIED if is_emptied else QUOTING)
    assert _apply() == (0, 0, 0, 0)


def test_deliveries_go_after_the_days_of_their_client(resolution: work.Resolution) -> None:
    for number, days in enumerate((11, 9)):
        at = NOW - timedelta(days=days)
        work.RawDelivery.objects.create(
            source=resolution.case.source,
            vendor="other",
            reason="x",
            body=b"Bob",
            body_sha256=str(number),
            first_received_at=at,
            last_received_at=at,
        )

    assert _apply() == (1, 0, 0, 0)
    assert work.RawDelivery.objects.get().body_sha256 == "1"


def test_the_job_records_its_counts(resolution: work.Resolution) -> None:
    _survey(resolution, "old", 1)
    work.Survey.objects.update(answered_at=NOW - timedelta(days=4_000))

    apply_retention()

    run = work.JobRun.objects.get(job="apply_retention")
    assert (run.outcome, run.changed_count) == ("done", 3)
    assert "the words of 3 surveys" in run.message
