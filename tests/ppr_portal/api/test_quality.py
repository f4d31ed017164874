"""Surveys and QA reviews by API and by events: credited once to the agent of the resolved episode, or held until that is known."""

import itertools
import json
import pathlib
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from agents import models as work
from agents.intake import delivered_quality
from agents.operations.deliveries import credit_waiting
from agents.operations.resolutions import fold_changed_cases
from tests import factories
from tests.ppr_portal.api import deliveries

pytestmark = pytest.mark.django_db
LATER = datetime(2016, 3, 20, 12, tzinfo=UTC)


@pytest.fixture
def source() -> work.Source:
    cache.clear()
    return deliveries.make_source()


@pytest.fixture
def key(source: work.Source) -> str:
    return deliveries.make_program(source=source, scopes=("events:write", "quality:write"))


@pytest.fixture
def scale(source: work.Source) -> work.SurveyScale:
    return work.SurveyScale.objects.create(source=source, favorable=["4", "5"], other=["1", "2", "3"])


def _deliver(key: str, what: str, documents: Any) -> Any:
    body = json.dumps(documents)
    return Client().post(f"/api/v1/{what}/", body, content_type="application/json", headers={"authorization": f"Bearer {key}"})


def _survey(id: str = "s-1", answer: Any = 5, at: str = "2016-03-08T12:00:00-05:00", **extra: Any) -> dict[str, Any]:
    return {"source": "desk", "id": id, "case": "C-1", "answered_at": at, "answer": answer, **extra}


def _review(id: str = "q-1", score: int = 91, at: str = "2016-03-08T12:00:00-05:00", **extra: Any) -> dict[str, Any]:
    return {"source": "desk", "id": id, "case": "C-1", "reviewed_at": at, "score": score, "passed": True, **extra}


def _map(source: work.Source, name: str) -> work.Agent:
    agent = factories.make_agent(name=name)
    work.SourceIdentity.objects.update_or_create(source=source, space="agent", value=name, defaults={"agent": agent})
    return agent


def _solve(key: str, *, id: str = "1", agent: str = "ada", at: str = "2016-03-07T09:30:00-05:00") -> None:
    deliveries.deliver(key, [deliveries.event(id, "closed", agent=agent, at=at)])
    fold_changed_cases.fold_changed_cases(as_of=LATER)


def test_a_survey_is_credited_to_the_agent_of_the_claim_before_it(source: work.Source, key: str, scale: work.SurveyScale) -> None:
    ada, bea = _map(source, "ada"), _map(source, "bea")
    _solve(key)
    deliveries.deliver(key, [deliveries.event("2", "reopened", at="2016-03-09T09:00:00-05:00")])
    _solve(key, id="3", agent="bea", at="2016-03-10T09:30:00-05:00")

    told = [
        _survey("s-1", 5, at="2016-03-10T09:29:59-05:00"),
        _survey("s-2", "2", at="2016-03-10T09:30:00-05:00"),
        _survey("s-3", at="2016-03-07T09:29:59-05:00"),
    ]
    answer = _deliver(key, "surveys", told)

    assert deliveries.statuses(answer) == ["accepted", "accepted", "held"]
    assert answer.json()["results"][2]["reason"] == "no_resolution"
    found = work.Survey.objects.order_by("key").values_list("key", "agent", "is_favorable", "answer", "resolution__number")
    assert list(found) == [("s-1", ada.pk, True, "5", 1), ("s-2", bea.pk, False, "2", 2)]


def test_the_same_survey_is_known_and_another_body_is_rejected(source: work.Source, key: str, scale: work.SurveyScale) -> None:
    _map(source, "ada")
    _solve(key)

    assert deliveries.statuses(_deliver(key, "surveys", [_survey(), _survey()])) == ["accepted", "duplicate"]
    again = _deliver(key, "surveys", [_survey(), _survey(answer=1), _survey(comment="Quick!")])

    assert deliveries.statuses(again) == ["duplicate", "rejected", "rejected"]
    assert again.json()["results"][1]["path"] == "id"
    assert work.Survey.objects.count() == 1


def test_good_and_bad_documents_are_answered_in_order(source: work.Source, key: str, scale: work.SurveyScale) -> None:
    _map(source, "ada")
    _solve(key)
    told = [_survey(), _survey("2", stars=3), _survey("3", at="2016-03-08"), 7, {**_survey("4"), "source": "other"}, _survey("5", True)]
    told.append(_survey("6", case_source="elsewhere"))

    answer = _deliver(key, "surveys", told)

    assert deliveries.statuses(answer) == ["accepted", *["rejected"] * 6]
    paths = [result.get("path", "") for result in answer.json()["results"]]
    assert [path.partition("/")[0] for path in paths] == ["", "stars", "answered_at", "", "source", "answer", "case_source"]
    assert deliveries.statuses(_deliver(key, "qa-reviews", [_review(), _review("2", 101), _review("3", passed="yes")])) == [
        "accepted",
        "rejected",
        "rejected",
    ]


