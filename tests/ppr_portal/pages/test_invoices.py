"""Invoices as clients and the office meet them: reasons in place, acts with refusals in the form, files, counts, queries."""

import csv
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import JobRun
from billing.models import CreditNote, Document, Invoice, Payment
from billing.operations import book_resolutions, draft_invoices, finalize_invoice, recognize_revenue, store_document
from contracts.models import ContractVersion, RateCardRow
from ppr_portal import invoice_papers, tasks
from tests import factories
from tests.billing import billing_world as world_of
from tests.ppr_portal.company import NOW, Company

QUERIES_MAX = 12


def page(company: Company, name: str = "invoice", **asked: str) -> str:
    query = "&".join(f"{key}={value}" for key, value in asked.items())
    return reverse(name, args=[company.invoice.pk]) + (f"?{query}" if query else "")


def test_a_client_finds_the_list_with_what_is_open_and_the_estimate_marked(company: Company, client: Client) -> None:
    client.force_login(company.client)
    answer = client.get(reverse("invoices"))
    text = answer.content.decode()

    assert {row.pk for row, *_ in answer.context["rows"]} == {company.invoice.pk, company.draft.pk}
    assert "Draft, an estimate" in text
    assert company.invoice.number in text
    (age,) = answer.context["ages"]
    assert age["total"] == company.invoice.due_micros - company.credit_note.total_micros
    assert [bucket["micros"] for bucket in age["buckets"]] == [age["total"], 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("query", "count"), [("status=draft", 1), ("status=open", 1), ("status=paid", 0), ("find=LF-0001", 1), ("find=zzz", 0), ("after=x", 2)]
)
def test_the_list_is_narrowed(company: Company, client: Client, query: str, count: int) -> None:
    client.force_login(company.client)

    assert len(client.get(f"{reverse('invoices')}?{query}").context["rows"]) == count


def test_the_list_is_a_file_too(company: Company, client: Client) -> None:
    client.force_login(company.auditor)
    lines = client.get(f"{reverse('invoices')}?format=csv").content.decode().splitlines()

    assert len(lines) == 3
    assert company.invoice.number in lines[2]


def test_an_amount_opens_its_reason_in_place_and_without_script(company: Company, client: Client) -> None:
    client.force_login(company.client)
    line = company.invoice.lines.earliest("position")
    whole = client.get(page(company, why="1"))
    part = client.get(page(company, why="1"), headers={"HX-Request": "true"})

    assert whole.context["reason"].title.startswith("Why ")
    assert b'id="reason-1"' in whole.content
    assert part.content.strip().startswith(b"<tr")
    assert f"{line.quantity} ×".encode() in part.content
    for nothing in ("99", "1-9", "x", "1-²"):
        assert client.get(page(company, why=nothing), headers={"HX-Request": "true"}).status_code == 404


def test_counts_and_sums_stand_beside_the_lines(company: Company, client: Client) -> None:
    client.force_login(company.client)
    context = client.get(page(company)).context

    assert context["counted_total"] == company.invoice.counted_count
    assert sum(row.amount_micros for row in context["sums"]) == company.invoice.due_micros
    assert sum(group.total_micros for group in context["groups"]) == company.invoice.subtotal_micros


def test_a_client_sees_no_act_and_no_other_client(company: Company, client: Client) -> None:
    stranger = world_of.make_billed(seller=company.invoice.seller)
    world_of.resolve(stranger, 2)
    book_resolutions.book_resolutions(as_of=NOW)
    draft_invoices.refresh_drafts(as_of=NOW)
    other = Invoice.objects.get(contract=stranger.contract)
    client.force_login(company.client)

    assert b"Record a payment" not in client.get(page(company)).content
    for name in ("invoice", "invoice_csv", "invoice_pdf", "invoice_xml", "invoice_evidence"):
        assert client.get(reverse(name, args=[other.pk])).status_code == 404
    assert other.pk not in {row.pk for row, *_ in client.get(reverse("invoices")).context["rows"]}


@pytest.mark.parametrize("name", ["invoice_finalization", "invoice_voiding", "invoice_credit", "invoice_payment", "invoice_refresh"])
@pytest.mark.parametrize("role", ["client", "auditor", "lead", "agent"])
def test_only_the_office_acts(company: Company, client: Client, role: str, name: str) -> None:
    client.force_login(company.user_of(role))
    pk = company.draft.pk if name in ("invoice_finalization", "invoice_refresh") else company.invoice.pk

    assert client.post(reverse(name, args=[pk]), {"reason": "x"}).status_code == 404
    assert Invoice.objects.get(pk=pk).status == ("draft" if pk == company.draft.pk else "final")
    assert not Payment.objects.exists()


