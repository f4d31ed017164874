"""A database from before the first release is refused with what to do, and keeps what it holds."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["0001_initial", "0001_first_release"])
def test_a_database_of_older_tables_is_refused(name: str) -> None:
    MigrationRecorder(connection).record_applied("contracts", name)

    with pytest.raises(CommandError, match="make clean"):
        call_command("migrate", verbosity=0)


@pytest.mark.django_db
def test_a_settled_database_is_let_through() -> None:
    call_command("migrate", verbosity=0)
