"""`GET /api/v1/availability/`: who is stopped, until when and why; a key with its scope; 304 until something changes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agents.models import Agent, ApiKey
from agents.operations.deliveries import api_keys
from tests import factories

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/availability/"


@pytest.fixture
def ask(client: Client, settings: Any) -> Any:
    settings.PPR_NOW = factories.NOON
    issued = api_keys.issue_api_key(
        name="router", source=factories.make_source(), scopes=[ApiKey.Scope.AVAILABILITY_READ], issued_at=timezone.now()
    )

    def get(query: str = "", **headers: str) -> Any:
        return client.get(ADDRESS + query, headers={"authorization": f"Bearer {issued.text}", **headers})

    return get


def test_a_stop_has_its_limit_its_end_and_its_reason(ask: Any) -> None:
    free, stopped = factories.make_agent(), factories.make_agent()
    decision = factories.make_decision(agent=stopped)
    factories.make_decision(agent=stopped, effect="premium_suspended")
    rows = {row["agent"]: row for row in ask().json()["agents"]}

    assert (rows[free.code]["status"], rows[free.code]["reasons"]) == ("available", [])
    assert (rows[stopped.code]["status"], rows[stopped.code]["available"]) == ("stopped", False)
    assert rows[stopped.code]["until"] == decision.ends_at.isoformat()
    assert [(one["limit"], one["effect"], one["value"], one["threshold"]) for one in rows[stopped.code]["reasons"]] == [
        ("consecutive_days", "stop_assignment", "7", "7")
    ]


@pytest.mark.parametrize(
    "values",
    [
        {"ends_at": factories.NOON},
        {"lifted_at": factories.NOON - timedelta(minutes=1)},
        {"starts_at": factories.NOON + timedelta(minutes=1)},
        {"level": "warn"},
        {"effect": "prompt"},
    ],
)
def test_what_is_over_lifted_ahead_or_only_a_notice_stops_nobody(ask: Any, values: dict[str, Any]) -> None:
    factories.make_decision(agent=factories.make_agent(), **values)

    assert ask().json()["agents"][0]["available"] is True


def test_who_is_employed_today_is_asked_by_the_day_where_they_work(ask: Any, settings: Any) -> None:
    settings.PPR_NOW = datetime(2016, 4, 20, 20, tzinfo=UTC)
    manila, honolulu = factories.make_site(timezone="Asia/Manila"), factories.make_site(timezone="Pacific/Honolulu")
    begins, leaves = factories.make_agent(site=manila, since=date(2016, 4, 21)), factories.make_agent(site=manila)
    stays, later = factories.make_agent(site=honolulu), factories.make_agent(site=honolulu, since=date(2016, 4, 21))
    Agent.objects.filter(pk__in=[leaves.pk, stays.pk]).update(employed_to=date(2016, 4, 21))

    assert {row["agent"] for row in ask().json()["agents"]} == {begins.code, stays.code}
    settings.PPR_NOW += timedelta(hours=14)
    assert {row["agent"] for row in ask().json()["agents"]} == {begins.code, later.code}


def test_an_unchanged_answer_is_304_and_a_new_stop_is_not(ask: Any) -> None:
    agent = factories.make_agent()
    tag = ask()["ETag"]
    assert ask(**{"if-none-match": tag}).status_code == 304

    factories.make_decision(agent=agent)
    assert ask(**{"if-none-match": tag}).status_code == 200


def test_since_gives_only_news(ask: Any) -> None:
    factories.make_agent()
    changed = factories.make_agent()
    factories.make_decision(agent=changed)
    before, after = factories.NOON - timedelta(hours=4), factories.NOON - timedelta(hours=1)

    assert [row["agent"] for row in ask(f"?since={before.isoformat()}").json()["agents"]] == [changed.code]
    assert ask(f"?since={after.isoformat()}").json()["agents"] == []
    assert ask("?since=yesterday").status_code == 400


def test_a_key_needs_the_scope(client: Client) -> None:
    issued = api_keys.issue_api_key(
        name="desk", source=factories.make_source(), scopes=[ApiKey.Scope.EVENTS_WRITE], issued_at=timezone.now()
    )

    assert client.get(ADDRESS).status_code == 401
    assert client.get(ADDRESS, headers={"authorization": f"Bearer {issued.text}"}).status_code == 403


def test_the_answer_takes_as_many_queries_for_many_as_for_one(ask: Any, django_assert_max_num_queries: Any) -> None:
    for _ in range(30):
        factories.make_decision(agent=factories.make_agent())

    ask()
    with django_assert_max_num_queries(4):
        ask()
