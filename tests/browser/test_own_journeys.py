"""What people do for themselves: an agent trains, tries out and takes in; a client brings account data; and all of it in Spanish."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from agents.models import AccountMonth, CheckIn, PlanAcknowledgement, TrainingTask
from tests import factories
from tests.browser import pages
from tests.browser.conftest import Visits
from tests.ppr_portal.company import Company

pytestmark = pytest.mark.django_db
ACCOUNTS = "Account,Month,Paid seats,Active count\nA-1,2016-03,20,15\nA-2,2016-03,8,many\n"


def test_an_agent_says_by_keyboard_when_they_trained_and_their_lead_confirms(visits: Visits, company: Company) -> None:
    task = company.task
    agent = visits(company.agent.user, width=pages.PHONE)
    agent.open("/training/")
    opened = agent.page.locator("details", has_text=task.title)
    opened.locator("summary").press("Enter")
    agent.page.locator(f"#began-{task.pk}").fill("2016-04-17T01:05")
    agent.page.locator(f"#minutes-{task.pk}").fill("45")
    assert agent.check() == []
    opened.get_by_role("button", name="Done").press("Enter")
    expect(agent.page.get_by_text("your lead confirms the time")).to_be_visible()

    lead = visits(company.lead)
    lead.open("/training/?state=hours")
    assert lead.check() == []
    lead.page.get_by_role("button", name=f"Confirm the time of {task.title}, Maya Torres", exact=True).press("Enter")
    expect(lead.page.get_by_text("The time is recorded as training of Maya Torres")).to_be_visible()
    assert TrainingTask.objects.get(pk=task.pk).hours == "recorded"
    agent.open("/training/?state=done")
    expect(agent.page.get_by_text("45 min: Recorded as training, Dana Okafor")).to_be_visible()
    assert agent.check() == []


def test_an_agent_tries_out_reads_their_plan_and_keeps_a_day_to_themself(visits: Visits, company: Company) -> None:
    visit = visits(company.agent.user, width=pages.PHONE)
    page = visit.page
    visit.open("/what-if/")
    page.locator("main input[type=range]").first.press("ArrowRight")
    page.get_by_role("button", name="Work it out").press("Enter")
    expect(page.get_by_role("heading", name="What it would bring")).to_be_visible()

    visit.open("/plan/")
    page.get_by_role("button", name="I have read this plan").press("Enter")
    expect(page.get_by_role("button", name="I have read this plan")).to_have_count(0)
    assert PlanAcknowledgement.objects.filter(agent=company.agent).exists()

    visit.open("/check-ins/")
    page.get_by_label("Hard", exact=True).press("Space")
    page.get_by_label("What you want to remember").fill("A long day.")
    page.get_by_role("button", name="Keep it for me").press("Enter")
    expect(page.get_by_text("A long day.")).to_be_visible()
    assert visit.check() == []
    page.get_by_role("button", name="Delete").first.press("Enter")
    expect(page.get_by_text("A long day.")).to_have_count(0)
    assert not CheckIn.objects.filter(agent=company.agent).exists()


@pytest.mark.parametrize("width", [pages.PHONE, pages.DESK])
def test_a_client_tries_account_data_mends_a_column_imports_and_takes_it_back(visits: Visits, company: Company, width: int) -> None:
    visit = visits(company.client, width=width)
    page = visit.page
    visit.open("/value/accounts/")
    page.get_by_role("link", name="Upload account data").first.press("Enter")
    page.wait_for_url("**/value/accounts/uploads/new/")
    assert visit.check() == []
    page.get_by_label("File", exact=True).set_input_files({"name": "march.csv", "mimeType": "text/csv", "buffer": ACCOUNTS.encode()})
    page.get_by_role("button", name="Upload and try it").press("Enter")
    page.get_by_label("Paid seats").select_option("Paid seats")
    page.get_by_role("button", name="Try again").press("Enter")
    expect(page.get_by_text("Row 2: A-2 2016-03. A value that cannot be read")).to_be_visible()
    assert visit.check() == []
    page.get_by_role("button", name="Import 1 row").press("Enter")
    expect(page.get_by_text("Imported", exact=True)).to_be_visible()
    assert list(AccountMonth.objects.values_list("account", "seat_count")) == [("A-1", 20)]
    page.get_by_role("button", name="Take this import back").press("Enter")
    expect(page.get_by_text("march.csv is taken back")).to_be_visible()
    assert not AccountMonth.objects.exists()
    assert visit.check() == []


@pytest.mark.parametrize(
    ("role", "paths"),
    [
        ("agent", ["/", "/training/", "/feedback/", "{statement}"]),
        ("lead", ["/team/", "/team/load/", "/training/new/"]),
        ("client", ["/invoices/", "/value/accounts/uploads/new/"]),
        ("admin", ["/holds/"]),
    ],
)
def test_spanish_pages_have_no_fault(visits: Visits, company: Company, role: str, paths: list[str]) -> None:
    statement = reverse("statement", args=[company.agent.pk, factories.MARCH])
    visit = visits(company.user_of(role), width=pages.PHONE, theme="dark", language="es-ES")

    assert visit.check_each(path.format(statement=statement) for path in paths) == []
    assert visit.page.evaluate("document.documentElement.lang") == "es"
