"""The pages as a table: on the terminal, and between the marks of a document."""

import os
import platform
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.pages_asking import Asked

QUERIES_MAX, MILLISECONDS_MAX, KILOBYTES_MAX = 12, 100, 150
BEGINS, ENDS = "<!-- pages begin -->", "<!-- pages end -->"


class UnableToReport(Exception):
    """The document has no place for the table, or a page was none; the message says what to do."""


def write_pages(
    *, small: Sequence[Asked], large: Sequence[Asked], resolution_count: int, agent_count: int, times: int, report: Path | None
) -> None:
    """Show the pages, and write them into a document if there is one.

    Args:
        small, large: the same pages in a world of a tenth, and in the whole.
        resolution_count: of the whole.
        agent_count: of both.
        times: how often each page was asked for.
        report: the document.
    Raises: UnableToReport if the document lacks the marks, or a page answered with a fault, which is quick to make.
    """
    before = {(found.role, found.address): found for found in small}
    heads = ["As", "Page", f"p95 ms at {resolution_count // 10:,}", f"p95 ms at {resolution_count:,}", "computed ms", "queries", "KB", ""]
    cells = [_cells(before.get((found.role, found.address)), found) for found in large]
    table = Table(*heads)
    for row in cells:
        table.add_row(*row)
    Console(width=170).print(table)
    faults = [f"{found.address} as {found.role} answered {found.status}" for found in (*small, *large) if found.status != 200]
    if faults:
        raise UnableToReport(f"Mend these pages or their places in benchmarks/pages_list.py, and measure again: {'; '.join(faults)}.")
    if report is not None:
        text = report.read_text(encoding="utf-8")
        if BEGINS not in text or ENDS not in text:
            raise UnableToReport(f"{report} has no section for pages; write the lines {BEGINS} and {ENDS} where it belongs.")
        lines = _markdown(heads, cells, large, resolution_count, agent_count, times)
        start, end = text.index(BEGINS) + len(BEGINS), text.index(ENDS)
        report.write_text(f"{text[:start]}\n{lines}\n{text[end:]}", encoding="utf-8")


def _cells(before: Asked | None, found: Asked) -> list[str]:
    over = [
        *(["slow"] if found.milliseconds > MILLISECONDS_MAX else []),
        *(["queries"] if found.query_count > QUERIES_MAX else []),
        *(["heavy"] if found.kilobytes > KILOBYTES_MAX else []),
        *([f"status {found.status}"] if found.status != 200 else []),
    ]
    return [
        found.role,
        found.address,
        f"{before.milliseconds:.0f}" if before else "",
        f"{found.milliseconds:.0f}",
        f"{found.computed:.0f}",
        str(found.query_count),
        f"{found.kilobytes:.0f}",
        ", ".join(over),
    ]


def _markdown(
    heads: Sequence[str], cells: Iterable[Sequence[str]], large: Sequence[Asked], resolution_count: int, agent_count: int, times: int
) -> str:
    slowest = max(large, key=lambda found: found.milliseconds)
    where = f"{os.cpu_count()} cores ({platform.machine()})"
    words = (
        f"{len(large)} pages on {datetime.now(UTC):%B %-d, %Y}, {where}, {resolution_count:,} resolutions of {agent_count:,} agents, "
        f"{times} requests each: the slowest 95th percentile is {slowest.milliseconds:.0f} ms, the most queries "
        f"{max(found.query_count for found in large)}, the largest first load {max(found.kilobytes for found in large):.0f} KB."
    )
    rows = (["role", "page", *heads[2:7]], ["---", "---", *["---:"] * 5], *([row[0], f"`{row[1]}`", *row[2:7]] for row in cells))
    return "\n".join([words, "", *("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)])
