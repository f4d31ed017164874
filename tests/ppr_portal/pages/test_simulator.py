"""The simulator's page: what it says of a draft and of the version in force, its file, its refusals, and a fixed number of queries."""

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.models import JobRun, Resolution
from agents.operations.jobs import kept_answers
from billing.queries import class_names
from billing.queries.simulator import simulate_version
from contracts.models import ContractVersion, PayPlanVersion
from contracts.operations import versions
from ppr_portal.pages.trials import simulator_kept, simulator_rows
from tests import factories
from tests.ppr_portal.company import APRIL_11, NOW, Company

QUERIES_MAX = 12
# What is worked out is read once: the terms, the resolutions and the lint of the card, and seven for each month of a site.
WORKED_OUT_MAX = 64


@pytest.fixture
def version(company: Company) -> ContractVersion:
    return ContractVersion.objects.get()


@pytest.fixture
def draft(version: ContractVersion) -> ContractVersion:
    made = versions.clone_version(version=version, effective_from=factories.APRIL.replace(month=6))
    made.rate_card_rows.update(unit_amount_micros=3_400_000)
    return made


def page_of(version: ContractVersion, query: str = "") -> str:
    return reverse("version_simulation", args=[version.pk]) + query


def test_the_version_in_force_changes_nothing(company: Company, client: Client, version: ContractVersion) -> None:
    client.force_login(company.admin)
    page = client.get(page_of(version))

    assert page.context["difference_micros"] == 0
    assert page.context["is_as_booked"]
    assert {row.difference_micros for row in page.context["sums"]} == {0}
    assert "exactly what is booked" in page.content.decode()


def test_a_dearer_draft_bills_a_dollar_more_for_each(
    company: Company, client: Client, draft: ContractVersion, django_assert_max_num_queries
) -> None:
    client.force_login(company.admin)
    with django_assert_max_num_queries(WORKED_OUT_MAX):
        page = client.get(page_of(draft))
    found = page.context["found"]
    for kept in (page_of(draft), page_of(draft, "?format=csv")):
        with django_assert_max_num_queries(QUERIES_MAX):
            assert client.get(kept).status_code == 200

    assert page.context["difference_micros"] == found.then.billed_count * 1_000_000 > 0
    assert {row.label: row.difference for row in page.context["counts"]}["Billed"] == 0
    margin = next(row for row in page.context["sums"] if row.label == "Margin")
    pay = next(row for row in page.context["sums"] if row.label == "Agents get for these resolutions")
    assert margin.difference_micros + pay.difference_micros == page.context["difference_micros"]
    assert sum(row.margin.then_micros for row in page.context["classes"]) == margin.then_micros
    assert [row.label for row in page.context["lines"]] == ["Any query type, any channel"]


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("desk, phone", "Desk topics, phone"),
        ("desk/printer, any channel", "Printers, any channel"),
        ("any query type, sms, confirmed", "Any query type, SMS, confirmed"),
        ("Sales tax", "Sales tax"),
        ("gone, fax", "gone, fax"),
    ],
)
def test_a_line_is_called_what_it_is_called_on_an_invoice(label: str, name: str) -> None:
    names = class_names.ClassNames(
        query_types={"desk": "Desk topics", "desk/printer": "Printers"}, channels={"phone": "Phone", "sms": "SMS"}
    )

    assert simulator_rows.name_line(label=label, names=names) == name


