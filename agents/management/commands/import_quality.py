"""Import a file of surveys or QA reviews."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agents.intake.delivered_quality import Kind
from agents.intake.errors import UnableToImport
from agents.intake.quality_files import Reading
from agents.operations.imports import import_quality
from contracts import clock

KINDS: dict[str, Kind] = {"surveys": "survey", "qa_reviews": "qa_review"}
SHOWN_MAX = 50


class Command(BaseCommand):
    """Print what was new, known, held and rejected, and why."""

    help = "Import surveys or QA reviews. Safe to repeat. What nobody can be credited with yet waits, and is credited by itself."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take the file and how to read it."""
        parser.add_argument("file", type=Path, help="The file to import.")
        parser.add_argument("--source", required=True, metavar="CODE", help="Code of the source that the file comes from.")
        parser.add_argument("--kind", required=True, choices=KINDS, help="What its rows are.")
        parser.add_argument("--column", action="append", default=[], metavar="FIELD=HEAD", help="Which column holds a field; repeat it.")
        parser.add_argument("--date-format", default="iso", help="How dates are written, as in mappings, for example %%d/%%m/%%Y %%H:%%M.")
        parser.add_argument("--timezone", default="UTC", help="Whose clock a date without an offset shows, for example America/New_York.")
        parser.add_argument("--pass-score", type=int, help="The score that passes, where no column says it.")
        parser.add_argument("--dry-run", action="store_true", help="Try everything and store nothing.")

    def handle(self, *, file: Path, source: str, kind: str, column: list[str], dry_run: bool, **options: Any) -> None:
        """Import, then say what happened."""
        reading = Reading(
            columns=dict(_split(one) for one in column),
            date_format=options["date_format"],
            timezone=options["timezone"],
            pass_score=options["pass_score"],
        )
        try:
            found = import_quality.import_quality(
                path=file, source_code=source, kind=KINDS[kind], reading=reading, received_at=clock.now(), dry_run=dry_run
            )
        except UnableToImport as fault:
            raise CommandError(str(fault)) from fault
        counts = ", ".join(f"{found.counts[status]:,} {status}" for status in ("accepted", "duplicate", "held", "rejected"))
        self.stdout.write(f"{found.file_name}: {counts}{' (dry run: nothing was stored)' if dry_run else ''}")
        told = [(number, outcome) for number, outcome in found.outcomes.items() if outcome.message]
        for number, outcome in told[:SHOWN_MAX]:
            self.stdout.write(f"Row {number}: {outcome.status}: {outcome.path} {outcome.message}".replace(":  ", ": "))
        if len(told) > SHOWN_MAX:
            self.stdout.write(f"... and {len(told) - SHOWN_MAX:,} more.")


def _split(text: str) -> tuple[str, str]:
    name, mark, head = text.partition("=")
    if not mark:
        raise CommandError(f'"{text}" is no FIELD=HEAD, for example answer=Rating.')
    return name.strip(), head
