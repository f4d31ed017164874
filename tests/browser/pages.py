"""A browser page that keeps every fault it reports: console errors, policy violations, failed requests, axe findings."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from axe_core_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect

from tests.factories import PASSWORD

# Saving a whole contract may take a moment where many tests run at once.
expect.set_options(timeout=30_000)
PHONE, DESK, NARROWEST = 390, 1280, 320
HEIGHTS = {PHONE: 844, DESK: 900, NARROWEST: 640}
# Both widths and both themes in two looks: colors do not depend on the width, nor the layout on the theme.
LOOKS = [(PHONE, "dark"), (DESK, "light")]
AXE = Axe()
RUN_AXE = "async (options) => (await axe.run(document, options)).violations"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Controls that are no words in a text must be large enough to be pressed: WCAG 2.2, 2.5.8.
TARGETS = "button, .button, .chip, .nav__link, .tabbar__link, summary, select, input:not([type=hidden]), .menu__item"
TARGET_MIN = 24
SMALL_TARGETS = """([targets, least]) => [...document.querySelectorAll(targets)]
    .filter((node) => node.checkVisibility() && !node.matches(".choice__option input"))
    .map((node) => [node.outerHTML.slice(0, 120), node.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && Math.min(box.width, box.height) < least)
    .map(([html, box]) => `${html} is ${Math.round(box.width)} by ${Math.round(box.height)} px`)"""
# A figure that reaches beyond its card is cut there, for cards hide what stands out of them; wide tables scroll in a box of their own.
CUT = """() => [...document.querySelectorAll("main .card :is(.num, .figure, .end, .facts dd)")]
    .filter((node) => node.checkVisibility() && !node.closest(".scroll, .visually-hidden"))
    .filter((node) => node.getBoundingClientRect().right > node.closest(".card").getBoundingClientRect().right + 1)
    .map((node) => node.textContent.trim().slice(0, 60))"""
# Words that lie over other words, and words that are broken into one letter a line; longer languages do so first.
COVERED = """() => {
    const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT), boxes = [], found = [];
    while (walker.nextNode()) {
        const words = walker.currentNode.textContent.trim(), holder = walker.currentNode.parentElement;
        if (!words || !holder.checkVisibility() || holder.closest(".visually-hidden, .option-list, svg, select, script")) continue;
        const range = document.createRange();
        range.selectNodeContents(walker.currentNode);
        const lines = [...range.getClientRects()].filter((line) => line.width > 1 && line.height > 1);
        if (lines.length > 4 && Math.max(...lines.map((line) => line.width)) < 16) found.push(`${words} is broken into letters`);
        boxes.push(...lines.map((line) => [line, words.slice(0, 40)]));
    }
    boxes.forEach(([one, words], place) => {
        for (const [other, others] of boxes.slice(place + 1, place + 60)) {
            const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
            const tall = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
            if (wide > 2 && tall > 5) found.push(`${words} lies over ${others}`);
        }
    });
    return found;
}"""
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
        """Return every fault of the open page so far, once everything it loads is there."""
        self.page.wait_for_load_state("load")
        found = [*self.faults, *_axe_findings(self.page)]
        if beyond := self.page.evaluate(OVERFLOW):
            found.append(f"{self.page.url} scrolls sideways by {beyond} px")
        found += self.page.evaluate(SMALL_TARGETS, [TARGETS, TARGET_MIN])
        self.faults.clear()
        return found

    def look(self, width: int, theme: str) -> None:
        """Take another look at what is open: neither the server nor the load of a page knows how wide and how dark it is."""
        self.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        self.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]

    def check_looks(self, paths: Iterable[str]) -> list[str]:
        """Open pages one after the other and return every fault of theirs in both looks; on the narrowest phone none scrolls sideways.

        Every other page is loaded in the other look, so that each look is loaded as often.
        """
        found = []
        for place, path in enumerate(paths):
            looks = LOOKS if place % 2 == 0 else LOOKS[::-1]
            self.look(*looks[0])
            assert self.open(path).status == 200, path
            for width, theme in looks:
                self.look(width, theme)
                found += [f"{width} px, {theme}: {fault}" for fault in self.check()]
            self.look(NARROWEST, theme)
            if beyond := self.page.evaluate(OVERFLOW):
                found.append(f"{NARROWEST} px: {self.page.url} scrolls sideways by {beyond} px")
            found += [f"{NARROWEST} px: {self.page.url} cuts {figure}" for figure in self.page.evaluate(CUT)]
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


# htmx tells so of a request that was given up for a later one or another page; of one that failed it tells htmx:sendError, too.
GIVEN_UP = ("htmx:sendAbort", "htmx:afterRequest")


def _listened_page(context: BrowserContext, faults: list[str]) -> Page:
    page = context.new_page()

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(GIVEN_UP):
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
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE.axe_script)
    violations: list[dict[str, Any]] = page.evaluate(RUN_AXE, {"runOnly": AXE_TAGS, "resultTypes": ["violations"]})
    return [
        f"{page.url}: axe {found['id']} ({found['impact']}): {found['help']}: {node['html'][:200]}"
        for found in violations
        for node in found["nodes"]
    ]
