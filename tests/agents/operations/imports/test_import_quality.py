"""Files of surveys and QA reviews: read as their owner says, all or nothing, and never twice."""

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from agents import models as work
from tests import factories

pytestmark = pytest.mark.django_db
SURVEYS = 'Survey,Ticket,When,Stars,Words\nA-1,C-1,09/03/2016 12:00,5,"kind, quick"\nA-2,C-1,9/3/2016 13:05,often,\nA-3,C-9,2016-03-09,4,\n'
DAY = "2016-03-09T12:00:00Z"
REVIEWS = f"id,case,reviewed_at,score\nQ-1,C-1,{DAY},79.0\nQ-2,C-1,{DAY},80\nQ-3,C-1,{DAY},good\n"
COLUMNS = ("id=Survey", "case=Ticket", "answered_at=When", "answer=Stars", "comment=Words")


@pytest.fixture
def agent() -> work.Agent:
    found = factories.make_resolution(
        agent=factories.make_agent(), version=factories.make_contract_version(), resolved_at=datetime(2016, 3, 7, tzinfo=UTC), key="C-1"
    )
    work.SurveyScale.objects.create(source=found.case.source, favorable=["4", "5"], other=["1"])
    assert found.agent is not None
    return found.agent


def _run(path: Path, text: str, kind: str, *arguments: str, **options: Any) -> str:
    path.write_text(text, encoding="utf-8")
    out = StringIO()
    source = work.Case.objects.get().source.code
    call_command("import_quality", str(path), "--source", source, "--kind", kind, *arguments, stdout=out, **options)
    return out.getvalue()


def _surveys(tmp_path: Path, *arguments: str) -> str:
    named = [part for column in COLUMNS for part in ("--column", column)]
    return _run(
        tmp_path / "csat.csv", SURVEYS, "surveys", *named, "--date-format", "%d/%m/%Y %H:%M", "--timezone", "Asia/Manila", *arguments
    )


def test_surveys_are_read_by_the_named_columns_and_dates(agent: work.Agent, tmp_path: Path) -> None:
    printed = _surveys(tmp_path)

    assert "csat.csv: 1 accepted, 0 duplicate, 1 held, 1 rejected" in printed
    assert 'Row 2: held: Nobody said whether the answer "often" is favorable' in printed
    assert 'Row 3: rejected: answered_at "2016-03-09" is no date written as DD/MM/YYYY HH:MM, for example 29/02/2016 16:05' in printed
    found = work.Survey.objects.get()
    assert (found.agent, found.key, found.is_favorable, found.comment) == (agent, "A-1", True, "")
    assert found.answered_at == datetime(2016, 3, 9, 4, tzinfo=UTC)
    assert "0 accepted, 1 duplicate, 1 held, 1 rejected" in _surveys(tmp_path)


def test_a_dry_run_stores_nothing(agent: work.Agent, tmp_path: Path) -> None:
    assert "1 accepted" in _surveys(tmp_path, "--dry-run")
    assert (work.Survey.objects.count(), work.HeldAnswer.objects.count()) == (0, 0)


def test_reviews_pass_by_their_score_where_no_column_says_it(agent: work.Agent, tmp_path: Path) -> None:
    printed = _run(tmp_path / "qa.csv", REVIEWS, "qa_reviews", "--pass-score", "80")

    assert "2 accepted, 0 duplicate, 0 held, 1 rejected" in printed
    assert list(work.QaReview.objects.order_by("key").values_list("score", "is_passed")) == [(79, False), (80, True)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), 'lacks the column "passed"'),
        (("--column", "score=Mark"), 'lacks the column "Mark"'),
        (("--column", "stars=score"), '"stars" is no field'),
        (("--column", "score"), "is no FIELD=HEAD"),
    ],
)
def test_a_file_without_what_is_needed_is_refused_whole(agent: work.Agent, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        _run(tmp_path / "qa.csv", REVIEWS, "qa_reviews", *arguments)
    assert not work.QaReview.objects.exists()


def test_a_row_with_other_cells_than_the_head_is_no_answer_to_guess(agent: work.Agent, tmp_path: Path) -> None:
    text = f"id,case,answered_at,comment,answer\nA-1,C-1,{DAY},nice,5,1\nA-2,C-1,{DAY},5\nA-3,C-1,{DAY},fine,4\n"
    printed = _run(tmp_path / "csat.csv", text, "surveys")

    assert "1 accepted, 0 duplicate, 0 held, 2 rejected" in printed
    assert "Row 1: rejected: it has 6 cells where the head has 5; correct it and import the file again" in printed
    assert list(work.Survey.objects.values_list("key", flat=True)) == ["A-3"]
