"""Seeds the demo's quality work through the real operations: draws, reviews, talks, training and one improvement plan.

The reviews belong to a source that every page marks as simulated. What chance decides is drawn from names, so every demo is alike.
"""

import functools
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from django.db import transaction

from agents.models import (
    Agent,
    Assessment,
    Course,
    Feedback,
    SampleDraw,
    Scorecard,
    ScorecardItem,
    ScorecardVersion,
    Source,
    Team,
    User,
)
from agents.operations.quality_work import coaching, draw_reviews, improvement, read_feedback, remind_quality_work, review_contact, training
from billing.operations.settled_time import find_settled
from contracts.models.versions import VersionStatus
from ppr_portal.demo import chance, company

FILE = company.DATA_DIR / "quality_work.yaml"
REVIEWED, WAITING = date(2016, 4, 4), date(2016, 4, 11)
WEEK = timedelta(weeks=1)
SECOND_COUNT = 3
# In percent: how often an item is met, met in part, or not asked for; the rest is not met.
MET, PARTLY, NOT_ASKED = 84, 9, 4
DIFFERS = 10


def seed_quality_work(*, as_of: datetime, showcase: str) -> str:
    """Seed what people did about quality; a second call adds nothing.

    Args:
        as_of: the demo's present.
        showcase: code of the agent whose pages the demo shows.

    Returns: what there is, in words.
    """
    if SampleDraw.objects.exists():
        return "0 new"
    with transaction.atomic():
        _seed(as_of, showcase)
    published = Assessment.objects.filter(status=Assessment.Status.PUBLISHED).count()
    waiting = Assessment.objects.filter(status=Assessment.Status.WAITING).count()
    return f"simulated: {published} reviews published and {waiting} to do, 3 talks, 1 improvement plan"


def _seed(as_of: datetime, showcase: str) -> None:
    words = load_words()
    _scorecard(words["scorecard"])
    Source.objects.get_or_create(code=review_contact.SOURCE_CODE, defaults={"name": "PPR Portal", "vendor": Source.Vendor.SIMULATED})
    agent = Agent.objects.select_related("user", "site").get(code=showcase)
    own = Team.objects.filter(memberships__agent=agent).first()
    teams = Team.objects.filter(lead=own.lead if own else None).select_related("lead", "site").order_by("code")
    for team in teams:
        _review_week(team, words)
        _draw(team, WAITING)
    _begin(teams)
    _coach(agent, own, words, as_of)
    _train(own, words, as_of)
    remind_quality_work.remind_quality_work(as_of=as_of)


@functools.cache
def load_words() -> dict[str, Any]:
    """Read what people write and agree on in the demo."""
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


def _scorecard(wanted: dict[str, Any]) -> None:
    card = Scorecard.objects.create(code=wanted["code"], name=wanted["name"])
    version = ScorecardVersion.objects.create(scorecard=card, number=1, effective_from=date(2016, 1, 1), note=wanted["note"])
    for position, item in enumerate(wanted["items"], 1):
        ScorecardItem.objects.create(
            version=version,
            position=position,
            section=item["section"],
            title=item["title"],
            help=item["help"],
            weight_bp=item["weight"] * company.BASIS_POINTS,
            is_critical=item.get("critical", False),
        )
    version.status = VersionStatus.ACTIVE
    version.save()


def _at(team: Team, day: date, hour: int = 9) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=ZoneInfo(team.site.timezone))


def _draw(team: Team, first: date) -> SampleDraw:
    member_count = team.memberships.count()
    wish = draw_reviews.Wish(size=member_count + 4, agent_min=1, second_count=SECOND_COUNT)
    return draw_reviews.draw_reviews(
        team=team,
        period_from=first,
        period_to=first + WEEK,
        wish=wish,
        person=team.lead,
        as_of=_at(team, first + WEEK),
        seed=f"demo {team.code} {first}",
    )


def _review_week(team: Team, words: dict[str, Any]) -> None:
    """Fill in every review of the first week, second ones first, and publish them."""
    reviews = Assessment.objects.filter(sampled__draw=_draw(team, REVIEWED)).order_by("-is_second", "pk")
    for place, review in enumerate(reviews.select_related("reviewer", "sampled__resolution__case")):
        at = _at(team, REVIEWED + WEEK + timedelta(days=1 + place % 3), 10) + timedelta(minutes=7 * place)
        sheet = _sheet(review, words)
        done = review_contact.finish_review(assessment_id=review.pk, person=review.reviewer, sheet=sheet, as_of=at)
        if done.status == Assessment.Status.FINISHED and not done.is_second:
            later = at + timedelta(hours=2)
            review_contact.publish_review(assessment_id=review.pk, person=review.reviewer, sheet=sheet, as_of=later)


def _sheet(review: Assessment, words: dict[str, Any]) -> review_contact.Sheet:
    key = review.sampled.resolution.case.key
    items = review.sampled.draw.scorecard_version.items.order_by("position")
    return review_contact.Sheet(
        answers={item.pk: _answer(item, key, is_second=review.is_second) for item in items},
        went_well=chance.pick("went well", key, items=words["went_well"]),
        to_try=chance.pick("to try", key, items=words["to_try"]),
    )


