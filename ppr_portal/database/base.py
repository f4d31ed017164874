"""Django's PostgreSQL backend, joining the embedded server when a connection is first needed."""

import time
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.postgresql import base

from ppr_portal import embedded

# A server that died is up again in about a second.
RETRY_SECONDS_MAX = 15
RETRY_PAUSE_SECONDS = 0.2
STARTING_UP = "57P03"


class DatabaseWrapper(base.DatabaseWrapper):
    """Commands that never open a connection never start a database."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        embedded.join(var_dir=settings.PPR_VAR_DIR)
        deadline = time.monotonic() + RETRY_SECONDS_MAX
        while True:
            try:
                return super().get_new_connection(conn_params)
            except psycopg.OperationalError as fault:
                # With a code, a server answered and said no; without one, nobody did.
                if fault.sqlstate not in {None, STARTING_UP} or time.monotonic() >= deadline:
                    raise
            embedded.join(var_dir=settings.PPR_VAR_DIR, is_doubtful=True)
            time.sleep(RETRY_PAUSE_SECONDS)
