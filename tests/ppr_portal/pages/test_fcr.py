"""The FCR report: what it counts, for whom, and the way to the cases behind each figure."""

import csv
import io
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client

from agents.models import Agent, CaseEvent, ImportRun, Resolution, ShiftBand, SourceIdentity, TeamMembership
from agents.queries import first_contacts, stage_times
from contracts.models import Channel, ContractVersion
from ppr_portal.pages.work import fcr
from tests.ppr_portal import intake_pages
from tests.ppr_portal.company import Company

MARCH = {"from": "2016-03-01", "to": "2016-03-31"}
QUERIES_MAX = 9


@pytest.fixture
def lead_client(company: Company, client: Client) -> Client:
    client.force_login(company.lead)
    return client


def rows_of(client: Client, **asked: str) -> dict[str, Any]:
    """Return the report's rows by name."""
    return {row.name: row for row in client.get("/fcr/", {**MARCH, **asked}).context["rows"]}


@pytest.mark.parametrize("days", [{"to": "9999-12-31"}, {"from": "0001-01-01"}, {"from": "2016-03-31", "to": "soon"}])
def test_days_beyond_what_was_ever_recorded_are_no_fault(lead_client: Client, days: dict[str, str]) -> None:
    assert lead_client.get("/fcr/", days).status_code == 200


def test_groups_add_up_to_the_whole_whatever_they_are_grouped_by(company: Company, lead_client: Client) -> None:
    for dimension in first_contacts.DIMENSIONS:
        context = lead_client.get("/fcr/", {**MARCH, "by": dimension}).context
        total = context["total"]
        assert (sum(row.found.yes_count for row in context["rows"]), sum(row.found.n for row in context["rows"])) == (
            total.yes_count,
            total.n,
        )
        assert sum(row.found.pending_count for row in context["rows"]) == total.pending_count
        assert sum(one.row.count for one in context["pareto"]) == total.n - total.yes_count
    assert total.n > 0


def test_a_lead_reads_their_teams_and_readers_of_everything_all(company: Company, client: Client) -> None:
    for user, names in ((company.lead, {"Network A"}), (company.other_lead, {"Network B"}), (company.auditor, {"Network A", "Network B"})):
        client.force_login(user)
        assert set(rows_of(client, by="team")) == names


def test_every_figure_leads_to_its_cases(company: Company, lead_client: Client) -> None:
    for dimension in first_contacts.DIMENSIONS:
        rows = rows_of(lead_client, by=dimension)
        assert rows
        for row in rows.values():
            for url, count in (
                (row.yes_url, row.found.yes_count),
                (row.no_url, row.no_count),
                (row.pending_url, row.found.pending_count),
                (row.apart_url, row.apart_count),
            ):
                page = lead_client.get(url).context
                assert {chip.label: chip.count for chip in page["chips"]}["All"] == count
                assert page["drill"].back_url.startswith("/fcr/?")


def test_the_words_of_a_narrowed_list_are_the_readers(company: Company, lead_client: Client) -> None:
    asked = {"fcr": "yes", "by": "queue", "key": "", "from": "2016-03-01", "to": "2016-04-05"}
    spoken = {
        "en": ("March 1, 2016 to April 5, 2016", "; queue unknown"),
        "es": ("del 1 de marzo de 2016 al 5 de abril de 2016", "; sin cola"),
    }
    for language, pieces in spoken.items():
        words = lead_client.get("/resolutions/", asked, headers={"Accept-Language": language}).context["drill"].words
        assert [piece for piece in pieces if piece not in words] == [], words


