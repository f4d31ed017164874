"""A contract admin sets a client up in the browser, from client to activation, with the mouse and by keyboard alone."""

import itertools
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from contracts import models as terms
from tests.browser import pages
from tests.browser.conftest import Visits
from tests.ppr_portal.company import Company

pytestmark = pytest.mark.django_db(transaction=False)

TABS_MAX = 400
names: Iterator[int] = itertools.count(1)
# A grid is read at a glance on a desk: nothing of it may lie beyond the edge.
GRID_OVERFLOW = """() => [...document.querySelectorAll("#rate_card_rows-group :is(.simplebar-content-wrapper, .formset-wrapper)")]
    .filter((box) => box.checkVisibility() && box.scrollWidth > box.clientWidth + 1).map((box) => [box.scrollWidth, box.clientWidth])"""
# And every column of it is wide enough to read what stands in it.
GRID_SQUEEZED = """() => [...document.querySelectorAll("#rate_card_rows-data > thead th:not(:last-child)")]
    .map((head) => [head.innerText, head.getBoundingClientRect().width]).filter(([, width]) => width < 56)"""


# Settings stand beside each other under their dots: none may run into the next.
LABELS_MEET = """() => [...document.querySelectorAll("#turned svg.chart__plot")].flatMap((svg) => {
    const boxes = [...svg.querySelectorAll("text")].map((text) => text.getBoundingClientRect());
    return boxes.slice(1).filter((box, place) => box.left < boxes[place].right + 2).map((box) => [box.left, svg.ariaLabel]);
})"""


