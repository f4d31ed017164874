"""What commands and jobs leave behind: reports of held rows stay two weeks, records of jobs a month, and the newest of each stays."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from agents.models import JobRun
from agents.operations.jobs import keep_reports, retention
from tests import factories

NOW = factories.NOON


def write(folder: Path, name: str, age: timedelta) -> Path:
    path = folder / name
    path.write_text("row_number,reason\n")
    at = (NOW - age).timestamp()
    os.utime(path, (at, at))
    return path


def test_a_report_stays_two_weeks_and_other_files_stay(tmp_path: Path) -> None:
    kept = write(tmp_path, "desk.a.csv.held.csv", timedelta(days=14))
    gone = write(tmp_path, "desk.b.csv.held.csv", timedelta(days=14, seconds=1))
    other = write(tmp_path, "notes.csv", timedelta(days=400))

    assert keep_reports.delete_old_reports(folder=tmp_path, now=NOW) == 1
    assert (kept.exists(), gone.exists(), other.exists()) == (True, False, True)
    assert keep_reports.delete_old_reports(folder=tmp_path / "missing", now=NOW) == 0


def ran(job: str, days: int, outcome: str) -> JobRun:
    return JobRun.objects.create(job=job, started_at=NOW - timedelta(days=days), as_of=NOW, outcome=outcome)


@pytest.mark.django_db
def test_records_of_jobs_stay_a_month_failures_a_year_and_the_newest_of_each(tmp_path: Path) -> None:
    gone = [ran("refresh_pay", 31, "done"), ran("refresh_pay", 31, "skipped"), ran("refresh_pay", 366, "failed")]
    kept = [ran("refresh_pay", 30, "done"), ran("refresh_pay", 365, "failed"), ran("demo", 400, "done")]
    report = retention.apply_retention(as_of=NOW, now=NOW, report_folder=tmp_path)

    assert (report.job_run_count, report.report_count) == (3, 0)
    assert set(JobRun.objects.values_list("pk", flat=True)) == {run.pk for run in kept}
    assert not JobRun.objects.filter(pk__in=[run.pk for run in gone]).exists()
    assert retention.apply_retention(as_of=NOW, now=NOW).job_run_count == 0
