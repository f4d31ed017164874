"""Scheduled work on pay: thin, named, and safe to start twice.

When each runs is a row of django-celery-beat, made by a migration and edited in admin.
"""

from contextlib import suppress
from datetime import date, datetime

from celery import shared_task

from agents.models import Site, User
from agents.operations.jobs.run_job import JobResult, Skipped, run_job
from agents.recorded_tasks import recorded
from billing.operations import (
    back_test_job,
    book_resolutions,
    calculate_pay_run,
    changed_pay,
    propose_reversals,
    record_pay_reads,
    refresh_accruals,
)
from billing.operations import count_value as counting
from billing.operations import watch_disputes as disputes
from billing.queries import due_runs, pay_periods
from contracts import clock
from contracts.models import PayPlanVersion
from contracts.rules import errors

# How many other workers are asked to help with one run; those that find nothing to do end at once.
HELPERS = 3
NAMES_MAX = 10


@shared_task(name="billing.refresh_pay")
@recorded(job="refresh_pay")
def refresh_pay(result: JobResult, as_of: datetime) -> None:
    """Book what became payable, propose reversals of what fell, accrue the open period, and note what changed under runs that wait."""
    booked = book_resolutions.book_resolutions(as_of=as_of)
    proposed = propose_reversals.propose_reversals(as_of=as_of)
    accrued = refresh_accruals.refresh_accruals(as_of=as_of)
    noted = changed_pay.note_changed(as_of=as_of)
    result.seen_count, result.changed_count = accrued.seen_count, accrued.changed_count
    result.message = (
        f"{booked.booked_count} booked, {booked.corrected_count} corrected, {booked.held_count} held without a price; "
        f"{proposed.proposed_count} reversals proposed. {_name_failures([*accrued.messages, *noted.failures])}"
    ).strip()


@shared_task(name="billing.start_pay_runs")
@recorded(job="start_pay_runs")
def start_pay_runs(result: JobResult, as_of: datetime, local_hour: int = 2) -> None:
    """Start the pay run of each site where it is night and the last period is not in review yet; one that cannot be read stops no other."""
    failures = []
    for site in Site.objects.order_by("code"):
        try:
            due = due_runs.find_due_run(site=site, as_of=as_of, local_hour=local_hour)
        except errors.InvalidInput as refused:
            failures.append(f"The pay run of {site} cannot be started: {refused.message}")
            continue
        if due is not None:
            calculate_site.delay(site_id=site.pk, period_start=due.period.start.isoformat())
            result.seen_count = result.changed_count = result.changed_count + 1
    result.message = _name_failures(failures)


@shared_task(name="billing.calculate_pay_run")
def calculate_site(site_id: int, period_start: str, person_id: int | None = None) -> None:
    """Calculate the pay run of one site, with whichever workers have time to help; a person who asked for it cannot approve it."""
    site, as_of = Site.objects.get(pk=site_id), clock.now()
    person = User.objects.get(pk=person_id) if person_id else None
    with suppress(Skipped), run_job(job=due_runs.job_name(site=site), as_of=as_of) as result:
        period = pay_periods.period_of(site=site, day=date.fromisoformat(period_start))
        # It may have waited for a worker until after somebody took the run into review.
        if person is None and not due_runs.is_open(site=site, period=period):
            result.message = "The run is in review or approved by now, so it was left as it is."
            return
        book_resolutions.book_resolutions(as_of=as_of)
        run = calculate_pay_run.open_pay_run(site=site, period=period, as_of=as_of, prepared_by=person)
        for _ in range(HELPERS):
            help_pay_run.delay(run_id=run.pk)
        is_done = calculate_pay_run.work_on_pay_run(run_id=run.pk, wait_seconds_max=calculate_pay_run.WAIT.total_seconds())
        report = calculate_pay_run.report_pay_run(run_id=run.pk, seconds=0)
        result.seen_count, result.changed_count = report.agent_count + len(report.failures), report.agent_count
        still = "" if is_done else "Another worker still holds a part; it finishes the run. "
        result.message = still + _name_failures([failure.message for failure in report.failures])


@shared_task(name="billing.calculate_final_pay")
def calculate_final_pay(run_id: int) -> None:
    """Calculate the run of an agent who left."""
    book_resolutions.book_resolutions(as_of=clock.now())
    calculate_pay_run.work_on_pay_run(run_id=run_id)


@shared_task(name="billing.help_pay_run")
def help_pay_run(run_id: int) -> None:
    """Compute parts of a run until none is left to take."""
    calculate_pay_run.work_on_pay_run(run_id=run_id)


@shared_task(name="billing.back_test")
def back_test(version_id: int, month: str) -> None:
    """Work out a back-test that somebody watches; nothing is written."""
    version, as_of = PayPlanVersion.objects.select_related("plan").get(pk=version_id), clock.now()
    with suppress(Skipped), run_job(job=f"back_test {version_id} {month}", as_of=as_of):
        back_test_job.work_out(version=version, month=date.fromisoformat(month), as_of=as_of)


@shared_task(name="billing.watch_disputes")
@recorded(job="watch_disputes")
def watch_disputes(result: JobResult, as_of: datetime) -> None:
    """Remind of disputes before their deadline, and carry out the default outcome at it."""
    report = disputes.watch_disputes(as_of=as_of)
    result.seen_count = result.changed_count = report.reminded_count + report.accepted_count + report.escalated_count
    result.message = f"{report.reminded_count} reminded, {report.accepted_count} decided by default, {report.escalated_count} escalated."


@shared_task(name="billing.count_value")
@recorded(job="count_value")
def count_value(result: JobResult, as_of: datetime) -> None:
    """Count what the value reports of clients rest on."""
    report = counting.count_value(as_of=as_of)
    result.seen_count, result.changed_count = report.period_count, report.changed_count


@shared_task(name="billing.delete_old_pay_reads")
@recorded(job="delete_old_pay_reads")
def delete_old_pay_reads(result: JobResult, as_of: datetime) -> None:
    """Delete records of who read pay that were kept long enough."""
    result.changed_count = record_pay_reads.delete_old_pay_reads(as_of=as_of)


def _name_failures(messages: list[str]) -> str:
    if not messages:
        return ""
    more = f" And {len(messages) - NAMES_MAX} more." if len(messages) > NAMES_MAX else ""
    return f"Could not be computed: {' '.join(messages[:NAMES_MAX])}{more}"
