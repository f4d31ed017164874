"""Fill in a review: keep a draft, finish it blind, compare, and publish it to the agent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from agents.models import Assessment, AssessmentAnswer, Feedback, QaReview, ScorecardItem, Source, User
from agents.models.reviews import WEIGHTS_BP
from agents.operations.people import notify
from agents.rules import scorecards
from contracts.rules import errors

Status = Assessment.Status
SOURCE_CODE = "portal"


class UnableToReview(Exception):
    """A review that is somebody else's, published, incomplete, or changed without a reason."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What a reviewer filled in: an answer by item id, and what the agent reads."""

    answers: Mapping[int, str]
    went_well: str = ""
    to_try: str = ""
    change_reason: str = ""


def keep_draft(*, assessment_id: int, person: User, sheet: Sheet) -> Assessment:
    """Keep what is filled in so far; only the reviewer sees it.

    Args:
        assessment_id: a review that is not finished.
        person: its reviewer.
        sheet: any of the answers; what is left out is kept as it was.

    Returns: the review.
    Raises: UnableToReview; nothing is written then.
    """
    with transaction.atomic():
        found = _lock(assessment_id, person)
        if found.status not in (Status.WAITING, Status.DRAFT):
            raise UnableToReview(_("This review is finished. Publish it, with a reason where you change an answer."))
        _write(found, sheet)
        found.status = Status.DRAFT
        found.save(update_fields=["status", "went_well", "to_try"])
    return found


def finish_review(*, assessment_id: int, person: User, sheet: Sheet, as_of: datetime) -> Assessment:
    """Fix the answers before anybody compares; a review that nobody scores a second time is published at once.

    Args:
        assessment_id: a review that is not finished.
        person: its reviewer.
        sheet: an answer to every item.
        as_of: business instant.

    Returns: the review, finished or published.
    Raises: UnableToReview if an item has no answer; nothing is written then.
    """
    with transaction.atomic():
        found = _lock(assessment_id, person)
        if found.status not in (Status.WAITING, Status.DRAFT):
            raise UnableToReview(_("This review is finished already."))
        _write(found, sheet)
        score = score_of(assessment=found)
        for answer in found.answers.all():
            answer.blind_answer = answer.answer
            answer.save(update_fields=["blind_answer"])
        found.status, found.finished_at, found.blind_score = Status.FINISHED, as_of, score.score
        found.save(update_fields=["status", "went_well", "to_try", "finished_at", "blind_score"])
        if not found.is_second and not found.sampled.assessments.exclude(pk=found.pk).exists():
            _publish(found, score, as_of)
    return found


def publish_review(*, assessment_id: int, person: User, sheet: Sheet, as_of: datetime) -> Assessment:
    """Publish a finished review to the agent; answers may differ from the blind ones, with a reason. Agreement counts the blind ones.

    Args:
        assessment_id: a finished review of the first reviewer.
        person: that reviewer.
        sheet: an answer to every item, and why any was changed.
        as_of: business instant.

    Returns: the published review.
    Raises: UnableToReview; nothing is written then.
    """
    with transaction.atomic():
        found = _lock(assessment_id, person)
        if found.is_second:
            raise UnableToReview(_("A second review is for calibration; the first reviewer’s is published."))
        if found.status != Status.FINISHED:
            raise UnableToReview(_("Finish the review first; then it can be published."))
        _write(found, sheet)
        is_changed = any(answer.answer != answer.blind_answer for answer in found.answers.all())
        if is_changed and not sheet.change_reason.strip():
            raise UnableToReview(_("You changed an answer after comparing. Write why, then publish again."))
        found.change_reason = sheet.change_reason.strip() if is_changed else ""
        found.save(update_fields=["went_well", "to_try", "change_reason"])
        _publish(found, score_of(assessment=found), as_of)
    return found


