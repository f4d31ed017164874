"""What people read when the network or the portal is lost while a page is open: that nothing was changed, and what to do."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests import factories
from tests.browser import pages
from tests.browser.conftest import Visits
from tests.ppr_portal.company import Company

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(visits: Visits, company: Company) -> pages.Visit:
    found = visits(company.user_of("agent"))
    found.open(reverse("statement", args=[company.agent.pk, factories.MARCH]))
    return found


def test_offline_is_said_and_unsaid(visit: pages.Visit) -> None:
    notice = visit.page.get_by_role("alert")
    expect(notice).to_have_count(0)

    visit.page.context.set_offline(True)
    expect(notice).to_contain_text("You are offline")
    assert visit.check() == []

    visit.page.context.set_offline(False)
    expect(notice).to_have_count(0)


def test_an_answer_that_never_comes_is_said_and_closes(visit: pages.Visit) -> None:
    visit.page.route("**/*why=*", lambda route: route.abort())
    visit.page.locator("#why-1").click()
    notice = visit.page.get_by_role("alert")

    expect(notice).to_contain_text("The portal did not answer")
    expect(notice).to_contain_text("Nothing was changed")
    notice.get_by_role("button", name="Close").click()
    expect(notice).to_have_count(0)
    visit.faults.clear()


def test_an_answer_that_is_broken_is_said(visit: pages.Visit) -> None:
    visit.page.route("**/*why=*", lambda route: route.fulfill(status=500, body="broken"))
    visit.page.locator("#why-1").click()

    expect(visit.page.get_by_role("alert")).to_contain_text("That did not work")
    visit.faults.clear()