def test_a_draft_stands_beside_another_version(company: Company, client: Client, version: ContractVersion, draft: ContractVersion) -> None:
    second = versions.clone_version(version=version, effective_from=factories.APRIL.replace(month=7))
    second.rate_card_rows.update(unit_amount_micros=2_900_000)
    client.force_login(company.admin)
    alone, beside = client.get(page_of(draft)), client.get(page_of(draft, f"?beside={second.number}"))
    text = beside.content.decode()

    assert beside.context["difference_micros"] == beside.context["found"].then.billed_count * 500_000 > 0
    assert beside.context["now_micros"] != alone.context["now_micros"]
    assert beside.context["then_micros"] == alone.context["then_micros"]
    assert f'<option value="{second.number}" selected>Version {second.number}, draft</option>' in text
    assert "nothing here was billed to anybody" in text
    assert f"beside={second.number}" in beside.context["csv_query"]
    # An unknown one, and the version itself, stand for how it was.
    for wrong in ("99", "x", str(draft.number)):
        assert client.get(page_of(draft, f"?beside={wrong}")).context["now_micros"] == alone.context["now_micros"]
    file = client.get(page_of(draft, f"?beside={second.number}&format=csv"))
    assert f"-beside-{second.number}-" in file["Content-Disposition"]
    assert f"side,,,,Version {second.number},Version {draft.number},," in file.content.decode("utf-8-sig")


def test_a_long_one_is_worked_out_by_a_worker_while_the_page_waits(
    company: Company, client: Client, draft: ContractVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(company.admin)
    asked, address = {"as_of": NOW}, page_of(draft, "?from=2016-03&to=2016-04")
    at_once = client.get(address).context["difference_micros"]
    question = simulator_kept.Question(version=draft, months=(factories.MARCH, factories.APRIL), against=None, with_knobs=False)
    kept_answers.forget(key=question.key)
    monkeypatch.setattr(simulator_kept, "AT_ONCE_MAX", -1)
    started: list[str] = []
    for _ in range(2):
        assert simulator_kept.read_or_start(question=question, start=started.append, **asked) == kept_answers.Waiting()
    assert started == [question.key]
    assert "Working it out" in client.get(address).content.decode()
    assert client.get(f"{address}&format=csv").status_code == 302

    simulator_kept.work_out(question=question, **asked)
    assert client.get(address, HTTP_HX_REQUEST="true")["HX-Refresh"] == "true"
    assert client.get(address).context["difference_micros"] == at_once > 0
    # Who asks for it anew has a worker asked, which is done at once here.
    client.post(address)
    assert client.get(address).context["difference_micros"] == at_once
    assert JobRun.objects.get(job__startswith=f"simulation {draft.pk}").outcome == "done"


def test_a_worker_says_that_it_is_at_it_and_what_stops_it(company: Company, draft: ContractVersion) -> None:
    seen: list[object] = []

    class Months(tuple[date, ...]):
        """Looks what the page would see as soon as it is read, and cannot be."""

        __slots__ = ()

        def __iter__(self) -> Iterator[date]:
            seen.append(cache.get(question.key))
            raise RuntimeError("no month")

    months = Months([factories.MARCH])
    question = simulator_kept.Question(version=draft, months=months, against=None, with_knobs=False)
    with pytest.raises(RuntimeError, match="no month"):
        simulator_kept.work_out(question=question, as_of=NOW)
    started: list[str] = []
    state = simulator_kept.read_or_start(question=question, as_of=NOW, start=started.append)

    assert seen == [kept_answers.Waiting()]
    assert isinstance(state, kept_answers.Refused)
    assert "An internal error stopped the simulation" in state.message
    assert started == []


def test_knobs_are_turned_by_a_worker_however_few_resolutions_there_are(company: Company, draft: ContractVersion) -> None:
    question = simulator_kept.Question(version=draft, months=(factories.MARCH,), against=None, with_knobs=True)
    started: list[str] = []

    assert simulator_kept.read_or_start(question=question, as_of=NOW, start=started.append) == kept_answers.Waiting()
    assert started == [question.key]


def test_resolutions_that_do_not_count_make_a_contract_larger_too(company: Company, version: ContractVersion) -> None:
    contract = version.contract
    stored = Resolution.objects.filter(case__contract=contract)
    most = stored.count()

    assert most > stored.filter(is_payable=True).count()
    assert simulate_version.is_small(contract=contract, most=most)
    assert not simulate_version.is_small(contract=contract, most=most - 1)


def test_more_agents_cost_no_more_queries(company: Company, client: Client, version: ContractVersion, draft: ContractVersion) -> None:
    client.force_login(company.admin)
    client.get(page_of(version))
    with CaptureQueriesContext(connection) as before:
        client.get(page_of(draft))
    for number in range(3):
        agent = factories.make_agent(name=f"New {number}", site=company.agent.site)
        factories.assign_plan(agent=agent, version=PayPlanVersion.objects.get())
        factories.make_resolution(agent=agent, version=version, resolved_at=APRIL_11 + timedelta(hours=number))
    # What was worked out stays until somebody wants it anew.
    assert client.get(page_of(draft)).context["found"].pay.agent_count == 5
    answer = client.post(page_of(draft))
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, page_of(draft))
    with CaptureQueriesContext(connection) as after:
        page = client.get(page_of(draft))

    assert page.context["found"].pay.agent_count == 8
    assert len(after) == len(before)


