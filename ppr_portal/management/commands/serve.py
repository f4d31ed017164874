"""`manage.py serve`: the web pages, the worker and the scheduler in one terminal, until Ctrl-C."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from ppr_portal import embedded, serving

STOP_SECONDS_MAX = 20


class Command(BaseCommand):
    """Start the portal's parts together and stop them together."""

    help = "Serve the portal with its worker and scheduler. Ctrl-C stops everything that this command started, and only that."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", action="append", choices=serving.PARTS, help="start this part alone; repeat it for more")

    def handle(self, *args: Any, **options: Any) -> None:
        environment = settings.ENVIRONMENT
        address = serving.Address(host=environment.host, port=environment.port)
        wanted = options["only"] or serving.PARTS
        try:
            if "web" in wanted:
                serving.require_free(address=address)
            self._join_embedded_servers()
            self._migrate_or_refuse()
            self._serve(address, wanted)
        except serving.UnableToServe as fault:
            raise CommandError(str(fault)) from fault
        finally:
            connection.close()
            self._leave_embedded_servers()

    def _serve(self, address: serving.Address, wanted: tuple[str, ...]) -> None:
        environment = settings.ENVIRONMENT
        portal = serving.Serving(
            ask=lambda: "web" in wanted and serving.answers(address=address, host_header=environment.hosts[0]),
            say=lambda news: self._print(f"PPR Portal is open at {address.url} (Ctrl-C stops it)" if news == "ready" else news),
            is_demo=not settings.PRODUCTION,
        )
        lines = serving.commands(
            address=address, web_workers=environment.web_workers, task_workers=environment.task_workers, log_level=environment.log_level
        )
        for name in wanted:
            portal.add(name=name, command=lines[name])
        portal.loop()
        if not portal.was_told_to_stop:
            raise serving.UnableToServe(f"A part of the portal stopped by itself (exit {portal.returncode}); its log above tells why")

    def _migrate_or_refuse(self) -> None:
        try:
            executor = MigrationExecutor(connection)
        except OperationalError as fault:
            reason = str(fault).strip().splitlines()[0]
            raise serving.UnableToServe(f"The database does not answer: {reason}; correct DATABASE_URL or start that server") from fault
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if not plan:
            return
        if settings.PRODUCTION:
            raise serving.UnableToServe(f"{len(plan)} migrations are not applied; run `manage.py migrate`, then serve again")
        self._print(f"Applying {len(plan)} migrations")
        call_command("migrate", verbosity=0, interactive=False)

    def _join_embedded_servers(self) -> None:
        """Join them here and not only in the parts, so that this process is the one that waits for their end."""
        if embedded.is_embedded(address=settings.REDIS_URL, var_dir=settings.PPR_VAR_DIR):
            embedded.join(var_dir=settings.PPR_VAR_DIR)

    def _leave_embedded_servers(self) -> None:
        if embedded.has_joined(var_dir=settings.PPR_VAR_DIR):
            stopped = embedded.leave(var_dir=settings.PPR_VAR_DIR, wait_seconds=STOP_SECONDS_MAX)
            self._print("Stopped." if stopped else "Stopped. The embedded servers stay up for another command that uses them.")

    def _print(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
