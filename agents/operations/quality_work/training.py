"""Give agents courses and tasks in paid time, and keep what they did with them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

import pghistory
from django.db import transaction
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils.translation import gettext as _

from agents.models import Agent, Course, Team, TimeEntry, TrainingTask, User
from agents.operations.people import notify
from agents.operations.quality_work import site_days, training_hours

WORDS_MAX = 4000
MINUTES_MAX = 2400


class UnableToTrain(Exception):
    """A task without a name or time, a day that is past, or an act that does not fit its state."""


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """What is given: a course, or a task with a name and minutes of its own; by when, and why."""

    due_on: date
    course: Course | None = None
    title: str = ""
    minutes: int = 0
    words: str = ""
    team: Team | None = None


@dataclass(frozen=True, kw_only=True)
class Assigned:
    """Who was given it, and who had the same course open already."""

    tasks: tuple[TrainingTask, ...]
    known_count: int


def assign_training(*, agents: Collection[Agent], assignment: Assignment, person: User, as_of: datetime) -> Assigned:
    """Give agents a course or a task; who has the same course open keeps that one.

    Args:
        agents: at least one.
        assignment: the course or task; due today (where they work) or later, 1 to 2,400 minutes of working time.
        person: who gives it.
        as_of: business instant.

    Returns: the new tasks; the agents are told.
    Raises: UnableToTrain; nothing is written then.
    """
    course = assignment.course
    title, minutes = (course.title, course.minutes) if course else (assignment.title.strip(), assignment.minutes)
    if not agents:
        raise UnableToTrain(_("Choose at least one agent."))
    if not title or not 1 <= minutes <= MINUTES_MAX:
        raise UnableToTrain(_("Choose a course, or give the task a name and 1 to %(most)s minutes.") % {"most": f"{MINUTES_MAX:,}"})
    if course is not None and not course.is_active:
        raise UnableToTrain(_("%(course)s is no longer given; choose another course.") % {"course": course})
    if assignment.due_on < site_days.earliest_today(agents=agents, as_of=as_of):
        raise UnableToTrain(_("The day by which it is done is past; choose today or later."))
    with transaction.atomic(), pghistory.context(user=person.pk, act="assign training"):
        known: set[int] = set()
        if course is not None:
            opened = TrainingTask.objects.filter(course=course, agent__in=agents, done_at=None, cancelled_at=None)
            known = set(opened.values_list("agent", flat=True))
        tasks = [
            TrainingTask(
                agent=agent,
                course=course,
                title=title,
                words=assignment.words.strip(),
                minutes=minutes,
                team=assignment.team,
                assigned_by=person,
                assigned_at=as_of,
                due_on=assignment.due_on,
            )
            for agent in agents
            if agent.pk not in known
        ]
        made = TrainingTask.objects.bulk_create(tasks)
        told = [_told(task, person) for task in made if task.agent.user_id]
        notify.notify_each(kind="training_assigned", told=told, as_of=as_of)
    return Assigned(tasks=tuple(made), known_count=len(known))


def see_task(*, task: TrainingTask, as_of: datetime) -> None:
    """Keep that the agent has read a task; the first time counts.

    Args:
        task: the agent's own, looked up through access.
        as_of: business instant.
    """
    with pghistory.context(act="see training"):
        TrainingTask.objects.filter(pk=task.pk, seen_at=None).update(seen_at=as_of)


def finish_task(
    *,
    task: TrainingTask,
    words: str,
    as_of: datetime,
    find_settled: training_hours.FindSettled,
    worked: training_hours.Worked | None = None,
) -> TrainingTask:
    """Keep that the agent has done a task, what they say about it, and what becomes of the time that it took.

    Args:
        task: the agent's own, looked up through access.
        words: may be empty.
        as_of: business instant.
        find_settled: tells a pay period that is approved already.
        worked: when the agent says that they did it; None tells no time and records none.

    Returns: the task, with what became of its time in `hours`.
    Raises: UnableToTrain if it is done or taken back; UnableToRecordHours if the time cannot be. Nothing is written then.
    """
    if len(words) > WORDS_MAX:
        raise UnableToTrain(
            _("Write at most %(most)s characters; yours has %(count)s.") % {"most": f"{WORDS_MAX:,}", "count": f"{len(words):,}"}
        )
    with transaction.atomic(), pghistory.context(act="finish training"):
        found = _lock(task.pk)
        found.seen_at, found.done_at, found.agent_words = found.seen_at or as_of, as_of, words.strip()
        if worked is not None:
            training_hours.take_hours(task=found, worked=worked, as_of=as_of, find_settled=find_settled)
        found.save(update_fields=["seen_at", "done_at", "agent_words", "worked_from", "worked_minutes", "hours", "time_entry"])
    return found


def undo_finish(*, task: TrainingTask, as_of: datetime, find_settled: training_hours.FindSettled) -> None:
    """Open a task again that the agent had marked as done by mistake, and take back the hours that were recorded by it.

    Args:
        task: the agent's own, looked up through access.
        as_of: business instant.
        find_settled: tells a pay period that is approved already.

    Raises: UnableToTrain if the same course was given again meanwhile, or its hours are disputed; UnableToRecordHours if they were
        recorded more than a day ago, or are in pay that is approved.
    """
    with transaction.atomic(), pghistory.context(act="undo finishing training"):
        again = TrainingTask.objects.filter(agent=task.agent_id, course=task.course_id, done_at=None, cancelled_at=None)
        if task.course_id and again.exists():
            raise UnableToTrain(_("You were given this course once more; that one is open."))
        found = TrainingTask.objects.select_for_update().filter(pk=task.pk, cancelled_at=None).first()
        if found is None:
            return
        entry_id = found.time_entry_id
        training_hours.drop_hours(task=found, as_of=as_of, find_settled=find_settled)
        found.done_at = None
        found.save()
        try:
            TimeEntry.objects.filter(pk=entry_id or 0).delete()
        except ProtectedError as fault:
            raise UnableToTrain(_("Its hours are disputed; they stay until that is decided.")) from fault


def cancel_task(*, task_id: int, person: User, as_of: datetime) -> None:
    """Take a task back that is not done.

    Args:
        task_id: the task.
        person: who takes it back.
        as_of: business instant.

    Raises: UnableToTrain if it is done or taken back already.
    """
    with transaction.atomic(), pghistory.context(user=person.pk, act="cancel training"):
        found = _lock(task_id)
        found.cancelled_at, found.cancelled_by = as_of, person
        found.save(update_fields=["cancelled_at", "cancelled_by"])


def _lock(task_id: int) -> TrainingTask:
    found = TrainingTask.objects.select_for_update().get(pk=task_id)
    if found.done_at is not None or found.cancelled_at is not None:
        raise UnableToTrain(
            (_("“%(title)s” is done already.") if found.done_at else _("“%(title)s” is taken back already.")) % {"title": found.title}
        )
    return found


def _told(task: TrainingTask, person: User) -> notify.Told:
    assert task.agent.user_id is not None
    facts = {"task": task.title, "due_on": task.due_on.isoformat(), "person": str(person)}
    return notify.Told(person_id=task.agent.user_id, key=f"training-{task.pk}", facts=facts, path=reverse("training"))
