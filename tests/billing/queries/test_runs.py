"""A run as its approver reads it: kinds of pay that add up, and the change against the period before."""

from datetime import UTC, datetime

import pytest

from agents.models import PlanAssignment
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


def test_each_agent_is_shown_by_kind_of_pay(world):
    row = runs.read_run(run_id=calculate(world)).agents[0]
    assert (row.name, row.resolution_count, row.paid_seconds, row.change_micros) == ("Maya Torres", 4, 40 * 3600, None)
    assert (row.hours_micros, row.unit_micros, row.quality_micros, row.floor_micros) == (500_000_000, 2_040_000, 0, 0)
    parts = (row.hours_micros, row.unit_micros, row.quality_micros, row.guardrail_micros, row.floor_micros, row.other_micros)
    assert sum(parts) == row.total_micros


def test_the_period_before_stands_beside_it(world):
    march = calculate(world)
    approver = factories.make_user()
    approve_pay_run.approve_pay_run(run_id=march, person=approver, as_of=pay_world.AFTER_MARCH)
    pay_world.work_a_week(world.agents[0], first=datetime(2016, 4, 11, 14, tzinfo=UTC), days=4)
    view = runs.read_run(run_id=calculate(world, factories.APRIL, datetime(2016, 5, 2, 12, tzinfo=UTC)))
    assert view.agents[0].change_micros == 400_000_000 - 502_040_000
    assert view.totals == (runs.RunTotal(currency="USD", agent_count=1, resolution_count=0, total_micros=400_000_000),)


def test_failures_are_named(world):
    PlanAssignment.objects.all().delete()
    view = runs.read_run(run_id=calculate(world))
    assert (view.agents, [failure["name"] for failure in view.failures]) == ((), ["Maya Torres"])


def test_a_run_is_read_in_few_queries(world, django_assert_num_queries):
    for _ in range(3):
        pay_world.work_a_week(pay_world.add_agent(world))
    run_id = calculate(world)
    with django_assert_num_queries(6):
        assert len(runs.read_run(run_id=run_id).agents) == 4
