"""What becomes of the time that training took: a paid time record, part of hours that are recorded already, or for the lead to say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import pghistory
from django.db import transaction
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agents.models import Agent, Source, TimeEntry, TrainingTask, User
from agents.models.wellbeing import TimeCategory
from agents.operations.people import notify
from contracts.translation import gettext_lazy

Hours = TrainingTask.Hours
MINUTES_MAX = 960
# Older hours are in pay that is settled; the lead or a dispute puts those right.
DAYS_BACK = 31
# How long an agent can take back what they said of hours that were recorded by it.
UNDO_WITHIN = timedelta(days=1)
SOURCE_CODE = "portal"
# As agents.notice_kinds.LABELS has them.
DECIDED = {"recorded": "recorded as training", "within": "within hours that are recorded", "refused": "not confirmed"}
TOO_LATE = gettext_lazy(
    "The pay of %(month)s is approved already, so that time would be recorded and never paid. Mark it as done without a time; "
    "if hours are missing from that pay, dispute them on its statement."
)
TOO_LATE_FOR_LEAD = gettext_lazy(
    "The pay of %(month)s is approved already, so that time would be recorded and never paid. Do not confirm it, and ask %(agent)s "
    "to dispute the hours on the statement of that month."
)
STAYS = gettext_lazy("Its hours are in the pay of %(month)s, which is approved already; they stay. If they are wrong, dispute those hours.")
UNPAID = (TimeCategory.MEAL_UNPAID, TimeCategory.OFF)


class UnableToRecordHours(Exception):
    """A time that cannot be, that lies half in other hours, or that was decided about already."""


@dataclass(frozen=True, kw_only=True)
class Worked:
    """When an agent says that they began a task, and how many minutes it took."""

    started_at: datetime
    minutes: int

    @property
    def ended_at(self) -> datetime:
        """When it was done."""
        return self.started_at + timedelta(minutes=self.minutes)


class FindSettled(Protocol):
    """Who knows pay runs says what this app cannot know: which pay period of a stretch of time is settled."""

    def __call__(self, *, agent: Agent, started_at: datetime, ended_at: datetime) -> date | None:
        """Return the first day of a pay period that can no longer be calculated and holds a part of that time; None if none does."""


def take_hours(*, task: TrainingTask, worked: Worked, as_of: datetime, find_settled: FindSettled) -> str:
    """Decide what becomes of the time that an agent says a task took, and write it; the caller saves the task.

    Time outside recorded hours becomes a time record of the training activity at once, as long as it is no longer than what the
    lead planned as paid; a longer time waits for the lead. Time within hours that are recorded is paid by those and changes nothing.

    Args:
        task: locked, done; its fields are set.
        worked: 1 to 960 minutes, ended by now, within the last 31 days and the agent's employment.
        as_of: business instant.
        find_settled: tells a pay period that is approved already, in which nothing recorded now would be paid.

    Returns: what became of it, a value of TrainingTask.Hours.
    Raises: UnableToRecordHours; nothing is written then.
    Source: pay_rules.md, hours worked include training time; docs/quality-work.md.
    """
    agent = task.agent
    _check(worked, agent, as_of)
    _refuse_settled(worked, agent, find_settled, TOO_LATE)
    task.worked_from, task.worked_minutes, task.hours = worked.started_at, worked.minutes, Hours.WAITING
    if _lies_within(worked, agent):
        task.hours = Hours.WITHIN
    elif worked.minutes <= task.minutes:
        _record(task)
    else:
        _tell_lead(task, as_of)
    return task.hours


def confirm_hours(*, task_id: int, person: User, as_of: datetime, find_settled: FindSettled) -> TrainingTask:
    """Let a lead confirm a time that was longer than planned; it becomes a time record.

    Args:
        task_id: a task whose hours wait.
        person: the lead.
        as_of: business instant.
        find_settled: tells a pay period that is approved already, in which nothing recorded now would be paid.

    Returns: the task; the agent is told.
    Raises: UnableToRecordHours if it does not wait any more, other hours were recorded or its pay was approved meanwhile.
    """
    with transaction.atomic(), pghistory.context(user=person.pk, act="confirm training hours"):
        found = _waiting(task_id)
        _refuse_settled(_worked_of(found), found.agent, find_settled, TOO_LATE_FOR_LEAD)
        if _lies_within(_worked_of(found), found.agent):
            found.hours = Hours.WITHIN
        else:
            _record(found)
        _decide(found, person, as_of)
    return found


def refuse_hours(*, task_id: int, person: User, words: str, as_of: datetime) -> TrainingTask:
    """Let a lead say why a time that was longer than planned is not recorded as the agent wrote it.

    Args:
        task_id: a task whose hours wait.
        person: the lead.
        words: the reason, which the agent reads.
        as_of: business instant.

    Returns: the task; the agent is told.
    Raises: UnableToRecordHours without a reason, or if it does not wait any more.
    """
    if not words.strip():
        raise UnableToRecordHours(_("Write why; the agent reads it, and can say their time again."))
    with transaction.atomic(), pghistory.context(user=person.pk, act="refuse training hours"):
        found = _waiting(task_id)
        found.hours, found.hours_words = Hours.REFUSED, words.strip()[:4000]
        _decide(found, person, as_of)
    return found


def drop_hours(*, task: TrainingTask, as_of: datetime, find_settled: FindSettled) -> None:
    """Take back what was said of a task's time, with the record that it made; the caller saves the task first.

    Args:
        task: locked; its fields are set to nothing told.
        as_of: business instant.
        find_settled: tells a pay period that is approved already, whose hours stay what they were.

    Raises: UnableToRecordHours if it was recorded more than a day ago, or its pay is approved.
    """
    entry = task.time_entry
    if entry is not None:
        minutes = (entry.ended_at - entry.started_at) // timedelta(minutes=1)
        _refuse_settled(Worked(started_at=entry.started_at, minutes=minutes), task.agent, find_settled, STAYS)
    if task.time_entry_id is not None and task.done_at is not None and as_of - task.done_at > UNDO_WITHIN:
        raise UnableToRecordHours(
            _("Its hours were recorded more than a day ago and count toward pay. If they are wrong, dispute those hours.")
        )
    task.worked_from, task.worked_minutes, task.hours, task.time_entry = None, None, Hours.UNTOLD, None
    task.hours_words, task.hours_decided_at, task.hours_decided_by = "", None, None


def _check(worked: Worked, agent: Agent, as_of: datetime) -> None:
    if not 1 <= worked.minutes <= MINUTES_MAX:
        raise UnableToRecordHours(_("Write how many minutes it took, 1 to %(most)s.") % {"most": MINUTES_MAX})
    if worked.ended_at > as_of:
        raise UnableToRecordHours(_("That time ends later than now; say when you really began, and how long it took."))
    if worked.started_at < as_of - timedelta(days=DAYS_BACK):
        raise UnableToRecordHours(
            _("That is more than %(days)s days ago. Mark it as done without a time, and ask your lead to record those hours.")
            % {"days": DAYS_BACK}
        )
    day = worked.started_at.astimezone(ZoneInfo(agent.site.timezone)).date()
    if day < agent.employed_from or (agent.employed_to and day >= agent.employed_to):
        raise UnableToRecordHours(_("You were not employed on that day."))


def _refuse_settled(worked: Worked, agent: Agent, find_settled: FindSettled, words: str) -> None:
    settled = find_settled(agent=agent, started_at=worked.started_at, ended_at=worked.ended_at)
    if settled is not None:
        raise UnableToRecordHours(words % {"month": date_format(settled, "YEAR_MONTH_FORMAT"), "agent": agent.name})


def _lies_within(worked: Worked, agent: Agent) -> bool:
    """Tell whether a time is recorded already as paid; a time that is free is not. Half of each is refused."""
    # Whoever else records hours of this agent here waits.
    Agent.objects.select_for_update(no_key=True).get(pk=agent.pk)
    others = TimeEntry.objects.filter(agent=agent, started_at__lt=worked.ended_at, ended_at__gt=worked.started_at)
    entries = list(others.order_by("started_at"))
    if not entries:
        return False
    if any(entry.category in UNPAID for entry in entries):
        raise UnableToRecordHours(_("A part of that time is recorded as unpaid. Say the time you worked, or dispute those hours."))
    covered = sum((min(entry.ended_at, worked.ended_at) - max(entry.started_at, worked.started_at) for entry in entries), timedelta())
    if covered < worked.ended_at - worked.started_at:
        raise UnableToRecordHours(_("Other hours of yours are recorded for a part of that time. Say only the time outside them."))
    return True


def _record(task: TrainingTask) -> None:
    worked = _worked_of(task)
    source, _made = Source.objects.get_or_create(code=SOURCE_CODE, defaults={"name": "PPR Portal", "vendor": Source.Vendor.OTHER})
    task.time_entry = TimeEntry.objects.create(
        source=source, agent=task.agent, category=TimeCategory.TRAINING, started_at=worked.started_at, ended_at=worked.ended_at
    )
    task.hours = Hours.RECORDED


def _worked_of(task: TrainingTask) -> Worked:
    assert task.worked_from is not None
    assert task.worked_minutes is not None
    return Worked(started_at=task.worked_from, minutes=task.worked_minutes)


def _waiting(task_id: int) -> TrainingTask:
    found = TrainingTask.objects.select_for_update(of=("self",)).select_related("agent").get(pk=task_id)
    if found.hours != Hours.WAITING:
        raise UnableToRecordHours(_("The time of “%(title)s” does not wait any more.") % {"title": found.title})
    return found


def _decide(task: TrainingTask, person: User, as_of: datetime) -> None:
    task.hours_decided_at, task.hours_decided_by = as_of, person
    task.save(update_fields=["hours", "hours_words", "time_entry", "hours_decided_at", "hours_decided_by"])
    if task.agent.user_id:
        facts = {"task": task.title, "person": str(person), "hours_label": DECIDED[task.hours]}
        _tell("training_hours_decided", task.agent.user_id, task, facts, as_of)


def _tell_lead(task: TrainingTask, as_of: datetime) -> None:
    facts: dict[str, str | int] = {
        "agent": task.agent.name,
        "task": task.title,
        "minute_count": task.worked_minutes or 0,
        "planned_count": task.minutes,
    }
    _tell("training_hours_waiting", task.assigned_by_id, task, facts, as_of)


def _tell(kind: str, person_id: int, task: TrainingTask, facts: Mapping[str, str | int], as_of: datetime) -> None:
    key, path = f"training-hours-{task.pk}-{as_of.isoformat()}", f"{reverse('training')}?state=done"
    notify.notify(kind=kind, people=[person_id], key=key, facts=facts, path=path, as_of=as_of)