def score_of(*, assessment: Assessment) -> scorecards.CardScore:
    """Score the answers of a review.

    Args:
        assessment: with its answers.

    Returns: the score, 0 to 100, and whether it passes.
    Raises: UnableToReview if they are not complete.
    """
    version = assessment.sampled.draw.scorecard_version
    answers = {str(answer.item_id): answer.answer for answer in assessment.answers.all()}
    try:
        return scorecards.score_answers(items=items_of(items=version.items.all()), answers=answers, pass_score=version.pass_score)
    except errors.InvalidInput as refused:
        raise UnableToReview(str(refused)) from refused


def items_of(*, items: object) -> tuple[scorecards.Item, ...]:
    """Return scorecard items as the rule reads them; the code of an item is its id.

    Args:
        items: rows of one scorecard version, weights in basis points.

    Returns: weights as parts of one.
    """
    rows: list[ScorecardItem] = list(items)  # type: ignore[call-overload]
    return tuple(
        scorecards.Item(code=str(item.pk), weight=Fraction(item.weight_bp, WEIGHTS_BP), is_critical=item.is_critical) for item in rows
    )


def _lock(assessment_id: int, person: User) -> Assessment:
    wanted = ("sampled__draw__scorecard_version", "sampled__draw__team", "sampled__agent", "sampled__resolution__case")
    found = Assessment.objects.select_for_update(of=("self",)).select_related(*wanted).get(pk=assessment_id)
    if found.reviewer_id != person.pk:
        raise UnableToReview(_("This review is another reviewer’s."))
    if found.sampled.agent.user_id == person.pk:
        raise UnableToReview(_("This is your own work; somebody else reviews it."))
    if found.status == Status.PUBLISHED:
        raise UnableToReview(_("This review is published. The agent can answer or dispute it."))
    return found


def _write(found: Assessment, sheet: Sheet) -> None:
    """Write the answers to the items of this card; an answer to anything else is refused."""
    known = set(found.sampled.draw.scorecard_version.items.values_list("pk", flat=True))
    if set(sheet.answers) - known or set(sheet.answers.values()) - set(AssessmentAnswer.Answer.values):
        raise UnableToReview(_("An answer is none of this scorecard. Open the page again, then answer once more."))
    for item, answer in sheet.answers.items():
        AssessmentAnswer.objects.update_or_create(assessment=found, item_id=item, defaults={"answer": answer})
    found.went_well, found.to_try = sheet.went_well.strip(), sheet.to_try.strip()


def _publish(found: Assessment, score: scorecards.CardScore, as_of: datetime) -> None:
    """Write the review that counts, and what the agent reads of it."""
    case = found.sampled
    source = Source.objects.get_or_create(code=SOURCE_CODE, defaults={"name": "PPR Portal", "vendor": Source.Vendor.OTHER})[0]
    words = "\n".join(part for part in (found.went_well, found.to_try) if part)
    review = QaReview.objects.create(
        source=source,
        key=f"sample-{case.pk}",
        resolution=case.resolution,
        agent=case.agent,
        reviewer=found.reviewer,
        score=score.score,
        is_passed=score.is_passed,
        note=words,
        reviewed_at=as_of,
    )
    Feedback.objects.create(
        source=source,
        agent=case.agent,
        kind=Feedback.Kind.QA,
        author=found.reviewer,
        resolution=case.resolution,
        review=review,
        words=words,
        given_at=as_of,
    )
    found.qa_review, found.published_at, found.status = review, as_of, Status.PUBLISHED
    found.save(update_fields=["qa_review", "published_at", "status"])
    if case.agent.user_id:
        facts = {"reviewer": str(found.reviewer)}
        if score.failed_critical:
            titles = case.draw.scorecard_version.items.filter(pk__in=score.failed_critical).values_list("title", flat=True)
            facts["items"] = ", ".join(titles)
        notify.notify(
            kind="review_failed" if score.failed_critical else "review_published",
            people=[case.agent.user_id],
            key=f"review-{review.pk}",
            facts=facts,
            path=reverse("feedback"),
            as_of=as_of,
        )