def _answer(item: ScorecardItem, key: str, *, is_second: bool) -> str:
    """Answer by chance; a second reviewer sees most things alike."""
    if is_second and chance.happens("differs", key, item.position, percent=DIFFERS):
        return chance.pick("other answer", key, item.position, items=("yes", "partly"))
    drawn = chance.draw("answer", key, item.position, below=100)
    if drawn < MET:
        return "yes"
    if drawn < MET + PARTLY:
        return "partly"
    return "none" if drawn < MET + PARTLY + NOT_ASKED else "no"


def _begin(teams: Any) -> None:
    """Let reviewers of the second week begin: one case that two have finished, and one draft."""
    waiting = Assessment.objects.filter(status=Assessment.Status.WAITING, sampled__draw__team__in=teams).select_related(
        "reviewer", "sampled__resolution__case", "sampled__draw__team__site"
    )
    second = waiting.filter(is_second=True).order_by("pk").first()
    if second is None:
        return
    first = waiting.get(sampled=second.sampled, is_second=False)
    for review in (second, first):
        at = _at(review.sampled.draw.team, WAITING + WEEK + timedelta(days=1), 15)
        review_contact.finish_review(assessment_id=review.pk, person=review.reviewer, sheet=_sheet(review, load_words()), as_of=at)
    draft = waiting.filter(is_second=False).order_by("pk").first()
    if draft is not None:
        sheet = _sheet(draft, load_words())
        part = review_contact.Sheet(answers=dict(list(sheet.answers.items())[:3]), went_well=sheet.went_well)
        review_contact.keep_draft(assessment_id=draft.pk, person=draft.reviewer, sheet=part)


def _coach(agent: Agent, team: Team | None, words: dict[str, Any], as_of: datetime) -> None:
    if team is None or team.lead is None or agent.user is None:
        return
    coach, today = team.lead, as_of.date()
    goals = words["goals"]
    first = _talk(agent, coach, today - timedelta(days=27), today - timedelta(days=1), goals[0])
    held_at = _at(team, first.planned_on, 14)
    coaching.acknowledge_talk(session=first, words=words["agent_words"], as_of=held_at - timedelta(hours=20))
    coaching.hold_talk(session_id=first.pk, person=coach, as_of=held_at)
    coaching.add_note(session_id=first.pk, author=coach, words=words["private_note"], is_shared=False, as_of=held_at)
    coaching.add_note(session_id=first.pk, author=coach, words=words["shared_note"], is_shared=True, as_of=held_at + timedelta(minutes=20))
    coaching.follow_up(
        session_id=first.pk, person=coach, outcome="reached", words=words["outcome"], as_of=_at(team, first.follow_up_on, 14)
    )
    _talk(agent, coach, today + timedelta(days=2), today + timedelta(days=30), goals[2])
    others = Agent.objects.filter(memberships__team=team).exclude(pk=agent.pk).select_related("user").order_by("code")
    due = others[0]
    talk = _talk(due, coach, today - timedelta(days=21), today, goals[1])
    coaching.hold_talk(session_id=talk.pk, person=coach, as_of=_at(team, talk.planned_on, 11))
    _improve(others[1], coach, words["improvement"], team, today)
    answered = (
        Feedback.objects.filter(agent=agent, kind=Feedback.Kind.QA, given_at__lte=as_of).select_related("agent").order_by("-given_at", "pk")
    )
    read_feedback.answer_feedback(feedback=answered[0], words=words["answer"], as_of=as_of - timedelta(hours=5))


def _talk(agent: Agent, coach: User, planned_on: date, follow_up_on: date, goal: str) -> Any:
    talk = coaching.Talk(planned_on=planned_on, goal=goal, metric="fcr", follow_up_on=follow_up_on)
    at = datetime.combine(planned_on - timedelta(days=3), time(15), tzinfo=ZoneInfo(agent.site.timezone))
    return coaching.plan_talk(agent=agent, coach=coach, talk=talk, as_of=at)


def _improve(agent: Agent, lead: User, wanted: dict[str, str], team: Team, today: date) -> None:
    opened_at = _at(team, today - timedelta(days=14), 11)
    agreed = improvement.Agreed(
        reason=wanted["reason"], goal=wanted["goal"], support=wanted["support"], metric="fcr", review_on=today + timedelta(days=14)
    )
    plan = improvement.open_plan(agent=agent, person=lead, agreed=agreed, as_of=opened_at)
    step_at = opened_at + timedelta(days=7)
    improvement.add_step(plan_id=plan.pk, person=lead, kind="support", words=wanted["step"], review_on=None, as_of=step_at)


def _train(team: Team | None, words: dict[str, Any], as_of: datetime) -> None:
    courses = [Course.objects.create(**course) for course in words["courses"]]
    if team is None or team.lead is None:
        return
    agents = list(Agent.objects.filter(memberships__team=team).exclude(user=team.lead).order_by("code"))
    today = as_of.date()
    for course, day, due_on in ((courses[0], today - timedelta(days=12), today - timedelta(days=2)), (courses[1], today, today + WEEK)):
        given = training.assign_training(
            agents=agents,
            assignment=training.Assignment(due_on=due_on, course=course, team=team),
            person=team.lead,
            as_of=_at(team, day, 10),
        )
        for task in given.tasks:
            if due_on < today and chance.happens("trained", task.agent.code, percent=85):
                training.finish_task(task=task, words="", as_of=_at(team, due_on, 16), find_settled=find_settled)
