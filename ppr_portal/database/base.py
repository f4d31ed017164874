"""Django's PostgreSQL backend, joining the embedded server when a connection is first needed."""

from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base

from ppr_portal import embedded


class DatabaseWrapper(base.DatabaseWrapper):
    """Commands that never open a connection never start a database."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        embedded.join(var_dir=settings.PPR_VAR_DIR)
        return super().get_new_connection(conn_params)
