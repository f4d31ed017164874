"""The list of contracts: one page at a time, found by name, and as a file."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.test import Client

from contracts.models import Contract, ContractVersion, VersionStatus
from ppr_portal.pages import list_tools
from tests.ppr_portal.company import Company

QUERIES_MAX = 6


@pytest.fixture
def office(company: Company, client: Client) -> Client:
    """Sign in who reads every contract, of which one has twenty versions of a day each."""
    contract = Contract.objects.get()
    made = ContractVersion.objects.bulk_create(
        ContractVersion(
            contract=contract,
            number=100 + number,
            currency="USD",
            effective_from=date(2014, 1, 1) + timedelta(days=number),
            effective_to=date(2014, 1, 2) + timedelta(days=number),
        )
        for number in range(20)
    )
    ContractVersion.objects.filter(pk__in=[version.pk for version in made]).update(status=VersionStatus.ACTIVE)
    client.force_login(company.user_of("auditor"))
    return client


def test_pages_follow_each_other_newest_first(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_tools.cut, "__kwdefaults__", {**list_tools.cut.__kwdefaults__, "size": 8})
    seen, url = [], "/contracts/"
    while url:
        context = office.get(f"/contracts/{url.removeprefix('/contracts/')}").context
        seen += [version.effective_from for version in context["versions"]]
        url = context["next_url"]

    assert len(seen) == 21
    assert seen == sorted(seen, reverse=True)


def test_a_contract_is_found_by_its_name_or_its_client(office: Client) -> None:
    contract = Contract.objects.select_related("client").get()
    for find in (contract.name[1:], contract.client.name.upper()):
        assert len(office.get("/contracts/", {"find": find}).context["versions"]) == 21
    page = office.get("/contracts/", {"find": "nobody"})
    assert page.context["versions"] == []
    assert "No contract fits" in page.content.decode()


def test_the_file_holds_every_version_that_is_promised(office: Client) -> None:
    draft = ContractVersion.objects.create(contract=Contract.objects.get(), number=200, currency="USD", effective_from=date(2030, 1, 1))
    rows = list(csv.DictReader(io.StringIO(office.get("/contracts/?format=csv").content.decode("utf-8-sig"))))

    assert len(rows) == 21
    assert str(draft.number) not in {row["version"] for row in rows}
    assert rows[-1] == {
        **rows[-1], "version": "100", "from": "2014-01-01", "until": "2014-01-02", "status": "active", "currency": "USD",
    }  # fmt: skip


def test_the_list_takes_as_many_queries_for_many_versions(office: Client, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(QUERIES_MAX):
        office.get("/contracts/")
