"""Deadlines of disputes: told before, acted on at the instant, once; and who hears of what."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction

from agents.models import JobRun, Notification
from billing import tasks
from billing.models import Adjustment, Dispute, DisputeTerms
from billing.operations import answer_dispute, comment_dispute, open_dispute, watch_disputes
from tests import factories

pytestmark = pytest.mark.django_db
LINE = {"kind": "unit", "label": "Network outage, chat", "amount_micros": 2_400_000}
DUE = factories.NOON + timedelta(days=7)


@pytest.fixture
def people():
    lead = factories.make_user(name="Dana Okafor", roles=["lead"])
    agent = factories.make_agent_with_account(team=factories.make_team(lead=lead))
    approver = factories.make_user(name="Ruth Adeyemi", roles=["approver"])
    settlement = factories.make_settlement(agent=agent, plan_version=factories.make_plan_version(), status="paid", lines=[LINE])
    return SimpleNamespace(lead=lead, agent=agent, approver=approver, line=settlement.lines.get())


def contest(people, **claim):
    given = open_dispute.Claim(words="I solved it alone.", reason="wrong_price", **claim)
    return open_dispute.open_dispute(
        agent=people.agent, person=people.agent.user, claim=given, as_of=factories.NOON, line_id=people.line.pk
    )


def told(kind):
    return list(Notification.objects.filter(kind=f"dispute_{kind}").order_by("pk").values_list("person__name", flat=True))


def counts(as_of):
    report = watch_disputes.watch_disputes(as_of=as_of)
    return (report.reminded_count, report.accepted_count, report.escalated_count)


def test_the_lead_is_told_reminded_once_and_then_the_approvers_have_it(people):
    dispute = contest(people)
    assert told("opened") == ["Dana Okafor"]
    assert counts(DUE - timedelta(days=2, seconds=1)) == (0, 0, 0)
    assert counts(DUE - timedelta(days=2)) == (1, 0, 0)
    assert counts(DUE - timedelta(seconds=1)) == (0, 0, 0)
    assert counts(DUE) == (0, 0, 1)
    assert counts(DUE) == (0, 0, 0)
    dispute.refresh_from_db()
    assert (dispute.status, dispute.escalated_at) == ("escalated", DUE)
    assert (told("reminder"), told("escalated")) == (["Dana Okafor"], ["Ruth Adeyemi"])


def test_in_favor_adds_what_was_proposed_and_still_needs_an_approver(people):
    DisputeTerms.objects.filter(kind="line").update(default_outcome="in_favor")
    dispute = contest(people, proposed_micros=3_000_000)
    assert counts(DUE - timedelta(seconds=1))[1:] == (0, 0)
    assert counts(DUE) == (0, 1, 0)
    assert counts(DUE) == (0, 0, 0)
    made = Adjustment.objects.get()
    assert (made.amount_micros, made.entered_by, made.approved_by, made.dispute) == (600_000, None, None, dispute)
    dispute.refresh_from_db()
    assert (dispute.status, dispute.answered_by, dispute.accepted_micros) == ("accepted", None, 600_000)


@pytest.mark.parametrize("proposed", [None, 2_400_000, 1])
def test_in_favor_guesses_no_amount(people, proposed):
    DisputeTerms.objects.filter(kind="line").update(default_outcome="in_favor")
    contest(people, proposed_micros=proposed)
    assert counts(DUE) == (0, 0, 1)
    assert not Adjustment.objects.exists()


def test_a_dispute_keeps_the_terms_that_held_when_it_was_opened(people):
    dispute = contest(people)
    DisputeTerms.objects.filter(kind="line").update(answer_days=30, default_outcome="in_favor")
    dispute.refresh_from_db()
    assert (dispute.due_at, dispute.default_outcome) == (DUE, "escalated")


def test_terms_remind_before_the_deadline_or_are_refused(people):
    with pytest.raises(IntegrityError, match="dispute_terms_remind_before"), transaction.atomic():
        DisputeTerms.objects.filter(kind="line").update(remind_days=7)


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"kind": "hours"}, "dispute_names_one_thing"),
        ({"line": None}, "dispute_names_one_thing"),
        ({"agent": None}, "dispute_is_of_an_agent_or_a_client"),
        ({}, "dispute_one_open_of_a_line"),
    ],
)
def test_the_database_holds_what_a_dispute_is(people, values, rule):
    contest(people)
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        factories.make_dispute(**{"line": people.line, "agent": people.agent, **values})


def test_the_job_watches_and_whoever_answers_finds_it(people, settings):
    settings.PPR_NOW = factories.NOON
    dispute = contest(people)
    tasks.watch_disputes()
    told_once = Notification.objects.get()
    assert (told_once.person, told_once.path, told_once.facts["due_on"]) == (people.lead, f"/disputes/{dispute.pk}/", "2016-04-27")
    assert JobRun.objects.filter(job="watch_disputes", outcome="done").count() == 1


def test_nobody_outside_is_mentioned(people):
    dispute = contest(people)
    stranger = factories.make_user(name="Somebody")
    with pytest.raises(comment_dispute.UnableToComment, match="may not see"):
        comment_dispute.comment_dispute(
            dispute_id=dispute.pk, person=people.lead, words="Look.", as_of=factories.NOON, mentioned=[stranger.pk]
        )
    assert told("comment") == []


def test_a_reviewer_does_not_answer_about_their_own_review(people):
    resolution = factories.make_resolution(agent=people.agent, version=factories.make_contract_version())
    review = people.agent.qa_reviews.create(
        source=resolution.case.source,
        key="r1",
        resolution=resolution,
        reviewer=people.lead,
        score=40,
        is_passed=False,
        reviewed_at=factories.NOON,
    )
    claim = open_dispute.Claim(words="The greeting is there.", reason="wrong_score")
    dispute = open_dispute.open_dispute(
        agent=people.agent, person=people.agent.user, claim=claim, as_of=factories.NOON, qa_review_id=review.pk
    )
    assert told("opened") == ["Ruth Adeyemi"]
    values = {"dispute_id": dispute.pk, "status": "accepted", "words": "It is there.", "as_of": factories.NOON}
    with pytest.raises(answer_dispute.UnableToAnswerDispute, match="your own review"):
        answer_dispute.answer_dispute(person=people.lead, **values)
    answer_dispute.answer_dispute(person=people.approver, **values)
    assert not Adjustment.objects.exists()
    assert Dispute.objects.get().status == "accepted"
