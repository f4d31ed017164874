"""Scheduled jobs as people look at them: when they run, how they last ran, and when they are due."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Max, Q
from django_celery_beat.models import PeriodicTask

from agents.models import JobRun, Worker
from agents.queries import schedule_words
from agents.rules import job_health

WORKER_SILENT_AFTER = timedelta(seconds=60)
NEARLY_A_SECOND = timedelta(microseconds=999_999)
# What a job starts is recorded under names of its own, which begin so.
STARTS = {"billing.start_pay_runs": "pay_run "}

# The newest run of each job, its newest that ended well, and what the last day brought; each found in one index.
LATEST = """
    SELECT asked.job, last.id, last.started_at, last.seconds, last.outcome, last.seen_count, last.changed_count, last.message,
           done.started_at, day.total, day.failed
    FROM unnest(%(jobs)s::text[]) AS asked (job)
    LEFT JOIN LATERAL (
        SELECT * FROM agents_jobrun r WHERE r.job = asked.job AND r.outcome <> 'skipped' ORDER BY r.started_at DESC LIMIT 1
    ) last ON true
    LEFT JOIN LATERAL (
        SELECT r.started_at FROM agents_jobrun r WHERE r.job = asked.job AND r.outcome = 'done' ORDER BY r.started_at DESC LIMIT 1
    ) done ON true
    LEFT JOIN LATERAL (
        SELECT count(*)::int AS total, count(*) FILTER (WHERE r.outcome = 'failed')::int AS failed
        FROM agents_jobrun r WHERE r.job = asked.job AND r.started_at >= %(since)s
    ) day ON true"""


@dataclass(frozen=True, kw_only=True)
class LastRun:
    """How a job last ran; `done_at` is when it last ended well."""

    pk: int
    job: str
    started_at: datetime
    seconds: float | None
    outcome: str
    seen_count: int
    changed_count: int
    message: str
    done_at: datetime | None
    day_count: int
    day_failed_count: int


@dataclass(frozen=True, kw_only=True)
class JobLine:
    """One scheduled job: when it runs in words, how it stands, its last run, and when it is due."""

    task: PeriodicTask
    job: str
    schedule: str
    health: job_health.Health
    last: LastRun | None
    last_at: datetime | None
    due_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class WorkerLine:
    """A worker, and whether it reported in the last minute."""

    worker: Worker
    is_alive: bool


def list_jobs(*, now: datetime, runs_of_starters: Mapping[str, Sequence[str]]) -> tuple[JobLine, ...]:
    """Return every scheduled job with its health, those that need a person first, in two queries.

    Args:
        now: wall clock.
        runs_of_starters: by task that starts others, the names under which those are recorded.
    """
    tasks = list(PeriodicTask.objects.select_related("crontab", "interval", "clocked", "solar").order_by("name"))
    names = {task.pk: [job_of(task=task), *runs_of_starters.get(task.task, ())] for task in tasks}
    latest = _latest([name for found in names.values() for name in found], now)
    lines = [_line(task, [latest[name] for name in names[task.pk] if name in latest], now) for task in tasks]
    order = ("failed", "late", "running", "fine", "never", "off")
    return tuple(sorted(lines, key=lambda line: (order.index(line.health), line.task.name)))


def job_of(*, task: PeriodicTask) -> str:
    """Return the name under which runs of a task are recorded."""
    return str(task.task).rpartition(".")[2]


def list_workers(*, now: datetime) -> tuple[WorkerLine, ...]:
    """Return the workers that reported in the last day."""
    return tuple(WorkerLine(worker=worker, is_alive=now - worker.seen_at < WORKER_SILENT_AFTER) for worker in Worker.objects.all())


def scheduler_seen_at() -> datetime | None:
    """Return when the scheduler last sent anything, as far as it has written that down, in one query."""
    found: datetime | None = PeriodicTask.objects.aggregate(latest=Max("last_run_at"))["latest"]
    return found


def _latest(jobs: Sequence[str], now: datetime) -> dict[str, LastRun]:
    with connection.cursor() as cursor:
        cursor.execute(LATEST, {"jobs": list(jobs), "since": now - timedelta(days=1)})
        found = cursor.fetchall()
    return {row[0]: _last_run(row) for row in found if row[1] is not None}


def _last_run(row: Sequence[Any]) -> LastRun:
    return LastRun(
        pk=row[1],
        job=row[0],
        started_at=row[2],
        seconds=row[3],
        outcome=row[4],
        seen_count=row[5],
        changed_count=row[6],
        message=row[7],
        done_at=row[8],
        day_count=row[9],
        day_failed_count=row[10],
    )


def _line(task: PeriodicTask, runs: Sequence[LastRun], now: datetime) -> JobLine:
    """Say how a job stands; a failed run of its own or of what it starts speaks for all, else the newest that it started, else its own."""
    failed = [run for run in runs if run.outcome == JobRun.Outcome.FAILED]
    started = [run for run in runs if run.job != job_of(task=task)]
    last = max(failed or started or list(runs), key=lambda run: run.started_at, default=None)
    told = [at for at in (task.last_run_at, last.started_at if last else None) if at is not None]
    last_at = max(told, default=None)
    due_at = _due_at(task, last_at, now)
    facts = job_health.JobFacts(
        is_enabled=bool(task.enabled),
        is_running=any(run.outcome == JobRun.Outcome.RUNNING for run in runs),
        has_failed=bool(failed),
        last_at=last_at,
        due_at=due_at,
    )
    return JobLine(
        task=task,
        job=job_of(task=task),
        schedule=schedule_words.describe_schedule(task=task),
        health=job_health.judge_job(facts=facts, now=now),
        last=last,
        last_at=last_at,
        due_at=due_at,
    )


def _due_at(task: PeriodicTask, last_at: datetime | None, now: datetime) -> datetime | None:
    """Return when a job is due after its last run; one that never ran is due from when it was entered."""
    if not task.enabled or not (task.crontab or task.interval):
        return None
    since = last_at or task.date_changed
    if since is None:
        return None
    # The schedule looks at a clock of its own a moment later, so that what is due at four would read as a breath before it.
    return (now + task.schedule.remaining_estimate(since) + NEARLY_A_SECOND).replace(microsecond=0)


def list_runs(*, task: PeriodicTask) -> Any:
    """Return the runs of a job, of those that it starts too."""
    prefix = STARTS.get(str(task.task))
    own = Q(job=job_of(task=task))
    return JobRun.objects.filter(own | Q(job__startswith=prefix) if prefix else own)
