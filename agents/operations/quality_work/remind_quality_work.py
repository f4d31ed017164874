"""Remind people of what is due: reviews, follow-ups of coaching, improvement plans and training."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min
from django.urls import reverse

from agents.models import Assessment, CoachingSession, ImprovementPlan, TrainingTask
from agents.operations.people import notify

AHEAD = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class ReminderReport:
    """How many things are due by tomorrow, and how many people were told anew."""

    due_count: int
    told_count: int


def remind_quality_work(*, as_of: datetime) -> ReminderReport:
    """Tell everybody once a day at most what of theirs is due by tomorrow; each thing once.

    Args:
        as_of: business instant.

    Returns: counts.
    """
    until = as_of.date() + AHEAD
    reviews = _reviews(until)
    talks = [
        notify.Told(
            person_id=talk.coach_id,
            key=f"coaching-{talk.pk}-{talk.follow_up_on}",
            facts={"agent": talk.agent.name, "due_on": talk.follow_up_on.isoformat()},
            path=reverse("coaching_session", args=[talk.pk]),
        )
        for talk in CoachingSession.objects.filter(status__in=("planned", "held"), follow_up_on__lte=until).select_related("agent")
    ]
    plans = [
        notify.Told(
            person_id=plan.opened_by_id,
            key=f"improvement-{plan.pk}-{plan.review_on}",
            facts={"agent": plan.agent.name, "due_on": plan.review_on.isoformat()},
            path=reverse("improvement_plan", args=[plan.pk]),
        )
        for plan in ImprovementPlan.objects.filter(status="open", review_on__lte=until).select_related("agent")
    ]
    tasks = [
        notify.Told(
            person_id=task.agent.user_id,
            key=f"training-{task.pk}-{task.due_on}",
            facts={"task": task.title, "due_on": task.due_on.isoformat()},
            path=reverse("training"),
        )
        for task in TrainingTask.objects.filter(done_at=None, cancelled_at=None, due_on__lte=until).select_related("agent")
        if task.agent.user_id is not None
    ]
    kinds = {"reviews_due": reviews, "coaching_due": talks, "improvement_due": plans, "training_due": tasks}
    told = sum(notify.notify_each(kind=kind, told=found, as_of=as_of) for kind, found in kinds.items())
    return ReminderReport(due_count=sum(len(found) for found in kinds.values()), told_count=told)


def _reviews(until: object) -> list[notify.Told]:
    open_ones = Assessment.objects.filter(status__in=("waiting", "draft"), due_on__lte=until)
    rows = open_ones.order_by().values("reviewer").annotate(total=Count("pk"), first=Min("due_on"))
    return [
        notify.Told(
            person_id=row["reviewer"],
            key=f"reviews-{row['first']}",
            facts={"review_count": row["total"], "due_on": row["first"].isoformat()},
            path=reverse("reviews"),
        )
        for row in rows
    ]
