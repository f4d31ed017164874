"""`manage.py services status|stop`: look at the embedded PostgreSQL and Valkey, or stop them."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ppr_portal import embedded


class Command(BaseCommand):
    """Show or stop the embedded servers. They start by themselves, and stop when nobody uses them."""

    help = "Show whether the embedded servers run, or stop them even if a command still uses them."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", nargs="?", choices=("status", "stop"), default="status")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["act"] == "stop":
            try:
                embedded.stop(var_dir=settings.PPR_VAR_DIR)
            except embedded.UnableToStopServices as fault:
                raise CommandError(str(fault)) from fault
        where = embedded.places(var_dir=settings.PPR_VAR_DIR)
        keeper = embedded.keeper_pid(where=where)
        if keeper is None:
            self.stdout.write(f"The embedded servers of {where.var_dir} are stopped.")
        else:
            self.stdout.write(f"The embedded servers of {where.var_dir} run under process {keeper}; sockets in {where.socket_dir}.")
