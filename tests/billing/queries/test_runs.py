"""A run as its approver reads it: what each agent gets, and the period before."""

from datetime import UTC, datetime

import pytest

from agents.models import PlanAssignment
from billing.models import PayRun, Settlement
from billing.operations import approve_pay_run, book_resolutions, calculate_pay_run
from billing.queries import runs
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = pay_world.make_busy_world(resolution_counts=(4,))
    world.agents[0].name = "Maya Torres"
    world.agents[0].save()
    return world


def calculate(world, month=factories.MARCH, as_of=pay_world.AFTER_MARCH):
    book_resolutions.book_resolutions(as_of=as_of)
    return calculate_pay_run.calculate_pay_run(site=world.site, period_start=month, as_of=as_of).run_id


def read(run_id):
    return runs.read_run(run=PayRun.objects.get(pk=run_id))


def test_each_agent_is_shown_with_what_they_get(world):
    row = read(calculate(world)).agents[0]
    told = (row.name, row.resolution_count, row.currency, row.total_micros, row.before_micros)
    assert told == ("Maya Torres", 4, "USD", 502_040_000, None)


def test_the_period_before_stands_beside_it(world):
    march = calculate(world)
    approver = factories.make_user()
    approve_pay_run.approve_pay_run(run_id=march, person=approver, as_of=pay_world.AFTER_MARCH)
    pay_world.work_a_week(world.agents[0], first=datetime(2016, 4, 11, 14, tzinfo=UTC), days=4)
    row = read(calculate(world, factories.APRIL, datetime(2016, 5, 2, 12, tzinfo=UTC))).agents[0]
    assert (row.resolution_count, row.total_micros, row.before_micros) == (0, 400_000_000, 502_040_000)


def test_a_period_before_in_another_currency_is_nothing_to_compare_with(world):
    march = calculate(world)
    Settlement.objects.filter(run=march).update(currency="CAD")
    pay_world.work_a_week(world.agents[0], first=datetime(2016, 4, 11, 14, tzinfo=UTC), days=4)
    assert read(calculate(world, factories.APRIL, datetime(2016, 5, 2, 12, tzinfo=UTC))).agents[0].before_micros is None


def test_failures_are_named(world):
    PlanAssignment.objects.all().delete()
    view = read(calculate(world))
    assert (view.agents, [failure["name"] for failure in view.failures]) == ((), ["Maya Torres"])


def test_a_run_is_read_in_few_queries(world, django_assert_num_queries):
    for _ in range(3):
        pay_world.work_a_week(pay_world.add_agent(world))
    run = PayRun.objects.get(pk=calculate(world))
    with django_assert_num_queries(2):
        assert len(runs.read_run(run=run).agents) == 4
