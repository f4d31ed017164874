"""One transaction that knows who or what acts: what its history rows have in common."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pghistory
from django.db import connection, transaction

# A trigger that looks for a list of triggers to leave out, and finds none, raises and catches an error for each row. That
# costs more with every row written before in the transaction; an empty list costs nothing.
LEAVE_NO_TRIGGER_OUT = """
    SELECT set_config('pgtrigger.ignore', coalesce(nullif(current_setting('pgtrigger.ignore', true), ''), '{}'), true)"""


@contextmanager
def act(*, name: str, as_of: datetime) -> Iterator[None]:
    """Run the block as one transaction and mark every change in it; inside a request it adds to the user known there.

    Args:
        name: of the operation, for example "resolve_cases".
        as_of: business instant that it works for.
    """
    with pghistory.context(operation=name, as_of=as_of.isoformat()), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(LEAVE_NO_TRIGGER_OUT)
        yield