def test_a_draft_that_still_collects_says_so_in_the_form(company: Company, client: Client) -> None:
    client.force_login(company.approver)
    answer = client.post(reverse("invoice_finalization", args=[company.draft.pk]))

    assert answer.status_code == 422
    assert "It still collects what becomes known late, until May 5, 2016." in answer.content.decode()
    assert Invoice.objects.get(pk=company.draft.pk).number == ""


def test_the_office_finalizes_after_the_days_of_grace(company: Company, client: Client, settings: Any) -> None:
    settings.PPR_NOW = NOW + timedelta(days=20)
    client.force_login(company.admin)
    answer = client.post(reverse("invoice_finalization", args=[company.draft.pk]), follow=True)
    made = Invoice.objects.get(pk=company.draft.pk)

    assert (made.status, made.number) == ("final", "LF-0002")
    assert "Invoice LF-0002 is final" in answer.content.decode()
    assert Document.objects.filter(kind="invoice_pdf", key=f"invoice:{made.pk}").exists()


def test_refreshing_a_draft_says_whether_anything_changed(company: Company, client: Client) -> None:
    client.force_login(company.approver)
    answer = client.post(reverse("invoice_refresh", args=[company.draft.pk]), follow=True)

    assert "Nothing has changed" in answer.content.decode()


def test_a_payment_is_recorded_and_too_much_is_refused_in_the_form(company: Company, client: Client) -> None:
    client.force_login(company.approver)
    form = {"received_on": "2016-04-20", "reference": "wire 7"}
    refused = client.post(page(company, "invoice_payment"), {**form, "amount": "99999"})
    wrong = client.post(page(company, "invoice_payment"), {**form, "amount": "a lot"})
    taken = client.post(page(company, "invoice_payment"), {**form, "amount": "1.50"})

    assert (refused.status_code, wrong.status_code, taken.status_code) == (422, 422, 302)
    assert "record the rest as paid in advance" in refused.content.decode()
    assert Payment.objects.get().amount_micros == 1_500_000


def test_a_credit_note_is_capped_by_line(company: Company, client: Client) -> None:
    client.force_login(company.approver)
    line = company.invoice.lines.earliest("position")
    left = Fraction(line.amount_micros, 1_000_000) - 1
    too_much = client.post(page(company, "invoice_credit"), {"reason": "Outage", f"line_{line.pk}": str(float(left) + 1)})
    empty = client.post(page(company, "invoice_credit"), {"reason": "Outage"})
    written = client.post(page(company, "invoice_credit"), {"reason": "Outage", f"line_{line.pk}": "0.50"})

    assert (too_much.status_code, empty.status_code, written.status_code) == (422, 422, 302)
    assert "left to credit" in too_much.content.decode()
    assert CreditNote.objects.latest("pk").subtotal_micros == 500_000


def test_an_invoice_that_was_credited_cannot_be_voided_and_says_why(company: Company, client: Client) -> None:
    client.force_login(company.approver)
    asked = client.get(page(company, "invoice_voiding")).content.decode()
    answer = client.post(page(company, "invoice_voiding"), {"reason": "Wrong address"})

    assert "write a credit note for the rest" in asked
    assert 'name="reason"' not in asked
    assert page(company, "invoice_voiding") not in client.get(page(company, "invoice")).content.decode()
    assert answer.status_code == 422
    assert answer.content.decode().count("write a credit note for the rest") == 1


def test_a_void_invoice_that_no_draft_can_replace_says_why(company: Company, client: Client) -> None:
    stranger = world_of.make_billed(seller=company.invoice.seller)
    world_of.resolve(stranger, 1)
    world_of.draft(NOW)
    final = finalize_invoice.finalize_invoice(
        invoice_id=Invoice.objects.get(contract=stranger.contract).pk, person=company.approver, as_of=NOW
    )
    # A price in tiers that has none.
    version = ContractVersion.objects.create(contract=stranger.contract, number=2, effective_from=date(2030, 1, 1), currency="USD")
    RateCardRow.objects.create(version=version, shape="graduated")
    ContractVersion.objects.filter(pk=stranger.version.pk).update(effective_to=date(2030, 1, 1))
    ContractVersion.objects.filter(pk=version.pk).update(status="active")
    client.force_login(company.approver)
    answer = client.post(reverse("invoice_voiding", args=[final.pk]), {"reason": "Wrong address"}, follow=True)

    assert (answer.status_code, Invoice.objects.get(pk=final.pk).status) == (200, "void")
    told = [str(message) for message in answer.context["messages"]]
    assert told == [
        f"Invoice {final.number} is void. No draft replaces it yet.",
        "Alder Home, 2016: A tiered price needs at least one tier.",
    ]


