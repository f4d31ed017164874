"""What runs through every page, in a browser: search by keyboard, help, notifications, saved filters, passkeys."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests import factories
from tests.browser.conftest import Visits
from tests.ppr_portal.company import Company

pytestmark = pytest.mark.django_db


def test_ctrl_k_searches_and_the_arrows_choose(visits: Visits, company: Company) -> None:
    visit = visits(company.auditor)
    visit.open("/")
    visit.page.keyboard.press("Control+k")
    dialog = visit.page.locator("#search-dialog")
    expect(dialog).to_be_visible()
    visit.page.keyboard.type("Torr")
    expect(dialog.get_by_role("link", name="Maya Torres")).to_be_visible()
    assert visit.check() == []
    visit.page.keyboard.press("ArrowDown")
    expect(dialog.get_by_role("link", name="Maya Torres")).to_be_focused()
    visit.page.keyboard.press("ArrowUp")
    expect(visit.page.locator("#palette-find")).to_be_focused()
    visit.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    visit.page.keyboard.press("Control+k")
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_url(f"**{reverse('agent_statements', args=[company.agent.pk])}")
    assert visit.check() == []


def test_search_is_a_page_without_script(visits: Visits, company: Company) -> None:
    visit = visits(company.auditor, script=False)
    visit.open("/")
    visit.page.locator(".sidebar").get_by_role("link", name="Search").click()
    visit.page.get_by_label("Name, number or reference").first.fill("Larch")
    visit.page.locator("main").get_by_role("button", name="Search").click()
    expect(visit.page.locator("main").get_by_role("link", name="Larch Home").first).to_be_visible()


def test_the_question_mark_helps_and_single_keys_can_be_switched_off(visits: Visits, company: Company) -> None:
    visit = visits(company.auditor)
    visit.open("/disputes/")
    visit.page.keyboard.press("?")
    keys = visit.page.locator("#keys-dialog")
    expect(keys).to_be_visible()
    assert visit.check() == []
    keys.get_by_label("Keys without Ctrl work on this device").uncheck()
    visit.page.keyboard.press("Escape")
    visit.page.keyboard.press("?")
    expect(keys).to_be_hidden()
    visit.page.evaluate("localStorage.clear()")
    visit.open("/disputes/")
    visit.page.keyboard.press("/")
    expect(visit.page.locator(":focus")).to_have_attribute("type", "search")


def test_pages_of_everybody_have_no_fault(visits: Visits, company: Company) -> None:
    own = [
        "/notifications/",
        "/notifications/preferences/",
        "/search/?find=resol",
        "/search/",
        "/accounts/2fa/",
        "/accounts/sessions/",
        "/pay-reads/",
    ]
    assert visits(company.agent.user).check_looks(own) == []
    assert visits(company.auditor).check_looks(["/pay-reads/", "/search/?find=Torres", "/disputes/?state=all"]) == []


def test_notifications_are_read_and_made_new_again(visits: Visits, company: Company) -> None:
    visit = visits(company.colleague.user)
    visit.open("/notifications/")
    count = visit.page.locator(".sidebar .nav__count--new")
    new = count.inner_text()
    visit.page.get_by_role("button", name="Mark all as read").click()
    expect(count).to_have_count(0)
    visit.page.get_by_role("button", name="Undo: make them new again").click()
    expect(count).to_have_text(new)
    assert visit.check() == []
    visit.page.get_by_role("link", name="Your statement for March 2016 is ready").click()
    visit.page.wait_for_url(f"**{reverse('statement', args=[company.colleague.pk, factories.MARCH])}")


def test_a_filter_is_saved_and_its_deletion_undone(visits: Visits, company: Company) -> None:
    visit = visits(company.approver)
    visit.open("/disputes/?state=all")
    visit.page.get_by_text("Save this filter").click()
    visit.page.get_by_label("Name of the filter").fill("Everything")
    visit.page.get_by_role("button", name="Save", exact=True).click()
    visit.page.get_by_role("button", name="Delete “Everything”").click()
    visit.page.get_by_role("button", name="Undo").click()
    expect(visit.page.get_by_role("link", name="Everything")).to_be_visible()
    assert visit.check() == []


def test_a_passkey_is_made_and_opens_the_account(visits: Visits, company: Company, portal: str) -> None:
    visit = visits()
    # Browsers keep passkeys for names only, and the portal of tests listens on a number.
    visit.address = portal.replace("127.0.0.1", "localhost")
    session = visit.page.context.new_cdp_session(visit.page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "automaticPresenceSimulation": True}})
    visit.sign_in(company.newcomer.user.email)
    visit.open("/accounts/2fa/webauthn/add/")
    visit.page.get_by_label("Password").fill(factories.PASSWORD)
    visit.page.get_by_role("button", name="It is me").click()
    visit.page.get_by_label("Name of this passkey").fill("Phone")
    visit.page.get_by_label("It alone opens my account, without a password").check()
    assert visit.check() == []
    visit.page.get_by_role("button", name="Add a passkey").click()
    expect(visit.page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert visit.check() == []
    visit.open("/accounts/2fa/webauthn/")
    expect(visit.page.get_by_role("rowheader", name="Phone")).to_be_visible()

    visit.page.context.clear_cookies()
    visit.open("/accounts/login/")
    assert visit.check() == []
    visit.page.get_by_role("button", name="Sign in with a passkey").click()
    visit.page.wait_for_url(lambda url: "/accounts/" not in url)
    visit.open("/accounts/sessions/")
    expect(visit.page.get_by_text("This one")).to_be_visible()
    assert visit.check() == []
