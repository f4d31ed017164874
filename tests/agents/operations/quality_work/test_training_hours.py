"""Time of training becomes paid hours once: as planned at once, longer when the lead says so, and never twice."""

from datetime import datetime, timedelta

import pytest

from agents.models import Notification, TimeEntry
from agents.operations.quality_work import training, training_hours
from agents.operations.quality_work.training_hours import Worked
from tests import factories

pytestmark = pytest.mark.django_db
NOW = factories.NOON
BEGAN = NOW - timedelta(hours=3)


def nothing_settled(**_asked):
    return None


@pytest.fixture
def lead():
    return factories.make_user(name="Dana Okafor", roles=("lead",))


@pytest.fixture
def task(lead):
    agent = factories.make_agent_with_account()
    return factories.make_training_task(agent=agent, by=lead, minutes=30)


def finish(task, minutes: int = 30, began: datetime = BEGAN, find_settled=nothing_settled):
    worked = Worked(started_at=began, minutes=minutes)
    return training.finish_task(task=task, words="", as_of=NOW, find_settled=find_settled, worked=worked)


def recorded(task):
    return list(TimeEntry.objects.filter(agent=task.agent, category="training").values_list("started_at", "ended_at"))


@pytest.mark.parametrize("minutes", [1, 30])
def test_a_time_within_the_plan_is_recorded_at_once(task, minutes: int) -> None:
    assert finish(task, minutes).hours == "recorded"
    assert recorded(task) == [(BEGAN, BEGAN + timedelta(minutes=minutes))]


def test_without_a_time_nothing_is_recorded(task) -> None:
    found = training.finish_task(task=task, words="", as_of=NOW, find_settled=nothing_settled)

    assert (found.hours, recorded(task)) == ("", [])


def test_a_longer_time_waits_for_the_lead_who_confirms_it_once(task, lead) -> None:
    assert finish(task, 31).hours == "waiting"
    assert recorded(task) == []
    assert Notification.objects.get(person=lead).facts["minute_count"] == 31

    found = training_hours.confirm_hours(task_id=task.pk, person=lead, as_of=NOW, find_settled=nothing_settled)

    assert (found.hours, found.hours_decided_by) == ("recorded", lead)
    assert recorded(task) == [(BEGAN, BEGAN + timedelta(minutes=31))]
    assert Notification.objects.get(person=task.agent.user).facts["hours_label"] == "recorded as training"
    with pytest.raises(training_hours.UnableToRecordHours, match="does not wait any more"):
        training_hours.confirm_hours(task_id=task.pk, person=lead, as_of=NOW, find_settled=nothing_settled)


def test_a_time_is_refused_with_a_reason_only(task, lead) -> None:
    finish(task, 90)
    with pytest.raises(training_hours.UnableToRecordHours, match="Write why"):
        training_hours.refuse_hours(task_id=task.pk, person=lead, words=" ", as_of=NOW)

    found = training_hours.refuse_hours(task_id=task.pk, person=lead, words="You were on the phone then.", as_of=NOW)

    assert (found.hours, found.hours_words, recorded(task)) == ("refused", "You were on the phone then.", [])


def test_hours_that_are_recorded_are_not_recorded_twice(task) -> None:
    factories.make_time(agent=task.agent, started_at=BEGAN, hours=1)

    assert finish(task, 60).hours == "within"
    assert recorded(task) == []


@pytest.mark.parametrize(
    ("category", "shift", "said"),
    [
        ("productive", 10, "for a part of that time"),
        ("meal_unpaid", 0, "recorded as unpaid"),
        ("productive", -10, "for a part of that time"),
    ],
)
def test_a_time_half_in_other_hours_is_refused_and_nothing_is_written(task, category: str, shift: int, said: str) -> None:
    factories.make_time(agent=task.agent, category=category, started_at=BEGAN + timedelta(minutes=shift), hours=0.5)

    with pytest.raises(training_hours.UnableToRecordHours, match=said):
        finish(task)
    task.refresh_from_db()
    assert (task.done_at, recorded(task)) == (None, [])


@pytest.mark.parametrize(
    ("began", "minutes", "said"),
    [
        (NOW - timedelta(minutes=30), 31, "ends later than now"),
        (BEGAN, 0, "1 to 960"),
        (BEGAN - timedelta(days=1), 961, "1 to 960"),
        (NOW - timedelta(days=31, minutes=1), 30, "more than 31 days ago"),
    ],
)
def test_a_time_that_cannot_be_is_refused(task, began: datetime, minutes: int, said: str) -> None:
    with pytest.raises(training_hours.UnableToRecordHours, match=said):
        finish(task, minutes, began)
    assert recorded(task) == []


def test_a_time_that_ends_now_and_one_of_31_days_ago_are_taken(task, lead) -> None:
    other = factories.make_training_task(agent=task.agent, by=lead, title="Second")
    assert finish(task, 30, NOW - timedelta(minutes=30)).hours == "recorded"
    assert finish(other, 30, NOW - timedelta(days=31)).hours == "recorded"


def test_opening_it_again_takes_the_hours_back_for_a_day(task) -> None:
    finish(task)
    training.undo_finish(task=task, as_of=NOW + timedelta(days=1), find_settled=nothing_settled)
    task.refresh_from_db()
    assert (task.done_at, task.hours, recorded(task)) == (None, "", [])

    finish(task)
    with pytest.raises(training_hours.UnableToRecordHours, match="more than a day ago"):
        training.undo_finish(task=task, as_of=NOW + timedelta(days=1, seconds=1), find_settled=nothing_settled)
    assert len(recorded(task)) == 1
