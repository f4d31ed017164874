"""Seeds what the log lacks about quality: surveys, QA reviews, feedback and the rates that agents are compared with.

All of it is drawn by fixed chance from the names of agents and cases, in realistic small samples, and belongs to sources
that every page marks as simulated. Each function may run again: what is there already stays.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from agents import models
from agents.models import Feedback, QaReview, Resolution, Source, Survey
from ppr_portal.demo import chance
from ppr_portal.demo.company import FewSurveys, Words
from ppr_portal.demo.records import QUALITY

RESPONSE_PERCENT = 11
FAVORABLE_PERCENT = 87
COMMENT_PERCENT = 34
QA_PASS_SCORE = 80
QA_RESOLUTIONS_MIN = 25
QA_COUNT_MIN = 4
READ_AFTER = timedelta(days=4)
BATCH = 2_000


@dataclass(frozen=True, kw_only=True)
class Answer:
    """How a customer answers the survey about one resolution."""

    resolution: Resolution
    at: datetime
    is_favorable: bool
    comment: Words.Comment | None

    @property
    def key(self) -> str:
        return f"{self.resolution.case.key}/{self.resolution.number}"


def seed_surveys(*, as_of: datetime, words: Words, few: FewSurveys) -> list[Survey]:
    """Write the surveys answered by an instant, with the comments as feedback.

    Args:
        as_of: nothing later is known.
        words: what customers write.
        few: the agent who gets so many answers and no more.

    Returns: the new surveys.
    """
    source = Source.objects.get(code=QUALITY)
    known = set(Survey.objects.filter(source=source).values_list("key", flat=True))
    answers = [answer for answer in _answers(as_of, words, few) if answer.key not in known]
    surveys = Survey.objects.bulk_create(
        (
            Survey(
                source=source,
                key=answer.key,
                resolution=answer.resolution,
                agent=answer.resolution.agent,
                is_favorable=answer.is_favorable,
                comment=answer.comment.words if answer.comment else "",
                answered_at=answer.at,
            )
            for answer in answers
        ),
        batch_size=BATCH,
    )
    Feedback.objects.bulk_create(_customer_feedback(source, answer, as_of) for answer in answers if answer.comment)
    return surveys


def seed_reviews(*, month: date, as_of: datetime, words: Words, leads: dict[int, models.User]) -> int:
    """Write the QA reviews of one month's resolutions that were done by an instant, and what the agents read about them.

    Args:
        month: first day of the month, in UTC.
        as_of: nothing later is known.
        words: what reviewers write.
        leads: who reviews, by agent id.

    Returns: how many reviews are new.
    """
    source = Source.objects.get(code=QUALITY)
    known = set(QaReview.objects.filter(source=source).values_list("key", flat=True))
    reviews = [review for review in _reviews(source, month, words, leads) if review.key not in known and review.reviewed_at <= as_of]
    QaReview.objects.bulk_create(reviews, batch_size=BATCH)
    Feedback.objects.bulk_create(_review_feedback(review, as_of) for review in reviews)
    return len(reviews)


def seed_coaching(*, as_of: datetime, words: Words, leads: dict[int, models.User], agents: Iterable[models.Agent]) -> int:
    """Write a coaching note to some agents; nothing if there are any already."""
    source = Source.objects.get(code=QUALITY)
    if Feedback.objects.filter(source=source, kind=Feedback.Kind.COACHING).exists():
        return 0
    notes = [
        Feedback(
            source=source,
            agent=agent,
            kind=Feedback.Kind.COACHING,
            author=leads[agent.pk],
            words=chance.pick("coaching", agent.code, items=words.coaching),
            given_at=as_of - timedelta(hours=5 + chance.draw("coaching at", agent.code, below=60)),
        )
        for agent in agents
    ]
    return len(Feedback.objects.bulk_create(notes))


def _answers(as_of: datetime, words: Words, few: FewSurveys) -> Iterator[Answer]:
    left = few.count
    for resolution in _resolutions(as_of):
        code, names = _agent_of(resolution).code, (resolution.case.key, resolution.number)
        if code != few.agent and not chance.happens("survey", *names, percent=RESPONSE_PERCENT):
            continue
        at = resolution.resolved_at + timedelta(minutes=95 + chance.draw("survey at", *names, below=44 * 60))
        came_back = resolution.reopened_at is not None and resolution.reopened_at <= at
        if at > as_of or came_back:
            continue
        if code == few.agent:
            if at < few.start or left == 0:
                continue
            left -= 1
        leaning = chance.draw("leaning", code, below=13) - 7
        is_favorable = chance.happens("favorable", *names, percent=FAVORABLE_PERCENT + leaning)
        comments = words.favorable if is_favorable else words.unfavorable
        has_comment = chance.happens("comment", *names, percent=COMMENT_PERCENT)
        yield Answer(
            resolution=resolution,
            at=at,
            is_favorable=is_favorable,
            comment=chance.pick("words", *names, items=comments) if has_comment else None,
        )


def _resolutions(as_of: datetime) -> Iterable[Resolution]:
    found = Resolution.objects.filter(agent__isnull=False, resolved_at__lte=as_of).exclude(state="void")
    return found.select_related("case", "agent").order_by("resolved_at", "case__key", "number")


def _agent_of(resolution: Resolution) -> models.Agent:
    assert resolution.agent is not None, "only resolutions of a known agent are asked for"
    return resolution.agent


def _customer_feedback(source: Source, answer: Answer, as_of: datetime) -> Feedback:
    assert answer.comment is not None
    return Feedback(
        source=source,
        agent=answer.resolution.agent,
        kind=Feedback.Kind.CUSTOMER,
        resolution=answer.resolution,
        words=answer.comment.words,
        tags=list(answer.comment.tags),
        given_at=answer.at,
        read_at=_read_at(answer.at, as_of),
    )


def _reviews(source: Source, month: date, words: Words, leads: dict[int, models.User]) -> Iterator[QaReview]:
    solved = Resolution.objects.filter(agent_id__in=list(leads), resolved_at__year=month.year, resolved_at__month=month.month)
    ordered = solved.select_related("case", "agent").order_by("agent__code", "case__key", "number")
    for (agent_id, code), found in groupby(ordered, key=lambda resolution: (_agent_of(resolution).pk, _agent_of(resolution).code)):
        resolutions = list(found)
        if len(resolutions) < QA_RESOLUTIONS_MIN:
            continue
        drawn = sorted(resolutions, key=lambda resolution: chance.draw("qa", resolution.case.key, resolution.number, below=1 << 32))
        for resolution in drawn[: QA_COUNT_MIN + chance.draw("qa count", code, month, below=7)]:
            yield _review(source, resolution, words, leads[agent_id])


def _review(source: Source, resolution: Resolution, words: Words, reviewer: models.User) -> QaReview:
    names = (resolution.case.key, resolution.number)
    is_passed = chance.happens("qa passed", *names, percent=91 + chance.draw("care", _agent_of(resolution).code, below=9) - 4)
    score = QA_PASS_SCORE + chance.draw("qa score", *names, below=20) if is_passed else 58 + chance.draw("qa score", *names, below=22)
    after = timedelta(days=1 + chance.draw("qa day", *names, below=4), minutes=chance.draw("qa minute", *names, below=300))
    return QaReview(
        source=source,
        key=f"{resolution.case.key}/{resolution.number}",
        resolution=resolution,
        agent=resolution.agent,
        reviewer=reviewer,
        score=score,
        is_passed=is_passed,
        note=chance.pick("qa words", *names, items=words.qa_passed if is_passed else words.qa_missed),
        reviewed_at=resolution.resolved_at + after,
    )


def _review_feedback(review: QaReview, as_of: datetime) -> Feedback:
    verdict = "passed" if review.is_passed else "not passed"
    return Feedback(
        source=review.source,
        agent=review.agent,
        kind=Feedback.Kind.QA,
        author=review.reviewer,
        resolution=review.resolution,
        review=review,
        words=f"{review.score} of 100, {verdict}. {review.note}",
        given_at=review.reviewed_at,
        read_at=_read_at(review.reviewed_at, as_of),
    )


def _read_at(given_at: datetime, as_of: datetime) -> datetime | None:
    return given_at + timedelta(hours=20) if given_at < as_of - READ_AFTER else None