def test_a_prepayment_is_kept_for_coming_invoices(company: Company, client: Client) -> None:
    client.force_login(company.admin)
    payer = company.invoice.contract.client
    form = {"client": payer.pk, "currency": "usd", "amount": "500", "received_on": "2016-04-20", "reference": "in advance"}

    assert client.post(reverse("prepayment"), form).status_code == 302
    found = Payment.objects.get(client=payer)
    assert (found.invoice, found.currency, found.amount_micros) == (None, "USD", 500_000_000)
    assert client.post(reverse("prepayment"), {**form, "currency": "1 2"}).status_code == 422


def test_files_are_given_out_as_they_were_issued(company: Company, client: Client) -> None:
    client.force_login(company.client)
    first, second = (client.get(page(company, "invoice_pdf")) for _ in range(2))

    assert first.content == second.content
    assert first.content.startswith(b"%PDF")
    assert first["Content-Disposition"] == f'attachment; filename="{company.invoice.number}.pdf"'
    refused = client.get(page(company, "invoice_xml"), follow=True).content.decode()
    assert "An electronic invoice of LF-0001 needs the street of the seller" in refused


def test_an_electronic_form_is_linked_once_nothing_is_missing_for_it(company: Company, client: Client) -> None:
    client.force_login(company.client)
    places = [
        page(company, "invoice_xml"),
        *(reverse(name, args=[company.credit_note.pk]) for name in ("credit_note_xml", "credit_note_pdf")),
    ]
    shown = client.get(page(company, "invoice")).content.decode()
    assert [place in shown for place in places] == [False, False, True]

    kind, key = Document.Kind.E_INVOICE, invoice_papers.key_of(paper=company.invoice)
    store_document.store_document(kind=kind, key=key, name="a.xml", content_type="text/xml", content=b"<a/>", issued_at=NOW)
    shown = client.get(page(company, "invoice")).content.decode()
    assert [place in shown for place in places] == [True, True, True]


def test_lines_are_a_file_too(company: Company, client: Client) -> None:
    client.force_login(company.client)
    text = client.get(page(company, "invoice_csv")).content.decode()

    assert text.splitlines()[0].startswith("\ufeffposition,kind,label")
    assert "rated" in text


def test_a_file_has_the_same_figures_in_every_language(company: Company, client: Client) -> None:
    client.force_login(company.client)
    read = {
        language: list(
            csv.DictReader(client.get(page(company, "invoice_csv"), headers={"accept-language": language}).content.decode().splitlines())
        )
        for language in ("en", "es")
    }
    figures = {language: [tuple(row[name] for name in ("count", "price", "amount")) for row in rows] for language, rows in read.items()}

    assert figures["es"] == figures["en"]
    assert figures["en"][0] == ("30", "2.40", "72.00")


@pytest.mark.parametrize("name", ["invoices", "invoice", "ledger", "ledger_account"])
@pytest.mark.parametrize("role", ["client", "approver"])
def test_pages_ask_few_questions(company: Company, client: Client, role: str, name: str, django_assert_max_num_queries: Any) -> None:
    client.force_login(company.user_of(role))
    arguments = {"invoice": [company.invoice.pk], "ledger_account": ["receivable", "USD"]}
    with django_assert_max_num_queries(QUERIES_MAX):
        client.get(reverse(name, args=arguments.get(name, [])))


def test_the_ledger_adds_up_to_zero_and_opens_its_accounts(company: Company, client: Client) -> None:
    recognize_revenue.recognize_revenue(on=NOW.date(), posted_at=NOW)
    client.force_login(company.auditor)
    answer = client.get(reverse("ledger"))
    account = client.get(reverse("ledger_account", args=["receivable", "USD"]))
    owed = company.invoice.due_micros - company.credit_note.total_micros

    assert [currency["is_balanced"] for currency in answer.context["currencies"]] == [True]
    assert sum(row.amount_micros for row, _ in account.context["rows"]) == owed
    assert "receivable,USD" in client.get(f"{reverse('ledger')}?format=csv").content.decode()
    (row,) = client.get(f"{reverse('ledger')}?by=client").context["rows"]
    assert owed in {part["micros"] for part in row["parts"]}
    assert client.get(f"{reverse('ledger')}?by=client&format=csv").content.count(b"\n") == 1 + len(row["parts"])
    assert client.get(f"{reverse('ledger')}?by=agent&find=zzz&from=x&after=A|1").context["rows"] == []
    assert client.get(reverse("ledger_account", args=["nothing", "USD"])).status_code == 404


