"""The import command prints counts and reasons, and says a refusal in one sentence."""

import pathlib
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from agents.models import CaseEvent, ChangedCase
from agents.operations.resolutions.fold_changed_cases import fold_changed_cases
from tests.agents import desk

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("import_cases", *arguments, stdout=output)
    return output.getvalue()


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.replace("┃", "│").split("│") if cell.strip()]


def test_counts_and_reasons_are_printed_and_the_report_is_written(tmp_path: pathlib.Path, settings: Any) -> None:
    settings.PPR_VAR_DIR = tmp_path / "var"
    desk.make_desk()
    path = desk.write_file(tmp_path, [desk.row("C-1", "New", "2 08:00"), desk.row("C-1", "Lost", "3 08:00", 1)])
    printed = run(str(path), "--source", desk.SOURCE)
    lines = [cells(line) for line in printed.splitlines()]
    assert ["in", "new", "changed", "unchanged", "held"] in lines
    assert ["2", "1", "0", "0", "1"] in lines
    assert any(line[:2] == ["unknown_state", "1"] for line in lines)
    report = tmp_path / "var" / "reports" / "desk.export.csv.held.csv"
    assert f"Every held row, with what to do: {report}" in printed
    assert len(report.read_text(encoding="utf-8").splitlines()) == 2
    assert ["2", "0", "0", "1", "1"] in [cells(line) for line in run(str(path), "--source", desk.SOURCE).splitlines()]


def test_what_came_in_becomes_resolutions_by_the_next_fold(tmp_path: pathlib.Path) -> None:
    desk.make_desk()
    rows = [desk.row("C-1", "Resolved", "3 08:00", 1), desk.row("C-2", "New", "3 08:00")]
    path = str(desk.write_file(tmp_path, rows))
    run(path, "--source", desk.SOURCE, "--dry-run")
    assert not ChangedCase.objects.exists()
    run(path, "--source", desk.SOURCE)
    assert fold_changed_cases(as_of=desk.instant("9 08:00")) == 2
    assert desk.states() == [("C-1", 1, "assumed", "silence", True)]
    run(path, "--source", desk.SOURCE)
    assert fold_changed_cases(as_of=desk.instant("9 09:00")) == 0


def test_a_dry_run_says_so_and_stores_nothing(tmp_path: pathlib.Path) -> None:
    desk.make_desk()
    path = desk.write_file(tmp_path, [desk.row("C-1", "New", "2 08:00")])
    printed = run(str(path), "--source", desk.SOURCE, "--dry-run", "--report", str(tmp_path / "held.csv"))
    assert "dry run: nothing was stored" in printed
    assert "held because" not in printed
    assert CaseEvent.objects.count() == 0


def test_a_refusal_is_one_sentence(tmp_path: pathlib.Path) -> None:
    with pytest.raises(CommandError, match=r"^There is no source \"desk\"; known are: none yet\. Add it in admin under Sources\.$"):
        run(str(tmp_path / "export.csv"), "--source", desk.SOURCE)
