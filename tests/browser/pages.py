"""A browser page that keeps every fault it reports: console errors, policy violations, failed requests, axe findings."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from axe_core_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response

from tests.factories import PASSWORD

PHONE, DESK = 390, 1280
HEIGHTS = {PHONE: 844, DESK: 900}
# Both widths and both themes in two looks: colors do not depend on the width, nor the layout on the theme.
LOOKS = [(PHONE, "dark"), (DESK, "light")]
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Controls that are no words in a text must be large enough to be pressed: WCAG 2.2, 2.5.8.
TARGETS = "button, .button, .chip, .nav__link, .tabbar__link, summary, select, input:not([type=hidden]), .menu__item"
TARGET_MIN = 24
SMALL_TARGETS = """([targets, least]) => [...document.querySelectorAll(targets)]
    .filter((node) => node.checkVisibility() && !node.matches(".choice__option input"))
    .map((node) => [node.outerHTML.slice(0, 120), node.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && Math.min(box.width, box.height) < least)
    .map(([html, box]) => `${html} is ${Math.round(box.width)} by ${Math.round(box.height)} px`)"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Visit:
    """A browser of its own, and what went wrong in it."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)

    def open(self, path: str) -> Response:
        """Open a page and wait until everything it loads is there."""
        response = self.page.goto(f"{self.address}{path}", wait_until="load")
        assert response is not None
        return response

    def sign_in(self, email: str) -> None:
        """Sign in with the form."""
        self.open("/accounts/login/")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.wait_for_url(lambda url: "/accounts/login/" not in url)

    def check(self) -> list[str]:
        """Return every fault of the open page so far."""
        found = [*self.faults, *_axe_findings(self.page)]
        if beyond := self.page.evaluate(OVERFLOW):
            found.append(f"{self.page.url} scrolls sideways by {beyond} px")
        found += self.page.evaluate(SMALL_TARGETS, [TARGETS, TARGET_MIN])
        self.faults.clear()
        return found

    def check_each(self, paths: Iterable[str]) -> list[str]:
        """Open pages one after the other and return every fault of theirs."""
        found = []
        for path in paths:
            assert self.open(path).status == 200, path
            found += self.check()
        return found


def start_visit(
    browser: Browser,
    address: str,
    *,
    session: str = "",
    width: int = DESK,
    theme: str = "light",
    script: bool = True,
    language: str = "en-US",
) -> Visit:
    """Open a browser of its own; with a session, somebody is signed in already."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS[width]},
        color_scheme=theme,
        locale=language,
        java_script_enabled=script,
        reduced_motion="reduce",
        has_touch=width == PHONE,
    )
    if session:
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}])
    faults: list[str] = []
    return Visit(page=_listened_page(context, faults), address=address, faults=faults)


def _listened_page(context: BrowserContext, faults: list[str]) -> Page:
    page = context.new_page()

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            faults.append(f"{page.url}: console {message.type}: {message.text}")

    page.on("console", hear)
    page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
    # What a browser gives up because it goes on to another page is no fault of the page.
    page.on(
        "requestfailed",
        lambda request: (
            None if request.failure == "net::ERR_ABORTED" else faults.append(f"{page.url}: {request.url} failed: {request.failure}")
        ),
    )
    return page


def _axe_findings(page: Page) -> list[str]:
    results: dict[str, Any] = Axe().run(page, options={"runOnly": AXE_TAGS, "resultTypes": ["violations"]})
    return [
        f"{page.url}: axe {found['id']} ({found['impact']}): {found['help']}: {node['html'][:200]}"
        for found in results["violations"]
        for node in found["nodes"]
    ]
