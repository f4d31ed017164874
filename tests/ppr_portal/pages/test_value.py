"""What clients read of value: figures that explain themselves, what is not known, files, and nobody else's numbers."""

import csv
import io
from datetime import date
from fractions import Fraction

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import AccountMonth, ImportRun
from billing.models import ValueCount
from billing.operations import count_value
from contracts.models import ValueBaseline
from tests import factories
from tests.ppr_portal.company import NOW, Company

QUERIES_MAX = 12


def page(company: Company, name: str = "value_report") -> str:
    return reverse(name, args=[company.invoice.contract_id, factories.MARCH])


@pytest.fixture
def baseline(company: Company) -> ValueBaseline:
    return ValueBaseline.objects.create(
        contract=company.invoice.contract,
        starts_on=date(2016, 1, 1),
        currency="USD",
        contact_micros=2_000_000,
        contacts_per_resolution="1.5",
        fcr_bp=5_000,
        repeat_micros=1_000_000,
        source="Report of 2015",
    )


def test_a_count_finds_what_was_booked_and_a_second_one_nothing(company: Company) -> None:
    stored = ValueCount.objects.get(contract=company.invoice.contract, period_start=factories.MARCH)

    assert (stored.resolution_count, stored.paid_micros) == (30, 72_000_000)
    assert (stored.fcr_yes_count, stored.fcr_count) == (30, 30)
    assert (stored.favorable_count, stored.answer_count) == (25, 30)
    assert count_value.count_value(as_of=NOW).changed_count == 0


def test_without_a_baseline_there_is_a_cost_and_no_saving(company: Company, client: Client) -> None:
    client.force_login(company.client)
    response = client.get(page(company))

    # 72.00 booked and 1.00 credited, for 30 resolutions.
    assert response.context["each_micros"] == 2_370_000
    assert response.context["saving_micros"] is None
    assert "Nobody stated yet what your service cost before" in response.content.decode()


def test_saving_and_return_are_worked_out_step_by_step(company: Company, client: Client, baseline: ValueBaseline) -> None:
    client.force_login(company.client)
    context = client.get(page(company)).context

    # 30 resolutions of 3.00 before, 72.00 paid for them, and 1.00 credited since.
    assert [(step.sign, step.value) for step in context["steps"]][:4] == [("", "90.00"), ("−", "72.00"), ("+", "1.00"), ("=", "19.00")]
    assert context["saving_micros"] == 19_000_000
    # 15 cases more than half of 30 are resolved at first contact, at 1.00 each: (19 + 15) / 71.
    assert context["roi"] == Fraction(34, 71)
    assert [row.name for row in context["baselines"]] == ["Every channel"]


def test_what_is_not_known_is_said(company: Company, client: Client) -> None:
    client.force_login(company.client)
    unknown = " ".join(client.get(page(company)).context["unknown"])

    assert "30 resolutions have no baseline" in unknown
    assert "Only customers who answered are in CSAT" in unknown


def test_the_file_has_every_channel_and_the_whole(company: Company, client: Client, baseline: ValueBaseline) -> None:
    client.force_login(company.client)
    rows = list(csv.DictReader(io.StringIO(client.get(page(company, "value_csv")).content.decode("utf-8-sig"))))

    assert [row["channel"] for row in rows] == ["Chat", "other charges", "together"]
    assert (rows[0]["resolutions"], rows[0]["paid"], rows[0]["per_resolution_before"], rows[0]["saving"]) == (
        "30",
        "72.00",
        "3.00",
        "18.00",
    )
    assert (rows[-1]["saving"], rows[-1]["fcr_yes"], rows[-1]["fcr_n"]) == ("19.00", "30", "30")


def test_the_report_prints_as_pdf(company: Company, client: Client, baseline: ValueBaseline) -> None:
    client.force_login(company.client)
    response = client.get(page(company, "value_pdf"))

    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF")


