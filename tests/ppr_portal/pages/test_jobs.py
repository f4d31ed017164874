"""Jobs and freshness as people look at them: what failed or is late first, with what to do, and a button only for who may."""

from contextlib import closing
from datetime import timedelta

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from agents.models import ImportRun, JobRun, Worker
from agents.operations.jobs import report_worker
from ppr_portal import job_queue
from ppr_portal.celery import app
from tests import factories
from tests.ppr_portal.company import Company

QUERIES_MAX = 12


def taken_from_queue() -> tuple[str, dict[str, object]]:
    """Take what was put on the queue last."""
    with app.connection_for_read() as connection, closing(connection.SimpleQueue(app.conf.task_default_queue)) as queue:
        message = queue.get(block=False)
        message.ack()
        _arguments, named, _options = message.payload
        return message.headers["task"], named


def ran(job: str, *, minutes: int, outcome: str = "done", message: str = "") -> JobRun:
    at = timezone.now() - timedelta(minutes=minutes)
    return JobRun.objects.create(job=job, started_at=at, as_of=factories.NOON, outcome=outcome, seconds=1.5, message=message)


def all_ran() -> None:
    """Let every job have run a moment ago."""
    for task in PeriodicTask.objects.all():
        PeriodicTask.objects.filter(pk=task.pk).update(last_run_at=timezone.now())


def test_a_failed_job_stands_first_with_what_it_says_and_what_to_do(company: Company, client: Client) -> None:
    all_ran()
    ran("refresh_pay", minutes=20)
    ran("refresh_pay", minutes=10, outcome="failed", message="UnableToSettle: no plan for Maya Torres on March 3; assign one.")
    client.force_login(company.admin)
    response = client.get("/jobs/")

    assert [line.task.name for line, _act in response.context["troubles"]] == ["Refresh pay"]
    assert response.context["rows"][0][0].health == "failed"
    assert "no plan for Maya Torres on March 3" in response.content.decode()
    assert "a job is safe to repeat" in response.content.decode()
    assert (response.context["run_count"], response.context["failed_count"]) == (2, 1)


def test_a_job_that_ended_well_since_is_fine(company: Company, client: Client) -> None:
    all_ran()
    ran("refresh_pay", minutes=20, outcome="failed", message="gone")
    ran("refresh_pay", minutes=1)
    client.force_login(company.admin)

    assert client.get("/jobs/").context["troubles"] == []


def test_a_job_that_should_have_run_is_late(company: Company, client: Client) -> None:
    all_ran()
    PeriodicTask.objects.filter(name="Watch guardrails").update(last_run_at=timezone.now() - timedelta(hours=1))
    client.force_login(company.admin)
    ((line, act),) = client.get("/jobs/").context["troubles"]

    assert (line.task.name, line.health) == ("Watch guardrails", "late")
    assert "It should have run again by now" in act


def test_a_pay_run_that_failed_at_one_site_speaks_for_the_job_that_starts_them(company: Company, client: Client) -> None:
    all_ran()
    ran(f"pay_run {company.agent.site.code}", minutes=5, outcome="failed", message="a site")
    client.force_login(company.approver)
    ((line, _act),) = client.get("/jobs/").context["troubles"]

    assert line.task.name == "Nightly pay runs"
    page = client.get(reverse("job", args=[line.task.pk]))
    assert [run.message for run, *_rest in page.context["rows"]] == ["a site"]


def test_without_a_worker_the_page_says_so_and_with_one_it_counts_it(company: Company, client: Client) -> None:
    client.force_login(company.admin)
    assert "No worker reports" in client.get("/jobs/").content.decode()

    now = timezone.now()
    report_worker.report_worker(name="celery@one", process_count=4, started_at=now, now=now)
    silent = now - timedelta(seconds=90)
    report_worker.report_worker(name="celery@two", process_count=2, started_at=silent, now=silent)
    context = client.get("/jobs/").context

    assert (context["alive_count"], context["process_count"]) == (1, 4)
    assert [line.is_alive for line in context["workers"]] == [True, False]


