"""A preview shows each cell, what it means or what is wrong with it, and what has no meaning yet, however little is mapped."""

import pathlib

import pytest

from agents.intake import files, preview
from agents.intake.definitions import MappingDefinition, parse_definition
from agents.intake.frozen_mappings import Column, DatedEvent
from agents.intake.preview import PreviewCell, UnknownValue
from agents.models import ImportRun, Source
from agents.queries.previews import preview_file
from tests.agents import desk


def show(folder: pathlib.Path, *rows: desk.Row, limit: int = 20, **changes: object) -> preview.Preview:
    table = files.read_file(path=desk.write_file(folder, rows))
    return preview.preview_table(table=table, mapping=desk.frozen_mapping(**changes), limit=limit)


def cell(found: preview.Preview, target: str, row: int = 0) -> PreviewCell:
    return next(shown for shown in found.rows[row].cells if shown.target == target)


def test_each_cell_shows_what_it_means(tmp_path: pathlib.Path) -> None:
    found = show(tmp_path, desk.row("C-1", "Junk", "7 09:30", 3, moves="?"))
    assert cell(found, "case") == PreviewCell(target="case", raw="C-1", parsed="C-1", fault="")
    assert cell(found, "state").parsed == "excluded/spam"
    assert cell(found, "occurred_at").parsed == "2016-03-07 14:30:00.000 UTC"
    assert cell(found, "contract").parsed == "alder"
    assert (cell(found, "sequence").parsed, cell(found, "transfer_count").parsed) == ("3", "")
    assert [column.head for column in found.columns][:3] == ["number", "state", "changes"]
    assert (found.row_count, found.readable_count, found.held_by_reason) == (1, 1, {})


def test_a_cell_that_cannot_be_read_says_why(tmp_path: pathlib.Path) -> None:
    found = show(tmp_path, desk.row("C-1", "Lost", "7 09:30", updated="soon"), desk.row("C-2", "New", "7 09:30"))
    assert cell(found, "state").fault == 'column "state" says "Lost", which is no state that mapping 1 of desk knows.'
    assert (
        cell(found, "occurred_at").fault
        == 'column "updated" says "soon", which is no date written as DD/MM/YYYY HH:MM, for example 29/02/2016 16:05.'
    )
    assert (cell(found, "case").fault, found.rows[1].fault) == ("", "")
    assert (found.readable_count, found.held_by_reason) == (1, {"unknown_state": 1})


def test_values_without_a_meaning_are_counted_over_the_whole_file(tmp_path: pathlib.Path) -> None:
    rows = [desk.row("C-1", state, "7 09:30", number) for number, state in enumerate(["Lost", "New", "Odd", "Lost", "?"])]
    found = show(tmp_path, *rows, limit=1)
    assert len(found.rows) == 1
    assert found.unknown == {"state": (UnknownValue(value="Lost", row_count=2), UnknownValue(value="Odd", row_count=1))}


def test_dates_that_tell_something_are_columns_of_their_own(tmp_path: pathlib.Path) -> None:
    dated = DatedEvent(date=Column(name="opened"), type="stage_time", code="research", time=Column(name="moves", unit="minutes"))
    found = show(tmp_path, desk.row("C-1", "New", "7 09:30", moves="15"), desk.row("C-1", "New", "8 09:30", moves="x"), dated=(dated,))
    assert [(column.target, column.head, column.meaning) for column in found.columns][-2:] == [
        ("event_0", "opened", "stage_time/research"),
        ("event_0_seconds", "moves", "stage_time/research"),
    ]
    assert cell(found, "event_0_seconds").parsed == "900"
    assert "which is no number of minutes" in cell(found, "event_0_seconds", row=1).fault


def test_a_row_of_another_width_says_so_as_a_whole(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(desk.text_of([desk.row("C-1", "New", "2 08:00")]) + "C-2,New\n", encoding="utf-8")
    found = preview.preview_table(table=files.read_file(path=path), mapping=desk.frozen_mapping())
    assert (found.rows[0].fault, found.rows[1].fault) == ("", "it has 2 cells where the head has 12.")


@pytest.mark.django_db
def test_a_draft_that_says_nothing_yet_shows_the_file_and_what_is_missing(tmp_path: pathlib.Path) -> None:
    source = desk.make_desk()
    path = desk.write_file(tmp_path, [desk.row("C-1", "New", "2 08:00")] * 30)
    found = preview_file(path=path, source=source, definition=MappingDefinition(), hash_key=b"k")
    assert found.preview.heads == desk.HEAD
    assert len(found.preview.samples) == 20
    assert found.preview.samples[0][:2] == ("C-1", "New")
    assert found.preview.held_by_reason == {"missing_case": 30}
    assert any("which column holds the case number and the state and when the row happened" in problem for problem in found.problems)


@pytest.mark.django_db
def test_a_draft_with_mistakes_shows_all_of_them_and_stores_nothing(tmp_path: pathlib.Path) -> None:
    source = desk.make_desk()
    definition = parse_definition(
        document={
            "date_format": "%d/%m",
            "columns": {"case": "number", "state": "condition", "occurred_at": "updated", "contract": "place"},
            "values": {"contract": {"Place 1": "aspen"}},
        }
    )
    found = preview_file(
        path=desk.write_file(tmp_path, [desk.row("C-1", "New", "2 08:00")]), source=source, definition=definition, hash_key=b"k"
    )
    assert found.preview.missing_heads == ("condition",)
    assert len(found.problems) == 2
    assert 'contract "aspen", which does not exist' in found.problems[0]
    assert "cannot read dates" in found.problems[1]
    assert (ImportRun.objects.count(), Source.objects.count()) == (0, 1)
