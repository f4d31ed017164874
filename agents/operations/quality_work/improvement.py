"""Improvement plans: every step is a person's, stays, and is read by the agent. Nothing follows from figures by itself."""

from dataclasses import dataclass
from datetime import date, datetime

import pghistory
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from agents.models import Agent, GoalMetric, ImprovementPlan, ImprovementStep, User
from agents.operations.people import notify
from agents.operations.quality_work import site_days

Kind = ImprovementStep.Kind
Status = ImprovementPlan.Status
WORDS_MAX = 4000
LEADS_STEPS = (Kind.SUPPORT, Kind.COMMENT, Kind.EXTENDED, Kind.REACHED, Kind.ENDED)
CLOSES = {Kind.REACHED: Status.REACHED, Kind.ENDED: Status.ENDED}


class UnableToImprove(Exception):
    """A plan without a reason, goal or support, a second open one, or a step that does not fit."""


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """What a plan says: why, what is aimed at, what the company does for it, what is measured, and when people look again."""

    reason: str
    goal: str
    support: str
    metric: str
    review_on: date


def open_plan(*, agent: Agent, person: User, agreed: Agreed, as_of: datetime) -> ImprovementPlan:
    """Open an improvement plan, which the agent is told of and reads; it changes no pay.

    Args:
        agent: whose; never the person who opens it.
        person: who opens it.
        agreed: its words, none of them empty; the review is after today.
        as_of: business instant.

    Returns: the plan with its first step.
    Raises: UnableToImprove; nothing is written then.
    """
    if agent.user_id == person.pk:
        raise UnableToImprove(_("Nobody opens a plan about themself."))
    if not (agreed.reason.strip() and agreed.goal.strip() and agreed.support.strip()):
        raise UnableToImprove(_("Write why, what is aimed at, and what the company does for it. The agent reads all three."))
    if agreed.metric not in GoalMetric.values:
        raise UnableToImprove(_('"%(metric)s" is nothing that is measured; choose one of the list.') % {"metric": agreed.metric})
    if agreed.review_on <= site_days.earliest_today(agents=[agent], as_of=as_of):
        raise UnableToImprove(_("Look at it again on a day after today."))
    with transaction.atomic(), pghistory.context(user=person.pk, act="open improvement plan"):
        try:
            with transaction.atomic():
                plan = ImprovementPlan.objects.create(
                    agent=agent,
                    opened_by=person,
                    reason=agreed.reason.strip(),
                    goal=agreed.goal.strip(),
                    support=agreed.support.strip(),
                    metric=agreed.metric,
                    review_on=agreed.review_on,
                    opened_at=as_of,
                )
        except IntegrityError as refused:
            raise UnableToImprove(
                _("%(agent)s has an open plan already; add a step to that one, or end it first.") % {"agent": agent}
            ) from refused
        _add(plan, Kind.OPENED, person, plan.reason, as_of, review_on=plan.review_on)
        _tell(plan, as_of)
    return plan


def add_step(*, plan_id: int, person: User, kind: str, words: str, review_on: date | None, as_of: datetime) -> ImprovementStep:
    """Add what a lead did or decided: support given, a comment, the review moved, the goal reached, or the end.

    Args:
        plan_id: an open plan about somebody else.
        person: who did or decided it.
        kind: support, comment, extended, reached or ended.
        words: why, 1 to 4,000 characters; the agent reads them.
        review_on: for extended only: the new day, after today.
        as_of: business instant.

    Returns: the step.
    Raises: UnableToImprove; nothing is written then.
    """
    if kind not in LEADS_STEPS:
        raise UnableToImprove(_('"%(kind)s" is no step of a plan; choose one of the list.') % {"kind": kind})
    with transaction.atomic(), pghistory.context(user=person.pk, act="step of improvement plan"):
        plan = _lock(plan_id, words)
        if plan.agent.user_id == person.pk:
            raise UnableToImprove(_("This plan is about you; you can comment on it on your own page."))
        if (kind == Kind.EXTENDED) != (review_on is not None):
            raise UnableToImprove(_("Give the new day of the review where the review moves, and only there."))
        if review_on is not None and review_on <= site_days.earliest_today(agents=[plan.agent], as_of=as_of):
            raise UnableToImprove(_("Look at it again on a day after today."))
        if review_on is not None:
            plan.review_on = review_on
        if kind in CLOSES:
            plan.status, plan.closed_at = CLOSES[Kind(kind)], as_of
        plan.save(update_fields=["review_on", "status", "closed_at"])
        step = _add(plan, kind, person, words.strip(), as_of, review_on=review_on)
        _tell(plan, as_of, step)
    return step


def say_about_plan(*, plan: ImprovementPlan, person: User, words: str, as_of: datetime) -> ImprovementStep:
    """Keep what the agent says about their own plan; saying nothing keeps that they have read it.

    Args:
        plan: the agent's own, looked up through access.
        person: the agent.
        words: may be empty.
        as_of: business instant.

    Returns: the step.
    Raises: UnableToImprove if it is closed, or was acknowledged before and nothing is said.
    """
    with transaction.atomic(), pghistory.context(user=person.pk, act="comment on improvement plan"):
        found = _lock(plan.pk, words or "-")
        if not words.strip() and found.acknowledged_at is not None:
            raise UnableToImprove(_("Write something, then send it."))
        if found.acknowledged_at is None:
            found.acknowledged_at = as_of
            found.save(update_fields=["acknowledged_at"])
        step = _add(found, Kind.COMMENT if words.strip() else Kind.ACKNOWLEDGED, person, words.strip(), as_of)
        notify.notify(
            kind="improvement_answered",
            people=[found.opened_by_id],
            key=f"step-{step.pk}",
            facts={"agent": found.agent.name},
            path=reverse("improvement_plan", args=[found.pk]),
            as_of=as_of,
        )
    return step


def _lock(plan_id: int, words: str) -> ImprovementPlan:
    if not 0 < len(words.strip()) <= WORDS_MAX:
        raise UnableToImprove(_("Write 1 to %(most)s characters; both of you read them later.") % {"most": f"{WORDS_MAX:,}"})
    plan = ImprovementPlan.objects.select_for_update(of=("self",)).select_related("agent").get(pk=plan_id)
    if plan.status != Status.OPEN:
        raise UnableToImprove(_("This plan is closed, and its steps stay as they are. A new one can be opened."))
    return plan


def _add(plan: ImprovementPlan, kind: str, person: User, words: str, as_of: datetime, *, review_on: date | None = None) -> ImprovementStep:
    return ImprovementStep.objects.create(plan=plan, kind=kind, person=person, words=words, review_on=review_on, noted_at=as_of)


def _tell(plan: ImprovementPlan, as_of: datetime, step: ImprovementStep | None = None) -> None:
    if plan.agent.user_id:
        notify.notify(
            kind="improvement_step",
            people=[plan.agent.user_id],
            key=f"step-{step.pk}" if step else f"plan-{plan.pk}",
            facts={"lead": str(step.person if step else plan.opened_by)},
            path=reverse("improvement_plan", args=[plan.pk]),
            as_of=as_of,
        )
