"""Import a file of a client's accounts."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from agents.intake.account_files import FIELDS, AccountReading
from agents.intake.errors import UnableToImport
from agents.operations.imports import import_accounts
from contracts import clock

SHOWN_MAX = 50


class Command(BaseCommand):
    """Print what was new, changed, unchanged and held, and why."""

    help = "Import a client's accounts month by month, for the eight post-sale measures. Safe to repeat."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Take the file and how to read it."""
        parser.add_argument("file", type=Path, help="The file to import.")
        parser.add_argument("--source", required=True, metavar="CODE", help="Code of the source; it belongs to the client.")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="FIELD=HEAD",
            help=f"Which column holds a field; repeat it: {', '.join(FIELDS)}.",
        )
        parser.add_argument("--date-format", default="iso", help="How dates are written, as in mappings, for example %%d/%%m/%%Y.")
        parser.add_argument("--currency", default="", help="Currency of revenue, where no column says it.")
        parser.add_argument("--dry-run", action="store_true", help="Try everything and store nothing.")

    def handle(self, *, file: Path, source: str, column: list[str], dry_run: bool, **options: Any) -> None:
        """Import, then say what happened."""
        reading = AccountReading(
            columns=dict(_split(one) for one in column), date_format=options["date_format"], currency=options["currency"]
        )
        try:
            found = import_accounts.import_accounts(
                path=file, source_code=source, reading=reading, received_at=clock.now(), dry_run=dry_run
            )
        except UnableToImport as fault:
            raise CommandError(str(fault)) from fault
        counts = f"{found.new_count:,} new, {found.changed_count:,} changed, {found.unchanged_count:,} unchanged, {len(found.held):,} held"
        stored = " (dry run: nothing was stored)" if dry_run else ""
        self.stdout.write(f"{found.file_name}: {found.row_count:,} rows of {found.account_count:,} accounts: {counts}{stored}")
        for number, row in list(found.held.items())[:SHOWN_MAX]:
            self.stdout.write(f"Row {number}: held: {row.message}")
        if len(found.held) > SHOWN_MAX:
            self.stdout.write(f"... and {len(found.held) - SHOWN_MAX:,} more.")


def _split(text: str) -> tuple[str, str]:
    name, mark, head = text.partition("=")
    if not mark:
        raise CommandError(f'"{text}" is no FIELD=HEAD, for example seat_count=Licenses.')
    return name.strip(), head
