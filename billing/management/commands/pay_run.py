"""`manage.py pay_run PERIOD`: book what is payable, calculate what agents are owed, and say what it came to."""

from argparse import ArgumentParser
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError
from rich import box
from rich.console import Console
from rich.table import Table

from agents.models import Site
from billing.models import PayRun
from billing.operations import book_resolutions, calculate_pay_run
from billing.operations.calculate_pay_run import CurrencyTotal, PayRunReport
from billing.queries import pay_periods
from billing.rules import money
from contracts import clock
from contracts.rules import errors, exact

SITE_WIDTH_MAX = 18


class Command(BaseCommand):
    """Calculate the pay run of a period at one site or at all of them."""

    help = (
        "Calculate a pay run, for example `pay_run 2026-10`. Prints totals, failed agents and seconds. Safe to repeat until it is approved."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("period", help="year and month, for example 2026-10")
        parser.add_argument("--site", metavar="S", help="code of a site; all sites without it")
        parser.add_argument("--dry-run", action="store_true", help="compute everything and write nothing, also for an open period")

    def handle(self, *args: Any, **options: Any) -> None:
        as_of, dry_run = clock.now(), options["dry_run"]
        try:
            period_start = pay_periods.parse_period(text=options["period"])
        except errors.InvalidInput as refused:
            raise CommandError(str(refused)) from refused
        sites = self._sites(options["site"])
        if not dry_run:
            book_resolutions.book_resolutions(as_of=as_of)
        reports, refusals = [], []
        for site in sites:
            try:
                run = calculate_pay_run.calculate_pay_run(site=site, period_start=period_start, as_of=as_of, dry_run=dry_run)
                reports.append(run)
            except calculate_pay_run.UnableToCalculate as refused:
                refusals.append(str(refused))
        if reports:
            self._show(reports, dry_run)
        if refusals:
            raise CommandError("\n".join(refusals))

    def _sites(self, code: str | None) -> list[Site]:
        sites = list(Site.objects.order_by("code"))
        found = [site for site in sites if code in (None, site.code)]
        if not found:
            known = ", ".join(site.code for site in sites) or "none yet"
            raise CommandError(f'There is no site "{code}"; sites are: {known}.' if code else "There is no site yet; add one in the admin.")
        return found

    def _show(self, reports: list[PayRunReport], dry_run: bool) -> None:
        console = Console(file=cast(IO[str], self.stdout), highlight=False)
        wrote = " (dry run, nothing was written)" if dry_run else ""
        title = f"Pay run of {reports[0].period_start:%B %Y}{wrote}"
        table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
        # On a narrow terminal a name gives way, never a figure.
        table.add_column("Site", overflow="ellipsis", no_wrap=True, max_width=SITE_WIDTH_MAX)
        for name in ("Agents", "Resolutions", "Total", "Failed", "Seconds"):
            table.add_column(name, justify="right", no_wrap=True)
        for report in reports:
            totals = "\n".join(_words(total) for total in report.totals) or "nothing"
            counts = (
                f"{report.agent_count:,}",
                f"{report.resolution_count:,}",
                totals,
                f"{len(report.failures):,}",
                f"{report.seconds:.1f}",
            )
            table.add_row(report.site, *counts)
        console.print(table)
        for report in reports:
            if report.status == PayRun.Status.CALCULATING:
                console.print(f"{report.site}: another worker still holds a part and finishes the run.", soft_wrap=True)
            for failure in report.failures:
                named = failure.message if failure.message.startswith(failure.name) else f"{failure.name}: {failure.message}"
                console.print(f"Not paid: {named}", soft_wrap=True)


def _words(total: CurrencyTotal) -> str:
    places = money.currency_places(currency=total.currency)
    amount = exact.format_places(value=money.from_micros(micros=total.total_micros), places=places)
    whole, point, cents = amount.partition(".")
    return f"{total.currency} {int(whole):,}{point}{cents}"
