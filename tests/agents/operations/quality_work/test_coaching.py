"""Coaching, improvement plans, training and check-ins: what people do, what is refused, and what is kept."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from agents.models import Agent, CheckIn, CoachingNote, Course, Feedback, ImprovementStep, Notification, TrainingTask, User
from agents.operations.quality_work import check_ins, coaching, improvement, remind_quality_work, training
from agents.queries import check_ins as reading
from tests import factories

pytestmark = pytest.mark.django_db

NOW = factories.NOON
TODAY = NOW.date()


@pytest.fixture
def lead() -> User:
    return factories.make_user(name="Dana Okafor", roles=["lead"])


@pytest.fixture
def agent(lead: User) -> Agent:
    return factories.make_agent_with_account(team=factories.make_team(lead=lead))


def talk(**changes: Any) -> coaching.Talk:
    """Plan for tomorrow, with a follow-up four weeks later."""
    wanted = {"planned_on": TODAY + timedelta(days=1), "goal": "Say when", "metric": "fcr", "follow_up_on": TODAY + timedelta(days=29)}
    return coaching.Talk(**{**wanted, **changes})


def kinds() -> list[str]:
    """Return what people were told, in order."""
    return list(Notification.objects.order_by("pk").values_list("kind", flat=True))


def test_a_talk_is_planned_read_held_and_followed_up_with_figures(agent: Agent, lead: User) -> None:
    version = factories.make_contract_version()
    held_on = TODAY - timedelta(days=10)
    for days, fcr in ((14, "no"), (13, "no"), (12, "yes"), (8, "yes"), (6, "yes")):
        at = NOW - timedelta(days=days)
        factories.make_resolution(agent=agent, version=version, resolved_at=at, verified_at=at + timedelta(hours=1), fcr=fcr)
    made = coaching.plan_talk(agent=agent, coach=lead, talk=talk(planned_on=held_on, follow_up_on=TODAY), as_of=NOW - timedelta(days=12))
    coaching.acknowledge_talk(session=made, words="Good idea.", as_of=NOW)
    with pytest.raises(coaching.UnableToCoach, match="This talk is planned, so"):
        coaching.follow_up(session_id=made.pk, person=lead, outcome="reached", words="Well done.", as_of=NOW)
    coaching.hold_talk(session_id=made.pk, person=lead, as_of=NOW)
    done = coaching.follow_up(session_id=made.pk, person=lead, outcome="reached", words="Well done.", as_of=NOW)

    assert (done.status, done.outcome, done.agent_words) == ("closed", "reached", "Good idea.")
    assert (done.before_from, done.before_to, done.after_to) == (held_on - timedelta(days=10), held_on, TODAY)
    assert (done.before_success_count, done.before_count, done.after_success_count, done.after_count) == (1, 3, 2, 2)
    assert (done.before_expected, done.after_expected) == (None, None)
    assert kinds() == ["coaching_planned", "coaching_acknowledged", "coaching_followed_up"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"goal": " "}, "Write the goal"),
        ({"metric": "speed"}, "is nothing that is measured"),
        ({"follow_up_on": TODAY + timedelta(days=1)}, "on a day after the talk"),
    ],
)
def test_a_talk_that_cannot_be_is_refused(agent: Agent, lead: User, change: dict[str, Any], words: str) -> None:
    with pytest.raises(coaching.UnableToCoach, match=words):
        coaching.plan_talk(agent=agent, coach=lead, talk=talk(**change), as_of=NOW)
    assert not agent.coaching_sessions.exists()


def test_nobody_coaches_themself(agent: Agent) -> None:
    assert agent.user is not None
    with pytest.raises(coaching.UnableToCoach, match="Nobody coaches themself"):
        coaching.plan_talk(agent=agent, coach=agent.user, talk=talk(), as_of=NOW)


def test_a_shared_note_reaches_the_agent_and_a_private_one_does_not(agent: Agent, lead: User) -> None:
    made = coaching.plan_talk(agent=agent, coach=lead, talk=talk(), as_of=NOW)
    coaching.add_note(session_id=made.pk, author=lead, words="Ask about the new shift.", is_shared=False, as_of=NOW)
    assert not Feedback.objects.exists()
    coaching.add_note(session_id=made.pk, author=lead, words="You named the day at once.", is_shared=True, as_of=NOW)

    assert list(Feedback.objects.values_list("kind", "words", "session")) == [("coaching", "You named the day at once.", made.pk)]
    assert CoachingNote.objects.count() == 2
    with pytest.raises(coaching.UnableToCoach, match="Write a note"):
        coaching.add_note(session_id=made.pk, author=lead, words=" ", is_shared=True, as_of=NOW)


def test_a_called_off_talk_is_not_held(agent: Agent, lead: User) -> None:
    made = coaching.plan_talk(agent=agent, coach=lead, talk=talk(), as_of=NOW)
    coaching.cancel_talk(session_id=made.pk, person=lead)
    with pytest.raises(coaching.UnableToCoach, match="This talk is canceled"):
        coaching.hold_talk(session_id=made.pk, person=lead, as_of=NOW)


def agreed(**changes: Any) -> improvement.Agreed:
    """Agree on a plan for four weeks."""
    wanted = {"reason": "7 of 20 came back.", "goal": "As expected by June", "support": "A colleague beside them.", "metric": "fcr"}
    return improvement.Agreed(**{**wanted, "review_on": TODAY + timedelta(days=28), **changes})


def test_a_plan_keeps_every_step_of_people_and_closes_by_a_decision(agent: Agent, lead: User) -> None:
    plan = improvement.open_plan(agent=agent, person=lead, agreed=agreed(), as_of=NOW)
    assert agent.user is not None
    improvement.say_about_plan(plan=plan, person=agent.user, words="", as_of=NOW)
    improvement.say_about_plan(plan=plan, person=agent.user, words="The queue was full of outages.", as_of=NOW)
    moved = TODAY + timedelta(days=40)
    improvement.add_step(plan_id=plan.pk, person=lead, kind="extended", words="Two weeks of leave.", review_on=moved, as_of=NOW)
    improvement.add_step(plan_id=plan.pk, person=lead, kind="reached", words="18 of 20 stayed solved.", review_on=None, as_of=NOW)

    plan.refresh_from_db()
    assert (plan.status, plan.review_on, plan.closed_at, plan.acknowledged_at) == ("reached", moved, NOW, NOW)
    assert [step.kind for step in plan.steps.all()] == ["opened", "acknowledged", "comment", "extended", "reached"]
    with pytest.raises(improvement.UnableToImprove, match="is closed"):
        improvement.add_step(plan_id=plan.pk, person=lead, kind="comment", words="Late.", review_on=None, as_of=NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        ImprovementStep.objects.filter(plan=plan).update(words="otherwise")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"support": ""}, "Write why, what is aimed at, and what the company does"),
        ({"review_on": TODAY}, "on a day after today"),
        ({"metric": "speed"}, "is nothing that is measured"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(agent: Agent, lead: User, change: dict[str, Any], words: str) -> None:
    with pytest.raises(improvement.UnableToImprove, match=words):
        improvement.open_plan(agent=agent, person=lead, agreed=agreed(**change), as_of=NOW)
    assert not agent.improvement_plans.exists()


def test_one_plan_at_a_time_and_days_move_only_where_they_are_said_to(agent: Agent, lead: User) -> None:
    plan = improvement.open_plan(agent=agent, person=lead, agreed=agreed(), as_of=NOW)
    with pytest.raises(improvement.UnableToImprove, match="has an open plan already"):
        improvement.open_plan(agent=agent, person=lead, agreed=agreed(), as_of=NOW)
    for kind, day in (("extended", None), ("comment", TODAY + timedelta(days=1)), ("promoted", None)):
        with pytest.raises(improvement.UnableToImprove):
            improvement.add_step(plan_id=plan.pk, person=lead, kind=kind, words="Why", review_on=day, as_of=NOW)
    assert plan.steps.count() == 1


def test_training_is_given_seen_done_and_opened_again(agent: Agent, lead: User) -> None:
    course = Course.objects.create(code="outages", title="Outages", minutes=45)
    wish = training.Assignment(due_on=TODAY, course=course)
    first = training.assign_training(agents=[agent], assignment=wish, person=lead, as_of=NOW)
    again = training.assign_training(agents=[agent], assignment=wish, person=lead, as_of=NOW)
    (task,) = first.tasks

    assert (again.tasks, again.known_count, task.minutes) == ((), 1, 45)
    training.finish_task(task=task, words="Useful.", as_of=NOW, find_settled=lambda **_: None)
    with pytest.raises(training.UnableToTrain, match="is done already"):
        training.cancel_task(task_id=task.pk, person=lead, as_of=NOW)
    training.undo_finish(task=task, as_of=NOW, find_settled=lambda **_: None)
    training.cancel_task(task_id=task.pk, person=lead, as_of=NOW)
    task.refresh_from_db()
    assert (task.seen_at, task.done_at, task.cancelled_by) == (NOW, None, lead)
    assert kinds() == ["training_assigned"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": "", "minutes": 30}, "Choose a course, or give the task a name"),
        ({"title": "Read", "minutes": 0}, "1 to 2,400 minutes"),
        ({"title": "Read", "minutes": 30, "due_on": TODAY - timedelta(days=1)}, "is past"),
    ],
)
def test_a_task_that_cannot_be_is_refused(agent: Agent, lead: User, change: dict[str, Any], words: str) -> None:
    with pytest.raises(training.UnableToTrain, match=words):
        training.assign_training(agents=[agent], assignment=training.Assignment(**{"due_on": TODAY, **change}), person=lead, as_of=NOW)
    assert not TrainingTask.objects.exists()


def test_people_are_reminded_once_of_what_is_due(agent: Agent, lead: User) -> None:
    factories.make_talk(agent=agent, coach=lead, planned_on=TODAY - timedelta(days=28), follow_up_on=TODAY)
    factories.make_improvement_plan(agent=agent, by=lead, review_on=TODAY + timedelta(days=1))
    factories.make_training_task(agent=agent, by=lead, due_on=TODAY)
    factories.make_training_task(agent=agent, by=lead, due_on=TODAY + timedelta(days=2), title="Later")

    report = remind_quality_work.remind_quality_work(as_of=NOW)
    assert (report.due_count, report.told_count) == (3, 3)
    assert remind_quality_work.remind_quality_work(as_of=NOW).told_count == 0
    assert sorted(kinds()) == ["coaching_due", "improvement_due", "training_due"]


def test_a_check_in_is_kept_for_its_agent_and_deleted_for_good(agent: Agent) -> None:
    other = factories.make_agent_with_account(name="Aisha Rahman")
    with pytest.raises(check_ins.UnableToCheckIn, match="Choose how your day was"):
        check_ins.note_check_in(agent=agent, day="fine", words="", as_of=NOW)
    with pytest.raises(check_ins.UnableToCheckIn, match="at most 2,000"):
        check_ins.note_check_in(agent=agent, day="hard", words="x" * 2001, as_of=NOW)
    note = check_ins.note_check_in(agent=agent, day="hard", words="Three outages.", as_of=NOW)

    assert reading.list_own(agent_id=other.pk).rows == ()
    assert not check_ins.delete_check_in(agent=other, check_in_id=note.pk)
    assert check_ins.delete_check_in(agent=agent, check_in_id=note.pk)
    assert not CheckIn.objects.exists()


def test_dates_of_a_stretch_without_results_are_kept(agent: Agent, lead: User) -> None:
    made = factories.make_talk(agent=agent, coach=lead, planned_on=date(2016, 4, 1), follow_up_on=date(2016, 4, 15), status="held")
    done = coaching.follow_up(session_id=made.pk, person=lead, outcome="going_on", words="On leave.", as_of=NOW)
    assert (done.before_count, done.after_count, done.after_to) == (0, 0, date(2016, 4, 20))


@pytest.mark.parametrize(("zone", "day", "hour", "today"), [("Pacific/Honolulu", 20, 5, 19), ("Asia/Manila", 19, 20, 20)])
def test_today_is_the_day_where_the_agent_works(lead: User, zone: str, day: int, hour: int, today: int) -> None:
    agent = factories.make_agent(site=factories.make_site(timezone=zone))
    now, here = datetime(2016, 4, day, hour, tzinfo=UTC), date(2016, 4, today)
    task = training.Assignment(title="Read", minutes=30, due_on=here)

    assert len(training.assign_training(agents=[agent], assignment=task, person=lead, as_of=now).tasks) == 1
    with pytest.raises(improvement.UnableToImprove, match="after today"):
        improvement.open_plan(agent=agent, person=lead, agreed=agreed(review_on=here), as_of=now)
    improvement.open_plan(agent=agent, person=lead, agreed=agreed(review_on=here + timedelta(days=1)), as_of=now)
