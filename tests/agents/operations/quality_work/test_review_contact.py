"""Filling in reviews: drafts, blind answers, publishing, and what the agent gets."""

from datetime import timedelta

import pytest

from agents.models import Agent, Assessment, Feedback, Notification, QaReview, SampleDraw, User
from agents.operations.quality_work import draw_reviews, read_feedback, review_contact, set_aside_review
from agents.queries import inbox
from tests import factories

pytestmark = pytest.mark.django_db

NOW = factories.NOON


@pytest.fixture
def drawn() -> SampleDraw:
    factories.make_scorecard()
    team = factories.make_team(lead=factories.make_user(name="Dana Okafor", roles=["lead"]))
    factories.make_team(name="Network B", lead=factories.make_user(name="Omar Weiss", roles=["lead"]))
    agent = factories.make_agent_with_account(team=team)
    version = factories.make_contract_version()
    for number in range(2):
        factories.make_resolution(agent=agent, version=version, resolved_at=NOW - timedelta(days=3, minutes=number))
    return draw_reviews.draw_reviews(
        team=team,
        period_from=NOW.date() - timedelta(days=7),
        period_to=NOW.date(),
        wish=draw_reviews.Wish(size=2, agent_min=1, second_count=1),
        person=team.lead,
        as_of=NOW,
        seed="test",
    )


def sheet(review: Assessment, *answers: str, **words: str) -> review_contact.Sheet:
    """Answer the three items in order."""
    items = review.sampled.draw.scorecard_version.items.order_by("position")
    return review_contact.Sheet(answers={item.pk: answer for item, answer in zip(items, answers, strict=False)}, **words)


def alone(drawn: SampleDraw) -> Assessment:
    """Return the review that nobody scores a second time."""
    second = Assessment.objects.get(is_second=True)
    return Assessment.objects.exclude(sampled=second.sampled).get(sampled__draw=drawn)


def test_a_review_by_one_is_published_at_once_and_reaches_the_agent(drawn: SampleDraw) -> None:
    review = alone(drawn)
    wanted = sheet(review, "yes", "yes", "partly", went_well="Right at once.", to_try="Say when.")
    done = review_contact.finish_review(assessment_id=review.pk, person=review.reviewer, sheet=wanted, as_of=NOW)

    assert (done.status, done.blind_score) == ("published", 88)
    made = QaReview.objects.get()
    assert (made.score, made.is_passed, made.reviewer, made.agent) == (88, True, review.reviewer, review.sampled.agent)
    feedback = Feedback.objects.get()
    assert (feedback.review, feedback.kind, feedback.words) == (made, "qa", "Right at once.\nSay when.")
    assert Notification.objects.get(kind="review_published").person == review.sampled.agent.user


def test_a_draft_keeps_answers_and_an_incomplete_sheet_is_refused(drawn: SampleDraw) -> None:
    review = alone(drawn)
    review_contact.keep_draft(assessment_id=review.pk, person=review.reviewer, sheet=sheet(review, "yes", went_well="Calm."))
    with pytest.raises(review_contact.UnableToReview, match="2 items have no answer"):
        review_contact.finish_review(assessment_id=review.pk, person=review.reviewer, sheet=sheet(review), as_of=NOW)

    review.refresh_from_db()
    assert (review.status, review.went_well, review.answers.count()) == ("draft", "Calm.", 1)
    assert not QaReview.objects.exists()


def test_a_critical_no_scores_zero(drawn: SampleDraw) -> None:
    review = alone(drawn)
    review_contact.finish_review(assessment_id=review.pk, person=review.reviewer, sheet=sheet(review, "yes", "no", "yes"), as_of=NOW)

    assert list(QaReview.objects.values_list("score", "is_passed")) == [(0, False)]
    failed = review.answers.get(answer="no").item
    (item,) = inbox.list_feedback(feedback=Feedback.objects.all())
    assert failed.is_critical
    assert item.why_not_passed == f"Critical and not met: {failed.title}. Such a no makes the score zero."
    told = Notification.objects.filter(person=review.sampled.agent.user, kind="review_failed").values_list("facts", flat=True)
    assert [facts["items"] for facts in told] == ([failed.title] if review.sampled.agent.user else [])


def test_a_score_below_the_mark_says_what_is_needed(drawn: SampleDraw) -> None:
    review = alone(drawn)
    review_contact.finish_review(assessment_id=review.pk, person=review.reviewer, sheet=sheet(review, "partly", "yes", "no"), as_of=NOW)
    (item,) = inbox.list_feedback(feedback=Feedback.objects.all())

    assert (item.review_is_passed, item.why_not_passed) == (False, "A review passes from 85 on.")


