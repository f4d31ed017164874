"""Work that crosses the apps: what a delivery changed goes on into resolutions and pay."""

import logging

from celery import shared_task
from django.db import connection

from agents.models import ChangedCase
from agents.operations import fold_changed_cases
from billing.operations import refresh_changed
from contracts import clock

LOG = logging.getLogger(__name__)

LOCK = "SELECT pg_try_advisory_lock(hashtext('ppr_job'), hashtext('take_up_changes'))"
UNLOCK = "SELECT pg_advisory_unlock(hashtext('ppr_job'), hashtext('take_up_changes'))"


@shared_task(name="ppr_portal.take_up_changes")
def take_up_changes() -> None:
    """Fold the changed cases and refresh the pay of their agents, until nothing is left.

    Every delivery starts one. All but one end at once, for that one takes up what the others brought; each looks once more
    after it gave the lock back, so that nothing falls between two of them.
    """
    while ChangedCase.objects.exists():
        if not _ask(LOCK):
            return
        try:
            is_done = not _work_off()
        finally:
            _ask(UNLOCK)
        if is_done:
            return


def _work_off() -> bool:
    """Work off what is there, and say whether that was anything."""
    as_of = clock.now()
    folded_count = fold_changed_cases.fold_changed_cases(as_of=as_of)
    report = refresh_changed.refresh_changed(as_of=as_of)
    for message in report.failures:
        LOG.error("Not accrued: %s", message)
    return bool(folded_count or report.case_count)


def _ask(sql: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return bool(cursor.fetchone()[0])