def test_a_review_is_credited_with_its_reviewer(source: work.Source, key: str) -> None:
    ada, lead = _map(source, "ada"), factories.make_user(email="lead@example.com")
    _solve(key)

    assert deliveries.statuses(_deliver(key, "qa-reviews", [_review(reviewer="lead@example.com", note="Calm and clear.")])) == ["accepted"]

    found = work.QaReview.objects.get()
    assert (found.agent, found.score, found.is_passed, found.reviewer, found.note) == (ada, 91, True, lead, "")


def test_who_reviewed_is_found_in_capitals_and_another_reviewer_is_another_review(source: work.Source, key: str) -> None:
    _map(source, "ada")
    lead = factories.make_user(email="lead@example.com")
    early = _review("q-2", reviewer="lead@example.com")
    assert deliveries.statuses(_deliver(key, "qa-reviews", [early])) == ["held"]
    assert deliveries.statuses(_deliver(key, "qa-reviews", [{**early, "reviewer": "other@example.com"}])) == ["rejected"]
    _solve(key)

    assert deliveries.statuses(_deliver(key, "qa-reviews", [_review(reviewer="Lead@Example.COM")])) == ["accepted"]

    assert set(work.QaReview.objects.values_list("key", "reviewer")) == {("q-1", lead.pk), ("q-2", lead.pk)}
    again = _deliver(key, "qa-reviews", [early, {**early, "reviewer": "other@example.com"}])
    assert deliveries.statuses(again) == ["duplicate", "rejected"]


def test_a_survey_before_its_resolution_waits_and_is_credited_by_itself(source: work.Source, key: str, scale: work.SurveyScale) -> None:
    ada = _map(source, "ada")

    early = _deliver(key, "surveys", [_survey()])
    assert early.json()["results"][0]["reason"] == "unknown_case"
    assert deliveries.statuses(_deliver(key, "surveys", [_survey()])) == ["held"]
    assert deliveries.statuses(_deliver(key, "surveys", [_survey(answer=1)])) == ["rejected"]
    _solve(key)

    assert [survey.agent for survey in work.Survey.objects.all()] == [ada]
    assert not work.HeldAnswer.objects.filter(released_at=None).exists()
    assert deliveries.statuses(_deliver(key, "surveys", [_survey()])) == ["duplicate"]


def test_what_an_unmapped_name_solved_waits_for_the_mapping(source: work.Source, key: str, scale: work.SurveyScale) -> None:
    _solve(key)
    assert _deliver(key, "surveys", [_survey()]).json()["results"][0]["reason"] == "unmapped_identity"
    ada = _map(source, "ada")
    work.Resolution.objects.update(agent=ada)

    assert [outcome.status for outcome in credit_waiting.credit_waiting_answers(as_of=LATER)] == ["accepted"]
    assert credit_waiting.credit_waiting_answers(as_of=LATER) == ()
    assert work.Survey.objects.get().agent == ada


def test_an_answer_that_nobody_explained_is_held_and_no_guess(source: work.Source, key: str) -> None:
    _map(source, "ada")
    _solve(key)
    assert _deliver(key, "surveys", [_survey(answer="splendid")]).json()["results"][0]["reason"] == "unknown_answer"

    work.SurveyScale.objects.create(source=source, favorable=["Splendid"], other=["poor"])
    credit_waiting.credit_waiting_answers(as_of=LATER)

    assert work.Survey.objects.get().is_favorable


EVENTS = (
    deliveries.event("1", "closed", agent="ada"),
    deliveries.event("2", "survey_answered", at="2016-03-08T12:00:00-05:00", code="4"),
    deliveries.event("2", "survey_answered", at="2016-03-08T12:00:00-05:00", code="4"),
)


@pytest.mark.parametrize("order", sorted(set(itertools.permutations(range(3)))))
def test_survey_events_become_surveys_once_in_any_order(
    source: work.Source, key: str, scale: work.SurveyScale, order: tuple[int, ...]
) -> None:
    ada = _map(source, "ada")
    for number in order:
        deliveries.deliver(key, [EVENTS[number]])
        fold_changed_cases.fold_changed_cases(as_of=LATER)

    found = work.Survey.objects.values_list("key", "agent", "is_favorable", "answered_at")
    assert list(found) == [("2", ada.pk, True, datetime(2016, 3, 8, 17, tzinfo=UTC))]
    assert not work.HeldAnswer.objects.filter(released_at=None).exists()


