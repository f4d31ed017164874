"""Pages on paper: each sheet says whose it is, as of when and which of how many; nothing to press, nothing cut, white in the dark."""

import io

import pytest
from pypdf import PdfReader

from tests import factories
from tests.browser.conftest import Visits
from tests.ppr_portal.company import Company

pytestmark = pytest.mark.django_db
# What fits between the margins of A4, in CSS pixels: 210 mm less twice 14 mm.
PAPER = 687
WIDER = "() => [...document.querySelectorAll('main table, main .card')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)"
WHITE = "rgb(255, 255, 255)"


def _sheets(visit) -> list[str]:
    content = visit.page.pdf(format="A4", prefer_css_page_size=True)
    return [sheet.extract_text().replace("\u00a0", " ") for sheet in PdfReader(io.BytesIO(content)).pages]


def test_each_sheet_of_a_statement_says_whose_it_is_and_which_of_how_many(visits: Visits, company: Company) -> None:
    visit = visits(company.agent.user)
    visit.open(f"/agents/{company.agent.pk}/statements/{factories.MARCH}/")
    sheets = _sheets(visit)

    for number, sheet in enumerate(sheets, start=1):
        assert f"{company.agent.name}, {company.agent.code}. Statement S-2016-03-" in sheet
        assert f"Printed by {company.agent.name}, " in sheet
        assert f"{number} / {len(sheets)}" in sheet
    assert "Ctrl K" not in "".join(sheets)
    assert "Dispute this line" not in "".join(sheets)


@pytest.mark.parametrize("path", ["/team/", "/performance/?agent={agent}", "/agents/{agent}/statements/2016-03-01/"])
def test_paper_is_white_and_holds_the_whole_width_of_every_table(visits: Visits, company: Company, path: str) -> None:
    visit = visits(company.lead if "team" in path else company.approver, width=1280, theme="dark")
    visit.open(path.format(agent=company.agent.pk))
    visit.page.emulate_media(media="print", color_scheme="dark")
    visit.page.set_viewport_size({"width": PAPER, "height": 900})

    assert visit.page.evaluate(f"({WIDER})().length") == 0
    assert visit.page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == WHITE
