"""One run of a job at a time, and a record of each."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from agents.models import JobRun
from agents.operations.jobs.session_lock import hold_lock

MESSAGE_CHARACTERS_MAX = 2_000


class Skipped(Exception):
    """The same job is running already; this copy has nothing to do."""


@dataclass(kw_only=True)
class JobResult:
    """What the body of a job found; it fills this in."""

    seen_count: int = 0
    changed_count: int = 0
    message: str = ""


@contextmanager
def run_job(*, job: str, as_of: datetime, records_skips: bool = True) -> Iterator[JobResult]:
    """Run the block as the only copy of a job, and record what came of it.

    Args:
        job: name of the job, with what it is about, for example "pay_run albany".
        as_of: business clock that it works for.
        records_skips: whether a copy that finds another at work leaves a record too; one that comes again by itself need not.

    Yields: a result to fill in with counts and words.
    Raises: Skipped if the same job is running; whatever the block raises, after it is recorded as failed.
    """
    run = JobRun(job=job[:64], as_of=as_of, started_at=timezone.now())
    started = time.monotonic()
    with hold_lock(kind="ppr_job", name=job) as is_ours:
        if not is_ours:
            if records_skips:
                _finish(run, started, JobRun.Outcome.SKIPPED, JobResult(message="The same job was running, so this copy did nothing."))
            raise Skipped(_("%(job)s is running already; this copy did nothing.") % {"job": job})
        run.save()
        # What still says that it runs was killed, for this copy has the lock.
        forgotten = JobRun.objects.filter(job=run.job, outcome=JobRun.Outcome.RUNNING).exclude(pk=run.pk)
        forgotten.update(outcome=JobRun.Outcome.FAILED, message="The process ended before it was done.")
        result = JobResult()
        try:
            yield result
        except BaseException as fault:
            result.message = f"{type(fault).__name__}: {fault}"
            _finish(run, started, JobRun.Outcome.FAILED, result)
            raise
        _finish(run, started, JobRun.Outcome.DONE, result)


def _finish(run: JobRun, started: float, outcome: JobRun.Outcome, result: JobResult) -> None:
    run.outcome, run.seconds = outcome, time.monotonic() - started
    run.seen_count, run.changed_count = result.seen_count, result.changed_count
    run.message = result.message[:MESSAGE_CHARACTERS_MAX]
    run.save()
