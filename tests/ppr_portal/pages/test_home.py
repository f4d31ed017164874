"""The agent's home: rows add up to the figure, days add up to the bars, and what is not earned stays beside it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from agents.models import Feedback
from billing.models import Settlement
from tests import factories
from tests.ppr_portal.company import NOW, Company

QUERIES_MAX = 12


def open_settlement(company: Company) -> Settlement:
    return Settlement.objects.get(agent=company.agent, status="accruing")


@pytest.fixture
def home(company: Company, client: Client):
    client.force_login(company.agent.user)
    response = client.get("/")
    assert response.status_code == 200
    return response.context


def test_the_rows_add_up_to_the_figure(company: Company, home) -> None:
    rows = home["rows"]

    assert sum(row.amount_micros for row in rows) == open_settlement(company).total_micros
    assert [row.name for row in rows] == [
        "Hours worked",
        "Confirmed",
        "Assumed",
        "Share above 3",
        "Paid recovery",
        "Quality so far",
        "Minimum wage top-up",
    ]
    assert [row.how for row in rows][:3] == ["59.75 h at 12.50", "9 resolutions", "3 resolutions after silence"]


def test_the_days_add_up_to_the_bars_and_the_rest_is_named(company: Company, home) -> None:
    days = home["days"].rows
    by_kind = {"hours": 0, "confirmed": 0, "assumed": 0}
    for day in days:
        by_kind["hours"] += day.hours_micros
        by_kind["confirmed"] += day.confirmed_micros
        by_kind["assumed"] += day.assumed_micros
    rows = {row.name: row.amount_micros for row in home["rows"]}

    assert len(days) == 30
    assert by_kind == {"hours": rows["Hours worked"], "confirmed": rows["Confirmed"], "assumed": rows["Assumed"]}
    assert sum(by_kind.values()) + home["beyond_days_micros"] == open_settlement(company).total_micros


def test_pending_and_held_stand_beside_the_figure_with_date_and_estimate(home) -> None:
    pending, held = home["waiting"]

    # Two at a price of 2.40 and a share of 20%.
    assert (pending.name, pending.count, pending.amount_micros) == ("Pending", 2, 960_000)
    assert pending.how == "2 resolutions, until Fri, Apr 22 at the latest"
    assert (held.name, held.count, held.amount_micros) == ("Held", 1, 480_000)
    assert held.how == "1 resolution, a person decides by Sat, Apr 23"
    assert "same case" in held.sentences[0]


def test_the_next_payday_is_a_working_day_of_the_month_after(home) -> None:
    payday = home["payday"]

    assert (payday.day.isoformat(), payday.until_words) == ("2016-05-06", "in 16 days")
    assert payday.period_start == factories.APRIL


def test_this_week_runs_from_monday_to_today(home) -> None:
    week = home["week"]

    assert [day.day.day for day in week.days] == [18, 19, 20]
    assert [day.seconds for day in week.days] == [27_000, 27_000, 27_000]
    assert week.days[-1].is_today


def test_quality_is_the_score_that_the_settlement_rests_on(company: Company, home) -> None:
    stored = open_settlement(company).evidence["score"]
    shown = home["quality"]

    assert {metric.code: metric.n for metric in shown.metrics} == {"csat": 9}
    assert shown.n == int(stored["n"])
    assert all(metric.verdict == "few" for metric in shown.metrics if metric.n < 20)


def test_the_page_takes_few_queries_and_few_bytes(company: Company, client: Client, django_assert_max_num_queries) -> None:
    client.force_login(company.agent.user)
    client.get("/")  # Terms are read once per process.

    with django_assert_max_num_queries(QUERIES_MAX):
        response = client.get("/")

    assert len(response.content) < 60_000


def test_a_newcomer_reads_that_nothing_is_counted_yet(company: Company, client: Client) -> None:
    client.force_login(company.newcomer.user)
    page = client.get("/").content.decode()

    assert "Nothing is counted yet" in page
    assert "Nobody has written yet" in page
    assert "No hours are recorded" in page


def test_an_agent_without_quality_reads_that_missing_is_not_bad(company: Company, client: Client) -> None:
    Settlement.objects.filter(agent=company.agent, status="accruing").update(evidence={})
    client.force_login(company.agent.user)

    assert "A missing result is never counted as bad" in client.get("/").content.decode()


@pytest.mark.parametrize(("role", "place"), [("lead", "/team/"), ("admin", "/admin/"), ("client", "/invoices/")])
def test_other_roles_land_where_their_work_is(company: Company, client: Client, role: str, place: str) -> None:
    client.force_login(company.user_of(role))

    assert client.get("/")["Location"] == place


@pytest.mark.parametrize(("role", "words"), [("auditor", "What is open to you"), ("nobody", "No page is open to you yet")])
def test_who_has_no_home_reads_what_is_open(company: Company, client: Client, role: str, words: str) -> None:
    client.force_login(company.user_of(role))

    assert words in client.get("/").content.decode()


def test_places_stand_in_sections_with_what_a_role_comes_for_first(company: Company, client: Client) -> None:
    client.force_login(company.user_of("approver"))
    viewer = client.get("/").context["viewer"]

    assert [place.route for place in viewer.tabs] == ["pay_runs", "agents", "disputes", "resolutions"]
    assert [section.title for section in viewer.sections] == ["", "Clients", "Operations", "Team", "Insight"]
    assert len({place.route for place in viewer.places}) == len(viewer.places)


def test_a_lead_who_is_an_agent_too_lands_on_their_own_pay(company: Company, client: Client) -> None:
    user = company.agent.user
    assert user is not None
    user.groups.add(Group.objects.get(name="lead"))
    client.force_login(user)
    labels = [place.label for place in client.get("/").context["viewer"].places]

    assert labels[0] == "Home"
    assert "Today" in labels


def test_new_feedback_is_counted_in_the_navigation(company: Company, client: Client) -> None:
    Feedback.objects.filter(agent=company.agent).update(read_at=NOW - timedelta(hours=1))
    factories.make_feedback(agent=company.agent)
    client.force_login(company.agent.user)
    places = {place.label: place.new_count for place in client.get("/").context["viewer"].places}

    assert places["Feedback"] == 1


def test_the_forecast_is_a_range_above_what_is_earned_with_how_often_it_comes_true(company: Company, home) -> None:
    found, earned = home["forecast"], open_settlement(company).total_micros

    assert earned <= found.low_micros < found.high_micros
    assert (found.day_count, found.days_left, found.last_day.isoformat()) == (19, 11, "2016-04-30")
    assert found.high_micros % 10_000_000 == 0


def test_a_forecast_waits_until_enough_days_are_over(company: Company, client: Client, settings) -> None:
    settings.PPR_NOW = NOW - timedelta(days=9)
    client.force_login(company.agent.user)
    response = client.get("/")

    assert response.context["forecast"] is None
    assert "Too few days are over to tell" in response.content.decode()
