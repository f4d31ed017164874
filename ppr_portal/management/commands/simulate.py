"""`simulate VERSION FIRST LAST`: try a contract version on real months, however many; writes the simulator's file to standard output."""

import csv
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.queries import pay_periods
from billing.queries.simulator import simulate_version
from billing.rules import periods
from contracts import clock
from contracts.models import ContractVersion
from contracts.rules import calendar_months, errors
from ppr_portal.pages.trials import simulator, simulator_file, simulator_knobs, simulator_rows


class Command(BaseCommand):
    """Bill and pay real months as a contract version would, beside how they were. Nothing is written to the database."""

    help = "Try a contract version on real months; CSV to standard output, what is under way to standard error."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the version and the months."""
        parser.add_argument("version", type=int, help="Number of the contract version in the address of its page.")
        parser.add_argument("first", help="First month, for example 2016-03.")
        parser.add_argument("last", help="Last month, for example 2016-04.")
        parser.add_argument("--beside", type=int, metavar="NUMBER", help="Another version of the contract, instead of how it was.")
        parser.add_argument("--sensitivity", action="store_true", help="Turn the knobs too.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Work it out and write the file."""
        version = ContractVersion.objects.select_related("contract__client").filter(pk=options["version"]).first()
        if version is None:
            raise CommandError(f"No contract version has the number {options['version']}.")
        against = _beside(version, options["beside"])
        try:
            months = _months(options["first"], options["last"])
            desk = simulate_version.open_desk(version=version, months=months, as_of=clock.now(), against=against)
            self.stderr.write(f"{simulate_version.count_claimed(desk=desk):,} resolutions claimed in these months are read.")
            found = simulate_version.simulate_version(desk=desk, version=version, against=against)
            self.stderr.write("Both sides are billed and paid.")
            points = simulate_version.try_knobs(desk=desk, version=version) if options["sensitivity"] else ()
        except errors.InvalidInput as refused:
            raise CommandError(refused.message) from refused
        panels = simulator_knobs.draw_panels(points=points, currency=found.then.currency)
        writer = csv.writer(self.stdout)
        writer.writerow(simulator_file.HEAD)
        cliffs, before = simulator_rows.list_cliffs(version=version), simulator.name_before(against=against)
        writer.writerows(simulator_file.list_cells(version=version, found=found, panels=panels, cliffs=cliffs, before=before))


def _beside(version: ContractVersion, number: int | None) -> ContractVersion | None:
    if number is None:
        return None
    found = version.contract.versions.filter(number=number).exclude(pk=version.pk).first()
    if found is None:
        raise CommandError(f"{version.contract} has no other version {number} to compare with.")
    return found


def _months(first: str, last: str) -> tuple[date, ...]:
    start, end = (pay_periods.parse_period(text=text) for text in (first, last))
    if start > end:
        raise periods.InvalidPeriod(f"{first} comes after {last}; name the first month first.")
    return calendar_months.list_months(first=start, last=end)
