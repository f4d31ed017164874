"""What runs by itself: every job with its health, its history, and a button that starts it now."""

import json
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_celery_beat.models import PeriodicTask

from agents import access
from agents.models import JobRun, Site
from agents.queries import jobs as job_lines
from agents.queries import schedule_words
from billing.queries import due_runs
from contracts.translation import gettext_lazy
from ppr_portal import job_queue, stored_words
from ppr_portal.celery import app
from ppr_portal.pages import exports, list_tools
from ppr_portal.pages.entry import PortalRequest, portal_page

NEEDS_A_PERSON = ("failed", "late")
SCHEDULER_SILENT_SECONDS = 600
RUN_ROWS = 50
STATES = {
    "fine": ("confirmed", gettext_lazy("Fine")),
    "running": ("pending", gettext_lazy("Running")),
    "failed": ("stop", gettext_lazy("Failed")),
    "late": ("warn", gettext_lazy("Late")),
    "never": ("pending", gettext_lazy("Not run yet")),
    "off": ("void", gettext_lazy("Switched off")),
}
OUTCOMES = {
    "done": ("confirmed", gettext_lazy("Done")),
    "failed": ("stop", gettext_lazy("Failed")),
    "running": ("pending", gettext_lazy("Running")),
    "skipped": ("void", gettext_lazy("Skipped, it ran already")),
}
RUN_HEAD = ("job", "started", "seconds", "outcome", "seen", "changed", "message")


@require_safe
@portal_page
def jobs(request: PortalRequest) -> HttpResponse:
    """List every scheduled job, those that need a person first."""
    if not access.reads_jobs(request.user):
        raise Http404
    now = timezone.now()
    sites = [due_runs.job_name(site=site) for site in Site.objects.order_by("code")]
    lines = job_lines.list_jobs(now=now, runs_of_starters={"billing.start_pay_runs": sites})
    workers = job_lines.list_workers(now=now)
    alive = [line for line in workers if line.is_alive]
    seen_at = max((line.task.last_run_at for line in lines if line.task.last_run_at), default=None)
    context = {
        "rows": [(line, *STATES[line.health]) for line in lines],
        "troubles": [(line, _trouble(line)) for line in lines if line.health in NEEDS_A_PERSON],
        "workers": workers,
        "alive_count": len(alive),
        "process_count": sum(line.worker.process_count for line in alive),
        "waiting_count": job_queue.waiting_count(),
        "scheduler_seen_at": seen_at,
        "scheduler_is_silent": seen_at is None or (now - seen_at).total_seconds() > SCHEDULER_SILENT_SECONDS,
        "failed_count": sum(line.last.day_failed_count for line in lines if line.last),
        "run_count": sum(line.last.day_count for line in lines if line.last),
        "now": now,
        "may_run": access.runs_jobs(request.user),
    }
    return render(request, "jobs/jobs.html", context)


@require_safe
@portal_page
def job(request: PortalRequest, pk: int) -> HttpResponse:
    """Show the runs of one job, newest first."""
    if not access.reads_jobs(request.user):
        raise Http404
    task = get_object_or_404(PeriodicTask.objects.select_related("crontab", "interval", "clocked", "solar"), pk=pk)
    runs: QuerySet[JobRun] = job_lines.list_runs(task=task)
    asked = list_tools.read_asked(request, "outcome")
    if (outcome := asked.get("outcome")) in OUTCOMES:
        runs = runs.filter(outcome=outcome)
    if request.GET.get("format") == "csv":
        rows = runs.order_by("-started_at", "-pk").iterator()
        return exports.csv_response(name=f"job-{job_lines.job_of(task=task)}", head=RUN_HEAD, rows=map(_cells, rows), counted=runs)
    page = list_tools.cut(request, found=runs, by="started_at", asked=asked, size=RUN_ROWS)
    context = {
        "task": task,
        "schedule": schedule_words.describe_schedule(task=task),
        "rows": [(run, *OUTCOMES[run.outcome]) for run in page.rows],
        "chips": _chips(asked),
        **page.links,
        "may_run": access.runs_jobs(request.user),
    }
    return render(request, "jobs/job.html", context)


@require_POST
@portal_page
def job_start(request: PortalRequest, pk: int) -> HttpResponse:
    """Put a job on the queue now; each is safe to run again, and none runs twice at a time."""
    if not access.runs_jobs(request.user):
        raise Http404
    task = get_object_or_404(PeriodicTask, pk=pk)
    app.send_task(task.task, kwargs=_arguments(task))
    messages.success(
        request, _("%(name)s was put on the queue. It runs as soon as a worker is free.") % {"name": stored_words.tell(task.name)}
    )
    return redirect("jobs")


def _arguments(task: PeriodicTask) -> dict[str, Any]:
    found = json.loads(task.kwargs or "{}")
    return found if isinstance(found, dict) else {}


def _trouble(line: job_lines.JobLine) -> str:
    """Say what to do about a job that failed or is late."""
    if line.health == "failed":
        return _("Read what it says, put right what it names, and start it again. Nothing was half done: a job is safe to repeat.")
    if line.last_at is None:
        return _("It never ran. Look whether the scheduler and a worker run, then start it by hand.")
    return _("It should have run again by now. Look whether the scheduler and a worker run, then start it by hand.")


def _chips(asked: dict[str, str]) -> list[list_tools.Chip]:
    states = (("", _("All"), None), *((name, words, None) for name, (_shape, words) in OUTCOMES.items()))
    return list_tools.chips(name="outcome", states=states, asked=asked)


def _cells(run: JobRun) -> tuple[object, ...]:
    seconds = "" if run.seconds is None else f"{run.seconds:.3f}"
    return run.job, run.started_at.isoformat(), seconds, run.outcome, run.seen_count, run.changed_count, run.message
