"""A workweek, and a night, that two settled months share: what the first settlement hands on through the database, the second one reads."""

from datetime import UTC, datetime, timedelta

import pytest

from agents import models as work
from billing.models import PayRun
from tests import factories
from tests.billing import pay_world
from tests.billing.operations import test_stored_plans as stored

pytestmark = pytest.mark.django_db

# The workweek of Monday, March 28 ends on Sunday, April 3; from 10 in the morning in New York.
MONDAY = datetime(2016, 3, 28, 14, tzinfo=UTC)
FRIDAY, NEXT_MONDAY = MONDAY + timedelta(days=4), MONDAY + timedelta(days=7)
HOUR = timedelta(hours=1)


@pytest.fixture
def world() -> pay_world.World:
    """One agent of each plan: a salary, California's rest breaks, Philippine nights."""
    salaried = stored.activate(stored.make_plan(code="salaried", tiers=(), salary_micros=400_000_000, salary_per="week"))
    california = stored.activate(stored.make_plan(code="rests", rule_pack="us-ca", base_hourly_micros=20_000_000))
    manila = stored.activate(stored.make_plan(code="nights", tiers=(), rule_pack="ph", base_hourly_micros=100_000_000))
    world = pay_world.World(site=factories.make_site(), plan=salaried, contract=factories.make_contract_version())
    for plan in (salaried, california, manila):
        pay_world.add_agent(world, plan=plan)
    return world


def settle_both_months(world: pay_world.World) -> None:
    for month in (factories.MARCH, factories.APRIL):
        assert stored.run(world, month).failures == ()
        PayRun.objects.filter(period_start=month).update(status="approved")


def clock_rest(agent: work.Agent, at: datetime) -> None:
    factories.make_time(agent=agent, started_at=at, hours=7.5)
    factories.make_time(agent=agent, started_at=at + 7.5 * HOUR, hours=0.5, category="rest_break")


def test_what_march_hands_on_makes_april_pay_the_whole_week(world: pay_world.World) -> None:
    salaried, california, manila = world.agents
    for day in range(3):
        factories.make_time(agent=salaried, started_at=MONDAY + timedelta(days=day), hours=8, category="off")
    for at in (FRIDAY, NEXT_MONDAY):
        factories.make_time(agent=salaried, started_at=at, hours=8)
    for at in (MONDAY, FRIDAY):
        clock_rest(california, at)
    pay_world.resolve(world, california, 10, first=FRIDAY)
    # From eight in the evening of March 31 to six in the morning of April 1.
    factories.make_time(agent=manila, started_at=datetime(2016, 4, 1, 0, tzinfo=UTC), hours=10)
    settle_both_months(world)

    # The leave of March was paid the salary of its week; April pays only the week after it.
    assert pay_world.lines_of(salaried) == [("base", "400.00")]
    assert pay_world.lines_of(salaried, factories.APRIL) == [("base", "400.00")]
    (april,) = salaried.settlements.filter(period_start=factories.APRIL)
    assert [line.week.isoformat() for line in april.lines.all() if line.week] == ["2016-04-04"]

    # 312.00 over 15 hours is an average of 20.80, for both breaks of half an hour.
    assert pay_world.lines_of(california) == [("base", "150.00"), ("floor", "0.00"), ("rest", "10.00")]
    assert pay_world.lines_of(california, factories.APRIL) == [
        ("unit", "12.00"),
        ("base", "150.00"),
        ("floor", "0.00"),
        ("rest", "10.40"),
        ("rest", "0.40"),
    ]

    # Ten hours of one night: four before midnight, and the last two of the six after it are overtime.
    assert pay_world.lines_of(manila) == [("base", "400.00"), ("shift_differential", "20.00")]
    assert pay_world.lines_of(manila, factories.APRIL) == [
        ("base", "600.00"),
        ("overtime", "50.00"),
        ("shift_differential", "40.00"),
        ("shift_differential", "25.00"),
    ]


def test_the_whole_week_in_one_month_pays_the_same(world: pay_world.World) -> None:
    _, california, manila = world.agents
    earlier = timedelta(days=14)
    for at in (MONDAY, FRIDAY):
        clock_rest(california, at - earlier)
    pay_world.resolve(world, california, 10, first=FRIDAY - earlier)
    factories.make_time(agent=manila, started_at=datetime(2016, 3, 18, 0, tzinfo=UTC), hours=10)
    assert stored.run(world).failures == ()

    assert pay_world.lines_of(california) == [("unit", "12.00"), ("base", "300.00"), ("floor", "0.00"), ("rest", "20.80")]
    assert pay_world.lines_of(manila) == [
        ("base", "1000.00"),
        ("overtime", "50.00"),
        ("shift_differential", "60.00"),
        ("shift_differential", "25.00"),
    ]


def test_a_plan_that_counts_hours_alone_hands_on_sums_alone_and_a_salary_pays_its_part_of_the_week(world: pay_world.World) -> None:
    plain = pay_world.add_agent(world, plan=stored.activate(stored.make_plan(code="plain", tiers=(), base_hourly_micros=10_000_000)))
    factories.make_time(agent=plain, started_at=MONDAY, hours=8)
    factories.make_time(agent=plain, started_at=FRIDAY, hours=8)
    # From April on a salary of 400.00 a week, of which these are 8 of 16 hours.
    plain.plan_assignments.update(effective_to=factories.APRIL)
    factories.assign_plan(agent=plain, version=world.plan, since=factories.APRIL)
    settle_both_months(world)
    assert pay_world.lines_of(plain, factories.APRIL) == [("base", "200.00")]

    evidence = plain.settlements.get(period_start=factories.MARCH).evidence
    assert (evidence["cut_week"], evidence["open_day"]) == (None, None)
    assert evidence["weeks"][-1]["pay"] == "80"
