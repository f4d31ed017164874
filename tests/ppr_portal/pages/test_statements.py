"""A statement: lines that add up, and a reason behind every amount, with script and without."""

import csv
import io
import re
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Resolution, Team
from billing.models import Earning, Settlement, SettlementLine
from billing.rules import money
from ppr_portal.pages.pay import statement_rows, unit_reasons
from tests import factories
from tests.ppr_portal.company import Company, line_of

QUERIES_MAX = 12
HTMX = {"HTTP_HX_REQUEST": "true"}


def address(company: Company, month=factories.MARCH) -> str:
    return reverse("statement", args=[company.agent.pk, month])


@pytest.fixture
def agent_client(company: Company, client: Client) -> Client:
    client.force_login(company.agent.user)
    return client


def test_the_list_has_the_open_period_first(company: Company, agent_client: Client) -> None:
    response = agent_client.get("/statements/", follow=True)
    rows = [(found.period_start, state.words, payday) for found, state, payday in response.context["rows"]]

    assert rows == [(factories.APRIL, "Open, an estimate", date(2016, 5, 6)), (factories.MARCH, "Paid Thursday, April 7", None)]
    assert "payday Friday, May 6" in response.content.decode()


def test_groups_add_up_to_the_total(company: Company, agent_client: Client) -> None:
    context = agent_client.get(address(company)).context
    settlement = Settlement.objects.get(agent=company.agent, period_start=factories.MARCH)

    assert [group.title for group in context["groups"]] == ["Hours", "Resolutions", "Quality and corrections"]
    for group in context["groups"]:
        assert sum(line.amount_micros for line in group.lines) == group.total_micros
    assert sum(group.total_micros for group in context["groups"]) == settlement.total_micros
    assert context["line_count"] == settlement.lines.count()


def test_every_amount_opens_its_reason_without_script(company: Company, agent_client: Client) -> None:
    lines = list(SettlementLine.objects.filter(settlement__agent=company.agent, settlement__period_start=factories.MARCH))
    assert len(lines) > 3
    for line in lines:
        response = agent_client.get(address(company), {"why": line.position})
        reason = response.context["reason"]

        assert reason.steps[-1].is_final
        assert reason.steps[-1].value.replace(",", "").replace("−", "-") == f"{line.amount_micros / 1_000_000:.2f}"
        assert f'id="reason-{line.position}"' in response.content.decode()


def test_a_line_lists_the_cases_that_it_adds_up(company: Company, agent_client: Client) -> None:
    line = line_of(company.agent, kind="unit")
    response = agent_client.get(address(company), {"why": line.position})
    cases = response.context["cases"]
    earned = Earning.objects.filter(agent=company.agent, settlement=line.settlement, line_position=line.position)

    assert cases.count == len(cases.rows) + cases.more_count == earned.count() > 0
    assert sum(case.price_micros for case in cases.rows) == sum(earned.values_list("price_micros", flat=True))
    assert agent_client.get(cases.rows[0].url).status_code == 200
    assert agent_client.get(address(company), {"why": line_of(company.agent, kind="base").position}).context["cases"] is None


@pytest.mark.parametrize(("more", "query_count"), [(0, 1), (1, 2), (2, 2)])
def test_a_line_lists_only_the_first_cases_and_counts_them_all(
    company: Company, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any, more: int, query_count: int
) -> None:
    line = SettlementLine.objects.filter(settlement__agent=company.agent, settlement__status="accruing", kind="unit").earliest("position")
    earned = Earning.objects.filter(agent=company.agent, settlement=line.settlement, line_position=line.position)
    count = earned.count()
    earned.filter(resolution=earned.latest("verified_at", "resolution").resolution).update(credit_micros=500_000)
    monkeypatch.setattr(unit_reasons, "CASES_SHOWN", count - more)
    with django_assert_num_queries(query_count):
        cases = unit_reasons.cases_of(line=line, settlement=line.settlement, openable=Resolution.objects.all())

    assert cases is not None
    assert (len(cases.rows), cases.count, cases.more_count, cases.is_shared) == (count - more, count, more, True)


