"""`manage.py export_terms`: contracts, rate cards, policies and pay plans as one YAML document."""

import pathlib
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from contracts.queries import export_terms


class Command(BaseCommand):
    """Print the terms, or write them to a file."""

    help = "Write all terms as YAML (see docs/terms.md); import_terms reads it back exactly."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--output", metavar="FILE", help="a file to write; without it the terms are printed")

    def handle(self, *args: Any, **options: Any) -> None:
        text = export_terms.export_terms()
        if options["output"]:
            pathlib.Path(options["output"]).write_bytes(text.encode("utf-8"))
        else:
            self.stdout.write(text, ending="")
