"""Scheduled work on pay: each site at its own night, once, until somebody takes the run into review; and a record of each."""

from datetime import UTC, datetime, timedelta

import pytest
from django_celery_beat.models import PeriodicTask

from agents.models import JobRun, PlanAssignment, Site
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
        asked = [due_runs.find_due_run(site=site, as_of=as_of, local_hour=2) for site in Site.objects.order_by("code")]
        return [found.site for found in asked if found is not None and found.period.start == factories.MARCH]

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


@pytest.mark.parametrize("status", ["in_review", "approved"])
def test_a_nightly_run_that_waited_until_somebody_reviewed_it_leaves_it_alone(world, settings, status):
    tasks.start_pay_runs.delay()
    PayRun.objects.update(status=status)
    before = PayRun.objects.values("status", "as_of", "prepared_by").get()
    settings.PPR_NOW = TWO_IN_NEW_YORK + timedelta(hours=3)

    tasks.calculate_site.delay(site_id=world.site.pk, period_start="2016-03-01")

    assert PayRun.objects.values("status", "as_of", "prepared_by").get() == before
    record = JobRun.objects.latest("pk")
    assert (record.outcome, record.message) == ("done", "The run is in review or approved by now, so it was left as it is.")


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


def break_site(site):
    """Give a site a time zone that no form lets in, and that nobody can read; it is asked first."""
    Site.objects.filter(pk=site.pk).update(code="0", timezone="Atlantis/Poseidonis")


def test_a_site_that_cannot_be_read_stops_no_nightly_run_of_another(world):
    broken = factories.make_site(name="Atlantis")
    factories.make_agent(site=broken)
    break_site(broken)

    tasks.start_pay_runs.delay(local_hour=2)

    assert PayRun.objects.get().site == world.site
    record = JobRun.objects.get(job="start_pay_runs")
    assert (record.outcome, record.seen_count) == ("done", 1)
    assert "The pay run of Atlantis cannot be started: There is no time zone" in record.message


def make_run(site, month):
    return PayRun.objects.create(
        site=site, period_start=month, period_end=factories.APRIL, as_of=TWO_IN_NEW_YORK, status=PayRun.Status.CALCULATED
    )


def test_a_run_that_cannot_be_read_stops_no_refresh_of_another(world, settings):
    agent = world.agents[0]
    broken = factories.make_site(name="Atlantis")
    factories.make_agent(site=broken)
    # They are asked in this order.
    make_run(broken, factories.MARCH)
    run = make_run(world.site, factories.MARCH)
    break_site(broken)
    pay_world.work_a_week(agent, first=TWO_IN_NEW_YORK - timedelta(hours=1), days=1, hours=2)
    settings.PPR_NOW = TWO_IN_NEW_YORK + timedelta(hours=3)

    tasks.refresh_pay.delay()

    record = JobRun.objects.get(job="refresh_pay")
    run.refresh_from_db()
    assert record.outcome == "done"
    assert "The open pay of Atlantis cannot be brought up to date: There is no time zone" in record.message
    assert "What changed under the pay run Atlantis, 2016-03 cannot be told: There is no time zone" in record.message
    assert [one["name"] for one in run.changed] == [agent.name]
    assert Settlement.objects.get(agent=agent, period_start=factories.APRIL).paid_seconds == 7200
