"""Account data on pages: tried before anything is stored, imported by a press, taken back by another, and only by whose data it is."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from agents.models import AccountMonth, HeldRow, Upload
from agents.operations.imports import keep_uploads
from contracts.models import Client as Company_client
from tests import factories
from tests.ppr_portal.company import Company

pytestmark = pytest.mark.django_db
GOOD = "Account,Month,Seat count,Active count\nA-1,2016-03,20,15\nA-2,2016-03,8,8\n"
QUERIES_MAX = 12


@pytest.fixture(autouse=True)
def files_apart(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path


def bring(client: Client, owner: Company_client, text: str = GOOD, name: str = "march.csv"):
    data = {"client": owner.pk, "file": SimpleUploadedFile(name, text.encode()), "date_format": "iso", "currency": ""}
    return client.post(reverse("account_upload_new"), data)


def act(client: Client, found: Upload, do: str, **data):
    return client.post(reverse("account_upload_act", args=[found.pk]), {"do": do, **data}, follow=True)


def test_a_client_tries_imports_and_takes_back(company: Company, client: Client) -> None:
    owner = company.invoice.contract.client
    client.force_login(company.client)

    assert bring(client, owner).status_code == 302
    found = Upload.objects.get()
    page = client.get(reverse("account_upload", args=[found.pk])).content.decode()
    assert (found.state, found.kind, AccountMonth.objects.count()) == ("checked", "accounts", 0)
    assert "Import 2 rows" in page

    assert "See the measures" in act(client, found, "import").content.decode()
    assert sorted(AccountMonth.objects.values_list("account", "seat_count")) == [("A-1", 20), ("A-2", 8)]
    assert "is imported already" in act(client, found, "import").content.decode()

    assert "Taken back" in act(client, found, "undo").content.decode()
    assert not AccountMonth.objects.exists()


def test_rows_that_cannot_be_read_are_told_one_by_one_and_stay_out(company: Company, client: Client) -> None:
    client.force_login(company.client)
    bring(client, company.invoice.contract.client, GOOD + "A-3,2016-03,many,1\n")
    found = Upload.objects.get()
    page = client.get(reverse("account_upload", args=[found.pk])).content.decode()

    assert "Row 3: A-3 2016-03. A value that cannot be read" in page
    assert "1 row stays out" in page
    assert not HeldRow.objects.exists()
    assert b"write a whole number" in client.get(reverse("account_upload", args=[found.pk]) + "?format=csv").content
    act(client, found, "import")
    assert (AccountMonth.objects.count(), HeldRow.objects.get().reason) == (2, "unreadable_value")


def test_columns_can_be_said_and_a_file_without_accounts_is_refused_whole(company: Company, client: Client) -> None:
    client.force_login(company.client)
    bring(client, company.invoice.contract.client, "Customer,When\nA-1,2016-03\n")
    found = Upload.objects.get()
    assert (found.state, found.run) == ("failed", None)
    assert "lacks the column" in found.message
    assert "Try march.csv first" in act(client, found, "import").content.decode()

    told = {"account": "Customer", "month": "When", "date_format": "iso"}
    assert "Import 1 row" in act(client, found, "try", **told).content.decode()
    assert act(client, found, "try", **{**told, "account": ""}).status_code == 422
    assert not AccountMonth.objects.exists()


def test_only_whose_data_it_is_and_admins_bring_it(company: Company, client: Client) -> None:
    other = factories.make_contract_version(client_name="Birch Travel").contract.client
    client.force_login(company.client)
    assert bring(client, other).status_code == 422
    assert not Upload.objects.exists()

    client.force_login(company.admin)
    bring(client, other)
    found = Upload.objects.get()
    for reader in (company.client, company.auditor):
        client.force_login(reader)
        assert act(client, found, "import").status_code == 404
    assert not AccountMonth.objects.exists()


@pytest.mark.parametrize(("name", "text", "said"), [("a.pdf", GOOD, "not a kind of file"), ("a.csv", "", "empty")])
def test_what_is_no_file_of_rows_is_refused_in_the_form(company: Company, client: Client, name: str, text: str, said: str) -> None:
    client.force_login(company.client)
    response = bring(client, company.invoice.contract.client, text, name)

    assert (response.status_code, said in response.content.decode()) == (422, True)


def test_a_file_that_was_deleted_by_age_is_refused_with_the_days_and_what_to_do(company: Company, client: Client) -> None:
    client.force_login(company.client)
    bring(client, company.invoice.contract.client)
    found = Upload.objects.get()
    assert keep_uploads.delete_old_uploads(now=found.uploaded_at + timedelta(days=14, minutes=1)) == 1

    told = {"account": "Account", "month": "Month", "date_format": "iso"}
    for do in ("try", "import"):
        response = act(client, found, do, **told)
        assert (response.status_code, "march.csv was deleted 14 days after it came" in response.content.decode()) == (200, True)
    assert not AccountMonth.objects.exists()


def test_a_spanish_reader_reads_the_problems_in_spanish(company: Company, client: Client) -> None:
    company.client.language = "es"
    company.client.save()
    client.force_login(company.client)
    bring(client, company.invoice.contract.client, GOOD + "A-3,2016-03,many,1\n")
    page = client.get(reverse("account_upload", args=[Upload.objects.get().pk])).content.decode()

    assert "seat_count dice «many»" in page
    assert "write a whole number" in Upload.objects.get().report["held"][0][3]


def test_the_pages_take_few_queries(company: Company, client: Client, django_assert_max_num_queries) -> None:
    client.force_login(company.client)
    bring(client, company.invoice.contract.client)
    for name, arguments in (("account_upload_new", []), ("account_upload", [Upload.objects.get().pk])):
        with django_assert_max_num_queries(QUERIES_MAX):
            client.get(reverse(name, args=arguments))
