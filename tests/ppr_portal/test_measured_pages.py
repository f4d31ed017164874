"""The page benchmark asks for every page: a new route has to be given its place."""

import pathlib

import pytest

from benchmarks import pages_list, pages_table
from benchmarks.pages_asking import Asked


def asked(milliseconds: float, query_count: int = 5, status: int = 200) -> Asked:
    return Asked(
        role="auditor",
        address="/agents/?after=A|1",
        status=status,
        milliseconds=milliseconds,
        median=milliseconds,
        computed=milliseconds,
        query_count=query_count,
        kilobytes=41.6,
        seconds=1,
        next_url="",
    )


def test_every_route_has_its_place() -> None:
    pages_list.check_routes()


def test_a_route_without_a_place_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages_list, "POSTED", pages_list.POSTED - {"language"})
    with pytest.raises(pages_list.UnableToMeasure, match="language without one, none gone"):
        pages_list.check_routes()


def test_the_table_is_written_between_its_marks(tmp_path: pathlib.Path) -> None:
    report = tmp_path / "report.md"
    report.write_text(f"# Before\n\n{pages_table.BEGINS}\nold\n{pages_table.ENDS}\n\nAfter\n", encoding="utf-8")
    pages_table.write_pages(small=[asked(9)], large=[asked(12)], resolution_count=3_000_000, agent_count=2_000, times=20, report=report)
    text = report.read_text(encoding="utf-8")
    assert "| auditor | `/agents/?after=A\\|1` | 9 | 12 | 12 | 5 | 42 |" in text
    assert (text.startswith("# Before\n"), text.endswith("After\n"), "old" in text) == (True, True, False)


def test_a_fault_is_no_page(tmp_path: pathlib.Path) -> None:
    report = tmp_path / "report.md"
    report.write_text(f"{pages_table.BEGINS}\nold\n{pages_table.ENDS}\n", encoding="utf-8")
    pages = {"small": [asked(9, status=500)], "large": [asked(12)]}
    with pytest.raises(pages_table.UnableToReport, match=r"as auditor answered 500\."):
        pages_table.write_pages(**pages, resolution_count=10, agent_count=1, times=20, report=report)
    assert "old" in report.read_text(encoding="utf-8")


def test_a_document_without_marks_is_refused(tmp_path: pathlib.Path) -> None:
    report = tmp_path / "report.md"
    report.write_text("# Nothing\n", encoding="utf-8")
    with pytest.raises(pages_table.UnableToReport, match="write the lines"):
        pages_table.write_pages(small=[], large=[asked(12)], resolution_count=10, agent_count=1, times=20, report=report)
