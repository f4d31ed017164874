"""Whoever sees another's pay is written down: found by asking every route for the amounts of a statement."""

import re

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from agents.models import Agent
from billing.models import PayRead, Settlement
from billing.operations.record_pay_reads import delete_old_pay_reads, record_pay_reads
from contracts import clock
from tests import factories
from tests.ppr_portal.company import Company
from tests.ppr_portal.pages.routes import SEEN, address, addresses

MARCH = factories.MARCH
# Everything that shows what others are paid to whoever may read all of it.
PAY_ROUTES = {
    "agent_statements", "statement", "statement_csv", "statement_pdf", "resolution", "dispute", "disputes", "performance", "pay_run",
    "payouts", "payroll_file", "plan_back_test", "corrections", "reversal",
}  # fmt: skip


def reads() -> list[tuple[str, str]]:
    return list(PayRead.objects.order_by("pk").values_list("route", "agent__name"))


def get(client: Client, page: str) -> tuple[set[str], str]:
    """Return which routes were written down for a page, and what the page says."""
    before = PayRead.objects.count()
    answer = client.get(page)
    text = answer.content.decode(errors="replace") if answer.status_code == 200 and not answer.streaming else ""
    return {route for route, _ in reads()[before:]}, text


def test_every_route_that_shows_pay_of_others_is_written_down(company: Company, client: Client) -> None:
    client.force_login(company.auditor)
    pages = addresses(company)
    found = {name for name, seen in SEEN.items() if seen.get("auditor") == 200 and get(client, pages[name])[0]}
    assert found == PAY_ROUTES


def test_no_page_shows_the_total_of_a_statement_unseen(company: Company, client: Client) -> None:
    """A new page with pay on it that does not say so is found here, by the amount that stands on it."""
    totals = Settlement.objects.filter(agent=company.agent).values_list("total_micros", flat=True)
    amounts = {f"{total / 1_000_000:,.2f}" for total in totals} | {f"{total / 1_000_000:.2f}" for total in totals}
    unseen, pages = [], addresses(company)
    for role in ("auditor", "lead", "admin", "client"):
        client.force_login(company.user_of(role))
        for name, seen in SEEN.items():
            if seen.get(role) != 200:
                continue
            for page in (pages[name], f"{pages[name]}{'&' if '?' in pages[name] else '?'}format=csv"):
                written, text = get(client, page)
                # What stands between digits is another amount.
                if not written and any(
                    amount in text and re.search(rf"(?<![\d.,]){re.escape(amount)}(?![\d])", text) for amount in amounts
                ):
                    unseen.append((role, page))
    assert unseen == []


@pytest.mark.parametrize("ending", ["", "?why=1", ".csv", ".csv?format=xlsx"])
def test_what_was_read_and_how_is_kept(company: Company, client: Client, ending: str) -> None:
    client.force_login(company.auditor)
    page = reverse("statement", args=[company.agent.pk, MARCH])
    client.get(page.rstrip("/") + ending if ending.startswith(".") else page + ending)
    kept = PayRead.objects.latest("pk")
    assert (kept.person, kept.agent, kept.read_at) == (company.auditor, company.agent, clock.now())
    assert kept.form == {".csv": "csv", ".csv?format=xlsx": "xlsx"}.get(ending, "page")
    assert kept.path.endswith(ending or "/")


def test_ones_own_pay_and_what_is_refused_are_not_written(company: Company, client: Client) -> None:
    client.force_login(company.agent.user)
    for name in ("home", "agent_statements", "statement", "statement_csv", "dispute", "performance", "resolution"):
        client.get(address(company, name))
    client.force_login(company.colleague.user)
    assert client.get(address(company, "statement")).status_code == 404
    assert reads() == []


def test_the_administration_writes_down_who_opens_a_settlement(company: Company, client: Client) -> None:
    client.force_login(factories.make_user(name="The owner", is_staff=True, is_superuser=True))
    settlement = Settlement.objects.filter(agent=company.agent).earliest("pk")
    lists = client.get(reverse("admin:billing_settlement_changelist"))
    assert lists.status_code == 200
    assert {route for route, _ in reads()} == {"admin:billing_settlement_changelist"}
    assert {name for _, name in reads()} == set(Settlement.objects.values_list("agent__name", flat=True))

    before = len(reads())
    assert client.get(reverse("admin:billing_settlement_change", args=[settlement.pk])).status_code == 200
    assert reads()[before:] == [("admin:billing_settlement_change", company.agent.name)]
    assert client.get(reverse("admin:billing_settlement_change", args=[0])).status_code == 302
    client.force_login(company.lead)
    client.get(reverse("admin:billing_settlement_change", args=[settlement.pk]))
    assert len(reads()) == before + 1


def test_a_list_is_written_down_in_one_statement(company: Company, client: Client, django_assert_max_num_queries) -> None:
    client.force_login(company.auditor)
    page = address(company, "pay_run")
    with django_assert_max_num_queries(12) as asked:
        client.get(page)
    assert sum('INSERT INTO "billing_payread"' in query["sql"] for query in asked.captured_queries) == 1
    assert len(reads()) > 1


def test_the_page_lists_filters_and_exports(company: Company, client: Client, django_assert_max_num_queries) -> None:
    client.force_login(company.approver)
    client.get(address(company, "statement"))
    client.get(address(company, "statement_csv"))
    assert client.get("/pay-reads/").status_code == 404
    client.force_login(company.auditor)
    with django_assert_max_num_queries(6):
        rows = client.get("/pay-reads/").context["rows"]
    assert [(row.person, row.agent, row.form) for row in rows] == [(company.approver, company.agent, form) for form in ("csv", "page")]
    day = clock.now().date()
    both = ("find=Adeyemi", "find=Torres", f"to={day}", "from=%00", "to=nonsense")
    none = ("find=nobody", "to=2016-01-01", "from=2017-01-01", f"from={day}&form=pdf")
    for count, queries in ((2, both), (1, ("form=csv",)), (0, none)):
        for query in queries:
            assert len(client.get(f"/pay-reads/?{query}").context["rows"]) == count, query
    assert client.get("/pay-reads/?format=csv").content.decode().count("Ruth Adeyemi") == 2


def test_agents_read_who_read_theirs(company: Company, client: Client) -> None:
    for agent in (company.agent, company.colleague):
        record_pay_reads(
            person=company.auditor, agent_ids=[agent.pk, agent.pk], route="statement", path="/x/", form="page", read_at=factories.NOON
        )
    client.force_login(company.agent.user)
    assert [row.agent for row in client.get("/pay-reads/").context["rows"]] == [company.agent]


@pytest.mark.parametrize("sql", ["UPDATE billing_payread SET path = '/'", "DELETE FROM billing_payread", "TRUNCATE billing_payread"])
def test_the_database_keeps_what_was_written(company: Company, sql: str) -> None:
    from django.utils import timezone

    record_pay_reads(person=company.auditor, agent_ids=[company.agent.pk], route="r", path="/", form="page", read_at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match=r"kept|Cannot update"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert PayRead.objects.count() == 1


def test_what_was_kept_three_years_is_deleted(company: Company) -> None:
    agent = Agent.objects.earliest("pk")
    old = record_pay_reads(person=company.auditor, agent_ids=[agent.pk], route="r", path="/", form="page", read_at=factories.NOON)
    assert old == 1
    assert delete_old_pay_reads(as_of=factories.NOON) == 0
    assert delete_old_pay_reads(as_of=factories.NOON.replace(year=factories.NOON.year + 4)) == 1
