"""Import a file of case events by the stored mapping of its source."""

import argparse
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from agents.intake.errors import UnableToImport
from agents.operations.imports import import_cases, import_clients
from agents.operations.imports.import_cases import ImportReport
from contracts import clock


class Command(BaseCommand):
    """Print what was new, changed, unchanged and held, and write a line for each held row."""

    help = "Import case events from a CSV, XLSX, NDJSON or XES file (also .gz) by the newest mapping of its source. Safe to repeat."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take the file, its source and what to do with it."""
        parser.add_argument("file", type=Path, help="The file to import.")
        parser.add_argument("--source", required=True, metavar="CODE", help="Code of the source that the file comes from.")
        parser.add_argument("--dry-run", action="store_true", help="Try everything and store nothing.")
        parser.add_argument("--sheet", default="", help="Sheet of a workbook, instead of the one that the mapping names.")
        parser.add_argument(
            "--create-clients",
            action="store_true",
            help="Make a client with an empty contract of each value that tells none yet, in the next version of the mapping.",
        )
        parser.add_argument("--report", type=Path, help="Where to write the held rows; by default under var/reports/.")

    def handle(self, *, file: Path, source: str, dry_run: bool, report: Path | None, **options: Any) -> None:
        """Import, then say what happened."""
        report_path = report or Path(settings.PPR_VAR_DIR) / "reports" / f"{source.replace('/', '-')}.{file.name}.held.csv"
        made_count = 0
        with _bars() as bars, transaction.atomic() if options["create_clients"] else nullcontext():
            try:
                if options["create_clients"]:
                    named = import_clients.name_contracts_of_file(path=file, source_code=source, sheet=options["sheet"])
                    made_count = len(named.contract_codes)
                found = import_cases.import_cases(
                    path=file,
                    source_code=source,
                    received_at=clock.now(),
                    dry_run=dry_run,
                    report_path=report_path,
                    progress=_shown(bars),
                    sheet=options["sheet"],
                )
            except UnableToImport as fault:
                raise CommandError(str(fault)) from fault
            if options["create_clients"]:
                transaction.set_rollback(dry_run)
        console = Console(highlight=False)
        with console.capture() as printed:
            _print_report(console, found, report_path, dry_run)
            if made_count:
                console.print(f"{made_count:,} clients with contracts without terms {'would be' if dry_run else 'were'} made.")
        self.stdout.write(printed.get())


def _shown(bars: Progress) -> Callable[[str, int, int], None]:
    """Return what shows the progress of each step as a bar of its own."""
    tasks: dict[str, Any] = {}

    def show(step: str, done: int, total: int) -> None:
        if step not in tasks:
            tasks[step] = bars.add_task(step, total=total)
        bars.update(tasks[step], completed=done, total=total)

    return show


def _bars() -> Progress:
    columns = (TextColumn("{task.description:<14}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn())
    return Progress(*columns, console=Console(file=sys.stderr), transient=True)


def _print_report(console: Console, found: ImportReport, report_path: Path, dry_run: bool) -> None:
    console.print(f"{found.file_name} from {found.source_code}{' (dry run: nothing was stored)' if dry_run else ''}", soft_wrap=True)
    counts = Table("in", "new", "changed", "unchanged", "held")
    counts.add_row(
        *(f"{count:,}" for count in (found.row_count, found.new_count, found.changed_count, found.unchanged_count, found.held_count))
    )
    console.print(counts)
    console.print(f"{found.case_count:,} cases in the file, {found.new_case_count:,} of them new; {found.seconds:.1f} s.")
    if found.released_count:
        console.print(f"{found.released_count:,} rows that were held before are let in now.")
    if found.held.is_empty():
        return
    reasons = Table("held because", "rows", "for example")
    examples = dict(found.held.group_by("reason", maintain_order=True).first().select("reason", "message").iter_rows())
    for reason, count in found.held_by_reason.items():
        reasons.add_row(reason, f"{count:,}", examples[reason])
    console.print(reasons)
    console.print(f"Every held row, with what to do: {report_path}", soft_wrap=True)
