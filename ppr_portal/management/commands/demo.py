"""`manage.py demo`: real help-desk records to explained earnings, in one command."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from agents.intake.errors import UnableToImport
from ppr_portal import serving
from ppr_portal.demo import company, company_setup, figures, run, sign_ins, terminal, timeline


class Command(BaseCommand):
    """Set up the demo company, show what it earned, and open the portal."""

    help = "Set up a demo company around real help-desk records, show every agent's pay, and open the portal. Safe to repeat."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-serve", action="store_true", help="stop after the table instead of opening the portal")

    def handle(self, *args: Any, **options: Any) -> None:
        console = terminal.make_console()
        definition = company.load_company()
        try:
            company_setup.refuse_outside_demo()
            if not options["no_serve"]:
                # Said now, rather than after a minute of setting up.
                serving.require_free(address=self._address())
            terminal.show_start(console=console, definition=definition)
            seconds = run.run_steps(console=console, steps=(timeline.first_step(),))
            with timeline.one_at_a_time():
                seconds += run.run_steps(console=console, steps=timeline.list_steps())
        except (company_setup.UnableToSeed, timeline.UnableToBuild, UnableToImport, serving.UnableToServe) as fault:
            raise CommandError(str(fault)) from fault
        except KeyboardInterrupt:
            raise CommandError("Stopped. What was done stays; `make demo` goes on from there.") from None
        found = figures.read_figures(source_code=definition.source.code, as_of=definition.now)
        terminal.show_figures(console=console, figures=found, currency=definition.currency)
        sign_ins.show(console=console, definition=definition, seconds=seconds, url=self._address().url)
        if not options["no_serve"]:
            call_command("serve")

    def _address(self) -> serving.Address:
        return serving.Address(host=settings.ENVIRONMENT.host, port=settings.ENVIRONMENT.port)
