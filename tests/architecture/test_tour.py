"""docs/tour.md: every page of the portal is in it, or left out with a reason, and every picture that it shows is there."""

import re

from ppr_portal.pages import urls
from scripts.tour_pages import LEFT_OUT, PARTS, all_pages
from tests.architecture import sources

DOCUMENT = sources.ROOT / "docs" / "tour.md"


def test_every_route_is_a_page_of_the_tour_or_left_out_with_a_reason() -> None:
    routes = {str(route.name) for route in urls.urlpatterns}
    shown = {page.route for page in all_pages()}

    assert sorted(routes - shown - set(LEFT_OUT)) == []
    assert sorted(shown & set(LEFT_OUT)) == []
    assert sorted(set(LEFT_OUT) - routes) == []


def test_the_tour_shows_what_its_list_names_in_both_windows() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    pictures = re.findall(r'src="tour/([a-z0-9_-]+\.webp)"', text)
    listed = [f"{page.picture}-{window}.webp" for page in all_pages() for window in ("wide", "narrow")]

    assert pictures == listed, "run `make tour` on an open demo"
    assert len(set(listed)) == len(listed)
    assert sorted(path.name for path in (DOCUMENT.parent / "tour").glob("*")) == sorted(listed)
    assert [part.title for part in PARTS if f"## {part.title}\n" not in text] == []
    assert [page.route for page in all_pages() if page.says not in text] == []
