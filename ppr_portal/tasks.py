"""Work that crosses the apps: what a delivery changed goes on into resolutions and pay."""

import logging

from celery import shared_task
from django.core.cache import cache
from django.db import connection

from agents.operations import fold_changed_cases
from billing.operations import refresh_changed
from contracts import clock

LOG = logging.getLogger(__name__)

# Says that somebody asked for the task since it last looked. Should its task be lost, the wish ends, and the schedule comes.
ASKED, ASKED_SECONDS = "take_up_changes:asked", 20
# Deliveries of this long are taken up together.
GATHER_SECONDS = 0.3
COME_AGAIN_SECONDS = 1.0
LOCK = "SELECT pg_try_advisory_lock(hashtext('ppr_job'), hashtext('take_up_changes'))"
UNLOCK = "SELECT pg_advisory_unlock(hashtext('ppr_job'), hashtext('take_up_changes'))"


def ask_to_take_up() -> None:
    """Start the task after a delivery, unless one is asked for already that has not looked yet."""
    if cache.add(ASKED, 1, ASKED_SECONDS):
        take_up_changes.apply_async(countdown=GATHER_SECONDS)


@shared_task(name="ppr_portal.take_up_changes")
def take_up_changes() -> None:
    """Fold the changed cases and refresh the pay of their agents.

    It works on all that came since it last looked, so that many small deliveries cost no more than one. Only one works at a
    time; a copy that finds another at work comes again, for that one may have looked before what this one was asked for.
    """
    if not _ask(LOCK):
        take_up_changes.apply_async(countdown=COME_AGAIN_SECONDS)
        return
    try:
        cache.delete(ASKED)
        while _work_off():
            pass
    finally:
        _ask(UNLOCK)


def _work_off() -> bool:
    """Work off what is there, and say whether more may be left."""
    as_of = clock.now()
    folded_count = fold_changed_cases.fold_changed_cases(as_of=as_of)
    report = refresh_changed.refresh_changed(as_of=as_of)
    for message in report.failures:
        LOG.error("Not accrued: %s", message)
    return folded_count >= fold_changed_cases.CASES_PER_FOLD or report.case_count >= refresh_changed.NOTES_AT_ONCE


def _ask(sql: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return bool(cursor.fetchone()[0])