def test_entries_of_the_ledger_lead_to_what_they_came_from(company: Company, client: Client) -> None:
    client.force_login(company.approver)
    client.post(page(company, "invoice_payment"), {"amount": "1.50", "received_on": "2016-04-20", "reference": "A-1"})
    client.force_login(company.auditor)
    owed = client.get(reverse("ledger_account", args=["receivable", "USD"])).context["rows"]
    paid = client.get(reverse("ledger_account", args=["agent_pay", "USD"]), {"from": "2016-01-01"}).context["rows"]

    assert {(row.transaction.kind, url) for row, url in owed} == {
        (kind, page(company, "invoice")) for kind in ("invoice", "credit_note", "payment")
    }
    statements = [url for row, url in paid if row.transaction.kind == "settlement"]
    assert reverse("statement", args=[company.agent.pk, factories.MARCH]) in statements
    assert all(client.get(url).status_code == 200 for url in statements)


def test_the_nightly_job_writes_drafts_once(company: Company) -> None:
    tasks.refresh_invoices()
    tasks.refresh_invoices()
    written = [run.message for run in JobRun.objects.filter(job="refresh_invoices").order_by("pk")]

    assert [message.endswith("0 PDF files issued.") for message in written] == [False, True]
    assert Document.objects.filter(kind="invoice_pdf").count() == 1


def test_a_line_is_read_down_to_its_cases_and_each_can_be_questioned(
    company: Company, client: Client, django_assert_max_num_queries: Any
) -> None:
    client.force_login(company.client)
    with django_assert_max_num_queries(QUERIES_MAX):
        shown = client.get(page(company, why="1"))
    part = client.get(page(company, why="1"), headers={"HX-Request": "true"}).content.decode()
    counted = shown.context["counted_cases"]
    line = company.invoice.lines.get(position=1)

    assert (counted.count, counted.more_count) == (int(line.quantity), 0)
    assert sum(row.amount_micros for row in counted.rows) == line.amount_micros
    assert len({row.key for row in counted.rows}) == counted.count
    assert {row.url for row in counted.rows} == {""}
    assert f"{reverse('invoice_question', args=[company.invoice.pk])}?case={counted.rows[0].key}" in part
    rows = list(csv.DictReader(client.get(counted.csv_url).content.decode("utf-8-sig").splitlines()))
    assert [(row["number"], row["case"]) for row in rows] == [(str(place), row.key) for place, row in enumerate(counted.rows, start=1)]
    assert sum(Fraction(row["amount"]) for row in rows) == Fraction(line.amount_micros, 1_000_000)
    assert client.get(f"{page(company, 'invoice_csv')}?why=99").status_code == 404


def test_who_reads_everything_opens_the_cases_of_a_line_and_questions_none(company: Company, client: Client) -> None:
    client.force_login(company.auditor)
    counted = client.get(page(company, why="1")).context["counted_cases"]

    assert all(row.url and not row.question_url for row in counted.rows)
    assert client.get(counted.rows[0].url).status_code == 200


def test_a_draft_lists_what_is_not_billed_yet(company: Company, client: Client) -> None:
    client.force_login(company.client)
    lines = list(company.draft.lines.filter(kind="rated", origin_start=company.draft.period_start))
    assert lines
    for line in lines:
        counted = client.get(f"{reverse('invoice', args=[company.draft.pk])}?why={line.position}").context["counted_cases"]
        assert counted.count == int(line.quantity)
        assert all(not row.question_url for row in counted.rows)


def test_a_button_that_is_pressed_twice_writes_one_credit_note(company: Company, client: Client) -> None:
    line = company.invoice.lines.earliest("position")
    client.force_login(company.approver)
    address = page(company, "invoice_credit")
    assert '<input type="hidden" name="seen_count" value="1"' in client.get(address).content.decode()
    typed = {"reason": "Outage", f"line_{line.pk}": "0.50", "seen_count": "1"}

    first, second = client.post(address, typed), client.post(address, typed)

    assert (first.status_code, second.status_code, company.invoice.credit_notes.count()) == (302, 422, 2)
    assert "was written since you looked" in second.content.decode()