def test_a_case_of_a_colleague_has_no_link_that_its_reader_may_not_follow(
    company: Company, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = SettlementLine.objects.filter(settlement__agent=company.agent, settlement__status="accruing", kind="unit").earliest("position")
    earned = Earning.objects.filter(agent=company.agent, settlement=line.settlement, line_position=line.position)
    statement = address(company, line.settlement.period_start)
    shared = earned.order_by("verified_at", "resolution")[0].resolution
    earned.filter(resolution=shared).update(credit_micros=500_000)
    Resolution.objects.filter(pk=shared.pk).update(agent=company.colleague)
    monkeypatch.setattr(unit_reasons, "CASES_SHOWN", 1)
    place, listed = reverse("resolution", args=[shared.pk]), "each stands under Resolutions"

    client.force_login(company.agent.user)
    page = client.get(statement, {"why": line.position}).content.decode()
    assert client.get(place).status_code == 404
    assert (shared.case.key in page, place in page, listed in page, "more." in page) == (True, False, False, True)

    Team.objects.filter(pk=company.team.pk).update(lead=company.agent.user)
    company.agent.user.groups.add(*company.lead.groups.all())
    for reader in (company.agent.user, company.auditor):
        client.force_login(reader)
        page = client.get(statement, {"why": line.position}).content.decode()
        assert client.get(place).status_code == 200
        assert (place in page, listed in page) == (True, True)


def test_htmx_gets_only_the_reason(company: Company, agent_client: Client) -> None:
    page = agent_client.get(address(company), {"why": 1}, **HTMX).content.decode()

    assert page.lstrip().startswith("<tr")
    assert "<html" not in page


@pytest.mark.parametrize("why", ["99", "x", "0"])
def test_a_reason_of_no_line_shows_the_statement_and_is_no_fragment(company: Company, agent_client: Client, why: str) -> None:
    response = agent_client.get(address(company), {"why": why})
    assert response.status_code == 200
    assert response.context["reason"] is None

    assert agent_client.get(address(company), {"why": why}, **HTMX).status_code == 404


def test_no_sentence_shows_a_fraction_that_nobody_reads(company: Company, agent_client: Client) -> None:
    lines = list(SettlementLine.objects.filter(settlement__agent=company.agent))
    assert len(lines) > 6
    for line in lines:
        month = line.settlement.period_start
        reason = agent_client.get(address(company, month), {"why": line.position}).context["reason"]
        words = [part for step in reason.steps for part in (step.value, step.text)] + list(reason.notes)

        assert [text for text in words if re.search(r"\d+/\d+|\d\.\d{5,}", text)] == []


def test_an_open_period_says_that_it_is_an_estimate(company: Company, agent_client: Client) -> None:
    page = agent_client.get(address(company, factories.APRIL)).content.decode()

    assert "This period is still open" in page
    assert "Open, an estimate" in page
    assert "Dispute this line" not in page


def test_a_disputed_line_says_so_and_can_not_be_disputed_twice(company: Company, agent_client: Client) -> None:
    line = company.dispute.line
    assert line is not None
    page = agent_client.get(address(company), {"why": line.position}).content.decode()

    assert page.count("Disputed, answer by Monday, April 25") == 2
    assert "Dispute this line" not in page


def test_only_the_agent_is_offered_to_dispute(company: Company, client: Client) -> None:
    line = line_of(company.agent, kind="base")
    client.force_login(company.auditor)

    assert client.get(address(company), {"why": line.position}).context["reason"].dispute_url == ""


def test_an_amount_that_its_inputs_do_not_give_says_so(company: Company, agent_client: Client) -> None:
    line = SettlementLine.objects.get(settlement__agent=company.agent, settlement__status="accruing", kind="base")
    SettlementLine.objects.filter(pk=line.pk).update(exact="1")
    reason = agent_client.get(address(company, factories.APRIL), {"why": line.position}).context["reason"]

    assert reason.steps == ()
    assert "do not pay it before somebody has looked" in reason.notes[0]


def test_the_minimum_pay_test_stands_beside_it_also_when_met(company: Company, agent_client: Client) -> None:
    test = agent_client.get(address(company)).context["floor_test"]

    assert test.is_met
    assert test.top_up_micros == 0
    assert [(week.name, week.hours) for week in test.weeks] == [("Mar 7–13", "37.50")]


def test_the_csv_holds_exact_values_and_plain_numbers(company: Company, agent_client: Client) -> None:
    response = agent_client.get(reverse("statement_csv", args=[company.agent.pk, factories.MARCH]))
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))

    assert "attachment" in response["Content-Disposition"]
    assert rows[0].keys() == {"position", "kind", "label", "week", "quantity", "rate", "amount", "currency", "exact"}
    base = next(row for row in rows if row["kind"] == "base")
    assert (base["quantity"], base["rate"], base["amount"], base["currency"]) == ("37.5", "12.5", "468.75", "USD")


