"""Guessed ids open nothing: every route with an id, as every role, read and posted to, with ids of others and ids of nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.urls.converters import IntConverter

from ppr_portal.api import urls as api_urls
from ppr_portal.pages import urls
from ppr_portal.pages.addresses import DayConverter
from tests import factories
from tests.ppr_portal.company import Company
from tests.ppr_portal.pages.routes import ONLY_POST, ROLES, SEEN, addresses

NOTHING = 987_654_321
# What a closed page answers; to post where only reading is known is refused before anything is looked up.
CLOSED = {404, 405}
# Fillings of the arguments that are no ids.
WORDS = {"kind": "row", "step": "columns", "account": "receivable", "currency": "USD", "period_start": factories.MARCH, "position": 1}
TABLES = "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables WHERE schemaname = 'public'"


def routes_with_ids() -> Iterator[tuple[str, dict[str, Any]]]:
    """Return every route that an id can be guessed for, with the converters of its arguments."""
    for route in urls.urlpatterns:
        converters = route.pattern.converters
        if any(isinstance(converter, IntConverter) for converter in converters.values()):
            yield str(route.name), converters


def filled(name: str, converters: dict[str, Any], number: int) -> str:
    """Return the address of a route with one number as every id."""
    arguments = {
        argument: WORDS.get(argument, factories.MARCH) if isinstance(converter, DayConverter) or argument in WORDS else
        number if isinstance(converter, IntConverter) else "x"
        for argument, converter in converters.items()
    }  # fmt: skip
    return reverse(name, kwargs=arguments)


def changes() -> dict[str, int]:
    """Return how many rows of each table this test has written so far."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        return {table: count for table, count in cursor.fetchall() if table not in ("django_session", "agents_user")}


def test_there_is_something_to_guess() -> None:
    assert len(list(routes_with_ids())) > 50


@pytest.mark.parametrize("role", ["agent", "lead", "approver", "admin", "client"])
def test_an_id_of_nothing_is_no_page_for_anybody(company: Company, client: Client, role: str) -> None:
    client.force_login(company.user_of(role))
    before = changes()
    open_ones = [
        (name, method, status)
        for name, converters in routes_with_ids()
        for method in ("get", "post")
        if (status := getattr(client, method)(filled(name, converters, NOTHING)).status_code) not in CLOSED
    ]
    assert open_ones == []
    assert changes() == before


def test_who_has_no_role_opens_and_changes_nothing_by_any_small_id(company: Company, client: Client) -> None:
    client.force_login(company.nobody)
    before = changes()
    open_ones = [
        (name, method, number, status)
        for name, converters in routes_with_ids()
        for method in ("get", "post")
        for number in (1, 2)
        if (status := getattr(client, method)(filled(name, converters, number)).status_code) not in CLOSED
    ]
    assert open_ones == []
    assert changes() == before


@pytest.mark.parametrize("role", ROLES)
def test_what_may_not_be_read_may_not_be_posted_to(company: Company, client: Client, role: str) -> None:
    """Each route about Maya Torres that is closed to a role refuses its forms as well, whatever they say."""
    named = {name for name, _ in routes_with_ids()}
    found = addresses(company)
    pages = {name: found[name] for name, seen in SEEN.items() if name in named and seen.get(role, 404) == 404}
    client.force_login(company.user_of(role) if role != "outsider" else company.outsider.user)
    before = changes()
    asked = {"decision": "confirmed", "reason": "x", "step": "approve", "status": "accepted", "words": "x", "amount_micros": "1"}
    open_ones = [(name, status) for name, page in pages.items() if (status := client.post(page, asked).status_code) not in CLOSED]
    assert open_ones == []
    assert changes() == before


@pytest.mark.parametrize("role", ["colleague", "outsider", "other_lead", "client", "nobody", "auditor"])
def test_acts_about_maya_torres_are_closed_to_those_whose_they_are_not(company: Company, client: Client, role: str) -> None:
    agent, dispute, signal = company.agent, company.dispute, company.signal
    told = agent.user.notifications.first() if agent.user else None
    acts = [
        reverse("dispute_comment", args=[dispute.pk]),
        reverse("dispute_withdrawal", args=[dispute.pk]),
        reverse("signal_decision", args=[signal.pk]),
        reverse("feedback_reading", args=[agent.feedback.earliest("pk").pk]),
        reverse("invoice_refresh", args=[company.draft.pk]),
        reverse("run_step", args=[agent.settlements.earliest("pk").run_id]),
        reverse("bank_answer", args=[agent.settlements.earliest("pk").run_id]),
        *([reverse("notification", args=[told.pk])] if told else []),
    ]
    client.force_login(company.user_of(role) if role != "outsider" else company.outsider.user)
    before = changes()
    asked = {"words": "Mine now.", "decision": "confirmed", "reason": "x", "step": "approve"}
    statuses = {act: client.post(act, asked).status_code for act in acts}
    assert {act: status for act, status in statuses.items() if status not in CLOSED} == {}
    assert changes() == before


def test_every_route_that_only_takes_posts_says_so(company: Company, client: Client) -> None:
    client.force_login(company.auditor)
    converters = {str(route.name): route.pattern.converters for route in urls.urlpatterns}
    assert {name for name in ONLY_POST if client.get(filled(name, converters[name], 1)).status_code != 405} == set()


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_a_session_opens_no_api_action(company: Company, client: Client, role: str) -> None:
    """Programs sign in with keys of one source; whoever is only signed in to the pages gets nothing from the API."""
    if role:
        client.force_login(company.user_of(role) if role != "outsider" else company.outsider.user)
    before = changes()
    closed = [
        reverse(str(route.name), kwargs={name: "zendesk" if name == "vendor" else "desk" for name in route.pattern.converters})
        for route in api_urls.urlpatterns
    ]
    for page in closed:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            answer = client.generic(method, page, "[]", content_type="application/json")
            assert answer.status_code in {401, 403, 404, 405}, (page, method, answer.status_code)
    assert changes() == before
