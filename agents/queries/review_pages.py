"""Reviews, draws and agreement between reviewers, as their pages show them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Q, QuerySet

from agents.models import Assessment, AssessmentAnswer, CaseEvent, SampledCase, SampleDraw, ScorecardItem
from agents.rules import agreement, sampling

COUNT_MAX = 10_000
EVENTS_MAX = 200
DIFFERING_MAX = 50
# The answers of both to one item of one case, each given blind: on how many cases, how often which, and the newest that differ.
BOTH = """
    WITH both_answers AS MATERIALIZED (
        SELECT second.sampled_id, second.finished_at, a.id AS first_id, b.id AS second_id, b.item_id, i.position,
            a.blind_answer AS first_answer, b.blind_answer AS second_answer
        FROM agents_assessment second
        JOIN agents_assessment first ON first.sampled_id = second.sampled_id AND NOT first.is_second AND first.finished_at >= %s
        JOIN agents_assessmentanswer b ON b.assessment_id = second.id AND b.blind_answer <> ''
        JOIN agents_assessmentanswer a ON a.assessment_id = first.id AND a.item_id = b.item_id AND a.blind_answer <> ''
        JOIN agents_scorecarditem i ON i.id = b.item_id
        WHERE second.is_second AND second.finished_at >= %s {sampled}
    ), counted AS (
        SELECT item_id, first_answer, second_answer, count(*) AS total FROM both_answers GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ), different AS (
        SELECT first_id, second_id FROM both_answers WHERE first_answer <> second_answer
        ORDER BY finished_at DESC, sampled_id, position LIMIT %s
    )
    SELECT json_build_array(
        (SELECT count(*) FROM (SELECT FROM both_answers GROUP BY sampled_id) sampled),
        (SELECT coalesce(json_agg(json_build_array(item_id, first_answer, second_answer, total)), '[]') FROM counted),
        (SELECT coalesce(json_agg(json_build_array(first_id, second_id)), '[]') FROM different))::text"""


@dataclass(frozen=True, kw_only=True)
class Differing:
    """A case and an item on which two reviewers differ, blind."""

    assessment_id: int
    case_key: str
    agent_name: str
    item: str
    first_name: str
    first: str
    second_name: str
    second: str


@dataclass(frozen=True, kw_only=True)
class ItemAgreement:
    """How alike reviewers answer one item."""

    item: ScorecardItem
    found: agreement.Agreement


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """How alike reviewers score since an instant, by item, and where they differ."""

    all: agreement.Agreement | None
    items: tuple[ItemAgreement, ...]
    differing: tuple[Differing, ...]
    case_count: int


@dataclass(frozen=True, kw_only=True)
class DrawCheck:
    """Whether the same draw comes out again from what was kept."""

    is_frame_whole: bool
    is_same: bool


def list_events(*, assessment: Assessment) -> tuple[CaseEvent, ...]:
    """Return what happened on the case of a review, in order, in one query. It holds no words and no names of customers."""
    found = CaseEvent.objects.filter(case=assessment.sampled.resolution.case_id)
    wanted = ("agent_identity__agent", "channel", "query_type")
    return tuple(found.select_related(*wanted).order_by("occurred_at", "sequence", "pk")[:EVENTS_MAX])


def other_finished(*, assessment: Assessment) -> Assessment | None:
    """Return the other reviewer's scoring of the same case, once both have finished blind."""
    if assessment.finished_at is None:
        return None
    others = Assessment.objects.filter(sampled=assessment.sampled_id, finished_at__isnull=False).exclude(pk=assessment.pk)
    return others.select_related("reviewer").prefetch_related("answers").first()


def count_queue(*, own: QuerySet[Assessment], published: QuerySet[Assessment]) -> dict[str, int]:
    """Return how many reviews of a reviewer's own are in each state before they are published, and how many are published, in two queries.

    Nobody reads through ten thousand: what is published and more is told as COUNT_MAX + 1, so that a count costs no more as reviews grow.

    Args:
        own, published: as agents.access.own_assessments_for and published_assessments_for return them.
    """
    unpublished = own.exclude(status=Assessment.Status.PUBLISHED).order_by()
    return {
        **dict(unpublished.values_list("status").annotate(Count("pk"))),
        Assessment.Status.PUBLISHED: published.order_by()[: COUNT_MAX + 1].count(),
    }


def read_calibration(*, since: datetime, sampled: QuerySet[SampledCase] | None) -> Calibration:
    """Measure how alike two reviewers scored the same cases blind, in three queries; of where they differ, the newest are told.

    Args:
        since: both finished from this instant on.
        sampled: the cases that may be read; None: all.
    """
    narrowed, values = ("", ()) if sampled is None else sampled.order_by().values("pk").query.sql_with_params()
    statement = BOTH.format(sampled=f"AND second.sampled_id IN ({narrowed})" if narrowed else "")
    with connection.cursor() as cursor:
        cursor.execute(statement, [since, since, *values, DIFFERING_MAX])
        case_count, counted, different = json.loads(cursor.fetchone()[0])
    pairs = [agreement.Pair(item=str(item_id), first=first, second=second, count=count) for item_id, first, second, count in counted]
    items = ScorecardItem.objects.in_bulk([row[0] for row in counted])
    answers = AssessmentAnswer.objects.select_related(
        "item", "assessment__reviewer", "assessment__sampled__resolution__case", "assessment__sampled__agent"
    ).in_bulk([pk for pair in different for pk in pair])
    measured = agreement.measure_items(pairs=pairs)
    return Calibration(
        all=agreement.measure_agreement(pairs=pairs),
        items=tuple(
            ItemAgreement(item=items[int(code)], found=found)
            for code, found in sorted(measured.items(), key=lambda one: (one[1].rate, one[0]))
        ),
        differing=tuple(_differing(answers[first], answers[second]) for first, second in different),
        case_count=case_count,
    )


def _differing(first: AssessmentAnswer, second: AssessmentAnswer) -> Differing:
    case = first.assessment.sampled
    answers = dict(AssessmentAnswer.Answer.choices)
    return Differing(
        assessment_id=first.assessment_id,
        case_key=case.resolution.case.key,
        agent_name=case.agent.name,
        item=first.item.title,
        first_name=str(first.assessment.reviewer),
        first=str(answers[first.blind_answer]),
        second_name=str(second.assessment.reviewer),
        second=str(answers[second.blind_answer]),
    )


def check_draw(*, draw: SampleDraw, cases: Iterable[SampledCase]) -> DrawCheck:
    """Draw once more from what was kept and compare, as a stranger can with the file and the seed."""
    drawn = {f"{case.resolution.case.source.code}/{case.resolution.case.key}/{case.resolution.number}" for case in cases}
    picks = sampling.draw_sample(
        frame=sampling.read_frame(text=draw.frame),
        size=draw.size,
        agent_min=draw.agent_min,
        second_count=draw.second_count,
        seed=draw.seed,
    )
    return DrawCheck(is_frame_whole=sampling.hash_frame(text=draw.frame) == draw.frame_hash, is_same={pick.key for pick in picks} == drawn)


def list_cases(*, draw: SampleDraw) -> tuple[SampledCase, ...]:
    """Return the drawn cases with how far their reviews are, in one query."""
    found = draw.cases.select_related("resolution__case__source", "agent", "query_type", "channel").annotate(
        published_count=Count("assessments", filter=Q(assessments__status="published")), review_count=Count("assessments")
    )
    return tuple(found.order_by("agent__name", "pk"))
