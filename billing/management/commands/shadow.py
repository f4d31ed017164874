"""`manage.py shadow FILE`: hold a present invoice or payslip file against ours and say why each line differs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from rich import box
from rich.console import Console
from rich.table import Table

from agents.intake.errors import UnableToImport
from agents.models import Site
from billing.models import ShadowRun
from billing.operations import compare_shadow
from billing.queries import pay_periods
from billing.queries.shadow import words
from billing.queries.shadow.file import Definition
from contracts import clock
from contracts.models import Contract
from contracts.rules import errors

LINES_SHOWN = 40


class Command(BaseCommand):
    """Compare a present invoice or payslip file with ours."""

    help = (
        "Compare an invoice (--contract) or payslips (--site) of a month with ours, line by line; changes nothing else. "
        "Exit 0 if all lines are the same, 1 if some differ."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV or Excel file, also with .gz")
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--contract", metavar="CODE", help="whose invoice it is")
        whose.add_argument("--site", metavar="CODE", help="whose payslips they are")
        parser.add_argument("--period", required=True, help="year and month, for example 2026-10")
        parser.add_argument("--by", choices=ShadowRun.Grain.values, help="what a row is; by default as the heads look")
        parser.add_argument("--column", action="append", default=[], metavar="WHAT=HEAD", help="for example case=Ticket or amount=Net")
        parser.add_argument("--meaning", action="append", default=[], metavar="LABEL=CODE", help="for example 'Base salary=kind:base'")
        parser.add_argument("--decimal", choices=(".", ","), help="decimal mark; by default as the numbers look")
        parser.add_argument("--sheet", default="", help="of a workbook with several")
        parser.add_argument("--lines-before-head", type=int, default=0, metavar="N")
        parser.add_argument("--all", action="store_true", help="print every difference, and not only the first ones")
        parser.add_argument("--dry-run", action="store_true", help="store nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                run, made = self._compare(options)
                transaction.set_rollback(options["dry_run"])
        except (compare_shadow.UnableToCompare, UnableToImport, errors.InvalidInput, OSError) as refused:
            raise CommandError(str(refused), returncode=2) from refused
        self._show(run, made, show_all=options["all"])
        if any(line.causes for line in made.lines) or made.held:
            raise SystemExit(1)

    def _compare(self, options: dict[str, Any]) -> tuple[ShadowRun, compare_shadow.Comparison]:
        path: Path = options["file"]
        run = compare_shadow.open_comparison(
            target=self._target(options),
            period_start=pay_periods.parse_period(text=options["period"]),
            name=path.name,
            content=path.read_bytes(),
            person=None,
            as_of=clock.now(),
            sheet=options["sheet"],
            lines_before_head=options["lines_before_head"],
        )
        definition = self._definition(Definition(**run.definition), options)
        made = compare_shadow.compare(run=run, definition=definition)
        compare_shadow.store_comparison(run=run, definition=definition, made=made)
        return run, made

    def _target(self, options: dict[str, Any]) -> Contract | Site:
        model: Any = Contract if options["contract"] else Site
        code = options["contract"] or options["site"]
        found = model.objects.filter(code=code).first()
        if found is None:
            known = ", ".join(model.objects.order_by("code").values_list("code", flat=True)) or "none yet"
            raise CommandError(f'There is no {model._meta.verbose_name} "{code}"; there are: {known}.', returncode=2)
        return cast("Contract | Site", found)

    def _definition(self, suggested: Definition, options: dict[str, Any]) -> Definition:
        told = [text.partition("=") for text in options["column"]]
        columns = {**suggested.columns, **{what: head for what, _equals, head in told}}
        grouping = suggested.grouping_mark if options["decimal"] in (None, suggested.decimal_mark) else suggested.decimal_mark
        meanings = {label: code for label, _equals, code in (text.rpartition("=") for text in options["meaning"])}
        changes = {
            "grain": options["by"] or suggested.grain,
            "columns": {what: head for what, head in columns.items() if head},
            "meanings": meanings,
            "decimal_mark": options["decimal"] or suggested.decimal_mark,
            "grouping_mark": grouping,
        }
        return Definition(**{**suggested.as_json(), **changes})

    def _show(self, run: ShadowRun, made: compare_shadow.Comparison, *, show_all: bool) -> None:
        console = Console(file=cast(IO[str], self.stdout), highlight=False, soft_wrap=True)

        def write(micros: int) -> str:
            return words.amount(micros=micros, currency=run.currency)

        table = Table(title=f"{run.file.name}, {run}", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
        for name, side in (("From theirs to ours", "left"), ("Lines", "right"), (run.currency, "right")):
            table.add_column(name, justify=cast(Any, side), no_wrap=True)
        table.add_row("Theirs", "", write(made.their_micros))
        for row in made.causes:
            table.add_row(words.name_of(code=row["code"]), f"{row['count']:,}", write(row["micros"]))
        table.add_row("Ours", f"{len(made.lines):,}", write(made.our_micros))
        console.print(table)
        different = [line for line in made.lines if line.causes]
        for line in different if show_all else different[:LINES_SHOWN]:
            for cause in line.causes:
                told = {"code": cause.code, "facts": compare_shadow.write_facts(facts=cause.facts)}
                place = f"row {line.place}, " if line.place else ""
                micros = int(cause.amount * 1_000_000)
                console.print(f"{place}{line.label}: {write(micros)}. {words.explain(cause=told, currency=run.currency)}")
        if len(different) > LINES_SHOWN and not show_all:
            console.print(f"And {len(different) - LINES_SHOWN:,} more lines; add --all to print them.")
        for held in made.held:
            console.print(f"Not read: row {held.place}, {held.label or 'no label'}: {held.reason}")
