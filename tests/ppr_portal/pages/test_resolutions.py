"""Resolutions: filters with counts, pages that stay right, and the life of each."""

from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agents.models import Resolution, ResolutionTransition
from agents.queries import resolution_lists
from billing.models import Earning, SettlementLine
from ppr_portal.templatetags import formats
from tests import factories
from tests.ppr_portal.company import Company

QUERIES_MAX = 8


@pytest.fixture
def agent_client(company: Company, client: Client) -> Client:
    client.force_login(company.agent.user)
    return client


def test_filters_are_links_whose_counts_agree_with_the_list(company: Company, agent_client: Client) -> None:
    chips = {chip.label: chip for chip in agent_client.get("/resolutions/").context["chips"]}

    assert {label: chip.count for label, chip in chips.items()} == {
        "All": 23, "Pending": 3, "Confirmed": 15, "Assumed": 3, "Held": 1, "Reopened": 1, "Void": 1,
    }  # fmt: skip
    for chip in chips.values():
        page = agent_client.get(chip.url).context
        assert len(page["rows"]) == chip.count
        # A list that is there as a whole is counted from its rows, the others in the database.
        assert {one.label: one.count for one in page["chips"]} == {label: one.count for label, one in chips.items()}


def test_a_state_that_is_chosen_in_place_is_a_step_that_back_takes_back(agent_client: Client) -> None:
    assert 'hx-boost="true" hx-push-url="true"' in agent_client.get("/resolutions/").content.decode()


def test_pages_follow_each_other_without_gap_or_repeat(company: Company, agent_client: Client, monkeypatch) -> None:
    monkeypatch.setattr(resolution_lists, "PAGE_SIZE", 10)
    seen, url = [], "/resolutions/"
    while url:
        context = agent_client.get(url).context
        seen += [row.url for row in context["rows"]]
        url = context["next_url"]

    assert len(seen) == len(set(seen)) == 23
    assert context["first_url"] == "/resolutions/"


def test_a_resolution_tells_what_it_brings_step_by_step(company: Company, agent_client: Client) -> None:
    earning = Earning.objects.filter(agent=company.agent, settlement__period_start=factories.MARCH).earliest("resolution")
    response = agent_client.get(reverse("resolution", args=[earning.resolution_id]))
    (one,) = response.context["brought"]
    share = Fraction(SettlementLine.objects.get(settlement=earning.settlement, position=earning.line_position).inputs["share"])

    assert [step.sign for step in one.steps] == ["", "×", "×", "="]
    assert one.steps[-1].value == formats.fine_amount(Fraction(earning.price_micros * earning.credit_micros, 10**12) * share)
    assert one.url.endswith(f"?why={earning.line_position}#why-{earning.line_position}")
    assert "What it brings you" in response.content.decode()


@pytest.mark.parametrize("after", ["x", "2016-04-20_1", "2016-04-20T20:44:00-04:00_", "_"])
def test_a_place_that_is_none_is_the_beginning(company: Company, agent_client: Client, after: str) -> None:
    assert len(agent_client.get("/resolutions/", {"after": after}).context["rows"]) == 23


def test_a_lead_narrows_the_list_to_one_agent_of_theirs(company: Company, client: Client) -> None:
    client.force_login(company.lead)
    rows = client.get("/resolutions/", {"agent": company.agent.pk}).context["rows"]

    assert {row.agent_name for row in rows} == {"Maya Torres"}
    assert client.get("/resolutions/", {"agent": company.outsider.pk}).status_code == 404
    assert client.get("/resolutions/", {"agent": "x"}).status_code == 404


def test_a_case_is_found_by_the_beginning_of_its_number_and_pages_keep_it(agent_client: Client, monkeypatch) -> None:
    monkeypatch.setattr(resolution_lists, "PAGE_SIZE", 2)
    key = agent_client.get("/resolutions/").context["rows"][0].case_key
    found = agent_client.get("/resolutions/", {"find": key.lower()})

    assert {row.case_key for row in found.context["rows"]} == {key}
    assert agent_client.get("/resolutions/", {"find": "nothing begins so"}).context["rows"] == []
    many = agent_client.get("/resolutions/", {"find": key[:1], "state": "confirmed"})
    assert "find=" in many.context["next_url"]
    assert "state=confirmed" in many.context["next_url"]
    assert {"state": "confirmed"}.items() <= dict(many.context["kept"]).items()