@pytest.mark.django_db
def test_workers_are_forgotten() -> None:
    now = timezone.now()
    report_worker.report_worker(name="old", process_count=1, started_at=now, now=now - timedelta(days=1, seconds=1))
    report_worker.report_worker(name="new", process_count=1, started_at=now, now=now)
    assert set(Worker.objects.values_list("name", flat=True)) == {"new"}

    report_worker.forget_worker(name="new")
    assert not Worker.objects.exists()


def test_only_who_keeps_the_schedules_starts_a_job(company: Company, client: Client) -> None:
    task = PeriodicTask.objects.get(name="Nightly pay runs")
    for role in ("agent", "lead", "auditor", "approver", "client"):
        client.force_login(company.user_of(role))
        assert client.post(reverse("job_start", args=[task.pk])).status_code == 404
    assert job_queue.waiting_count() == 0

    client.force_login(company.admin)
    assert client.post(reverse("job_start", args=[task.pk])).status_code == 302
    assert client.get("/jobs/").context["waiting_count"] == 1
    assert taken_from_queue() == ("billing.start_pay_runs", {"local_hour": 2})
    assert job_queue.waiting_count() == 0


def test_a_queue_that_cannot_be_reached_is_said_and_not_zero(company: Company, client: Client) -> None:
    client.force_login(company.admin)
    kept, app.conf.broker_url = app.conf.broker_url, "redis://127.0.0.1:1/0"
    try:
        with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
            response = client.get("/jobs/")
    finally:
        app.conf.broker_url = kept

    assert response.context["waiting_count"] is None
    assert "The queue cannot be reached" in response.content.decode()


def test_the_history_of_a_job_is_filtered_paged_and_exported(company: Company, client: Client) -> None:
    for minutes in range(1, 53):
        ran("refresh_pay", minutes=minutes, outcome="failed" if minutes == 52 else "done")
    task = PeriodicTask.objects.get(name="Refresh pay")
    client.force_login(company.auditor)
    page = client.get(reverse("job", args=[task.pk]))

    assert len(page.context["rows"]) == 50
    older = client.get(reverse("job", args=[task.pk]) + page.context["next_url"])
    assert [run.outcome for run, *_rest in older.context["rows"]] == ["done", "failed"]
    assert len(client.get(reverse("job", args=[task.pk]) + "?outcome=failed").context["rows"]) == 1
    assert client.get(reverse("job", args=[task.pk]) + "?outcome=failed&format=csv").content.decode().count("\n") == 2


def test_the_file_of_a_job_holds_every_run_and_not_only_the_shown_page(company: Company, client: Client) -> None:
    for minutes in range(1, 53):
        ran("refresh_pay", minutes=minutes)
    task = PeriodicTask.objects.get(name="Refresh pay")
    client.force_login(company.auditor)
    lines = client.get(reverse("job", args=[task.pk]) + "?format=csv").content.decode().splitlines()

    assert len(lines) == 1 + 52
    assert lines[1:] == sorted(lines[1:], key=lambda line: line.split(",")[1], reverse=True)


def test_a_source_that_is_silent_for_longer_than_usual_stands_first(company: Company, client: Client) -> None:
    source = factories.make_source(code="quiet")
    for hours in (9, 12, 15):
        ImportRun.objects.create(
            source=source, file_name="a.csv", started_at=timezone.now() - timedelta(hours=hours), seconds=1, row_count=1, case_count=1,
            new_count=1, changed_count=0, unchanged_count=0, held_count=0,
        )  # fmt: skip
    client.force_login(company.admin)
    response = client.get("/freshness/")

    assert (response.context["sources"][0]["line"].code, response.context["late_count"]) == ("quiet", 1)
    assert "1 source is silent for longer than it usually is" in response.content.decode()
    assert client.get("/freshness/?format=csv").content.decode().splitlines()[1].startswith("Quiet,quiet,")


@pytest.mark.parametrize("path", ["/jobs/", "/freshness/"])
def test_the_pages_take_few_queries(company: Company, client: Client, django_assert_max_num_queries, path: str) -> None:
    client.force_login(company.admin)
    with django_assert_max_num_queries(QUERIES_MAX):
        client.get(path)
