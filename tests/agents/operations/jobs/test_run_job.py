"""A job runs once at a time and leaves a record, whatever came of it."""

import threading
from datetime import UTC, datetime

import pytest
from django.db import connection
from django_celery_beat.models import PeriodicTask

from agents import tasks
from agents.models import JobRun
from agents.operations.jobs.run_job import JobResult, Skipped, run_job
from agents.recorded_tasks import recorded

AS_OF = datetime(2016, 4, 20, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_a_run_leaves_counts_and_seconds() -> None:
    with run_job(job="count", as_of=AS_OF) as result:
        result.seen_count, result.changed_count, result.message = 7, 3, "Three of seven."
    run = JobRun.objects.get()
    assert (run.outcome, run.as_of, run.seen_count, run.changed_count, run.message) == ("done", AS_OF, 7, 3, "Three of seven.")
    assert run.seconds is not None
    assert run.seconds >= 0


@pytest.mark.django_db
def test_a_failure_is_recorded_and_passed_on() -> None:
    with pytest.raises(ValueError, match="no such thing"), run_job(job="count", as_of=AS_OF):
        raise ValueError("no such thing")
    run = JobRun.objects.get()
    assert (run.outcome, run.message) == ("failed", "ValueError: no such thing")
    with run_job(job="count", as_of=AS_OF):
        pass
    assert list(JobRun.objects.order_by("pk").values_list("outcome", flat=True)) == ["failed", "done"]


@pytest.mark.django_db
def test_a_run_whose_process_was_killed_is_called_failed() -> None:
    JobRun.objects.create(job="count", as_of=AS_OF, started_at=AS_OF)
    JobRun.objects.create(job="other", as_of=AS_OF, started_at=AS_OF)
    with run_job(job="count", as_of=AS_OF):
        pass
    assert list(JobRun.objects.order_by("pk").values_list("job", "outcome")) == [
        ("count", "failed"),
        ("other", "running"),
        ("count", "done"),
    ]
    assert JobRun.objects.first() is not None


@pytest.mark.django_db
def test_a_recorded_task_fills_in_what_it_found_by_the_business_clock(settings) -> None:
    settings.PPR_NOW = AS_OF

    @recorded(job="count")
    def count(result: JobResult, as_of: datetime, most: int = 7) -> None:
        result.seen_count, result.message = most, as_of.isoformat()

    count()
    count(most=3)
    found = [(run.job, run.as_of, run.outcome, run.seen_count, run.message) for run in JobRun.objects.order_by("pk")]
    assert found == [("count", AS_OF, "done", 7, AS_OF.isoformat()), ("count", AS_OF, "done", 3, AS_OF.isoformat())]


@pytest.mark.django_db(transaction=True)
def test_a_second_copy_at_once_is_skipped_and_another_job_is_not() -> None:
    began, told = threading.Event(), threading.Event()

    def run() -> None:
        try:
            with run_job(job="count", as_of=AS_OF):
                began.set()
                told.wait(20)
        finally:
            connection.close()

    first = threading.Thread(target=run)
    first.start()
    assert began.wait(20)
    try:
        with pytest.raises(Skipped, match="count is running already"), run_job(job="count", as_of=AS_OF):
            pass
        recorded(job="count")(pytest.fail)()
        with run_job(job="other", as_of=AS_OF):
            pass
    finally:
        told.set()
        first.join(20)
    outcomes = sorted(JobRun.objects.values_list("job", "outcome"))
    assert outcomes == [("count", "done"), ("count", "skipped"), ("count", "skipped"), ("other", "done")]
    with run_job(job="count", as_of=AS_OF):
        pass
    assert JobRun.objects.filter(job="count", outcome="done").count() == 2


@pytest.mark.django_db
def test_every_scheduled_task_exists_and_runs() -> None:
    scheduled = set(PeriodicTask.objects.filter(task__startswith="agents.").values_list("task", flat=True))
    known = {task.name: task for task in vars(tasks).values() if hasattr(task, "delay")}
    assert scheduled == set(known)
    assert {"agents.verify_due_resolutions", "agents.watch_guardrails", "agents.freeze_reference_rates"} <= scheduled
    for task in known.values():
        task.delay()
    outcomes = dict(JobRun.objects.values_list("job", "outcome"))
    assert outcomes == {name.removeprefix("agents."): "done" for name in known}
    assert "enter those rates in admin" in JobRun.objects.get(job="freeze_reference_rates").message
