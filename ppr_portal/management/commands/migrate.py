"""Django's own command, which here refuses a database whose tables have the shape from before the first release."""

from typing import Any

from django.core.management import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

BEFORE_FIRST_RELEASE = {("contracts", "0001_initial"), ("contracts", "0001_first_release")}


class Command(migrate.Command):
    """Apply migrations; nothing is touched in a database that is too old."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse, or do what Django does."""
        if BEFORE_FIRST_RELEASE & MigrationRecorder(connections[options["database"]]).applied_migrations().keys():
            raise CommandError(
                "This database was made before the first release, whose tables have another shape. Start with an empty one: "
                "`make clean` removes the embedded database, and `make demo` fills a new one."
            )
        super().handle(*args, **options)
