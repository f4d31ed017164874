"""A part of every worker that reports every few seconds that it lives, where a page can read it without asking the broker."""

import logging
from typing import Any

from celery import bootsteps
from django.db import Error, connection
from django.utils import timezone

LOG = logging.getLogger(__name__)
REPORT_SECONDS = 15


class Reporter(bootsteps.StartStopStep):
    """Reports when the worker starts, every few seconds, and when it stops."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.entry: Any = None
        self.started_at = timezone.now()

    def start(self, parent: Any) -> None:
        """Report, and keep reporting."""
        self._report(parent)
        self.entry = parent.timer.call_repeatedly(REPORT_SECONDS, self._report, (parent,), priority=10)

    def stop(self, parent: Any) -> None:
        """Say good-bye."""
        from agents.operations.jobs import report_worker

        if self.entry is not None:
            self.entry.cancel()
        try:
            report_worker.forget_worker(name=parent.hostname)
        except Error:
            LOG.warning("The database did not take that %s stops; it is forgotten tomorrow.", parent.hostname)
        finally:
            connection.close()

    def _report(self, parent: Any) -> None:
        # Models are ready only when the worker starts, not when this module is read.
        from agents.operations.jobs import report_worker

        try:
            report_worker.report_worker(
                name=parent.hostname, process_count=parent.concurrency or 1, started_at=self.started_at, now=timezone.now()
            )
        except Error:
            LOG.warning("The database did not take that %s lives; it is told again in %s s.", parent.hostname, REPORT_SECONDS)
        finally:
            # The processes of the pool are forked from this one, and must not share its connection.
            connection.close()
