"""The lead's day: who needs me, the team by name, filters with counts, and no pay."""

import csv
import io

import pytest
from django.test import Client

from agents.models import Agent, TeamMembership
from ppr_portal.pages.team import team_todos
from tests import factories
from tests.ppr_portal.company import LONG_NAME, NOW, Company

QUERIES_MAX = 12


@pytest.fixture
def lead_client(company: Company, client: Client) -> Client:
    client.force_login(company.lead)
    return client


def names(response) -> list[str]:
    return [row.name for row in response.context["rows"]]


def test_the_team_is_shown_by_name(company: Company, lead_client: Client) -> None:
    assert names(lead_client.get("/team/")) == ["Aisha Rahman", "Bo-ra Chang", "Maya Torres", "Nia Novak", LONG_NAME]


def test_what_is_most_urgent_comes_first_with_numbers_and_a_deadline(company: Company, lead_client: Client) -> None:
    todos = lead_client.get("/team/").context["todos"]

    assert [todo.title for todo in todos] == [
        "Aisha Rahman gets no new contacts until Thu, Apr 21, 4:44\u00a0PM",
        "Maya Torres disputes “Network outage, chat”",
        f"{LONG_NAME} is close to a limit",
        "Coaching follow-up with Maya Torres",
        "8 QA reviews to finish",
        "A signal about Maya Torres to look at",
        "5 agents have few results so far",
    ]
    assert "7 days of work in a row; the limit is 7" in todos[0].fact
    assert todos[1].when == "Answer by Monday, April 25"


def test_what_the_list_has_no_room_for_is_one_press_away(lead_client: Client, monkeypatch) -> None:
    monkeypatch.setattr(team_todos, "TODOS_MAX", 2)
    short, whole = lead_client.get("/team/"), lead_client.get("/team/", {"all": "1"})

    assert (len(short.context["todos"]), short.context["more_count"]) == (2, 5)
    assert 'href="?all=1#needs"' in short.content.decode()
    assert (len(whole.context["todos"]), whole.context["more_count"]) == (7, 0)


@pytest.mark.parametrize(
    ("show", "expected"),
    [("load", ["Aisha Rahman", LONG_NAME]), ("disputes", ["Maya Torres"]), ("outside", []), ("nonsense", None)],
)
def test_a_filter_keeps_what_its_count_says(company: Company, lead_client: Client, show: str, expected: list[str] | None) -> None:
    response = lead_client.get("/team/", {"show": show})
    chips = {chip.label: chip for chip in response.context["chips"]}

    if expected is None:
        assert len(names(response)) == chips["All"].count
    else:
        assert names(response) == expected
        assert next(chip.count for chip in chips.values() if chip.is_current) == len(expected)


def test_a_search_finds_a_part_of_a_name(company: Company, lead_client: Client) -> None:
    assert names(lead_client.get("/team/", {"find": "torr"})) == ["Maya Torres"]
    assert "No agent fits" in lead_client.get("/team/", {"find": "zzz"}).content.decode()


@pytest.mark.parametrize(
    ("sort", "first"), [("name", "Aisha Rahman"), ("-name", LONG_NAME), ("hours", "Nia Novak"), ("load", "Aisha Rahman")]
)
def test_a_column_sorts_both_ways(company: Company, lead_client: Client, sort: str, first: str) -> None:
    assert names(lead_client.get("/team/", {"sort": sort}))[0] == first


def test_htmx_gets_only_the_table(company: Company, lead_client: Client) -> None:
    page = lead_client.get("/team/", {"find": "maya"}, HTTP_HX_REQUEST="true").content.decode()

    assert "<html" not in page
    assert "Maya Torres" in page


def test_pay_is_not_shown_to_a_lead(company: Company, lead_client: Client) -> None:
    total = company.agent.settlements.get(status="accruing").total_micros
    page = lead_client.get("/team/").content.decode()

    assert f"{total / 1_000_000:,.2f}" not in page
    assert "$" not in page


def test_the_csv_has_the_rows_of_the_page_and_runs_no_formula(company: Company, lead_client: Client) -> None:
    Agent.objects.filter(pk=company.newcomer.pk).update(name="=cmd()")
    response = lead_client.get("/team/", {"format": "csv"})
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))

    assert response["Content-Type"].startswith("text/csv")
    assert rows[0]["agent"] == "'=cmd()"
    assert {row["agent"]: row["pending"] for row in rows}["Maya Torres"] == "3"


def test_who_left_the_team_is_gone_the_day_after(company: Company, lead_client: Client) -> None:
    today = NOW.date()
    TeamMembership.objects.filter(agent=company.newcomer).update(effective_to=today)

    assert "Nia Novak" not in names(lead_client.get("/team/"))


def test_a_lead_without_a_team_reads_so(company: Company, client: Client) -> None:
    client.force_login(factories.make_user(name="New Lead", roles=["lead"]))
    page = client.get("/team/")

    assert page.status_code == 200
    assert "has no members today" in page.content.decode()


def test_the_page_takes_few_queries_however_large_the_team(company: Company, lead_client: Client, django_assert_max_num_queries) -> None:
    for number in range(30):
        factories.make_agent(name=f"Agent {number:02d}", team=company.team)

    with django_assert_max_num_queries(QUERIES_MAX):
        response = lead_client.get("/team/")

    assert len(names(response)) == 35
