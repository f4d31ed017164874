"""Both sides contest a figure in the browser: an agent a line of a statement, a client a case of an invoice."""

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from agents.models import Resolution
from billing.models import Dispute
from billing.operations import refresh_accruals
from billing.queries.pay_periods import period_at
from tests import factories
from tests.browser.conftest import Visits
from tests.ppr_portal.company import NOW, Company, line_of

pytestmark = pytest.mark.django_db


def test_a_line_is_disputed_accepted_in_part_approved_and_paid_next(visits: Visits, company: Company) -> None:
    line = line_of(company.agent, kind="base")
    agent = visits(company.agent.user)
    agent.open(reverse("statement", args=[company.agent.pk, factories.MARCH]) + f"?why={line.position}")
    agent.page.get_by_role("link", name="Dispute this line").click()
    agent.page.get_by_label("What is wrong?").select_option(label="Wrong hours")
    agent.page.get_by_label("What did you expect, and why?").fill("I worked on Saturday too.")
    assert agent.check() == []
    agent.page.get_by_role("button", name="Send the dispute").click()
    expect(agent.page.get_by_text("Your dispute is sent.")).to_be_visible()
    assert agent.check() == []
    opened = Dispute.objects.latest("pk")
    page = reverse("dispute", args=[opened.pk])

    lead = visits(company.lead)
    lead.open(page)
    lead.page.get_by_label("In part").check()
    lead.page.get_by_label("Amount that is added to the pay").fill("23.45")
    lead.page.get_by_label("Why", exact=True).fill("Half of Saturday is recorded.")
    assert lead.check() == []
    lead.page.get_by_role("button", name=f"Answer {company.agent.name}").click()
    expect(lead.page.get_by_text("It waits for a second person’s approval.")).to_be_visible()

    approver = visits(company.approver)
    approver.open(page)
    approver.page.get_by_role("button", name="Approve $23.45").click()
    expect(approver.page.get_by_text("Approved by Ruth Adeyemi")).to_be_visible()
    assert approver.check() == []

    # What the test writes is rolled back and unseen by the server, so the next statement is read without it.
    refresh_accruals.refresh_accruals(as_of=NOW)
    reader = Client()
    reader.force_login(company.agent.user)
    following = reverse("statement", args=[company.agent.pk, period_at(site=company.agent.site, at=NOW).start])
    assert "23.45" in reader.get(following).content.decode()


def test_a_counted_case_is_questioned_accepted_and_credited(visits: Visits, company: Company) -> None:
    key = Resolution.objects.filter(booked_lines__invoiced__invoice=company.invoice).latest("pk").case.key
    client = visits(company.client)
    client.open(reverse("invoice", args=[company.invoice.pk]))
    client.page.get_by_role("link", name="Question a case").click()
    client.page.get_by_label("Case number").fill(key)
    client.page.get_by_label("What is wrong?").select_option(label="It was not resolved")
    client.page.get_by_label("What did you expect, and why?").fill("The customer called us the next day.")
    assert client.check() == []
    client.page.get_by_role("button", name="Send the question").click()
    expect(client.page.get_by_text("Your question is sent.")).to_be_visible()
    opened = Dispute.objects.latest("pk")

    office = visits(company.admin)
    office.open("/disputes/")
    assert office.check() == []
    office.page.get_by_role("link", name=f"D-{opened.pk}").click()
    office.page.get_by_label("Yes, accept").check()
    office.page.get_by_label("Amount that is given back, before tax").fill(f"{(opened.disputed_micros or 0) / 1_000_000:.2f}")
    office.page.get_by_label("Why", exact=True).fill("You are right.")
    assert office.check() == []
    office.page.get_by_role("button", name="Answer").click()
    expect(office.page.get_by_role("button", name="Answer")).to_have_count(0)
    opened.refresh_from_db()
    assert opened.credit_note is not None
    client.open(reverse("invoice", args=[company.invoice.pk]))
    expect(client.page.get_by_role("link", name=opened.credit_note.number)).to_be_visible()


def test_the_pages_of_disputes_are_whole(visits: Visits, company: Company) -> None:
    asked = {
        company.agent.user: ["/disputes/new/", "/disputes/?state=all"],
        company.lead: ["/disputes/statistics/"],
        company.client: [reverse("invoice_question", args=[company.invoice.pk]), "/disputes/?find=zzz"],
    }
    for user, paths in asked.items():
        assert visits(user).check_looks(paths) == []
