"""Writes docs/tour.md: each role signs in to the open demo, opens the pages that are for it, and takes two pictures of each.

`make serve` in one terminal, `make tour` in another. The demo's clock stands still, and the pictures are set in the Inter that
django-unfold brings, so the same code gives the same pages anywhere. `make tour ONLY=statement,team` takes only these again.
Exits with 1 when a page fails, warns in its console, or is wider than its window.
"""

import io
import os
import pathlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit
from urllib.request import urlopen

import django
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from scripts.tour_pages import PARTS, all_pages
from scripts.tour_pages import Page as Stop

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENT, PICTURES = ROOT / "docs" / "tour.md", ROOT / "docs" / "tour"
# A wide window by day and a telephone by night: both widths and both themes in two pictures.
WINDOWS = {"wide": (1280, "light"), "narrow": (390, "dark")}
# Longer pages are cut here; what is below repeats what is above.
TALLEST = {"wide": 1500, "narrow": 1700}
QUALITY = {"wide": 52, "narrow": 48}
SHEET = "css/tokens.css"
PATIENCE_MS = 120_000
FONT = '@font-face {{ font-family: "Inter"; font-weight: {weight}; src: url("/static/unfold/fonts/inter/Inter-{name}.woff2"); }}\n'
FONTS = "".join(
    FONT.format(weight=weight, name=name) for weight, name in ((400, "Regular"), (500, "Medium"), (600, "SemiBold"), (700, "Bold"))
)
HEAD = """# Tour

Every page of the demo, by whom it is for: on the left on a desk by day, on the right on a telephone by night. People, hours and pay are
invented, the cases are real ([what is what](demo.md)). `make serve` in one terminal and `make tour` in another write this page anew.
"""


@dataclass
class Tour:
    """Where the demo is, and what was wrong with its pages."""

    base: str
    faults: list[str] = field(default_factory=list)


def main() -> int:
    """Walk and write."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ppr_portal.settings")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    django.setup()
    from tests.chromium import find_chromium, launch_flags

    tour = Tour(base=sys.argv[1] if len(sys.argv) > 1 else f"http://127.0.0.1:{os.environ.get('PPR_PORT', '8000')}")
    only = {name for name in os.environ.get("ONLY", "").split(",") if name}
    stops = [stop for stop in all_pages() if not only or stop.route in only]
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=launch_flags())
        _prepare(tour, browser)
        for role in dict.fromkeys(stop.role for stop in stops):
            _walk(tour, browser, role, [stop for stop in stops if stop.role == role])
    write_document()
    print(f"{len(stops)} pages seen.")
    for fault in tour.faults:
        print(f"fault: {fault}")
    return 1 if tour.faults else 0


def write_document() -> None:
    """Write the page that shows the pictures, and remove pictures that it does not show."""
    DOCUMENT.write_text("\n".join(_document()), encoding="utf-8")
    shown = {f"{stop.picture}-{window}.webp" for stop in all_pages() for window in WINDOWS}
    for old in PICTURES.glob("*.webp"):
        if old.name not in shown:
            old.unlink()


def _with_fonts(tour: Tour, page: Page) -> None:
    """Add Inter to the portal's first style sheet, as if it were installed, so that the pictures are the same on every machine."""
    with urlopen(urljoin(tour.base, f"/static/{SHEET}")) as answer:
        sheet = answer.read().decode() + FONTS
    page.route(f"**/{SHEET}", lambda route: route.fulfill(body=sheet, content_type="text/css"))
    page.set_default_navigation_timeout(PATIENCE_MS)


def _prepare(tour: Tour, browser: Browser) -> None:
    from scripts import tour_places

    page = browser.new_page()
    _sign_in(tour, page, "admin")
    tour_places.prepare(page, tour.base)
    page.close()


def _walk(tour: Tour, browser: Browser, role: str, stops: list[Stop]) -> None:
    """Open each page of a role in each window."""
    for window, (width, scheme) in WINDOWS.items():
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        _with_fonts(tour, page)
        _listen(tour, page, role)
        if role:
            _sign_in(tour, page, role)
        for stop in stops:
            _see(tour, page, stop, window)
        context.close()
    print(f"{role or 'nobody'}: {len(stops)} pages", flush=True)


def _see(tour: Tour, page: Page, stop: Stop, window: str) -> None:
    """Open a page, take its picture, and note what is wrong with it."""
    from scripts import tour_places

    response = page.goto(urljoin(tour.base, tour_places.address(stop.route)))
    page.wait_for_load_state("networkidle")
    wanted = 404 if stop.route == "closed" else 200
    if response is None or response.status != wanted:
        tour.faults.append(f"{stop.role} {stop.route}: {response.status if response else 'no answer'}")
    elif page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        tour.faults.append(f"{stop.role} {stop.route}: wider than the {window} window")
    _photograph(page, stop, window)


def _photograph(page: Page, stop: Stop, window: str) -> None:
    """Take the page in a window as tall as it is, so that what sticks to the window's edge stands at the page's edge."""
    size = page.viewport_size or {"width": 1280, "height": 900}
    least = 700 if window == "narrow" else 800
    page.set_viewport_size({"width": size["width"], "height": least})
    height = min(int(page.evaluate("document.documentElement.scrollHeight")), TALLEST[window])
    page.set_viewport_size({"width": size["width"], "height": max(height, least)})
    page.mouse.move(0, 0)
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    picture.save(PICTURES / f"{stop.picture}-{window}.webp", "WEBP", quality=QUALITY[window], method=6)
    page.set_viewport_size(size)


def _sign_in(tour: Tour, page: Page, role: str) -> None:
    from ppr_portal.demo import company, people

    definition = company.load_company()
    page.goto(urljoin(tour.base, "/accounts/login/"))
    page.fill("input[name=login]", people.address_of(company=definition, sign_in=role))
    page.fill("input[name=password]", people.demo_password())
    page.click("main form button[type=submit]")
    page.wait_for_load_state("networkidle")


def _listen(tour: Tour, page: Page, role: str) -> None:
    page.on(
        "console",
        lambda said: (
            tour.faults.append(f"{role} {urlsplit(page.url).path}: {said.text[:160]}")
            if said.type in ("error", "warning") and "404 (Not Found)" not in said.text
            else None
        ),
    )


def _document() -> Iterator[str]:
    yield HEAD
    yield " · ".join(f"[{part.title}](#{part.title.lower().replace(' ', '-')})" for part in PARTS) + "\n"
    for part in PARTS:
        yield f"## {part.title}\n\n{part.says}\n"
        for stop in part.pages:
            yield f"**{stop.says}** `{stop.route}`\n"
            yield f'<img src="tour/{stop.picture}-wide.webp" width="640" loading="lazy" alt="{stop.says} On a desk.">'
            yield f'<img src="tour/{stop.picture}-narrow.webp" width="195" loading="lazy" alt="The same on a telephone.">\n'


if __name__ == "__main__":
    sys.exit(main())
