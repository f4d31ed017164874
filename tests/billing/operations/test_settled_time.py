"""Training time goes into pay that can still be calculated, or nowhere: never recorded as paid in a month that is settled."""

from datetime import UTC, datetime, timedelta

import pytest

from agents.models import Agent, TimeEntry
from agents.operations.quality_work import training, training_hours
from billing.operations import approve_pay_run, calculate_pay_run, correction_period
from billing.operations.settled_time import find_settled
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db
NOW = pay_world.AFTER_MARCH
HALF_AN_HOUR, TICK = timedelta(minutes=30), timedelta(microseconds=1)
# The last half an hour of March in New York, and the first of April.
LAST, FIRST = pay_world.MARCH_ENDS - HALF_AN_HOUR, pay_world.MARCH_ENDS
MANILA = "Asia/Manila"
LEFT_AT = datetime(2016, 3, 16, 12, tzinfo=UTC)


@pytest.fixture
def lead():
    return factories.make_user(name="Dana Okafor", roles=["lead"])


@pytest.fixture
def world():
    world = pay_world.make_world(agent_count=2)
    for agent in world.agents:
        pay_world.work_a_week(agent)
    return world


def calculate(world):
    report = calculate_pay_run.calculate_pay_run(site=world.site, period_start=factories.MARCH, as_of=NOW)
    return report.run_id


def approve(run_id, as_of=NOW):
    person = factories.make_user(roles=["approver"])
    return approve_pay_run.approve_pay_run(run_id=run_id, person=person, as_of=as_of)


def finish(task, began=LAST, minutes=30):
    worked = training_hours.Worked(started_at=began, minutes=minutes)
    return training.finish_task(task=task, words="", as_of=NOW, find_settled=find_settled, worked=worked)


def trained():
    return TimeEntry.objects.filter(category="training").count()


def test_time_of_a_month_is_taken_until_its_run_is_approved_and_stays_from_then_on(world, lead) -> None:
    first, second, third = (factories.make_training_task(agent=world.agents[0], by=lead, title=name) for name in ("A", "B", "C"))
    assert finish(first).hours == "recorded"
    run_id = calculate(world)
    assert finish(second, LAST - HALF_AN_HOUR).hours == "recorded"
    training.undo_finish(task=second, as_of=NOW, find_settled=find_settled)

    approve(run_id)

    with pytest.raises(training_hours.UnableToRecordHours, match=r"The pay of March 2016 is approved already.*dispute them on its"):
        finish(second, LAST - HALF_AN_HOUR)
    with pytest.raises(training_hours.UnableToRecordHours, match="in the pay of March 2016, which is approved already; they stay"):
        training.undo_finish(task=first, as_of=NOW, find_settled=find_settled)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.hours, first.done_at, second.done_at, trained()) == ("recorded", NOW, None, 1)
    assert training.finish_task(task=second, words="", as_of=NOW, find_settled=find_settled).hours == ""
    assert finish(third, FIRST).hours == "recorded"


def test_a_longer_time_is_not_confirmed_once_the_month_is_approved(world, lead) -> None:
    task = factories.make_training_task(agent=world.agents[0], by=lead)
    assert finish(task, LAST - HALF_AN_HOUR, 40).hours == "waiting"
    approve(calculate(world))

    with pytest.raises(training_hours.UnableToRecordHours, match=r"Do not confirm it, and ask Agent \d+ to dispute the hours"):
        training_hours.confirm_hours(task_id=task.pk, person=lead, as_of=NOW, find_settled=find_settled)
    task.refresh_from_db()
    assert (task.hours, trained()) == ("waiting", 0)


def test_a_month_is_settled_to_its_last_instant_at_the_site(world) -> None:
    approve(calculate(world))
    agent = world.agents[0]
    begins = datetime(2016, 3, 1, 5, tzinfo=UTC)

    def found(started_at, ended_at):
        return find_settled(agent=agent, started_at=started_at, ended_at=ended_at)

    assert found(FIRST - TICK, FIRST + HALF_AN_HOUR) == factories.MARCH
    assert found(FIRST, FIRST + HALF_AN_HOUR) is None
    assert found(begins - HALF_AN_HOUR, begins) is None
    assert found(begins - HALF_AN_HOUR, begins + TICK) == factories.MARCH


def test_final_pay_settles_the_month_of_its_agent_alone(world) -> None:
    leaver, stays = world.agents
    type(leaver).objects.filter(pk=leaver.pk).update(employed_to=LEFT_AT.date())
    leaver.refresh_from_db()
    run = calculate_pay_run.open_final_run(agent=leaver, as_of=LEFT_AT)
    calculate_pay_run.work_on_pay_run(run_id=run.pk)
    time = {"started_at": pay_world.MARCH_7 - HALF_AN_HOUR, "ended_at": pay_world.MARCH_7}
    assert find_settled(agent=leaver, **time) is None
    site_run = calculate(world)
    approve(site_run)
    assert (find_settled(agent=leaver, **time), find_settled(agent=stays, **time)) == (None, factories.MARCH)

    approve(run.pk)
    assert find_settled(agent=leaver, **time) == factories.MARCH


@pytest.mark.parametrize(
    ("first_zone", "second_zone", "is_settled"), [(factories.NEW_YORK, MANILA, True), (MANILA, factories.NEW_YORK, False)]
)
def test_time_between_the_midnights_of_two_sites_is_settled_where_the_first_one_paid_it(first_zone, second_zone, is_settled):
    world = pay_world.make_world(timezone=first_zone)
    mover = world.agents[0]
    pay_world.work_a_week(mover)
    approve(calculate(world))
    second = factories.make_site(name="Second", timezone=second_zone)
    Agent.objects.filter(pk=mover.pk).update(site=second)
    mover.refresh_from_db()
    # The site that they came to closed the month as well, without them.
    there = pay_world.World(site=second, plan=world.plan, contract=world.contract)
    pay_world.work_a_week(pay_world.add_agent(there))
    approve(calculate(there))
    between = datetime(2016, 3, 31, 20, tzinfo=UTC)

    assert find_settled(agent=mover, started_at=between, ended_at=between + HALF_AN_HOUR) == (factories.MARCH if is_settled else None)
    # A correction counts in April, also where a part of it is paid already.
    assert correction_period.find_period(agent=mover, as_of=datetime(2016, 4, 20, tzinfo=UTC)) == factories.APRIL
