"""Search shows what is open to somebody and nothing else: every hit is opened, and every guess finds nothing."""

import pytest
from django.db import connection
from django.test import Client

from agents.models import Agent, Resolution
from billing.models import Invoice, Settlement
from billing.queries import references
from tests import factories
from tests.ppr_portal.company import Company
from tests.ppr_portal.pages.routes import ROLES


def hits(client: Client, find: str) -> dict[str, list[tuple[str, str]]]:
    groups = client.get("/search/", {"find": find}).context["groups"]
    return {group.code: [(hit.title, hit.url) for hit in group.hits] for group in groups}


def terms(company: Company) -> list[str]:
    """Return what finds something of each kind for those who may see it."""
    statement = Settlement.objects.select_related("agent").filter(agent=company.agent).earliest("pk")
    cases = Resolution.objects.filter(agent__in=(company.agent, company.outsider)).values_list("case__key", flat=True).distinct()[:3]
    return [
        "o", "Torres", "Outsider", company.agent.code, "Larch", str(company.invoice.number), f"D-{company.dispute.pk}",
        references.statement_reference(settlement=statement), "disputes", *cases,
    ]  # fmt: skip


def test_whatever_is_found_opens_for_whoever_found_it(company: Company, client: Client) -> None:
    closed = []
    for role in ROLES:
        client.force_login(company.user_of(role) if role != "outsider" else company.outsider.user)
        opened = {url for find in terms(company) for group in hits(client, find).values() for _, url in group}
        closed += [(role, url) for url in sorted(opened) if client.get(url).status_code not in (200, 302)]
    assert closed == []


@pytest.mark.parametrize("role", ["colleague", "other_lead", "client", "nobody"])
def test_what_belongs_to_others_is_not_found(company: Company, client: Client, role: str) -> None:
    client.force_login(company.user_of(role))
    case = (
        Resolution.objects.filter(agent=company.agent)
        .exclude(case__resolutions__agent=company.colleague)
        .values_list("case__key", flat=True)
    )
    statement = Settlement.objects.filter(agent=company.agent).earliest("pk")
    for find in ("Torres", company.agent.code, f"D-{company.dispute.pk}", references.statement_reference(settlement=statement), *case[:2]):
        assert hits(client, find) == {}, find


def test_each_role_finds_what_is_theirs(company: Company, client: Client) -> None:
    client.force_login(company.lead)
    assert [title for title, _ in hits(client, "Torres")["people"]] == ["Maya Torres"]
    assert "people" not in hits(client, "Outsider")
    client.force_login(company.auditor)
    assert [title for title, _ in hits(client, "outsider")["people"]] == ["Olu Outsider"]
    assert [title for title, _ in hits(client, f"d-{company.dispute.pk}")["references"]] == [f"D-{company.dispute.pk}"]
    client.force_login(company.client)
    found = hits(client, "larch")
    assert {"invoices", "contracts"} <= set(found)
    assert "cases" not in found
    client.force_login(company.agent.user)
    mine = Resolution.objects.filter(agent=company.agent).earliest("pk")
    assert (mine.case.key, f"/resolutions/{mine.pk}/") in hits(
        client, mine.case.key[:-1].lower() if len(mine.case.key) > 3 else mine.case.key
    )["cases"]
    assert hits(client, "dispu")["pages"] == [("Disputes", "/disputes/")]


def test_a_client_finds_no_other_clients_contracts(company: Company, client: Client) -> None:
    factories.make_contract_version(client_name="Birch Travel")
    client.force_login(company.client)
    assert hits(client, "Birch") == {}
    client.force_login(company.auditor)
    assert len(hits(client, "Birch")["contracts"]) == 1


@pytest.mark.parametrize("find", ["", " ", "%", "_", "\\", "%00", "'", "D-" + "9" * 30, "S-2016-03-" + "9" * 30, "x" * 10_000, "<script>"])
def test_odd_texts_find_nothing_and_break_nothing(company: Company, client: Client, find: str) -> None:
    client.force_login(company.auditor)
    answer = client.get("/search/", {"find": find})
    assert answer.status_code == 200
    assert answer.context["groups"] == []
    assert b"<script>" not in answer.content.replace(b"<script src", b"")


def test_two_characters_search_no_cases(company: Company, client: Client) -> None:
    client.force_login(company.auditor)
    key = Resolution.objects.earliest("pk").case.key
    assert "cases" not in hits(client, key[:2])


def test_more_than_six_are_told(company: Company, client: Client) -> None:
    for number in range(8):
        factories.make_agent(name=f"Zed {number}")
    client.force_login(company.auditor)
    (group,) = client.get("/search/", {"find": "Zed"}).context["groups"]
    assert (len(group.hits), group.has_more) == (6, True)


@pytest.mark.parametrize("role", ["agent", "lead", "auditor", "client", "admin"])
def test_queries_are_few_whatever_is_found(company: Company, client: Client, role: str, django_assert_max_num_queries) -> None:
    client.force_login(company.user_of(role))
    for find in (
        "o",
        "Larch",
        Agent.objects.earliest("pk").code,
        f"D-{company.dispute.pk}",
        str(Invoice.objects.exclude(number="").earliest("pk").number),
    ):
        with django_assert_max_num_queries(10):
            client.get("/search/", {"find": find}, headers={"HX-Request": "true"})


def test_the_beginning_of_a_number_is_found_by_its_index(company: Company) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT id FROM agents_case WHERE upper(key::text) LIKE upper('1000%')")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "case_search" in plan


def test_the_dialog_gets_the_list_alone(company: Company, client: Client) -> None:
    client.force_login(company.auditor)
    part = client.get("/search/", {"find": "Torres"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Maya Torres" in part
    assert 'role="status"' in part
