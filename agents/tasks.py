"""Scheduled work on cases and people: thin, named, and safe to start twice.

When each runs is a row of django-celery-beat, made by a migration and edited in admin.
"""

from datetime import datetime
from pathlib import Path

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from agents.operations.deliveries import credit_waiting
from agents.operations.fairness import find_signals as finding
from agents.operations.fairness import freeze_reference_rates as freezing
from agents.operations.fairness import watch_guardrails
from agents.operations.jobs import retention
from agents.operations.jobs.run_job import JobResult
from agents.operations.quality_work import remind_quality_work as reminding
from agents.operations.resolutions import count_first_contacts as counting
from agents.operations.resolutions import verify_due
from agents.recorded_tasks import recorded


@shared_task(name="agents.verify_due_resolutions")
@recorded(job="verify_due_resolutions")
def verify_due_resolutions(result: JobResult, as_of: datetime) -> None:
    """Verify the resolutions whose silence window has ended."""
    report = verify_due.verify_due_resolutions(as_of=as_of)
    result.seen_count, result.changed_count = report.case_count, report.changed_count


@shared_task(name="agents.watch_guardrails")
@recorded(job="watch_guardrails")
def watch_load(result: JobResult, as_of: datetime) -> None:
    """Check the load of everybody who worked in the last day."""
    report = watch_guardrails.watch_guardrails(as_of=as_of)
    result.seen_count, result.changed_count = report.agent_count, report.new_count + report.moved_count


@shared_task(name="agents.find_signals")
@recorded(job="find_signals")
def find_signals(result: JobResult, as_of: datetime) -> None:
    """Look at the last four weeks for what chance hardly explains, and put it into the review queue."""
    report = finding.find_signals(as_of=as_of)
    result.seen_count, result.changed_count = report.assessed_count, report.new_count + report.expired_count
    result.message = (
        f"{report.new_count} new, {report.expired_count} ended undecided; {report.held_count} units held, {report.released_count} released."
    )


@shared_task(name="agents.count_first_contacts")
@recorded(job="count_first_contacts")
def count_first_contacts(result: JobResult, as_of: datetime) -> None:
    """Count the days anew on which first contacts changed."""
    report = counting.count_first_contacts(as_of=as_of)
    result.seen_count, result.changed_count = report.day_count, report.changed_count


@shared_task(name="agents.freeze_reference_rates")
@recorded(job="freeze_reference_rates")
def freeze_reference_rates(result: JobResult, as_of: datetime) -> None:
    """Freeze the rates of the present pay period, once it has begun everywhere."""
    report = freezing.freeze_reference_rates(period_start=as_of.date().replace(day=1), as_of=as_of)
    result.changed_count = report.new_count
    if report.missing_metrics:
        result.message = f"Nothing to count yet for {', '.join(report.missing_metrics)}; enter those rates in admin."


@shared_task(name="agents.apply_retention")
@recorded(job="apply_retention")
def apply_retention(result: JobResult, as_of: datetime) -> None:
    """Delete what was kept long enough."""
    report = retention.apply_retention(as_of=as_of, now=timezone.now(), report_folder=Path(settings.PPR_VAR_DIR) / "reports")
    result.changed_count, result.message = report.count, str(report)


@shared_task(name="agents.credit_waiting_answers")
@recorded(job="credit_waiting_answers")
def credit_waiting_answers(result: JobResult, as_of: datetime) -> None:
    """Credit surveys and reviews whose agent is known by now."""
    outcomes = credit_waiting.credit_waiting_answers(as_of=as_of)
    result.seen_count = len(outcomes)
    result.changed_count = sum(outcome.status == "accepted" for outcome in outcomes)


@shared_task(name="agents.remind_quality_work")
@recorded(job="remind_quality_work")
def remind_quality_work(result: JobResult, as_of: datetime) -> None:
    """Tell people what of their reviews, coaching, plans and training is due by tomorrow."""
    report = reminding.remind_quality_work(as_of=as_of)
    result.seen_count, result.changed_count = report.due_count, report.told_count
