"""A client reads an invoice, the office decides one: on phone and desk, in light and dark, with and without script."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser import pages
from tests.browser.conftest import Visits
from tests.ppr_portal.company import Company

pytestmark = pytest.mark.django_db


def addresses(company: Company, role: str) -> list[str]:
    """Return the pages of invoices and the ledger that a role opens."""
    final, draft = (reverse("invoice", args=[found.pk]) for found in (company.invoice, company.draft))
    read = ["/invoices/", "/invoices/?find=zzz", f"{final}?why=1", draft]
    acts = [
        reverse("invoice_finalization", args=[company.draft.pk]),
        *(reverse(name, args=[company.invoice.pk]) for name in ("invoice_voiding", "invoice_credit", "invoice_payment")),
        "/invoices/prepayment/",
    ]
    books = ["/shadow/", "/shadow/new/", "/ledger/", "/ledger/?by=client", "/ledger/?by=agent&to=2016-01-01", "/ledger/receivable/USD/"]
    return {"client": read, "approver": [*read, *acts, *books]}[role]


@pytest.mark.parametrize("role", ["client", "approver"])
def test_pages_have_no_fault(visits: Visits, company: Company, role: str) -> None:
    assert visits(company.user_of(role)).check_looks(addresses(company, role)) == []


@pytest.mark.parametrize("width", [pages.PHONE, pages.DESK])
def test_a_client_goes_from_the_list_to_the_reason_of_an_amount_and_the_pdf(visits: Visits, company: Company, width: int) -> None:
    visit = visits(company.client, width=width)
    visit.open("/")
    visit.page.get_by_role("link", name="Invoices").locator("visible=true").first.click()
    visit.page.get_by_role("link", name="March 2016").click()
    visit.page.locator("#why-1").press("Enter")
    expect(visit.page.locator("#reason-1")).to_contain_text("Why ")
    visit.page.locator("#why-1").press("Escape")
    expect(visit.page.locator("#reason-1")).to_have_count(0)
    with visit.page.expect_download() as download:
        visit.page.get_by_role("link", name="PDF", exact=True).click()

    assert download.value.suggested_filename == f"{company.invoice.number}.pdf"
    assert [fault for fault in visit.faults if "ERR_ABORTED" not in fault] == []


def test_a_reason_opens_without_script(visits: Visits, company: Company) -> None:
    visit = visits(company.client, script=False)
    visit.open(reverse("invoice", args=[company.invoice.pk]))
    visit.page.locator("#why-1").click()

    expect(visit.page.locator("#reason-1")).to_be_visible()


def test_a_refusal_is_told_in_the_form_and_what_was_typed_stays(visits: Visits, company: Company) -> None:
    visit = visits(company.approver)
    visit.open(reverse("invoice_payment", args=[company.invoice.pk]))
    visit.page.get_by_label("Amount").fill("99999")
    visit.page.get_by_role("textbox", name="Reference", exact=True).fill("wire 7")
    visit.page.get_by_role("button", name="Record the payment").click()

    expect(visit.page.get_by_role("alert")).to_contain_text("record the rest as paid in advance")
    expect(visit.page.get_by_role("textbox", name="Reference", exact=True)).to_have_value("wire 7")
    assert [fault for fault in visit.check() if "422" not in fault] == []
