"""Filling in one review: the case on one side, the scorecard on the other, and what the agent will read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agents import access
from agents.models import Assessment, AssessmentAnswer, ScorecardItem
from agents.operations.quality_work import review_contact
from agents.queries import review_pages
from agents.rules import scorecards
from contracts import clock, row_ids
from ppr_portal.pages.entry import PortalRequest, portal_page
from ppr_portal.pages.work import resolutions

Answer = AssessmentAnswer.Answer
Status = Assessment.Status
WORDS_MAX = 4000
ANSWER_DAYS = timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class ItemRow:
    """One item of the card with its answer, its points, and what the other reviewer answered."""

    item: ScorecardItem
    options: tuple[tuple[str, str, bool], ...]
    points: Fraction | None
    possible: Fraction
    answer_label: str
    other_label: str
    is_missing: bool


@dataclass(frozen=True, kw_only=True)
class Section:
    """Items under one heading."""

    title: str
    rows: tuple[ItemRow, ...]

    @property
    def points(self) -> Fraction:
        """What the answers brought so far."""
        return sum((row.points for row in self.rows if row.points is not None), Fraction(0))

    @property
    def possible(self) -> Fraction:
        """What they could bring."""
        return sum((row.possible for row in self.rows), Fraction(0))


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def review(request: PortalRequest, pk: int) -> HttpResponse:
    """Show a review; its reviewer fills it in, keeps a draft, finishes it blind, compares and publishes."""
    wide = (
        *("sampled__agent", "sampled__resolution__case__source", "sampled__query_type", "sampled__channel", "reviewer", "qa_review"),
        *("sampled__draw__team", "sampled__draw__scorecard_version__scorecard"),
    )
    found = get_object_or_404(access.assessments_for(request.user, on=request.today).select_related(*wide), pk=pk)
    is_mine = found.reviewer_id == request.user.pk
    if request.method != "POST":
        return _show(request, found, is_mine)
    if not is_mine:
        raise Http404
    try:
        return _act(request, found)
    except review_contact.UnableToReview as refused:
        return _show(request, found, is_mine, fault=str(refused))


def _act(request: PortalRequest, found: Assessment) -> HttpResponse:
    sheet = _sheet(request)
    if "draft" in request.POST:
        review_contact.keep_draft(assessment_id=found.pk, person=request.user, sheet=sheet)
        messages.success(request, _("Kept as a draft. Only you see it."))
        return redirect("review", pk=found.pk)
    act = review_contact.publish_review if found.status == Status.FINISHED else review_contact.finish_review
    done = act(assessment_id=found.pk, person=request.user, sheet=sheet, as_of=clock.now())
    if done.status == Status.PUBLISHED:
        messages.success(request, _("Published. %(agent)s reads it in their feedback.") % {"agent": done.sampled.agent.name})
        return redirect("reviews")
    messages.success(request, _("Finished. Your answers are fixed, and you see the other reviewer’s as soon as they have finished too."))
    return redirect("review", pk=found.pk)


def _sheet(request: PortalRequest) -> review_contact.Sheet:
    answers = {
        item: str(value)
        for name, value in request.POST.items()
        if name.startswith("item-") and (item := row_ids.read_id(name.removeprefix("item-"))) is not None
    }
    words = {name: str(request.POST.get(name, "")).replace("\x00", "")[:WORDS_MAX] for name in ("went_well", "to_try", "change_reason")}
    return review_contact.Sheet(answers=answers, **words)


def _show(request: PortalRequest, found: Assessment, is_mine: bool, *, fault: str = "") -> HttpResponse:
    version = found.sampled.draw.scorecard_version
    items = list(version.items.order_by("position"))
    stored = {answer.item_id: answer.answer for answer in found.answers.all()}
    given = {**stored, **(_sheet(request).answers if fault else {})}
    other = review_pages.other_finished(assessment=found) if is_mine else None
    theirs = {answer.item_id: answer.blind_answer for answer in other.answers.all()} if other else {}
    blind = {answer.item_id: answer.blind_answer for answer in found.answers.all()}
    score = _score(items, given, version.pass_score)
    may_write = is_mine and found.status != Status.PUBLISHED and not (found.is_second and found.status == Status.FINISHED)
    context: dict[str, Any] = {
        "review": found,
        "version": version,
        "about": resolutions.about(found.sampled.query_type, found.sampled.channel),
        "last": found.sampled.draw.period_to - timedelta(days=1),
        "events": review_pages.list_events(assessment=found),
        "sections": _sections(items, given, score, theirs, is_wrong=bool(fault)),
        "score": score,
        "failed": [item.title for item in items if score and str(item.pk) in score.failed_critical],
        "other": other,
        "same_count": sum(blind.get(item) == answer for item, answer in theirs.items()),
        "answer_count": len(theirs),
        "is_mine": is_mine,
        "may_write": may_write,
        "is_finished": found.status == Status.FINISHED,
        "waits_for_second": found.status == Status.FINISHED and other is None and not found.is_second,
        "will_compare": found.status in (Status.WAITING, Status.DRAFT) and found.sampled.draw.second_count > 0 and _has_second(found),
        "answer_by": request.today + ANSWER_DAYS,
        "fault": fault,
        "words": _words(request, found, fault),
    }
    return render(request, "qa/review.html", context, status=422 if fault else 200)


def _has_second(found: Assessment) -> bool:
    return found.sampled.assessments.exclude(pk=found.pk).exists()


def _words(request: PortalRequest, found: Assessment, fault: str) -> Mapping[str, str]:
    if fault:
        sheet = _sheet(request)
        return {"went_well": sheet.went_well, "to_try": sheet.to_try, "change_reason": sheet.change_reason}
    return {"went_well": found.went_well, "to_try": found.to_try, "change_reason": found.change_reason}


def _score(items: list[ScorecardItem], given: Mapping[int, str], pass_score: int) -> scorecards.CardScore | None:
    """Return the score once every item has an answer."""
    try:
        return scorecards.score_answers(
            items=review_contact.items_of(items=items), answers={str(item): answer for item, answer in given.items()}, pass_score=pass_score
        )
    except (scorecards.InvalidAnswers, scorecards.InvalidScorecard):
        return None


def _sections(
    items: list[ScorecardItem],
    given: Mapping[int, str],
    score: scorecards.CardScore | None,
    theirs: Mapping[int, str],
    *,
    is_wrong: bool,
) -> tuple[Section, ...]:
    labels = {code: str(label) for code, label in Answer.choices}
    points = {found.code: found for found in score.points} if score else {}
    by_title: dict[str, list[ItemRow]] = {}
    for item in items:
        answer, found = given.get(item.pk, ""), points.get(str(item.pk))
        by_title.setdefault(item.section, []).append(
            ItemRow(
                item=item,
                options=tuple((code, labels[code], code == answer) for code in labels),
                points=found.points if found else None,
                possible=found.possible if found else Fraction(item.weight_bp, 100),
                answer_label=labels.get(answer, ""),
                other_label=labels[theirs[item.pk]] if item.pk in theirs and theirs[item.pk] != answer else "",
                is_missing=is_wrong and not answer,
            )
        )
    return tuple(Section(title=title, rows=tuple(rows)) for title, rows in by_title.items())
