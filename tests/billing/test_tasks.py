"""Scheduled work on pay: each site at its own night, once, until somebody takes the run into review; and a record of each."""

from datetime import UTC, datetime, timedelta

import pytest
from django_celery_beat.models import PeriodicTask

from agents.models import JobRun, PlanAssignment
from billing import tasks
from billing.models import BookedLine, PayRun, Settlement
from billing.queries import due_runs
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db
# Two in the morning of April 1 in New York, and in Manila.
TWO_IN_NEW_YORK = datetime(2016, 4, 1, 6, tzinfo=UTC)
TWO_IN_MANILA = datetime(2016, 3, 31, 18, tzinfo=UTC)


@pytest.fixture
def world(settings):
    settings.PPR_NOW = TWO_IN_NEW_YORK
    return pay_world.make_busy_world(resolution_counts=(4,))


def test_every_scheduled_task_exists_and_can_be_edited_in_admin():
    scheduled = {row.task: row.kwargs for row in PeriodicTask.objects.filter(task__startswith="billing.")}
    assert scheduled == {
        "billing.count_value": "{}",
        "billing.delete_old_pay_reads": "{}",
        "billing.refresh_pay": "{}",
        "billing.start_pay_runs": '{"local_hour": 2}',
        "billing.watch_disputes": "{}",
    }
    assert set(scheduled) <= set(tasks.refresh_pay.app.tasks)


def test_the_nightly_run_comes_at_each_sites_own_night(world):
    manila = factories.make_site(name="Manila", timezone="Asia/Manila")
    factories.make_agent(site=manila)

    def due(as_of):
        return [found.site for found in due_runs.list_due_runs(as_of=as_of, local_hour=2) if found.period.start == factories.MARCH]

    assert due(TWO_IN_MANILA - timedelta(seconds=1)) == []
    assert due(TWO_IN_MANILA) == [manila]
    assert due(TWO_IN_NEW_YORK - timedelta(seconds=1)) == [manila]
    assert set(due(TWO_IN_NEW_YORK)) == {manila, world.site}


def test_the_nightly_run_books_calculates_and_leaves_a_record(world):
    tasks.start_pay_runs.delay(local_hour=2)
    assert (BookedLine.objects.count(), PayRun.objects.get().status, Settlement.objects.get().total_micros) == (
        4,
        "calculated",
        502_040_000,
    )
    jobs = JobRun.objects.order_by("pk").values_list("job", "outcome", "seen_count", "changed_count")
    assert list(jobs) == [("start_pay_runs", "done", 1, 1), (f"pay_run {world.site.code}", "done", 1, 1)]
    assert PayRun.objects.get().prepared_by is None


def pay_run_count():
    return JobRun.objects.filter(job__startswith="pay_run ").count()


def test_it_runs_once_a_day_until_it_is_in_review(world, settings):
    tasks.start_pay_runs.delay()
    tasks.start_pay_runs.delay()
    assert pay_run_count() == 1
    settings.PPR_NOW = TWO_IN_NEW_YORK + timedelta(days=1)
    tasks.start_pay_runs.delay()
    assert pay_run_count() == 2
    PayRun.objects.update(status=PayRun.Status.IN_REVIEW)
    settings.PPR_NOW = TWO_IN_NEW_YORK + timedelta(days=2)
    tasks.start_pay_runs.delay()
    assert pay_run_count() == 2


def test_refreshing_pay_books_first_and_twice_changes_nothing(world, settings):
    settings.PPR_NOW = pay_world.MARCH_7 + timedelta(days=6)
    tasks.refresh_pay.delay()
    tasks.refresh_pay.delay()
    first, second = JobRun.objects.order_by("pk")
    assert (first.seen_count, first.changed_count, first.outcome) == (1, 1, "done")
    assert first.message == "4 booked, 0 corrected, 0 held without a price; 0 reversals proposed."
    assert (second.changed_count, second.message[:8]) == (0, "0 booked")


def test_who_could_not_be_computed_is_named_in_the_record_and_keeps_the_last_accrual(world, settings):
    settings.PPR_NOW = pay_world.MARCH_7 + timedelta(days=6)
    tasks.refresh_pay.delay()
    PlanAssignment.objects.all().delete()
    tasks.refresh_pay.delay()
    assert "has no active pay plan in March 2016" in JobRun.objects.latest("pk").message
    assert Settlement.objects.get().total_micros == 502_040_000