class Mouse:
    """What a hand on a mouse does."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        target.click()

    def go(self, target: Locator) -> None:
        """Press what opens another page, and wait for that."""
        with self.page.expect_navigation():
            self.press(target)

    def fill(self, target: Locator, text: str) -> None:
        target.fill(text)

    def choose(self, target: Locator, label: str) -> None:
        target.select_option(label=label)


class Keyboard(Mouse):
    """Tab, letters, arrows, space and Enter; nothing is touched that Tab does not reach."""

    def _reach(self, target: Locator) -> None:
        wanted = target.element_handle()
        for _ in range(TABS_MAX):
            if wanted is not None and wanted.evaluate("node => node === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"Tab never reaches {target}.")

    def press(self, target: Locator) -> None:
        self._reach(target)
        self.page.keyboard.press("Enter")

    def fill(self, target: Locator, text: str) -> None:
        self._reach(target)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)
        self.page.keyboard.press("Escape")

    def choose(self, target: Locator, label: str) -> None:
        self._reach(target)
        self.page.keyboard.press("Home")
        for _ in range(target.locator("option").count()):
            if target.evaluate("node => node.selectedOptions[0].label") == label:
                return
            self.page.keyboard.press("ArrowDown")
        pytest.fail(f"The arrows never reach {label}.")


def set_up(hand: Mouse, page: Page, code: str) -> terms.ContractVersion:
    """Make a client with a contract, its first version, and a rate card whose total falls."""
    hand.fill(page.get_by_label("Code*", exact=True).first, code)
    hand.fill(page.get_by_label("Name*", exact=True).first, f"Client {code}")
    hand.press(page.get_by_role("link", name="Add another Contract"))
    hand.fill(page.locator("[name=contracts-0-code]"), f"{code}-care")
    hand.fill(page.locator("[name=contracts-0-name]"), "Care")
    hand.fill(page.locator("[name=contracts-0-timezone]"), "America/New_York")
    hand.go(page.get_by_role("button", name="Save and continue editing"))
    expect(page.get_by_text("was added successfully")).to_be_visible()
    contract = terms.Contract.objects.get(code=f"{code}-care")
    hand.go(page.locator("a[href='/admin/contracts/contract/']").first)
    hand.go(page.locator("tr", has_text=contract.client.name).get_by_role("link", name="Care", exact=True))
    hand.go(page.get_by_role("link", name="Start a version"))

    expect(page.locator("[name=number]")).to_have_value("1")
    hand.fill(page.locator("[name=effective_from]"), "2016-05-01")
    hand.fill(page.locator("[name=currency]"), "USD")
    hand.press(page.get_by_role("link", name="Rate card", exact=True))
    hand.press(page.get_by_role("link", name="Add another Rate card row"))
    hand.choose(page.locator("[name=rate_card_rows-0-shape]"), "Volume: all at the price of the tier that the count reaches")
    hand.press(page.locator("#rate_card_rows-data").get_by_role("link", name="Add another Rate tier").first)
    hand.fill(page.locator("[name=rate_card_rows-0-tiers-0-up_to]"), "1500")
    hand.fill(page.locator("[name=rate_card_rows-0-tiers-0-unit_amount_micros]"), "2.40")
    hand.press(page.locator("#rate_card_rows-data").get_by_role("link", name="Add another Rate tier").first)
    hand.fill(page.locator("[name=rate_card_rows-0-tiers-1-unit_amount_micros]"), "2.20")
    assert page.evaluate(GRID_OVERFLOW) == []
    assert page.evaluate(GRID_SQUEEZED) == []
    hand.go(page.get_by_role("button", name="Save and continue editing"))
    expect(page.get_by_text("was added successfully")).to_be_visible()
    return terms.ContractVersion.objects.get(contract=contract)


def activate(hand: Mouse, page: Page) -> None:
    hand.press(page.get_by_role("link", name="Activate", exact=True))
    hand.go(page.locator("#modal-content").get_by_role("button", name="Activate"))


@pytest.mark.parametrize("hand_type", [Mouse, Keyboard])
def test_a_client_is_set_up_linted_mended_and_activated(visits: Visits, company: Company, hand_type: type[Mouse]) -> None:
    visit = visits(company.admin, width=pages.DESK)
    page = visit.page
    hand = hand_type(page)
    visit.open("/admin/contracts/client/add/")
    version = set_up(hand, page, f"birch-{next(names)}")
    assert version.resolution_policy.silence_window_hours == 72

    hand.press(page.get_by_role("link", name="General", exact=True))
    hand.press(page.get_by_role("button", name="Findings", exact=True))
    expect(page.get_by_text("297.80 USD, each time the count passes the bound")).to_be_visible()
    activate(hand, page)
    expect(page.get_by_text("One case more makes the invoice 297.80 lower").first).to_be_visible()
    version.refresh_from_db()
    assert version.status == "draft"

    hand.press(page.get_by_role("link", name="Rate card", exact=True))
    hand.choose(page.locator("[name=rate_card_rows-0-shape]"), "Graduated: each at the price of the tier it falls in")
    hand.go(page.get_by_role("button", name="Save and continue editing"))
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    activate(hand, page)
    expect(page.get_by_text("is active from May 1, 2016")).to_be_visible()
    version.refresh_from_db()
    assert version.status == "active"
    expect(page.locator("[name=currency]")).to_have_count(0)
    assert visit.faults == []


@pytest.mark.parametrize("hand_type", [Mouse, Keyboard])
def test_a_draft_is_simulated_with_another_window_and_beside_another_version(
    visits: Visits, company: Company, hand_type: type[Mouse]
) -> None:
    active = terms.ContractVersion.objects.filter(status="active").earliest("pk")
    visit = visits(company.admin, width=pages.DESK)
    page = visit.page
    hand = hand_type(page)
    visit.open(f"/admin/contracts/contractversion/{active.pk}/change/")
    hand.go(page.get_by_role("link", name="Copy to a new draft"))
    expect(page.get_by_text("Nothing changes for anyone until you activate it.")).to_be_visible()
    hand.press(page.get_by_role("link", name="Resolution policy", exact=True))
    hand.fill(page.locator("[name=resolution_policy-0-silence_window_hours]"), "1")
    hand.go(page.get_by_role("button", name="Save and continue editing"))
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    hand.go(page.get_by_role("link", name="Simulate on real months"))
    expect(page.get_by_role("heading", name="Simulate", exact=True)).to_be_visible()

    hand.choose(page.get_by_label("Other windows and returns"), "Turn each knob")
    hand.choose(page.get_by_label("Beside"), f"Version {active.number}, active")
    hand.go(page.get_by_role("button", name="Work it out", exact=True))
    expect(page.get_by_label("Beside")).to_have_value(str(active.number))
    expect(page.get_by_role("columnheader", name=f"Version {active.number}").first).to_be_visible()
    expect(page.get_by_role("row", name="Silence window, 1 h")).to_contain_text("as in this version")
    expect(page.get_by_role("row", name="Silence window, 120 h")).to_be_visible()
    expect(page.get_by_role("img", name="Silence window, change of what the client pays")).to_have_count(1)
    assert visit.check() == []


def test_the_drawings_of_the_simulator_can_be_read_on_a_phone(visits: Visits, company: Company) -> None:
    version = terms.ContractVersion.objects.filter(status="active").earliest("pk")
    visit = visits(company.admin, width=pages.PHONE)
    visit.open(f"/contracts/versions/{version.pk}/simulation/?sensitivity=on")
    drawings = visit.page.locator("#turned svg.chart__plot")
    expect(drawings).to_have_count(3)
    assert all(drawings.nth(place).bounding_box()["width"] > 280 for place in range(3))  # type: ignore[index]
    assert visit.page.evaluate(LABELS_MEET) == []
    assert visit.check() == []