def test_who_reads_many_narrows_the_list_to_days_of_theirs(company: Company, client: Client, monkeypatch) -> None:
    client.force_login(company.user_of("auditor"))
    everything = Resolution.objects.values_list("resolved_at", flat=True)
    day = timezone.localtime(max(everything), ZoneInfo("America/New_York")).date()
    asked = {"from": day.isoformat(), "to": day.isoformat()}
    page = client.get("/resolutions/", asked)
    lines = client.get("/resolutions/", {**asked, "format": "csv"}).content.decode().splitlines()

    wanted = [at for at in everything if timezone.localtime(at, ZoneInfo("America/New_York")).date() == day]
    assert 0 < len(page.context["rows"]) == len(wanted) == len(lines) - 1 < len(everything)
    assert next(chip.count for chip in page.context["chips"] if chip.label == "All") == len(wanted)
    assert all(f"from={day}&to={day}" in chip.url for chip in page.context["chips"])
    assert f"from={day}" in page.context["csv_url"]
    assert page.content.decode().count(f'type="date" value="{day}"') == 2
    monkeypatch.setattr(resolution_lists, "PAGE_SIZE", 1)
    assert f"to={day}" in client.get("/resolutions/", asked).context["next_url"]


@pytest.mark.parametrize("text", ["x", "2016-02-30", "0001-01-01", "9999-12-31"])
def test_a_day_that_is_none_is_no_bound(company: Company, client: Client, text: str) -> None:
    client.force_login(company.user_of("auditor"))
    assert len(client.get("/resolutions/", {"from": text, "to": text}).context["rows"]) > 1


def test_a_list_of_ones_own_has_no_days_to_choose(agent_client: Client) -> None:
    page = agent_client.get("/resolutions/", {"from": "2030-01-01"})
    assert (page.context["days"], len(page.context["rows"])) == ([], 23)


def test_the_file_holds_the_whole_list_as_it_is_narrowed(agent_client: Client, monkeypatch) -> None:
    monkeypatch.setattr(resolution_lists, "PAGE_SIZE", 2)
    lines = agent_client.get("/resolutions/?format=csv").content.decode("utf-8-sig").splitlines()
    confirmed = agent_client.get("/resolutions/?format=csv&state=confirmed").content.decode("utf-8-sig").splitlines()

    assert lines[0].startswith("case,client,agent,")
    assert (len(lines), len(confirmed)) == (24, 16)


@pytest.mark.parametrize("size", [1, 5, 22, 23, 24])
def test_the_file_is_the_same_however_many_rows_are_read_at_a_time(agent_client: Client, monkeypatch, size: int) -> None:
    at_once = agent_client.get("/resolutions/?format=csv").content
    monkeypatch.setattr(resolution_lists, "FILE_ROWS", size)

    assert agent_client.get("/resolutions/?format=csv").content == at_once
    assert len(at_once.splitlines()) == 24


def test_a_life_tells_each_step_with_its_rule_and_version(company: Company, agent_client: Client) -> None:
    found = Resolution.objects.filter(agent=company.agent, state="assumed").earliest("pk")
    for state, rule, at in (("pending", "solution_offered", found.resolved_at), ("assumed", "silence", found.verified_at)):
        ResolutionTransition.objects.create(
            resolution=found, state=state, rule=rule, at=at, policy_version=found.policy_version, recorded_at=at
        )
    page = agent_client.get(reverse("resolution", args=[found.pk])).content.decode()

    assert "The silence window after the agent&#x27;s last message passed" in page
    assert "Larch Home 2016, version 1" in page


def test_a_pending_one_says_what_it_would_bring(company: Company, agent_client: Client, django_assert_max_num_queries) -> None:
    found = Resolution.objects.filter(agent=company.agent, state="pending", holds=None).earliest("pk")
    with django_assert_max_num_queries(QUERIES_MAX):
        response = agent_client.get(reverse("resolution", args=[found.pk]))

    assert response.context["would_bring"].amount_micros == 480_000
    assert "it brings about $0.48" in response.content.decode()


def test_a_held_one_says_why_and_until_when(company: Company, agent_client: Client) -> None:
    held = Resolution.objects.get(agent=company.agent, holds__released_at=None, holds__isnull=False)
    page = agent_client.get(reverse("resolution", args=[held.pk])).content.decode()

    assert "Held until a person decides" in page
    assert "Saturday, April 23" in page


def test_the_pages_take_few_queries(company: Company, agent_client: Client, django_assert_max_num_queries) -> None:
    found = Resolution.objects.filter(agent=company.agent).earliest("pk")
    for url in ("/resolutions/", reverse("resolution", args=[found.pk])):
        with django_assert_max_num_queries(QUERIES_MAX):
            agent_client.get(url)