def test_the_pages_of_a_narrowed_list_stay_narrowed(company: Company, lead_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.queries.resolution_lists.PAGE_SIZE", 5)
    (row,) = rows_of(lead_client, by="team").values()
    seen, url = 0, row.yes_url
    while url:
        context = lead_client.get(url).context
        seen, url = seen + len(context["rows"]), context["next_url"]
    assert seen == row.found.yes_count > 5


def test_inhibitors_lead_to_their_cases_and_unknown_stays_last(company: Company, lead_client: Client) -> None:
    first, second, *_ = Resolution.objects.filter(agent=company.agent, resolved_at__month=3).order_by("pk")
    Resolution.objects.filter(pk__in=[first.pk]).update(fcr="no", fcr_reason="transferred", inhibitor="transfer")
    Resolution.objects.filter(pk__in=[second.pk]).update(fcr="no", fcr_reason="reopened", inhibitor="unknown")
    pareto = lead_client.get("/fcr/", MARCH).context["pareto"]
    assert pareto[-1].name == "Unknown"
    assert pareto[-1].row.cumulative == Fraction(1)
    transfer = next(one for one in pareto if one.name == "Transfer")
    assert [row.case_key for row in lead_client.get(transfer.url).context["rows"]] == [first.case.key]


def test_shifts_are_the_sites_bands_in_its_own_time_and_go_on_past_midnight(company: Company, lead_client: Client) -> None:
    assert set(rows_of(lead_client, by="shift")) == {"Unknown"}
    site = company.agent.site
    for name, hour in (("Early", 6), ("Late", 14), ("Night", 22)):
        ShiftBand.objects.create(site=site, name=name, starts_at=time(hour))
    one = Resolution.objects.filter(agent=company.agent, resolved_at__month=3).earliest("pk")
    for local, name in (
        ("05:59", "Night"),
        ("06:00", "Early"),
        ("13:59", "Early"),
        ("14:00", "Late"),
        ("22:00", "Night"),
        ("23:59", "Night"),
    ):
        moment = datetime.fromisoformat(f"2016-03-14T{local}:00").replace(tzinfo=ZoneInfo(site.timezone))
        Resolution.objects.filter(pk=one.pk).update(resolved_at=moment)
        asked = first_contacts.list_asked(resolutions=Resolution.objects.filter(pk=one.pk), start=moment, end=moment + timedelta(seconds=1))
        assert [row.name for row in first_contacts.count_by(resolutions=asked, dimension="shift")] == [name]


def test_a_team_is_that_of_the_day_of_the_claim(company: Company, client: Client) -> None:
    client.force_login(company.auditor)
    before = rows_of(client, by="team")["Network A"].found.n
    one = Resolution.objects.filter(agent=company.agent, resolved_at__month=3).latest("resolved_at")
    membership = TeamMembership.objects.get(agent=company.agent)
    TeamMembership.objects.filter(pk=membership.pk).update(effective_to=one.resolved_at.date())
    TeamMembership.objects.create(agent=company.agent, team=company.other_team, effective_from=one.resolved_at.date())
    moved = rows_of(client, by="team")
    assert moved["Network A"].found.n < before
    assert moved["Network A"].found.n + moved["Network B"].found.n == before + rows_before_b(company)


def rows_before_b(company: Company) -> int:
    """Return how many answers the outsider's team had in March."""
    return Resolution.objects.filter(
        agent=company.outsider, resolved_at__date__range=(date(2016, 3, 1), date(2016, 3, 31)), fcr__in=("yes", "no")
    ).count()


def test_self_service_is_counted_apart_and_never_in_the_rate(company: Company, lead_client: Client) -> None:
    before = lead_client.get("/fcr/", MARCH).context["total"]
    channel = Channel.objects.create(code="help-pages", name="Help pages", is_assisted=False)
    one = Resolution.objects.filter(agent=company.agent, resolved_at__month=3, fcr="yes").earliest("pk")
    Resolution.objects.filter(pk=one.pk).update(channel=channel)
    after = lead_client.get("/fcr/", MARCH).context["total"]
    assert (after.yes_count, after.n, after.left_out_count) == (before.yes_count - 1, before.n - 1, before.left_out_count + 1)


def test_many_groups_are_shown_on_request(company: Company, lead_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fcr, "ROWS_MAX", 3)
    for number, one in enumerate(Resolution.objects.filter(agent=company.agent, resolved_at__month=3).order_by("pk")[: fcr.ROWS_MAX + 2]):
        Resolution.objects.filter(pk=one.pk).update(queue=f"Queue {number}")
    first = lead_client.get("/fcr/", {**MARCH, "by": "queue"}).context
    every = lead_client.get(first["all_url"]).context
    assert (len(first["rows"]), len(every["rows"]), every["more_count"]) == (fcr.ROWS_MAX, fcr.ROWS_MAX + first["more_count"], 0)
    assert first["more_count"] > 0


def state_an_optimum(basis_points: int) -> None:
    """Write an optimum into policies that are in force already, which only a test may do."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE contracts_resolutionpolicy SET fcr_optimum_bp = %s", [basis_points])
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_the_gap_is_to_what_the_contracts_state(company: Company, lead_client: Client) -> None:
    (row,) = rows_of(lead_client, by="team").values()
    assert row.found.gap is None
    assert "not stated" in lead_client.get("/fcr/", {**MARCH, "by": "team"}).content.decode()

    one = Resolution.objects.filter(agent=company.agent, resolved_at__month=3, fcr="yes").earliest("pk")
    Resolution.objects.filter(pk=one.pk).update(fcr="no", fcr_reason="transferred", inhibitor="transfer")
    version = ContractVersion.objects.filter(contract=one.case.contract).earliest("pk")
    Resolution.objects.filter(resolved_at__month=3).update(policy_version=version)
    state_an_optimum(9_950)
    (row,) = rows_of(lead_client, by="team").values()

    assert row.found.rate == Fraction(row.found.yes_count, row.found.n)
    assert (row.found.optimum, row.found.gap) == (Fraction(199, 200), Fraction(199, 200) - row.found.rate)
    page = lead_client.get("/fcr/", {**MARCH, "by": "team"}).content.decode()
    assert "optimum 99.5" in page
    assert f"{row.gap_points} points" in page
    response = lead_client.get("/fcr/", {**MARCH, "by": "team", "format": "csv"})
    (line,) = csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")))
    assert (line["optimum"], line["gap"]) == ("0.9950", f"{float(row.found.gap):.4f}")


def test_stage_times_are_told_by_agent_and_the_rest_is_unknown(company: Company, lead_client: Client) -> None:
    resolution = Resolution.objects.filter(agent=company.agent, resolved_at__month=3).earliest("pk")
    source = resolution.case.source
    name = SourceIdentity.objects.create(source=source, space="agent", value="maya", agent=company.agent)
    run = ImportRun.objects.filter(source=source).first() or intake_pages.make_run(source)
    moment = datetime.combine(date(2016, 3, 10), time(15), tzinfo=ZoneInfo("America/New_York"))
    for number, (stage, seconds) in enumerate((("research", 600), ("research", 300), ("resolve", 120), ("capture", None), ("lunch", 60))):
        CaseEvent.objects.create(
            source=source,
            key=f"stage-{number}",
            case=resolution.case,
            run=run,
            type="stage_time",
            code=stage,
            handle_seconds=seconds,
            occurred_at=moment,
            received_at=moment,
            agent_identity=name,
        )
    agents = Agent.objects.filter(pk__in=[company.agent.pk, company.colleague.pk])
    asked = {"agents": agents, "start": moment, "end": moment + timedelta(seconds=1)}
    (found,) = stage_times.list_agent_stages(**asked).rows

    assert (found.agent_id, dict(found.seconds), found.case_count) == (company.agent.pk, {"research": 900, "resolve": 120}, 1)
    assert stage_times.list_agent_stages(**{**asked, "end": moment}).rows == ()
    page = lead_client.get("/fcr/", MARCH).content.decode()
    assert "Hours by stage and agent" in page
    assert "stage times on 1 of" in page


def test_the_file_holds_what_the_table_shows(company: Company, lead_client: Client) -> None:
    (row,) = rows_of(lead_client, by="team").values()
    response = lead_client.get("/fcr/", {**MARCH, "by": "team", "format": "csv"})
    (line,) = csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")))
    assert (line["group"], int(line["n"]), int(line["yes"])) == ("Network A", row.found.n, row.found.yes_count)
    assert line["fcr"] == f"{float(row.found.rate):.4f}"
    assert line["gap"] == ""


@pytest.mark.parametrize("asked", [{"from": "x"}, {"from": "2016-05-01", "to": "2016-04-01"}, {"to": "2016-02-30"}])
def test_days_that_are_none_are_told_and_the_last_ninety_shown(company: Company, lead_client: Client, asked: dict[str, str]) -> None:
    response = lead_client.get("/fcr/", asked)
    assert response.context["asked"].is_misread
    assert "could not be read" in response.content.decode()


@pytest.mark.parametrize("asked", [{}, {"by": "nothing"}, {"client": "nobody"}, {"key": "x", "fcr": "maybe"}])
def test_an_address_that_asks_for_nothing_known_is_still_a_page(company: Company, lead_client: Client, asked: dict[str, str]) -> None:
    assert lead_client.get("/fcr/", asked).status_code == 200
    assert lead_client.get("/resolutions/", asked).status_code == 200


def test_the_page_reads_a_fixed_number_of_queries(company: Company, lead_client: Client, django_assert_max_num_queries: Any) -> None:
    for dimension in first_contacts.DIMENSIONS:
        with django_assert_max_num_queries(QUERIES_MAX):
            lead_client.get("/fcr/", {**MARCH, "by": dimension})
