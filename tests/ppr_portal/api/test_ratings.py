"""Ratings by webhook: one question of one customer is one survey, however often the answer is told or changed."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache

from agents import models as work
from agents.operations.deliveries import credit_waiting
from agents.operations.resolutions import fold_changed_cases
from tests import factories
from tests.ppr_portal.api import help_desks

pytestmark = pytest.mark.django_db
LATER = datetime(2016, 3, 20, 12, tzinfo=UTC)
MARCH_8 = 1_457_438_400  # 2016-03-08T12:00:00Z


def _zendesk(score: str, at: str = "2016-03-08T12:00:00Z") -> Any:
    return {"id": 35436, "assignee_id": 70, "ticket_id": 31, "score": score, "created_at": "2016-03-08T12:00:00Z", "updated_at": at}


def _helpscout(rating: str, at: str = "2016-03-08T12:00:00Z") -> Any:
    told = {"id": 9, "rating": rating, "conversation": {"id": 31}, "user": {"id": 70}}
    return {**told, "createdAt": "2016-03-08T12:00:00Z", "modifiedAt": at}


def _intercom(rating: int, remark: str = "") -> Any:
    told = {"rating": rating, "remark": remark, "created_at": MARCH_8, "teammate": {"type": "admin", "id": 70}}
    part = {"id": "8", "part_type": "close", "created_at": MARCH_8 - 3600, "author": {"type": "admin", "id": "70"}}
    return {
        "type": "conversation",
        "id": "31",
        "created_at": MARCH_8 - 7200,
        "state": "closed",
        "conversation_parts": {"conversation_parts": [part]},
        "conversation_rating": told,
    }


SOLVED = {
    "zendesk": {
        "id": 31,
        "status": "solved",
        "requester_id": 90,
        "assignee_id": 70,
        "created_at": "2016-03-07T09:00:00Z",
        "updated_at": "2016-03-07T10:00:00Z",
    },
    "helpscout": {
        "id": 31,
        "status": "closed",
        "createdAt": "2016-03-07T09:00:00Z",
        "closedAt": "2016-03-07T10:00:00Z",
        "closedBy": 70,
    },
    "intercom": _intercom(5),
}
# Of each vendor: an answer, the same told again with a later date or a comment, and another answer to the same question.
ANSWERS = {
    "zendesk": ("user", _zendesk("good"), _zendesk("good", "2016-03-09T12:00:00Z"), _zendesk("bad", "2016-03-10T12:00:00Z")),
    "helpscout": ("user", _helpscout("great"), _helpscout("great", "2016-03-09T12:00:00Z"), _helpscout("not good", "2016-03-10T12:00:00Z")),
    "intercom": ("admin", _intercom(5), _intercom(5, "Quick"), _intercom(1)),
}


@pytest.mark.parametrize("vendor", ANSWERS)
def test_a_customer_who_changes_an_answer_is_one_survey(vendor: str) -> None:
    cache.clear()
    source = help_desks.make_desk(vendor)
    space, first, again, other = ANSWERS[vendor]
    ada = factories.make_agent(name="ada")
    work.SourceIdentity.objects.create(source=source, space=space, value="70", agent=ada)
    for told in (SOLVED[vendor], first, again, first):
        assert help_desks.send(vendor, told).json()["counts"]["held"] == 0
    assert help_desks.waiting() == []
    counts = [help_desks.send(vendor, other).json()["counts"] for _ in range(2)]
    fold_changed_cases.fold_changed_cases(as_of=LATER)
    credit_waiting.credit_waiting_answers(as_of=LATER)

    assert [told["held"] for told in counts] == [1, 1]
    assert help_desks.waiting() == ["31 changed_answer"]
    message = work.HeldRow.objects.get().message
    assert message.startswith("This customer answered ")
    assert [(survey.agent, survey.is_favorable) for survey in work.Survey.objects.all()] == [(ada, True)]
    assert not work.Hold.objects.filter(released_at=None).exists()


def test_another_question_to_the_same_customer_is_another_survey() -> None:
    cache.clear()
    source = help_desks.make_desk("zendesk")
    work.SourceIdentity.objects.create(source=source, space="user", value="70", agent=factories.make_agent(name="ada"))
    for told in (SOLVED["zendesk"], _zendesk("good"), {**_zendesk("bad"), "id": 35437}):
        help_desks.send("zendesk", told)
    fold_changed_cases.fold_changed_cases(as_of=LATER)

    assert sorted(work.Survey.objects.values_list("key", "is_favorable")) == [("rating/35436", True), ("rating/35437", False)]


def test_a_customer_is_known_by_one_hash_in_files_and_webhooks() -> None:
    cache.clear()
    source = help_desks.make_desk("zendesk")
    other = help_desks.add_desk("helpscout", like=source, code="mail")
    work.Source.objects.update(customer_space="crm")
    help_desks.send("zendesk", SOLVED["zendesk"])
    help_desks.send("helpscout", {**SOLVED["helpscout"], "primaryCustomer": {"id": 90}}, code=other.code)

    assert len(set(work.Case.objects.values_list("customer_hash", flat=True))) == 1
    assert work.Case.objects.count() == 2
