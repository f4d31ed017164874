"""Payments as approvers order and follow them, and as auditors read them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from billing.models import BankAccount, Payout, PayoutItem
from billing.operations import approve_pay_run
from contracts import clock
from tests import factories
from tests.billing import payout_world

pytestmark = pytest.mark.django_db
QUERIES_MAX = 20


@pytest.fixture
def payable(settings) -> payout_world.Payable:
    settings.PPR_NOW = payout_world.POSTED_AT
    assert clock.now() == payout_world.POSTED_AT
    return payout_world.make_payable()


def page(payable: payout_world.Payable, name: str = "payouts") -> str:
    return reverse(name, args=[payable.run.pk])


def order(client: Client, payable: payout_world.Payable, **changed: object) -> str:
    values = {"seller": payable.seller.pk, "pay_on": "2016-04-07", **changed}
    response = client.post(page(payable), values, follow=True)
    return response.content.decode()


def send(client: Client, payable: payout_world.Payable, content: bytes) -> str:
    file = SimpleUploadedFile("answer.csv", content)
    return client.post(page(payable, "bank_answer"), {"file": file}, follow=True).content.decode()


def test_an_approver_orders_downloads_and_reads_the_answer(payable: payout_world.Payable, client: Client) -> None:
    client.force_login(payable.approver)
    assert "1 agent without a bank account" in client.get(page(payable)).content.decode()

    told = order(client, payable)
    assert "Left out, and still owed: No Account: no bank account on 2016-04-07" in told
    payout = Payout.objects.get()
    xml = client.get(reverse("payout_order", args=[payout.pk]))
    assert xml.content == bytes(payout.document.content)
    assert xml["Content-Disposition"] == f'attachment; filename="{payout.message}.xml"'
    assert client.get(page(payable, "payroll_file")).content.decode("utf-8-sig").startswith("reference,agent,name,")

    payout_world.give_account(payable.world.agents[2], payout_world.IBANS[2])
    order(client, payable)
    rows = "\n".join(f"{item.reference},paid,2016-04-05," for item in PayoutItem.objects.all())
    told = send(client, payable, f"reference,status,date,reason\n{rows}\nS-1,paid,2016-04-05,\n".encode())
    assert "Read: 3 paid, 0 returned, 0 still under way, 0 known before, 1 held." in told
    assert "Held, row 5, S-1: No payment of this run" in told
    assert "All of it is paid, on Tuesday, April 5" in told


def test_only_those_who_are_ticked_are_ordered(payable: payout_world.Payable, client: Client) -> None:
    client.force_login(payable.approver)

    order(client, payable, agent=[payable.world.agents[0].pk])

    assert set(payable.items) == {"Ada Byrne"}


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"pay_on": "2016-04-04"}, "2016-04-04 is over"), ({"pay_on": ""}, "Choose a day."), ({"seller": 0}, "valid choice")],
)
def test_a_refused_order_is_told_in_the_form(payable: payout_world.Payable, client: Client, changed: dict, words: str) -> None:
    client.force_login(payable.approver)

    assert words in order(client, payable, **changed)
    assert not Payout.objects.exists()


@pytest.mark.parametrize("content", [b"", b"hello", b"<a/>"])
def test_a_file_that_says_nothing_is_refused_with_a_reason(payable: payout_world.Payable, client: Client, content: bytes) -> None:
    client.force_login(payable.approver)

    told = send(client, payable, content)

    assert any(words in told for words in ("An empty file says nothing", "has no column", "no payment status report"))


def test_an_auditor_reads_and_changes_nothing(payable: payout_world.Payable, client: Client) -> None:
    payable.export()
    client.force_login(factories.make_user(name="Ines Calloway", roles=["auditor"]))

    told = client.get(page(payable)).content.decode()
    assert "Ordered" in told
    assert "Order payments" not in told
    assert all(iban not in told for iban in payout_world.IBANS)
    assert client.post(page(payable), {"seller": payable.seller.pk, "pay_on": "2016-04-07"}).status_code == 404
    assert client.post(page(payable, "bank_answer"), {}).status_code == 404
    assert client.get(reverse("payout_order", args=[Payout.objects.get().pk])).status_code == 404


def test_accounts_are_masked_and_the_list_is_searched_filtered_and_exported(payable: payout_world.Payable, client: Client) -> None:
    client.force_login(payable.approver)

    assert "GB …5432" in client.get(page(payable)).content.decode()
    assert [row.name for row, _ in client.get(page(payable), {"find": "byrne"}).context["rows"]] == ["Ada Byrne"]
    assert [row.name for row, _ in client.get(page(payable), {"show": "no_account"}).context["rows"]] == ["No Account"]
    text = client.get(page(payable), {"format": "csv"}).content.decode()
    assert "Ada Byrne,USD," in text
    assert payout_world.IBANS[0] not in text


def test_a_run_that_is_not_posted_has_no_payments(payable: payout_world.Payable, client: Client) -> None:
    client.force_login(payable.approver)

    assert client.get(reverse("payouts", args=[payable.run.pk + 1])).status_code == 404
    with pytest.raises(approve_pay_run.UnableToPost):
        approve_pay_run.post_pay_run(run_id=payable.run.pk, person=payable.approver, as_of=payout_world.POSTED_AT)


def test_the_page_takes_as_many_queries_for_many_agents(
    payable: payout_world.Payable, client: Client, django_assert_max_num_queries
) -> None:
    client.force_login(payable.approver)
    payable.export()
    with django_assert_max_num_queries(QUERIES_MAX):
        client.get(page(payable))


def test_only_approvers_see_accounts_in_the_administration_and_lists_mask_them(payable: payout_world.Payable, client: Client) -> None:
    type(payable.approver).objects.filter(pk=payable.approver.pk).update(is_staff=True)
    auditor = factories.make_user(name="Ines Calloway", roles=["auditor"], is_staff=True)
    listing = reverse("admin:billing_bankaccount_changelist")

    client.force_login(auditor)
    assert client.get(listing).status_code == 403

    client.force_login(payable.approver)
    told = client.get(listing).content.decode()
    assert "GB …5432" in told
    assert payout_world.IBANS[0] not in told
    agent = payable.world.agents[2]
    values = {"agent": agent.pk, "holder": "No Account", "iban": "NL91 ABNA 0417 1643 01", "bic": "", "effective_from": "2016-01-01"}
    assert "no valid IBAN" in client.post(reverse("admin:billing_bankaccount_add"), values).content.decode()
    client.post(reverse("admin:billing_bankaccount_add"), values | {"iban": "NL91 ABNA 0417 1643 00"})
    assert BankAccount.objects.get(agent=agent).iban == "NL91ABNA0417164300"


def test_final_pay_is_started_on_the_page_and_a_refusal_says_what_to_do(payable: payout_world.Payable, client: Client) -> None:
    client.force_login(payable.approver)
    agent = payable.world.agents[0]
    assert "Final pay" not in client.get(reverse("pay_runs")).content.decode()
    type(agent).objects.filter(pk=agent.pk).update(employed_to="2016-03-20")

    assert "Calculate final pay" in client.get(reverse("pay_runs")).content.decode()
    told = client.post(reverse("final_pay"), {"agent": agent.pk}, follow=True).content.decode()
    assert "The run of March 2016 of Manchester was started and pays" in told
    assert "Choose an agent" in client.post(reverse("final_pay"), {"agent": 0}, follow=True).content.decode()

    type(agent).objects.filter(pk=agent.pk).update(employed_to="2016-04-05")
    told = client.post(reverse("final_pay"), {"agent": agent.pk}, follow=True).content.decode()
    assert "Final pay of Ada Byrne, April 2016" in told

    client.force_login(factories.make_user(name="Ines Calloway", roles=["auditor"]))
    assert client.post(reverse("final_pay"), {"agent": agent.pk}).status_code == 404


def test_a_spanish_approver_reads_in_spanish_what_to_choose(payable: payout_world.Payable, client: Client) -> None:
    type(payable.approver).objects.filter(pk=payable.approver.pk).update(language="es")
    client.force_login(type(payable.approver).objects.get(pk=payable.approver.pk))

    assert "Elegir el archivo en que responde el banco." in client.post(page(payable, "bank_answer"), {}, follow=True).content.decode()
    assert "Elegir un agente cuyo último día esté" in client.post(reverse("final_pay"), {"agent": 0}, follow=True).content.decode()
    assert "Quedan fuera, y se les sigue debiendo: No Account" in order(client, payable)
