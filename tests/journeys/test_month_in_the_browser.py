"""A month from the run to the correction of it, in the browser, as six people who each do their part."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Locator, expect
from pytest_django.live_server_helper import LiveServer

from agents.models import Agent, ClientContact, User
from billing import tasks
from billing.models import CreditNote, Dispute, Earning, Invoice, SettlementLine
from billing.operations import book_resolutions, draft_invoices, finalize_invoice
from tests import factories
from tests.billing import billing_world, pay_world
from tests.browser import pages
from tests.ppr_portal import standing
from tests.ppr_portal.company import APRIL_11, NOW

# The server sees only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)
Visits = Callable[[User], pages.Visit]
TABS_MAX = 90
HAS_RING = """() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    return outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
}"""


@dataclass(frozen=True, kw_only=True)
class Month:
    """Who acts, and whose month it is."""

    agent: Agent
    lead: User
    preparer: User
    approver: User
    contact: User
    invoice: Invoice


def make_month() -> Month:
    """An agent with a week of hours and four resolutions in March, which the client's final invoice bills; nothing is paid yet."""
    world = pay_world.make_world()
    world.agents.clear()
    lead = factories.make_user(name="Dana Okafor", roles=["lead"])
    agent = factories.make_agent_with_account(name="Maya Torres", team=factories.make_team(lead=lead, site=world.site))
    factories.assign_plan(agent=agent, version=world.plan)
    pay_world.work_a_week(agent)
    pay_world.resolve(world, agent, 4)
    pay_world.work_a_week(agent, first=APRIL_11)
    pay_world.resolve(world, agent, 2, first=APRIL_11)
    preparer, approver = (factories.make_user(name=name, roles=["approver"]) for name in ("Paula Prepares", "Ruth Adeyemi"))
    contact = factories.make_user(name="Robin Alder", roles=["client"])
    client = world.contract.contract.client
    ClientContact.objects.create(client=client, user=contact)
    billing_world.make_buyer(client=client, seller=billing_world.make_seller())
    book_resolutions.book_resolutions(as_of=NOW)
    draft_invoices.refresh_drafts(as_of=NOW)
    draft = Invoice.objects.get(period_start=factories.MARCH)
    invoice = finalize_invoice.finalize_invoice(invoice_id=draft.pk, person=approver, as_of=NOW)
    return Month(agent=agent, lead=lead, preparer=preparer, approver=approver, contact=contact, invoice=invoice)


@pytest.fixture
def month(django_db_setup: None, django_db_blocker: Any) -> Iterator[Month]:
    with standing.standing(blocker=django_db_blocker, make=make_month) as made:
        yield made


@pytest.fixture
def visits(month: Month, browser: Browser) -> Iterator[Visits]:
    """Open a browser for somebody who is signed in."""
    server, opened = LiveServer("127.0.0.1"), []

    def start(user: User) -> pages.Visit:
        client = Client()
        client.force_login(user)
        opened.append(pages.start_visit(browser, server.url, session=client.cookies[settings.SESSION_COOKIE_NAME].value))
        return opened[-1]

    try:
        yield start
    finally:
        for visit in opened:
            visit.page.context.close()
        server.stop()


def test_a_month_from_the_run_to_its_correction(month: Month, visits: Visits) -> None:
    run = _calculate_and_review(month, visits(month.preparer))
    _refuse_the_preparer(visits(month.preparer), run)
    _approve_and_post(visits(month.approver), run)
    dispute = _read_and_dispute(month, visits(month.agent.user))
    case = Earning.objects.filter(agent=month.agent).latest("verified_at").resolution.case.key
    _accept_in_part(visits(month.lead), dispute, case)
    _approve_both_sides(visits(month.approver), dispute)

    tasks.refresh_pay()
    agent = visits(month.agent.user)
    agent.open(reverse("statement", args=[month.agent.pk, factories.APRIL]))
    expect(agent.page.get_by_text("23.45").first).to_be_visible()
    assert agent.check() == []

    note = CreditNote.objects.get(invoice=month.invoice)
    assert (note.subtotal_micros, note.bill_change.dispute_id) == (2_400_000, dispute.pk)
    client = visits(month.contact)
    client.open(reverse("invoice", args=[month.invoice.pk]))
    expect(client.page.get_by_role("link", name=note.number)).to_be_visible()
    assert client.check() == []


