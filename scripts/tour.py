"""Writes docs/tour.md: each role signs in to the open demo, follows every link it is shown, and takes a picture of every page.

`make serve` in one terminal, `make tour` in another. Exits with 1 when a page fails, warns in its console, or is wider than its window.
"""

import io
import os
import pathlib
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import django
from PIL import Image
from playwright.sync_api import Browser, Error, Page, sync_playwright

ROOT = pathlib.Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "tour"
ROLES = ("agent", "lead", "client", "approver", "auditor", "admin")
# A wide window by day and a telephone by night: the four states in two pictures.
WINDOWS = {"wide": (1280, "light"), "narrow": (390, "dark")}
TALLEST = 2000
# What is a page for each role anew, and not only for the first who gets there.
OWN = {"home", "more"}
FILES = re.compile(r"\.(csv|xlsx|pdf|xml|zip|json|yaml)$")
NO_PAGES = re.compile(r"^/(static|health|jsi18n|api)/|^/accounts/logout/|/jsi18n/|/autocomplete/|^/admin/.*/history/")
HEAD = """# Tour

Every page of the demo, as the first role that is led there by links sees it: wide by day, narrow by night. `make tour` writes this page
anew from an open demo.
"""


class Stop(NamedTuple):
    """One page of the tour."""

    role: str
    name: str
    path: str
    title: str


@dataclass
class Tour:
    """What was seen, and what was wrong with it."""

    base: str
    stops: list[Stop] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    known: set[str] = field(default_factory=set)


def main() -> int:
    """Walk and write."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ppr_portal.settings")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    django.setup()
    from tests.chromium import find_chromium, launch_flags

    tour = Tour(base=sys.argv[1] if len(sys.argv) > 1 else f"http://127.0.0.1:{os.environ.get('PPR_PORT', '8000')}")
    PICTURES.mkdir(exist_ok=True)
    for old in PICTURES.glob("*.webp"):
        old.unlink()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=launch_flags())
        for role in ROLES:
            _walk(tour, browser, role)
    (ROOT / "docs" / "tour.md").write_text("\n".join(_write(tour)), encoding="utf-8")
    print(f"{len(tour.stops)} pages seen.")
    for fault in tour.faults:
        print(f"fault: {fault}")
    for missed in sorted(_routes() - {stop.name for stop in tour.stops}):
        print(f"no link led to: {missed}")
    return 1 if tour.faults else 0


def _walk(tour: Tour, browser: Browser, role: str) -> None:
    """Follow the links that the role is shown, breadth first, to each page that nobody has been on."""
    pages = {}
    for window, (width, scheme) in WINDOWS.items():
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
        pages[window] = context.new_page()
        _listen(tour, pages[window], role)
        _sign_in(tour, pages[window], role)
    ahead = [urlsplit(pages["wide"].url).path]
    met = set(ahead)
    while ahead:
        path = ahead.pop(0)
        links = _see(tour, pages, role, path)
        for link in links:
            name = _name(link)
            if (
                name is None
                or (name.startswith("admin:") and role != "admin")
                or link in met
                or (name in tour.known and name not in OWN)
                or any(_name(other) == name for other in ahead)
            ):
                continue
            met.add(link)
            ahead.append(link)
    for page in pages.values():
        page.context.close()
    print(f"{role}: {sum(stop.role == role for stop in tour.stops)} pages", flush=True)


def _see(tour: Tour, pages: dict[str, Page], role: str, path: str) -> list[str]:
    """Open a page in each window, take its pictures, and return where it leads."""
    name = _name(path) or "page"
    links: list[str] = []
    for window, page in pages.items():
        try:
            response = page.goto(urljoin(tour.base, path))
        except Error as refused:
            if "Download is starting" not in refused.message:
                raise
            tour.known.add(name)
            return links
        page.wait_for_load_state("networkidle")
        if response is None or response.status >= 400:
            tour.faults.append(f"{role} {path}: {response.status if response else 'no answer'}")
            return links
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            tour.faults.append(f"{role} {path}: wider than the {window} window")
        _photograph(page, PICTURES / f"{role}-{_file(name)}-{window}.webp")
        links += page.eval_on_selector_all("a[href]", "all => all.map(one => one.href)")
    landed = urlsplit(pages["wide"].url).path
    tour.known.update({name, _name(landed) or name})
    tour.stops.append(Stop(role=role, name=name, path=path, title=pages["wide"].title()))
    return [urlsplit(link).path for link in links if link.startswith(tour.base) and not FILES.search(urlsplit(link).path)]


def _photograph(page: Page, path: pathlib.Path) -> None:
    """Take the page in a window as tall as it is, so that what sticks to the window's edge stands at the page's edge."""
    size = page.viewport_size or {"width": 1280, "height": 900}
    height = min(int(page.evaluate("document.documentElement.scrollHeight")), TALLEST)
    page.set_viewport_size({"width": size["width"], "height": max(height, size["height"])})
    Image.open(io.BytesIO(page.screenshot())).save(path, "WEBP", quality=62, method=6)
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
            tour.faults.append(f"{role} {urlsplit(page.url).path}: {said.text[:160]}") if said.type in ("error", "warning") else None
        ),
    )


def _name(path: str) -> str | None:
    """Return the name of the route of a path; None for what is no page."""
    from django.urls import Resolver404, resolve

    if NO_PAGES.search(path):
        return None
    try:
        return resolve(path).view_name
    except Resolver404:
        return None


def _file(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _routes() -> set[str]:
    from ppr_portal.pages import urls

    return {str(route.name) for route in urls.urlpatterns if not FILES.search(str(route.pattern))}


def _write(tour: Tour) -> Iterator[str]:
    yield HEAD
    for role in ROLES:
        seen = [stop for stop in tour.stops if stop.role == role]
        yield f"## {role.capitalize()}\n"
        for stop in seen:
            picture = f"tour/{role}-{_file(stop.name)}"
            yield f"### {stop.title.partition(' · ')[0]}\n\n`{re.sub('[0-9]+(?=/)', 'N', stop.path)}`\n"
            yield f'<img src="{picture}-wide.webp" width="640" alt="wide, light">'
            yield f'<img src="{picture}-narrow.webp" width="200" alt="narrow, dark">\n'


if __name__ == "__main__":
    sys.exit(main())
