"""`manage.py lint_plan FILE`: find what would surprise somebody in a pay plan, rate card or price, without a database."""

import json
import pathlib
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand

from billing.calculator import json_documents, lint, run
from contracts import clock, yaml_text
from contracts.rules import errors

DIGITS_MAX = 1_000_000


class Command(BaseCommand):
    """Print what lint finds, for a person or as JSON. Exit 0 without findings, 1 with some, 2 if the document cannot be read."""

    help = "Lint a pay plan or rate card document (see docs/lint.md). FILE is JSON or YAML, or - for standard input."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a JSON or YAML file, or - for standard input")
        parser.add_argument("--json", action="store_true", help="print the findings as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        sys.set_int_max_str_digits(DIGITS_MAX)
        try:
            found = lint_content(content=_read(options["file"]))
        except run.UnableToCalculate as refused:
            self._print(json.dumps({"error": refused.faults}, indent=2, ensure_ascii=False))
            sys.exit(2)
        readable = tell(name=options["file"], found=found)
        self._print(json.dumps({"findings": found}, indent=2, ensure_ascii=False) if options["json"] else readable)
        if found:
            sys.exit(1)

    def _print(self, text: str) -> None:
        encoding = sys.stdout.encoding or "utf-8"
        # A terminal that cannot show a letter gets it escaped, and the answer all the same.
        self.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))


def _read(name: str) -> Any:
    try:
        written = sys.stdin.buffer.read() if name == "-" else pathlib.Path(name).read_bytes()
    except OSError as unreadable:
        raise run.UnableToCalculate([{"path": "", "message": f"cannot read {name}: {unreadable.strerror}"}]) from unreadable
    if name.lower().endswith((".yaml", ".yml")) or not written.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return _read_yaml(written)
    try:
        content = json_documents.read_documents(written=written)
    except (ValueError, RecursionError) as broken:
        raise run.UnableToCalculate([{"path": "", "message": f"this is not JSON: {broken}"}]) from broken
    run.refuse_marked(document=content)
    return content


def _read_yaml(written: bytes) -> Any:
    try:
        return yaml_text.read_yaml(text=written)
    except errors.InvalidInput as refused:
        raise run.UnableToCalculate([{"path": "", "message": refused.message}]) from refused


def lint_content(*, content: Any) -> list[dict[str, Any]]:
    """Return the findings of a parsed document as plain values; a plan without a date is compared with the law of today."""
    results = lint.lint_document(document=content, today=clock.now().date())
    return [finding for result in results for finding in result.to_json()]


def tell(*, name: str, found: Sequence[dict[str, Any]]) -> str:
    """Return the findings as a person reads them: what, where, how much, what to do."""
    if not found:
        return f"{name}: nothing found."
    error_count = sum(finding["severity"] == "error" for finding in found)
    findings = "1 finding" if len(found) == 1 else f"{len(found)} findings"
    mend = f"{error_count} must be mended before activation" if error_count else "none stops an activation"
    parts = [f"{name}: {findings}, {mend}."]
    for number, finding in enumerate(found, start=1):
        stake = finding["at_stake"]
        parts += [
            "",
            f"{number}. {finding['severity'].upper()}: {finding['what']}",
            f"   Where:    {finding['path'] or '/'}  ({finding['code']})",
            f"   At stake: {_tell_stake(stake)}",
            f"   Do:       {finding['remedy']}",
        ]
    return "\n".join(parts)


def _tell_stake(stake: dict[str, Any] | None) -> str:
    if stake is None:
        return "no amount can be known from this document"
    amount = f"{stake['amount']} {stake['currency']}" if stake["currency"] else stake["amount"]
    return f"{amount}, {stake['of']}" if stake["of"] else amount
