"""What happens when people press things: reasons open in place, colors change at once, and all of it without script too."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser import pages
from tests.browser.conftest import Visits
from tests.ppr_portal.company import Company

pytestmark = pytest.mark.django_db


def statement(company: Company) -> str:
    return reverse("statement", args=[company.agent.pk, factories.MARCH])


@pytest.fixture
def visit(visits: Visits, company: Company) -> pages.Visit:
    return visits(company.user_of("agent"))


def press_why(page: Page, position: int) -> None:
    page.locator(f"#why-{position}").click()
    expect(page.locator(f"#reason-{position}")).to_be_visible()


def choose_colors(page: Page, theme: str) -> None:
    page.locator(".sidebar .menu__opener").click()
    page.locator(f".sidebar [name=theme][value={theme}]").click()


def expect_colors(page: Page, theme: str | None) -> None:
    """Wait until the page says these colors, or leaves them to the system."""
    chosen = page.locator("html[data-theme]")
    if theme is None:
        expect(chosen).to_have_count(0)
    else:
        expect(chosen).to_have_attribute("data-theme", theme)


def test_an_amount_opens_its_reason_in_place_and_closes_again(visit: pages.Visit, company: Company) -> None:
    visit.open(statement(company))
    press_why(visit.page, 1)
    expect(visit.page).to_have_url(re.compile(r"\?why=1$"))
    expect(visit.page.locator("#why-1")).to_have_attribute("aria-expanded", "true")

    press_why(visit.page, 2)
    visit.page.locator("#why-1").click()
    expect(visit.page.locator("#reason-1")).to_have_count(0)
    expect(visit.page.locator("#reason-2")).to_be_visible()
    assert visit.check() == []


def test_escape_closes_a_reason_and_returns_to_its_amount(visit: pages.Visit, company: Company) -> None:
    visit.open(statement(company))
    press_why(visit.page, 1)
    visit.page.locator("#why-1").press("Escape")

    expect(visit.page.locator("#reason-1")).to_have_count(0)
    expect(visit.page.locator("#why-1")).to_be_focused()
    expect(visit.page).not_to_have_url(re.compile("why"))


def test_a_reason_opens_with_the_keyboard_alone(visit: pages.Visit, company: Company) -> None:
    visit.open(statement(company))
    visit.page.locator("#why-1").focus()
    visit.page.keyboard.press("Enter")

    expect(visit.page.locator("#reason-1")).to_be_visible()


def test_the_first_tab_stop_skips_to_the_content(visit: pages.Visit) -> None:
    visit.open("/")
    visit.page.keyboard.press("Tab")
    expect(visit.page.get_by_role("link", name="Skip to content")).to_be_focused()

    visit.page.keyboard.press("Enter")
    expect(visit.page.locator("#main")).to_be_focused()


def test_colors_change_at_once_and_stay(visit: pages.Visit) -> None:
    visit.open("/")
    choose_colors(visit.page, "dark")
    expect_colors(visit.page, "dark")

    visit.open("/resolutions/")
    expect_colors(visit.page, "dark")
    assert visit.check() == []
    # Whoever looks at pages of hers next sees them in the colors of the system again.
    choose_colors(visit.page, "system")
    expect_colors(visit.page, None)


def test_the_chart_draws_what_its_table_says(visit: pages.Visit) -> None:
    visit.open("/")
    drawn = visit.page.evaluate("Chart.getChart(document.querySelector('canvas')).data.datasets.map((set) => set.data)")
    rows = visit.page.evaluate(
        "[...document.querySelectorAll('#days-table tbody tr')]"
        ".map((row) => [...row.querySelectorAll('data')].map((cell) => cell.value / 1e6))"
    )

    assert [list(day) for day in zip(*drawn, strict=True)] == rows
    assert sum(sum(day) for day in rows) > 0


def test_feedback_is_marked_in_place_and_undone(visit: pages.Visit) -> None:
    visit.open("/feedback/")
    item = visit.page.locator(".feed__item").first
    item.get_by_role("button", name="Mark as read").click()
    expect(visit.page.get_by_role("status")).to_contain_text("Marked as read")

    visit.page.get_by_role("button", name="Undo").click()
    expect(visit.page.locator(".feed__item").first.get_by_role("button", name="Mark as read")).to_be_visible()
    assert visit.check() == []


def test_the_keyboard_goes_on_where_a_part_was_swapped(visit: pages.Visit) -> None:
    visit.open("/feedback/")
    visit.page.locator(".feed__item").first.get_by_role("button", name="Mark as read").focus()
    visit.page.keyboard.press("Enter")
    undo = visit.page.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()

    visit.page.keyboard.press("Enter")
    expect(visit.page.locator(".feed__item").first.get_by_role("button", name="Mark as read")).to_be_focused()
    assert visit.faults == []


def test_a_page_opens_where_its_form_was_sent_and_what_came_of_it_is_in_sight(visits: Visits, company: Company) -> None:
    visit = visits(company.lead, width=pages.PHONE)
    visit.open(reverse("coaching_session", args=[company.talk.pk]))
    note = visit.page.get_by_label("New note")
    note.fill("Ask again in May.")
    visit.page.get_by_text("Private", exact=True).click()
    visit.page.get_by_role("button", name="Keep the note").click()

    came = visit.page.get_by_role("status").filter(has_text="Kept.")
    expect(came).to_be_in_viewport()
    expect(note).to_be_in_viewport()
    expect(visit.page.locator("[data-came]")).to_be_focused()
    assert visit.check() == []

    visit.page.keyboard.press("Tab")
    visit.page.keyboard.press("Enter")
    expect(came).to_have_count(0)


def test_what_came_of_a_form_stands_at_the_top_where_the_page_opens_there(visit: pages.Visit) -> None:
    visit.open("/preferences/")
    visit.page.get_by_role("button", name="Save").click()
    expect(visit.page.get_by_role("status")).to_be_in_viewport()
    expect(visit.page.get_by_role("button", name="Close")).to_have_count(0)
    assert visit.check() == []


def test_a_lead_finds_an_agent_without_a_new_page(visits: Visits, company: Company) -> None:
    visit = visits(company.lead)
    visit.open("/team/")
    visit.page.get_by_label("Find an agent").fill("maya")
    visit.page.get_by_label("Find an agent").press("Enter")
    expect(visit.page.locator(".table--team tbody tr")).to_have_count(1)

    expect(visit.page).to_have_url(re.compile("find=maya"))
    assert visit.check() == []


def test_without_script_reasons_colors_and_forms_still_work(visits: Visits, company: Company) -> None:
    visit = visits(company.user_of("agent"), script=False)
    visit.open(statement(company))
    visit.page.locator("#why-1").click()
    expect(visit.page.locator("#reason-1")).to_be_visible()

    choose_colors(visit.page, "dark")
    expect_colors(visit.page, "dark")
    choose_colors(visit.page, "system")
    expect_colors(visit.page, None)

    visit.open("/")
    visit.page.get_by_text("Show as a table").click()
    expect(visit.page.locator("#days-table")).to_be_visible()


def test_a_statement_prints_on_paper_without_what_can_be_pressed(visit: pages.Visit, company: Company) -> None:
    visit.open(statement(company))
    visit.page.emulate_media(media="print")

    for gone in (".sidebar", ".tabbar", ".page-head__actions", ".crumbs"):
        expect(visit.page.locator(gone).first).to_be_hidden()
    expect(visit.page.get_by_role("heading", name="Total before tax")).to_be_visible()


def test_signing_out_needs_one_press_and_ends_the_visit(visits: Visits, company: Company) -> None:
    visit = visits()
    visit.sign_in(company.user_of("newcomer").email)
    visit.open("/more/")
    visit.page.locator("main").get_by_role("button", name="Sign out").click()
    visit.page.wait_for_url("**/accounts/login/**")
    visit.open("/")

    expect(visit.page).to_have_url(re.compile("/accounts/login/"))