def test_an_event_and_a_survey_under_one_id_say_the_same_or_the_later_is_refused(
    source: work.Source, key: str, scale: work.SurveyScale
) -> None:
    ada = _map(source, "ada")
    deliveries.deliver(key, [deliveries.event("a", agent="ada"), deliveries.event("b", case="C-2", agent="ada")])
    fold_changed_cases.fold_changed_cases(as_of=LATER)

    def rated(id: str, case: str, answer: str) -> str:
        at = "2016-03-08T12:00:00-05:00"
        return str(*deliveries.statuses(deliveries.deliver(key, [deliveries.event(id, "survey_answered", case, at, code=answer)])))

    def answered(id: str, answer: str) -> str:
        return str(*deliveries.statuses(_deliver(key, "surveys", [_survey(id, answer)])))

    assert [answered("1", "5"), rated("1", "C-2", "5"), rated("1", "C-1", "4"), rated("1", "C-1", "5")] == [
        "accepted",
        "rejected",
        "rejected",
        "accepted",
    ]
    assert [rated("2", "C-2", "1"), answered("2", "1"), rated("3", "C-1", "1"), answered("3", "2"), answered("3", "1")] == [
        "accepted",
        "rejected",
        "accepted",
        "rejected",
        "accepted",
    ]
    fold_changed_cases.fold_changed_cases(as_of=LATER)
    found = work.Survey.objects.order_by("key").values_list("key", "resolution__case__key", "answer", "agent")
    assert list(found) == [("1", "C-1", "5", ada.pk), ("2", "C-2", "1", ada.pk), ("3", "C-1", "1", ada.pk)]
    assert not work.HeldAnswer.objects.filter(released_at=None).exists()


def test_a_vendors_ratings_have_the_vendors_scale(source: work.Source, key: str) -> None:
    work.Source.objects.update(vendor="zendesk")
    _map(source, "ada")
    deliveries.deliver(key, [EVENTS[0], deliveries.event("2", "survey_answered", at="2016-03-08T12:00:00-05:00", code="bad")])
    fold_changed_cases.fold_changed_cases(as_of=LATER)

    assert not work.Survey.objects.get().is_favorable


@pytest.mark.parametrize("keeps", [True, False])
def test_words_are_kept_only_if_the_client_keeps_them(source: work.Source, key: str, scale: work.SurveyScale, keeps: bool) -> None:
    assert source.client is not None
    source.client.keeps_comments = keeps
    source.client.save()
    _map(source, "ada")
    early = _survey("s-2", comment="Ada helped Bob Dylan")
    assert deliveries.statuses(_deliver(key, "surveys", [early])) == ["held"]
    assert ("Bob" in json.dumps(work.HeldAnswer.objects.get().body)) is keeps
    _solve(key)
    _deliver(key, "surveys", [_survey("s-1", comment="Ada helped Bob Dylan")])

    assert work.Survey.objects.get(key="s-1").comment == ("Ada helped Bob Dylan" if keeps else "")
    assert work.Feedback.objects.filter(kind="customer", words="Ada helped Bob Dylan").exists() is keeps
    assert deliveries.statuses(_deliver(key, "surveys", [early])) == ["duplicate"]


def test_the_examples_of_the_page_are_taken(source: work.Source, key: str, scale: work.SurveyScale) -> None:
    page = (pathlib.Path(__file__).parents[3] / "docs" / "events-api.md").read_text(encoding="utf-8")
    survey, review = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", page, re.DOTALL)[-2:])
    ada = _map(source, "ada")
    deliveries.deliver(key, [deliveries.event("1", "closed", "C-31", agent="ada")])
    fold_changed_cases.fold_changed_cases(as_of=LATER)

    assert deliveries.statuses(_deliver(key, "surveys", survey)) == ["accepted"]
    assert deliveries.statuses(_deliver(key, "qa-reviews", review)) == ["accepted"]
    assert (work.Survey.objects.get().agent, work.QaReview.objects.get().agent) == (ada, ada)
    fields = {name for kind in delivered_quality.FIELDS.values() for name in kind}
    assert [name for name in fields if f"`{name}`" not in page] == []


def test_a_key_without_the_scope_is_refused(source: work.Source) -> None:
    key = deliveries.make_program(source=source)

    assert _deliver(key, "surveys", [_survey()]).status_code == 403
    assert _deliver("ppr_no_key", "qa-reviews", [_review()]).status_code == 401
    assert not work.HeldAnswer.objects.exists()
