"""`manage.py calculate FILE`: compute prices, scores, resolutions and pay from a document, without a database."""

import json
import pathlib
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from billing.calculator import json_documents, run

DIGITS_MAX = 1_000_000


class Command(BaseCommand):
    """Read one document or a list of them; print the answer as JSON. Exit 2 if a single document is refused."""

    help = "Compute a calculator document (see docs/calculator.md). FILE is a JSON file, or - for standard input."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", help="a JSON file, or - for standard input")
        parser.add_argument("--schema", metavar="KIND", help="print the JSON Schema of a kind of document and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        # An exact sum of many fractions may have more digits than Python writes by default.
        sys.set_int_max_str_digits(DIGITS_MAX)
        try:
            answer = self._answer(options)
        except run.UnableToCalculate as refused:
            self._print({"error": refused.faults})
            sys.exit(2)
        self._print(answer)

    def _answer(self, options: dict[str, Any]) -> Any:
        if options["schema"]:
            return run.describe(name=options["schema"])
        document = self._read(options["file"])
        if isinstance(document, list):
            return run.answer_all(documents=document)
        return run.answer_one(document=document)

    def _read(self, name: str | None) -> Any:
        if not name:
            raise run.UnableToCalculate([{"path": "", "message": "name a JSON file, or - to read standard input"}])
        try:
            written = sys.stdin.buffer.read() if name == "-" else pathlib.Path(name).read_bytes()
            # From bytes, JSON finds its own encoding, whatever the terminal's language.
            return json_documents.read_documents(written=written)
        except OSError as unreadable:
            raise run.UnableToCalculate([{"path": "", "message": f"cannot read {name}: {unreadable.strerror}"}]) from unreadable
        except (ValueError, RecursionError) as broken:
            raise run.UnableToCalculate([{"path": "", "message": f"this is not JSON: {broken}"}]) from broken

    def _print(self, answer: Any) -> None:
        readable = json.dumps(answer, indent=2, ensure_ascii=False)
        try:
            readable.encode(sys.stdout.encoding or "utf-8")
        except UnicodeEncodeError:
            # The terminal cannot show some letter, or the document holds half of one; escaped, it is still the same JSON.
            readable = json.dumps(answer, indent=2)
        self.stdout.write(readable)
