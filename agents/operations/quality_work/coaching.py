"""Coaching: plan a talk with a goal, hold it, note what was said, and look later at what came of it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pghistory
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from agents.models import Agent, CoachingNote, CoachingSession, Feedback, GoalMetric, QaReview, Source, User
from agents.operations.people import notify
from agents.operations.quality_work.review_contact import SOURCE_CODE
from agents.queries import coached_results
from agents.rules.rate_changes import Stretch
from contracts.rules import exact

Status = CoachingSession.Status
WAITING = (Status.PLANNED, Status.HELD)
STRETCH_MAX = timedelta(days=28)
WORDS_MAX = 4000
# Decimals of what was expected, as its column holds them.
PLACES = 6


class UnableToCoach(Exception):
    """A talk without a goal, with days that cannot be, or an act that does not fit its state."""


@dataclass(frozen=True, kw_only=True)
class Talk:
    """What is planned: the day, the goal, what shows whether it helps, and the day of the follow-up."""

    planned_on: date
    goal: str
    metric: str
    follow_up_on: date
    review: QaReview | None = None


def plan_talk(*, agent: Agent, coach: User, talk: Talk, as_of: datetime) -> CoachingSession:
    """Plan a talk with an agent, who is told and reads the goal.

    Args:
        agent: with whom; never the coach.
        coach: who leads it.
        talk: what is planned; the follow-up is after the talk.
        as_of: business instant.

    Returns: the planned talk.
    Raises: UnableToCoach; nothing is written then.
    """
    if agent.user_id == coach.pk:
        raise UnableToCoach(_("Nobody coaches themself; somebody else plans this talk."))
    if not talk.goal.strip():
        raise UnableToCoach(_("Write the goal: what the agent wants to do otherwise."))
    if talk.metric not in GoalMetric.values:
        raise UnableToCoach(_('"%(metric)s" is nothing that is measured; choose one of the list.') % {"metric": talk.metric})
    if talk.follow_up_on <= talk.planned_on:
        raise UnableToCoach(_("Look at what came of it on a day after the talk."))
    with transaction.atomic(), pghistory.context(user=coach.pk, act="plan coaching"):
        made = CoachingSession.objects.create(
            agent=agent,
            coach=coach,
            planned_on=talk.planned_on,
            goal=talk.goal.strip(),
            metric=talk.metric,
            review=talk.review,
            follow_up_on=talk.follow_up_on,
            created_at=as_of,
        )
        _tell(made, "coaching_planned", f"coaching-{made.pk}", as_of)
    return made


def hold_talk(*, session_id: int, person: User, as_of: datetime) -> CoachingSession:
    """Keep that the talk took place.

    Args:
        session_id: a planned talk.
        person: who says so.
        as_of: business instant.

    Returns: the talk.
    Raises: UnableToCoach if it is not planned.
    """
    with transaction.atomic(), pghistory.context(user=person.pk, act="hold coaching"):
        found = _lock(session_id, (Status.PLANNED,))
        found.status, found.held_at = Status.HELD, as_of
        found.save(update_fields=["status", "held_at"])
    return found


def cancel_talk(*, session_id: int, person: User) -> CoachingSession:
    """Call a talk off; its history and notes stay.

    Args:
        session_id: a talk that is not followed up.
        person: who calls it off.

    Returns: the talk.
    Raises: UnableToCoach if it is followed up or called off already.
    """
    with transaction.atomic(), pghistory.context(user=person.pk, act="cancel coaching"):
        found = _lock(session_id, WAITING)
        found.status = Status.CANCELLED
        found.save(update_fields=["status"])
    return found


def add_note(*, session_id: int, author: User, words: str, is_shared: bool, as_of: datetime) -> CoachingNote:
    """Write a note to a talk; a shared one reaches the agent's feedback, a private one nobody but coaches of the agent.

    Args:
        session_id: the talk.
        author: who writes.
        words: 1 to 4,000 characters.
        is_shared: whether the agent reads it; that never changes.
        as_of: business instant.

    Returns: the note.
    Raises: UnableToCoach; nothing is written then.
    """
    words = words.strip()
    if not 0 < len(words) <= WORDS_MAX:
        raise UnableToCoach(_("Write a note of 1 to %(most)s characters.") % {"most": f"{WORDS_MAX:,}"})
    with transaction.atomic():
        found = CoachingSession.objects.select_related("agent").get(pk=session_id)
        note = CoachingNote.objects.create(session=found, author=author, words=words, is_shared=is_shared, noted_at=as_of)
        if is_shared:
            source = Source.objects.get_or_create(code=SOURCE_CODE, defaults={"name": "PPR Portal", "vendor": Source.Vendor.OTHER})[0]
            Feedback.objects.create(
                source=source,
                agent=found.agent,
                kind=Feedback.Kind.COACHING,
                author=author,
                session=found,
                words=words,
                given_at=as_of,
            )
            _tell(found, "coaching_note", f"note-{note.pk}", as_of)
    return note


def acknowledge_talk(*, session: CoachingSession, words: str, as_of: datetime) -> None:
    """Keep that the agent has read the goal, and what they say about it; the coach is told.

    Args:
        session: the agent's own, looked up through access.
        words: may be empty; a later text replaces an earlier one, and the history keeps both.
        as_of: business instant.

    Raises: UnableToCoach if the words are too long.
    """
    if len(words) > WORDS_MAX:
        raise UnableToCoach(
            _("Write at most %(most)s characters; yours has %(count)s.") % {"most": f"{WORDS_MAX:,}", "count": f"{len(words):,}"}
        )
    with transaction.atomic(), pghistory.context(act="acknowledge coaching"):
        found = CoachingSession.objects.select_for_update(of=("self",)).select_related("agent").get(pk=session.pk)
        found.acknowledged_at = found.acknowledged_at or as_of
        found.agent_words = words.strip() or found.agent_words
        found.save(update_fields=["acknowledged_at", "agent_words"])
        notify.notify(
            kind="coaching_acknowledged",
            people=[found.coach_id],
            key=f"coaching-{found.pk}",
            facts={"agent": found.agent.name},
            path=reverse("coaching_session", args=[found.pk]),
            as_of=as_of,
        )


def measure_talk(*, session: CoachingSession, until: date) -> tuple[tuple[date, date], tuple[date, date], Stretch, Stretch] | None:
    """Count the goal's metric in equally long stretches before and after the talk, at most 28 days each.

    Args:
        session: with its agent and site.
        until: first day that is not counted any more.

    Returns: both stretches and their counts; None without a metric, or before one whole day has passed after the talk.
    """
    length = min(STRETCH_MAX, until - session.planned_on)
    if not session.metric or length < timedelta(days=1):
        return None
    before, after = (session.planned_on - length, session.planned_on), (session.planned_on, session.planned_on + length)
    counted = coached_results.count_stretches(agent=session.agent, metric=session.metric, spans=(before, after))
    return before, after, counted[0], counted[1]


def follow_up(*, session_id: int, person: User, outcome: str, words: str, as_of: datetime) -> CoachingSession:
    """Close a talk: fix what was measured before and after, and what the two people make of it.

    Args:
        session_id: a talk that took place.
        person: who notes it.
        outcome: reached, going_on or other; people decide it, the figures do not.
        words: why; not empty.
        as_of: business instant.

    Returns: the closed talk.
    Raises: UnableToCoach; nothing is written then.
    """
    if outcome not in CoachingSession.Outcome.values or not outcome:
        raise UnableToCoach(_("Choose what you two make of it."))
    if not words.strip():
        raise UnableToCoach(_("Write what you saw and what comes next, so that it can be read later."))
    with transaction.atomic(), pghistory.context(user=person.pk, act="follow coaching up"):
        found = _lock(session_id, (Status.HELD,))
        found.status, found.outcome, found.outcome_words, found.followed_up_at = Status.CLOSED, outcome, words.strip(), as_of
        measured = measure_talk(session=found, until=min(as_of.date(), max(found.follow_up_on, found.planned_on + STRETCH_MAX)))
        if measured is not None:
            (found.before_from, found.before_to), (found.after_from, found.after_to), before, after = measured
            found.before_count, found.before_success_count = before.n, before.successes
            found.after_count, found.after_success_count = after.n, after.successes
            found.before_expected, found.after_expected = _decimal(before.expected), _decimal(after.expected)
        found.save()
        _tell(found, "coaching_followed_up", f"follow-up-{found.pk}", as_of)
    return found


def _decimal(value: Fraction | None) -> Decimal | None:
    return None if value is None else Decimal(exact.write_rounded(value=value, places=PLACES))


def _lock(session_id: int, states: tuple[str, ...]) -> CoachingSession:
    found = CoachingSession.objects.select_for_update(of=("self",)).select_related("agent__site").get(pk=session_id)
    if found.status not in states:
        raise UnableToCoach(_("This talk is %(state)s, so this cannot be noted.") % {"state": str(found.get_status_display()).lower()})
    return found


def _tell(found: CoachingSession, kind: str, key: str, as_of: datetime) -> None:
    if found.agent.user_id:
        facts = {"coach": str(found.coach), "planned_on": found.planned_on.isoformat()}
        notify.notify(
            kind=kind,
            people=[found.agent.user_id],
            key=key,
            facts=facts,
            path=reverse("coaching_session", args=[found.pk]),
            as_of=as_of,
        )
