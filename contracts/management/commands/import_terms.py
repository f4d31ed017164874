"""`manage.py import_terms FILE`: store the terms of a YAML document, whole or not at all."""

import json
import pathlib
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from contracts.operations import import_terms
from contracts.rules import errors


class Command(BaseCommand):
    """Say what was created and updated. Exit 2 if the document is refused; then nothing was written."""

    help = "Import terms as export_terms writes them (see docs/terms.md). FILE is YAML, or - for standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a YAML file, or - for standard input")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
        parser.add_argument(
            "--as-in-force",
            action="store_true",
            help="active and ended versions were in force where the document was written: tell what would stop their activation today, "
            "and store them all the same (without it, the document is refused)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["file"]
        try:
            text = sys.stdin.buffer.read() if name == "-" else pathlib.Path(name).read_bytes()
        except OSError as unreadable:
            self._refuse([{"path": "", "message": f"cannot read {name}: {unreadable.strerror}"}])
        try:
            done = import_terms.import_terms(text=text, dry_run=options["dry_run"], as_in_force=options["as_in_force"])
        except import_terms.UnableToImport as refused:
            self._refuse([{"path": errors.point_to(path=fault.path), "message": fault.message} for fault in refused.faults])
        would = "Would be " if options["dry_run"] else ""
        for what, names in (("created", done.created), ("updated", done.updated)):
            for row in names:
                self.stdout.write(f"{would}{what}: {row}")
        for warning in done.warnings:
            self.stdout.write(f"warning: {errors.point_to(path=warning.path)}: {warning.message}")
        for kept in done.kept_errors:
            self.stdout.write(f"as in force, though an activation would refuse it: {errors.point_to(path=kept.path)}: {kept.message}")
        counts = f"{len(done.created)} created, {len(done.updated)} updated, {done.unchanged_count} already as the document says"
        self.stdout.write(f"{counts}{'; nothing was written' if options['dry_run'] else ''}.")

    def _refuse(self, faults: list[dict[str, str]]) -> None:
        self.stdout.write(json.dumps({"error": faults}, indent=2))
        sys.exit(2)