def test_a_client_reads_their_own_report_and_no_other(company: Company, client: Client) -> None:
    other = factories.make_contract_version(client_name="Birch Travel")
    ValueCount.objects.create(
        contract=other.contract, period_start=factories.MARCH, period_end=factories.APRIL, currency="USD", counted_at=NOW
    )
    client.force_login(company.client)

    assert client.get(reverse("value_report", args=[other.contract_id, factories.MARCH])).status_code == 404
    assert client.get(f"/value/?contract={other.contract_id}").status_code == 404
    assert client.get("/value/")["Location"] == page(company)


@pytest.mark.parametrize("asked", ["9" * 30, "-1", "one", "%00"])
def test_a_number_that_no_contract_has_is_no_page(company: Company, client: Client, asked: str) -> None:
    client.force_login(company.client)

    assert client.get(f"/value/?contract={asked}").status_code == 404
    assert client.get(f"/value/accounts/?client={asked}").status_code in (200, 404)


def test_the_report_takes_few_queries(company: Company, client: Client, baseline: ValueBaseline, django_assert_max_num_queries) -> None:
    client.force_login(company.client)
    with django_assert_max_num_queries(QUERIES_MAX):
        client.get(page(company))


# After the sale -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def accounts(company: Company) -> None:
    source = factories.make_source(code="accounts")
    run = ImportRun.objects.create(
        source=source, origin="accounts", file_name="a.csv", started_at=NOW, seconds=0, row_count=2, case_count=2,
        new_count=2, changed_count=0, unchanged_count=0, held_count=0,
    )  # fmt: skip
    owner = company.invoice.contract.client
    for account, month, seats, used, micros in (
        ("A", 2, 20, 10, 100),
        ("A", 3, 20, 15, 120),
        ("B", 2, 10, 10, 100),
        ("B", 3, None, None, 90),
    ):
        AccountMonth.objects.create(
            client=owner, account=account, month=date(2016, month, 1), seat_count=seats, active_count=used,
            recurring_micros=micros * 1_000_000, currency="USD", run=run,
        )  # fmt: skip


def test_measures_are_taken_of_what_was_told(company: Company, client: Client, accounts: None) -> None:
    client.force_login(company.client)
    response = client.get("/value/accounts/")
    rows = {row.code: row for row in response.context["rows"]}

    assert len(rows) == 8
    assert (rows["adoption"].rate, rows["adoption"].unknown) == (0.75, "1 account did not tell and is left out.")
    assert float(rows["net_revenue"].rate) == 1.05
    assert rows["health"].rate is None
    assert "Nothing was told, so there is no rate" in rows["health"].counted
    assert "After the sale" in client.get(page(company)).content.decode()


def test_an_earlier_month_can_be_asked_for_and_a_month_without_data_is_no_page(company: Company, client: Client, accounts: None) -> None:
    client.force_login(company.client)

    assert client.get("/value/accounts/?month=2016-02").context["last"] == date(2016, 2, 1)
    assert client.get("/value/accounts/?month=2015-02").status_code == 404


def test_without_account_data_the_page_says_what_it_needs(company: Company, client: Client) -> None:
    client.force_login(company.client)

    assert "No account data yet" in client.get("/value/accounts/").content.decode()


def test_accounts_of_another_client_are_not_shown(company: Company, client: Client, accounts: None) -> None:
    other = factories.make_contract_version(client_name="Birch Travel").contract.client
    AccountMonth.objects.update(client=other)
    client.force_login(company.client)

    assert client.get(f"/value/accounts/?client={other.pk}").status_code == 404
    assert client.get("/value/accounts/").context["rows"] == []


def test_the_measures_take_few_queries(company: Company, client: Client, accounts: None, django_assert_max_num_queries) -> None:
    client.force_login(company.auditor)
    with django_assert_max_num_queries(QUERIES_MAX):
        client.get("/value/accounts/")
