"""A disputed QA review does not count until it is decided; an accepted dispute sets it aside for good."""

from datetime import timedelta

import pytest

from agents.models import Agent, QaReview, ReferenceRate, User
from agents.operations.fairness import freeze_reference_rates
from agents.queries import quality
from billing.models import Dispute
from billing.operations import answer_dispute, open_dispute
from tests import factories

pytestmark = pytest.mark.django_db
NOW = factories.NOON


@pytest.fixture
def review() -> QaReview:
    lead = factories.make_user(name="Dana Okafor", roles=["lead"])
    agent = factories.make_agent_with_account(team=factories.make_team(lead=lead))
    resolution = factories.make_resolution(agent=agent, version=factories.make_contract_version())
    values = {"source": resolution.case.source, "resolution": resolution, "agent": agent, "reviewer": lead, "reviewed_at": NOW}
    QaReview.objects.create(key="r1", score=95, is_passed=True, **values)
    return QaReview.objects.create(key="r2", score=40, is_passed=False, **values)


def counted(agent: Agent) -> list[tuple[int, int]]:
    """Return the successes and results of QA that pay rests on."""
    frame = quality.load_metrics(
        agent_ids=[agent.pk], start=NOW - timedelta(days=1), end=NOW + timedelta(days=1), period_start=NOW.date().replace(day=1)
    )
    return [(row["successes"], row["n"]) for row in frame.iter_rows(named=True) if row["metric"] == "qa"]


def dispute(review: QaReview) -> Dispute:
    """Let the agent dispute the review."""
    assert review.agent.user is not None
    claim = open_dispute.Claim(words="The greeting is there.", reason="wrong_score")
    return open_dispute.open_dispute(agent=review.agent, person=review.agent.user, claim=claim, as_of=NOW, qa_review_id=review.pk)


def answer(dispute: Dispute, status: str) -> None:
    """Let an approver answer."""
    person: User = factories.make_user(roles=["approver"])
    amount = 1_000_000 if status == "partly_accepted" else None
    answer_dispute.answer_dispute(dispute_id=dispute.pk, person=person, status=status, words="I looked.", as_of=NOW, amount_micros=amount)


def test_it_does_not_count_while_it_is_disputed(review: QaReview) -> None:
    assert counted(review.agent) == [(1, 2)]
    dispute(review)
    assert counted(review.agent) == [(1, 1)]


@pytest.mark.parametrize(("status", "expected"), [("refused", [(1, 2)]), ("accepted", [(1, 1)])])
def test_the_answer_decides_whether_it_counts(review: QaReview, status: str, expected: list[tuple[int, int]]) -> None:
    answer(dispute(review), status)
    assert counted(review.agent) == expected


def test_a_withdrawn_dispute_lets_it_count_again(review: QaReview) -> None:
    opened = dispute(review)
    assert review.agent.user is not None
    answer_dispute.withdraw_dispute(dispute_id=opened.pk, person=review.agent.user, as_of=NOW)
    assert counted(review.agent) == [(1, 2)]


def test_reference_rates_leave_it_out_too(review: QaReview) -> None:
    dispute(review)
    freeze_reference_rates.freeze_reference_rates(period_start=factories.MAY, as_of=NOW + timedelta(days=30))
    rate = ReferenceRate.objects.get(metric="qa", period_start=factories.MAY, query_type=None, channel=None)
    assert (rate.success_count, rate.observation_count) == (1, 1)
