"""Every route as every role: what is not yours does not exist, and a new route without a row here fails."""

import re

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.models import Feedback
from contracts.models import ContractVersion
from ppr_portal.pages import urls
from tests import factories
from tests.ppr_portal.company import Company
from tests.ppr_portal.pages.routes import MARCH, ONLY_POST, ROLES, SEEN, address, addresses

QUERIES_MAX = 12
# Papers and payroll files are made of everything that stands in them when they are asked for.
MORE_QUERIES_MAX = {"invoice_pdf": 18, "credit_note_pdf": 16, "statement_pdf": 16, "payroll_file": 16}
# What is worked out of history, and terms in force, are kept after somebody asked for them first.
WORKED_OUT_ONCE = {"home": "agent", "version_simulation": "admin", "plan_back_test": "admin"}


def words_of(response: HttpResponse) -> str:
    """Return what a person reads of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_every_route_is_tested_here() -> None:
    assert {route.name for route in urls.urlpatterns} == set(SEEN) | ONLY_POST


def test_each_role_sees_what_is_theirs_and_nothing_else_in_few_queries(company: Company, client: Client) -> None:
    faults, pages = [], addresses(company)
    for name, role in WORKED_OUT_ONCE.items():
        client.force_login(company.user_of(role))
        client.get(pages[name])
    for role in ROLES:
        client.force_login(company.user_of(role) if role != "outsider" else company.outsider.user)
        for name, expected in SEEN.items():
            with CaptureQueriesContext(connection) as queries:
                status = client.get(pages[name]).status_code
            if status != expected.get(role, 404):
                faults.append(f"{role} gets {status} for {name}, not {expected.get(role, 404)}")
            elif len(queries) > MORE_QUERIES_MAX.get(name, QUERIES_MAX):
                faults.append(f"{name} asks the database {len(queries)} times for {role}")

    assert faults == []


def test_a_stranger_is_sent_to_sign_in(company: Company, client: Client) -> None:
    pages = addresses(company)
    answers = {name: client.get(pages[name]) for name in set(SEEN) - {"home"}}

    assert {name for name, answer in answers.items() if answer.status_code != 302} == set()
    assert {name for name, answer in answers.items() if not answer["Location"].startswith("/accounts/login/?next=")} == set()


def test_a_missing_page_and_a_forbidden_one_read_the_same(company: Company, client: Client) -> None:
    client.force_login(company.colleague.user)

    forbidden = client.get(address(company, "statement"))
    missing = client.get(reverse("statement", args=[company.agent.pk + 1000, MARCH]))

    assert forbidden.status_code == missing.status_code == 404
    assert words_of(forbidden) == words_of(missing)
    assert "You are signed in as" in words_of(forbidden)


def test_lists_hold_only_what_the_person_may_see(company: Company, client: Client) -> None:
    client.force_login(company.colleague.user)
    assert {row.agent_name for row in client.get("/resolutions/").context["rows"]} == {company.colleague.name}
    assert client.get("/disputes/").context["rows"] == []
    assert client.get("/feedback/").context["items"] == ()

    client.force_login(company.lead)
    assert company.outsider.name not in {row.agent_name for row in client.get("/resolutions/").context["rows"]}
    assert [row.pk for row in client.get("/disputes/").context["rows"]] == [company.dispute.pk]

    client.force_login(company.client)
    assert client.get("/resolutions/").context["rows"] == []
    assert client.get("/disputes/").context["rows"] == []


def test_a_lead_sees_no_pay_of_a_resolution_and_the_agent_does(company: Company, client: Client) -> None:
    earned = company.agent.earnings.select_related("resolution").earliest("verified_at")
    page = reverse("resolution", args=[earned.resolution_id])

    client.force_login(company.lead)
    assert client.get(page).context["brought"] == ()

    client.force_login(company.agent.user)
    assert [one.price_micros for one in client.get(page).context["brought"]] == [earned.price_micros]


@pytest.mark.parametrize("role", ["colleague", "lead", "auditor", "client"])
def test_nobody_marks_anothers_feedback(company: Company, client: Client, role: str) -> None:
    client.force_login(company.user_of(role))

    assert client.post(address(company, "feedback_reading")).status_code == 404
    assert not Feedback.objects.filter(read_at__isnull=False).exists()


@pytest.mark.parametrize("name", ["agents", "agent_statements", "statement", "resolutions", "resolution", "load", "team", "disputes"])
def test_pages_are_read_not_posted_to(company: Company, client: Client, name: str) -> None:
    client.force_login(company.auditor)

    assert client.post(address(company, name)).status_code == 405


@pytest.mark.parametrize("asked", ["9" * 5_000, "9" * 19, "-1", "²", "one", "%00"])
@pytest.mark.parametrize("path", ["load/?agent=", "resolutions/?agent=", "team/?team="])
def test_a_number_that_no_row_has_is_no_page(company: Company, client: Client, path: str, asked: str) -> None:
    client.force_login(company.auditor)
    assert client.get(f"/{path}{asked}").status_code == 404


@pytest.mark.parametrize("query", ["find=%00", "find=M%00aya", "after=%00", "after=A%00|x%00"])
def test_a_zero_byte_in_a_search_is_passed_over(company: Company, client: Client, query: str) -> None:
    client.force_login(company.auditor)
    assert client.get(f"/agents/?{query}").status_code == 200


def test_a_client_reads_their_own_contract_and_no_other(company: Company, client: Client) -> None:
    other = factories.make_contract_version(client_name="Birch Travel")
    client.force_login(company.client)

    assert [version.contract.client.name for version in client.get("/contracts/").context["versions"]] == ["Larch Home"]
    assert client.get(reverse("contract_version", args=[other.pk])).status_code == 404


def test_a_draft_is_promised_to_nobody(company: Company, client: Client) -> None:
    version = ContractVersion.objects.get()
    draft = ContractVersion.objects.create(contract=version.contract, number=2, effective_from=MARCH, currency="USD")
    client.force_login(company.client)

    assert draft not in client.get("/contracts/").context["versions"]
    assert client.get(reverse("contract_version", args=[draft.pk])).status_code == 404