def test_the_file_holds_every_part(company: Company, client: Client, draft: ContractVersion) -> None:
    client.force_login(company.auditor)
    answer = client.get(page_of(draft, "?sensitivity=on&format=csv"))
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    page = client.get(page_of(draft)).context

    assert answer["Content-Type"].startswith("text/csv")
    assert {row["part"] for row in rows} >= {"sum", "count", "line", "class count", "class amount", "class margin"}
    pays = next(row for row in rows if row["name"] == "Client pays")
    assert float(pays["difference"]) * 1_000_000 == page["difference_micros"]


def test_months_that_make_no_span_are_told(company: Company, client: Client, draft: ContractVersion) -> None:
    client.force_login(company.admin)
    page = client.get(page_of(draft, "?from=2016-04&to=2016-03"))

    assert page.context["asked"].is_misread
    assert "make no span" in page.content.decode()
    assert not client.get(page_of(draft, "?from=2016-03&to=2016-03")).context["asked"].is_misread
    assert client.get(page_of(draft, "?from=%00&to=x")).context["asked"].is_misread


def test_a_draft_without_a_policy_is_refused_in_words(company: Company, client: Client, draft: ContractVersion) -> None:
    draft.resolution_policy.delete()
    client.force_login(company.admin)

    assert "has no resolution policy" in client.get(page_of(draft)).content.decode()


def test_a_contract_without_work_has_no_month(company: Company, client: Client) -> None:
    other = factories.make_contract_version(client_name="Birch Travel")
    client.force_login(company.admin)

    assert "No month to try it on" in client.get(page_of(other)).content.decode()


def test_the_page_of_a_version_leads_to_it(company: Company, client: Client, draft: ContractVersion) -> None:
    client.force_login(company.admin)
    change = client.get(reverse("admin:contracts_contractversion_change", args=[draft.pk])).content.decode()
    button = reverse("admin:contracts_contractversion_simulate", args=[draft.pk])

    assert button in change
    assert client.get(button)["Location"] == page_of(draft)


def test_the_command_writes_the_same_file_however_large(company: Company, client: Client, draft: ContractVersion) -> None:
    client.force_login(company.auditor)
    page = client.get(page_of(draft, "?from=2016-03&to=2016-04&format=csv")).content.decode("utf-8-sig")
    written, told = io.StringIO(), io.StringIO()
    call_command("simulate", str(draft.pk), "2016-03", "2016-04", stdout=written, stderr=told)

    assert list(csv.reader(io.StringIO(written.getvalue()))) == list(csv.reader(io.StringIO(page)))
    assert "resolutions claimed" in told.getvalue()


@pytest.mark.parametrize(("months", "message"), [(("2016-04", "2016-03"), "comes after"), (("March", "2016-03"), "is not a period")])
def test_the_command_refuses_months_in_words(draft: ContractVersion, months: tuple[str, str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("simulate", str(draft.pk), *months)
