"""Shadow mode in the browser's words: upload, columns, meanings, result, filters, files, and who may."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from agents.models import User
from billing import models as pay
from ppr_portal.pages.trials import shadow
from tests import factories
from tests.billing import billing_world as world_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> world_of.Billed:
    world = world_of.make_billed()
    world_of.resolve(world, 4)
    world_of.draft()
    return world


@pytest.fixture
def admin(client: Client) -> User:
    user = factories.make_user(name="Ines Admin", roles=["contract_admin"])
    client.force_login(user)
    return user


def upload(client: Client, target: str, content: str, *, name: str = "theirs.csv", month: str = "2016-03"):  # type: ignore[no-untyped-def]
    file = SimpleUploadedFile(name, content.encode())
    return client.post(reverse("shadow_new"), {"whose": target, "month": month, "file": file})


def compare(client: Client, run: pay.ShadowRun, **changed: str):  # type: ignore[no-untyped-def]
    """Post the columns as the page suggests them."""
    form = client.get(reverse("shadow_columns", args=[run.pk])).context["form"]
    given = {name: form[name].value() or "" for name in form.fields}
    return client.post(reverse("shadow_columns", args=[run.pk]), {**given, **changed})


def content_of(world: world_of.Billed, *amounts: str) -> str:
    keys = pay.BookedLine.objects.filter(version=world.version).order_by("position").values_list("resolution__case__key", flat=True)
    return "Ticket,Amount\n" + "".join(f"{key},{amount}\n" for key, amount in zip(keys, amounts, strict=True))


def test_a_file_is_uploaded_read_and_explained(world: world_of.Billed, admin: User, client: Client) -> None:
    response = upload(client, f"contract:{world.contract.pk}", content_of(world, "3", "3", "2.75", "2") + "nobody,4\n,1\n")
    run = pay.ShadowRun.objects.get()
    assert response["Location"] == reverse("shadow_columns", args=[run.pk])

    assert compare(client, run)["Location"] == reverse("shadow_run", args=[run.pk])

    page = client.get(reverse("shadow_run", args=[run.pk]))
    words = page.content.decode()
    assert "They price it at 2.75, we at 2.00." in words
    assert "No case here has this number." in words
    assert "It does not say what it is about." in words
    assert "1 row of the file could not be read" in words
    assert [(chip.label, chip.count) for chip in page.context["chips"]] == [
        ("All", 6), ("Different", 2), ("Unknown case", 1), ("Other price", 1), ("The same", 3), ("Not read", 1),
    ]  # fmt: skip
    narrowed = client.get(reverse("shadow_run", args=[run.pk]), {"cause": "price"})
    assert [row["theirs"] for row in narrowed.context["rows"]] == ["2.75"]
    table = client.get(reverse("shadow_run", args=[run.pk]), {"format": "csv", "cause": "different"}).content.decode()
    assert table.splitlines()[1].endswith('2.75,2.00,-0.75,USD,"They price it at 2.75, we at 2.00. (-0.75)"')


def test_labels_are_asked_about_once_and_remembered(world: world_of.Billed, admin: User, client: Client) -> None:
    upload(client, f"contract:{world.contract.pk}", "Description,Count,Amount\nSolved,4,10.00\nSetup fee,,5\n")
    run = pay.ShadowRun.objects.get()
    asked = compare(client, run)
    assert [field.label for field in asked.context["meanings"]] == ["Setup fee", "Solved"]
    row = pay.InvoiceLine.objects.get(invoice__contract=world.contract).row_id

    compare(client, run, label_0="none", label_1=f"row:{row}")

    run.refresh_from_db()
    assert run.definition["meanings"] == {"Setup fee": "none", "Solved": f"row:{row}"}
    assert [(line.label, line.cause) for line in run.lines.order_by("position")] == [
        ("Any query type, any channel", "same"),
        ("Setup fee", "nothing_here"),
    ]
    again = client.post(reverse("shadow_again", args=[run.pk]))
    copy = pay.ShadowRun.objects.latest("pk")
    assert again["Location"] == reverse("shadow_columns", args=[copy.pk])
    assert compare(client, copy)["Location"] == reverse("shadow_run", args=[copy.pk])


@pytest.mark.parametrize(
    ("content", "month", "words"),
    [
        ("%PDF-1.7", "2016-03", "is a PDF"),
        ("Ticket,Amount\nx,1\n", "2016-13", "is not a period"),
        ("Ticket,Amount\nx,1\n", "2015-07", "no invoice or draft of 2015-07"),
    ],
)
def test_what_cannot_be_compared_is_said_in_the_form(
    world: world_of.Billed, admin: User, client: Client, content: str, month: str, words: str
) -> None:
    response = upload(client, f"contract:{world.contract.pk}", content, month=month)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert not pay.ShadowRun.objects.exists()


def test_columns_that_say_too_little_are_refused(world: world_of.Billed, admin: User, client: Client) -> None:
    upload(client, f"contract:{world.contract.pk}", content_of(world, "3", "3", "2", "2"))
    response = compare(client, pay.ShadowRun.objects.get(), column_amount="")

    assert response.status_code == 422
    assert "Choose the column that holds the amount" in response.content.decode()


def test_payslips_are_for_approvers_and_read_by_auditors(world: world_of.Billed, admin: User, client: Client) -> None:
    site = factories.make_site()
    assert upload(client, f"site:{site.pk}", "Employee,Amount\nx,1\n").status_code == 422
    settlement = factories.make_settlement(
        agent=factories.make_agent(name="Ada Byrne", site=site), plan_version=factories.make_plan_version()
    )
    client.force_login(factories.make_user(roles=["approver"]))
    upload(client, f"site:{site.pk}", "Employee,Amount\nAda Byrne,1\n", month=f"{settlement.period_start:%Y-%m}")
    run = pay.ShadowRun.objects.get()
    compare(client, run)

    client.force_login(factories.make_user(roles=["auditor"]))
    assert client.get(reverse("shadow_run", args=[run.pk])).status_code == 200
    assert client.get(reverse("shadow_new")).status_code == 404
    assert client.post(reverse("shadow_again", args=[run.pk])).status_code == 404
    client.force_login(admin)
    assert client.get(reverse("shadow_run", args=[run.pk])).status_code == 404
    assert client.get(reverse("shadow_runs")).context["rows"] == []


def test_the_lists_ask_the_database_as_often_whatever_they_hold(
    world: world_of.Billed, admin: User, client: Client, django_assert_max_num_queries, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(shadow, "LINES_SHOWN", 2)
    for extra in range(3):
        upload(client, f"contract:{world.contract.pk}", content_of(world, "3", "3", "2", "2") + f"n{extra},1\n")
    for run in pay.ShadowRun.objects.all():
        compare(client, run)

    with django_assert_max_num_queries(12):
        assert len(client.get(reverse("shadow_runs")).context["rows"]) == 3
    with django_assert_max_num_queries(12):
        first = client.get(reverse("shadow_run", args=[run.pk]))
    second = client.get(reverse("shadow_run", args=[run.pk]) + first.context["next_url"].partition("#")[0])
    assert [row["line"].position for row in (*first.context["rows"], *second.context["rows"])] == [1, 2, 3, 4]
    found = client.get(reverse("shadow_run", args=[run.pk]), {"find": second.context["rows"][0]["line"].label}).context["rows"]
    assert [row["line"].position for row in found] == [3]
