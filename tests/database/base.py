"""The portal's own database backend, which may empty its tables between two tests that commit."""

from collections.abc import Iterable
from importlib import import_module

import pgtrigger
from django.conf import settings

portal = import_module(f"{settings.PORTAL_ENGINE}.base")


class DatabaseOperations(portal.DatabaseWrapper.ops_class):
    """Flushing is what triggers refuse everybody, and what a test that commits needs when it ends."""

    def execute_sql_flush(self, sql_list: Iterable[str]) -> None:
        with pgtrigger.ignore():
            super().execute_sql_flush(sql_list)


class DatabaseWrapper(portal.DatabaseWrapper):
    """Everything else is as the portal has it."""

    ops_class = DatabaseOperations