def _calculate_and_review(month: Month, visit: pages.Visit) -> str:
    """Calculate March, look at the variance, and send it to review; return the address of the run."""
    visit.open("/runs/")
    visit.page.get_by_role("textbox", name="Month").fill("2016-03")
    visit.page.get_by_role("button", name="Calculate", exact=True).click()
    visit.page.wait_for_url("**/runs/*/")
    visit.page.reload()
    expect(visit.page.get_by_role("heading", name="Against the period before")).to_be_visible()
    expect(visit.page.get_by_role("link", name=month.agent.name)).to_be_visible()
    assert visit.check() == []
    visit.page.get_by_role("button", name="Send to review").click()
    expect(visit.page.get_by_text("You prepared this run")).to_be_visible()
    return visit.page.url.removeprefix(visit.address)


def _refuse_the_preparer(visit: pages.Visit, run: str) -> None:
    visit.open(run)
    visit.page.get_by_label("Why may it be paid?").fill("I did it myself.")
    visit.page.get_by_role("button", name="Approve", exact=True).click()
    expect(visit.page.get_by_text("prepared").first).to_be_visible()
    expect(visit.page.get_by_role("button", name="Post", exact=True)).to_have_count(0)


def _reach(visit: pages.Visit, wanted: Locator) -> None:
    """Press Tab until something is focused; whatever is on the way shows that it is."""
    expect(wanted).to_be_visible()
    for _press in range(TABS_MAX):
        visit.page.keyboard.press("Tab")
        assert visit.page.evaluate(HAS_RING), visit.page.evaluate("document.activeElement.outerHTML")
        if wanted.evaluate("(one) => one === document.activeElement"):
            return
    raise AssertionError(f"{wanted} is not reached with {TABS_MAX} tabs")


def _approve_and_post(visit: pages.Visit, run: str) -> None:
    """Approve and post by the keyboard alone."""
    visit.open(run)
    _reach(visit, visit.page.get_by_label("Why may it be paid?"))
    visit.page.keyboard.type("Hours and counts agree with February.")
    for step in ("Approve", "Post"):
        button = visit.page.get_by_role("button", name=step, exact=True)
        _reach(visit, button)
        visit.page.keyboard.press("Enter")
        expect(button).to_have_count(0)
    expect(visit.page.get_by_text("The run is posted")).to_be_visible()
    assert visit.check() == []


def _read_and_dispute(month: Month, visit: pages.Visit) -> Dispute:
    line = SettlementLine.objects.filter(settlement__agent=month.agent, settlement__period_start=factories.MARCH, kind="unit").earliest(
        "pk"
    )
    visit.open(reverse("statement", args=[month.agent.pk, factories.MARCH]) + f"?why={line.position}")
    visit.page.get_by_role("link", name="Dispute this line").click()
    visit.page.get_by_label("What is wrong?").select_option(label="Wrong price or class")
    visit.page.get_by_label("What did you expect, and why?").fill("Four cases, and one of them took a day.")
    visit.page.get_by_role("button", name="Send the dispute").click()
    expect(visit.page.get_by_text("Your dispute is sent.")).to_be_visible()
    assert visit.check() == []
    return Dispute.objects.get()


def _accept_in_part(visit: pages.Visit, dispute: Dispute, case: str) -> None:
    visit.open(reverse("dispute", args=[dispute.pk]))
    visit.page.get_by_label("In part").check()
    visit.page.get_by_label("Amount that is added to the pay").fill("23.45")
    visit.page.get_by_label("Why", exact=True).fill("The day is paid. The case was not the client's to pay.")
    visit.page.get_by_text("What changes for the client").click()
    visit.page.get_by_label("On the client's bill").select_option(label="The case does not count; give it back")
    visit.page.get_by_label("Case", exact=True).fill(case)
    visit.page.get_by_label("Why the bill changes").fill("It was an internal request.")
    assert visit.check() == []
    visit.page.get_by_role("button", name="Answer Maya Torres").click()
    expect(visit.page.get_by_text("It waits for a second person’s approval.").first).to_be_visible()


def _approve_both_sides(visit: pages.Visit, dispute: Dispute) -> None:
    visit.open(reverse("dispute", args=[dispute.pk]))
    visit.page.get_by_role("button", name="Approve $23.45").click()
    expect(visit.page.get_by_text("Approved by Ruth Adeyemi")).to_be_visible()
    visit.page.get_by_role("button", name="Approve for the client’s bill").click()
    expect(visit.page.get_by_text("Given back by a credit note").first).to_be_visible()
    assert visit.check() == []