def test_two_score_blind_then_compare_and_the_first_publishes_with_a_reason(drawn: SampleDraw) -> None:
    second = Assessment.objects.get(is_second=True)
    first = Assessment.objects.get(sampled=second.sampled, is_second=False)
    answers = sheet(first, "yes", "yes", "no")
    done = review_contact.finish_review(assessment_id=first.pk, person=first.reviewer, sheet=answers, as_of=NOW)
    assert (done.status, QaReview.objects.count()) == ("finished", 0)
    review_contact.finish_review(assessment_id=second.pk, person=second.reviewer, sheet=sheet(second, "yes", "yes", "yes"), as_of=NOW)

    with pytest.raises(review_contact.UnableToReview, match="Write why"):
        review_contact.publish_review(assessment_id=first.pk, person=first.reviewer, sheet=sheet(first, "yes", "yes", "yes"), as_of=NOW)
    wanted = sheet(first, "yes", "yes", "yes", change_reason="I had missed the last mail.")
    review_contact.publish_review(assessment_id=first.pk, person=first.reviewer, sheet=wanted, as_of=NOW)

    assert QaReview.objects.get().score == 100
    assert [answer.blind_answer for answer in first.answers.order_by("item__position")] == ["yes", "yes", "no"]
    with pytest.raises(review_contact.UnableToReview, match="for calibration"):
        review_contact.publish_review(assessment_id=second.pk, person=second.reviewer, sheet=sheet(second), as_of=NOW)


def test_only_the_reviewer_fills_it_in_and_never_the_agent(drawn: SampleDraw) -> None:
    review = alone(drawn)
    stranger = factories.make_user(roles=["lead"])
    with pytest.raises(review_contact.UnableToReview, match="another reviewer’s"):
        review_contact.keep_draft(assessment_id=review.pk, person=stranger, sheet=sheet(review, "yes"))
    Agent.objects.update(user=review.reviewer)
    with pytest.raises(review_contact.UnableToReview, match="your own work"):
        review_contact.keep_draft(assessment_id=review.pk, person=User.objects.get(pk=review.reviewer_id), sheet=sheet(review, "yes"))


def test_an_answer_to_another_card_is_refused(drawn: SampleDraw) -> None:
    review = alone(drawn)
    other = factories.make_scorecard(name="Other").items.earliest("pk")
    with pytest.raises(review_contact.UnableToReview, match="none of this scorecard"):
        review_contact.keep_draft(assessment_id=review.pk, person=review.reviewer, sheet=review_contact.Sheet(answers={other.pk: "yes"}))


def test_a_published_review_is_neither_edited_nor_counted_while_set_aside(drawn: SampleDraw) -> None:
    review = alone(drawn)
    review_contact.finish_review(assessment_id=review.pk, person=review.reviewer, sheet=sheet(review, "yes", "yes", "yes"), as_of=NOW)
    with pytest.raises(review_contact.UnableToReview, match="is published"):
        review_contact.keep_draft(assessment_id=review.pk, person=review.reviewer, sheet=sheet(review, "no"))

    made = QaReview.objects.get()
    set_aside_review.set_review_aside(review_id=made.pk, as_of=NOW)
    set_aside_review.set_review_aside(review_id=made.pk, as_of=NOW + timedelta(days=1))
    made.refresh_from_db()
    assert made.set_aside_at == NOW
    set_aside_review.count_review_again(review_id=made.pk)
    made.refresh_from_db()
    assert made.set_aside_at is None


def test_feedback_is_taken_in_and_answered_once(drawn: SampleDraw) -> None:
    review = alone(drawn)
    review_contact.finish_review(assessment_id=review.pk, person=review.reviewer, sheet=sheet(review, "yes", "yes", "yes"), as_of=NOW)
    feedback = Feedback.objects.select_related("agent").get()
    with pytest.raises(read_feedback.UnableToAnswer, match="Write something"):
        read_feedback.answer_feedback(feedback=feedback, words="  ", as_of=NOW)
    read_feedback.answer_feedback(feedback=feedback, words="Thank you, I will.", as_of=NOW)
    with pytest.raises(read_feedback.UnableToAnswer, match="answered this already"):
        read_feedback.answer_feedback(feedback=feedback, words="Once more", as_of=NOW)

    feedback.refresh_from_db()
    assert (feedback.answer, feedback.read_at, feedback.acknowledged_at) == ("Thank you, I will.", NOW, NOW)
    assert Notification.objects.get(kind="feedback_answered").person == review.reviewer