@pytest.mark.parametrize(
    ("kind", "inputs", "quantity", "rate", "exact", "expected"),
    [
        ("base", {}, "37.5", "12.5", "468.75", "37.50 h × 12.50"),
        ("quality", {}, "511.698", "3312/102400", "52960743/3200000", "511.70 × 3.2344%"),
        ("floor", {}, "6.5", "8.5", "8.13", "6.50 h · 8.50 · what you earned was short of this"),
        ("floor", {}, "31", "7.25", "0", "31.00 h · 7.25 · tested, not needed"),
        (
            "tier_uplift", {"rate_kind": "share", "above": "40"}, "32", "0.05", "32.63",
            "32 · 5% · of their prices, for those after your first 40",
        ),
        ("tier_uplift", {"rate_kind": "amount", "above": "40"}, "32", "0.5", "16", "32 × 0.50 · for those after your first 40"),
        ("overtime", {"before": "15"}, "6", "7.5", "45", "6.00 h × 7.50 · week of Mar 28 – Apr 3"),
        ("overtime", {"before": "15"}, "6", "7.5", "30", "6.00 h · 7.50 · week of Mar 28 – Apr 3"),
        ("rest", {"before": "30"}, "1", "40", "10", "1.00 h · 40.00"),
        ("recovery", {}, "1/3", "140/9", "50/27", "0.33 h · 15.5556 · week of Mar 28 – Apr 3"),
        ("recovery", {}, "1/3", "140/9", "140/27", "0.33 h × 15.5556 · week of Mar 28 – Apr 3"),
        ("holdback", {}, "20.02", "0.15", "-3.003", "20.02 · 0.15"),
        ("draw_recovery", {}, "50", "0.5", "-25", "50 · 0.50"),
    ],
)  # fmt: skip
def test_only_what_makes_the_amount_is_written_as_a_product(
    kind: str, inputs: dict[str, str], quantity: str, rate: str, exact: str, expected: str
) -> None:
    amount = money.to_micros(amount=Fraction(exact), currency="USD")
    line = SettlementLine(
        position=1, kind=kind, label="A line", quantity=quantity, rate=rate, exact=exact, amount_micros=amount, inputs=inputs
    )
    line.week = date(2016, 3, 28)
    ((shown,),) = (group.lines for group in statement_rows.group_lines(lines=[line], disputes=(), open_position=None))
    told = " · ".join(filter(None, (shown.product, shown.note))).replace("\u00a0", " ")

    assert told == expected or told == f"{expected} · on all resolution pay, no results yet"


def test_quantities_and_rates_of_the_csv_are_decimals_where_they_are_stored_as_fractions(company: Company, agent_client: Client) -> None:
    found = Settlement.objects.get(agent=company.agent, period_start=factories.APRIL)
    line = found.lines.exclude(rate="").exclude(quantity="").earliest("position")
    found.lines.filter(pk=line.pk).update(rate="13/170", quantity="3/17")
    address_of_file = reverse("statement_csv", args=[company.agent.pk, factories.APRIL])
    rows = list(csv.DictReader(io.StringIO(agent_client.get(address_of_file).content.decode("utf-8-sig"))))

    assert [(row["quantity"], row["rate"]) for row in rows if row["position"] == str(line.position)] == [("0.176471", "0.076471")]


def test_the_page_takes_few_queries(company: Company, agent_client: Client, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(QUERIES_MAX):
        agent_client.get(address(company), {"why": 1})


@pytest.mark.parametrize("day", ["2016-13-01", "2016-02-30", "yesterday"])
def test_a_day_that_is_none_is_no_page(company: Company, agent_client: Client, day: str) -> None:
    assert agent_client.get(f"/agents/{company.agent.pk}/statements/{day}/").status_code == 404
