"""What waits and what comes in, in a browser: no fault on phone and desk in light and dark, and the two journeys through it."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from agents import models as work
from tests import factories
from tests.browser import pages
from tests.browser.conftest import Visits
from tests.ppr_portal import intake_pages
from tests.ppr_portal.company import NOW, Company

pytestmark = pytest.mark.django_db(transaction=False)


@pytest.fixture(scope="module")
def waiting(company: Company, django_db_blocker: Any) -> work.SourceIdentity:
    """Let a name wait, and rows of a file beside it; the company takes them away with everything else."""
    with django_db_blocker.unblock():
        source = factories.make_source()
        name = work.SourceIdentity.objects.create(source=source, space="resolver", value="Resolver  9")
        held = work.Resolution.objects.filter(agent=company.outsider, state="confirmed").earliest("pk")
        work.Resolution.objects.filter(pk=held.pk).update(identity=name)
        work.Hold.objects.create(
            resolution=held,
            reason="unmapped_identity",
            message="Nobody is mapped.",
            opened_at=NOW,
            expires_at=NOW,
            amount_micros=2_400_000,
            currency="USD",
        )
        intake_pages.make_run(source, held=3)
        work.Source.objects.filter(pk=source.pk).update(client=held.case.contract.client)
        intake_pages.arguments(company)
        return name


def addresses(company: Company, name: work.SourceIdentity) -> list[str]:
    """Return every page of what waits and comes in."""
    found = intake_pages.arguments(company)
    row = work.HeldRow.objects.earliest("pk")
    upload = found["upload"]
    return [
        "/holds/",
        "/holds/?find=zzz",
        "/holds/acts/",
        "/holds/acts/new/?do=release&all=1&kind=resolution",
        "/holds/acts/new/?do=map&item=row-1",
        reverse("hold_act", args=found["hold_act"]),
        reverse("held_thing", args=["name", name.pk]),
        reverse("held_thing", args=["row", row.pk]),
        reverse("held_thing", args=found["held_thing"]),
        "/imports/",
        reverse("import_run", args=[row.run_id]),
        reverse("source", args=found["source"]),
        "/sources/new/",
        "/imports/uploads/new/",
        reverse("upload", args=upload),
        *(reverse("upload_step", args=[*upload, step]) for step in ("file", "columns", "values")),
    ]


def test_pages_have_no_fault(visits: Visits, company: Company, waiting: work.SourceIdentity) -> None:
    assert visits(company.admin).check_looks(addresses(company, waiting)) == []


@pytest.mark.parametrize(("width", "script"), [(pages.DESK, True), (pages.PHONE, True), (pages.DESK, False)])
def test_a_name_is_mapped_and_the_act_undone(
    visits: Visits, company: Company, waiting: work.SourceIdentity, width: int, script: bool
) -> None:
    visit = visits(company.admin, width=width, script=script)
    visit.open("/holds/")
    visit.page.get_by_role("link", name="Resolver 9", exact=True).click()
    visit.page.get_by_label("Agent", exact=True).select_option(label=f"{company.outsider.name} ({company.outsider.code})")
    visit.page.get_by_role("button", name="Map", exact=True).press("Enter")
    expect(visit.page.get_by_text("Done", exact=True)).to_be_visible()

    visit.page.get_by_role("button", name="Undo all of it").press("Enter")
    expect(visit.page.get_by_text("Taken back by Sam Whitaker")).to_be_visible()
    assert work.SourceIdentity.objects.get(pk=waiting.pk).agent is None
    assert visit.faults == []


@pytest.mark.parametrize("width", [pages.DESK, pages.PHONE])
def test_a_file_is_uploaded_looked_at_tried_saved_and_imported(
    visits: Visits, company: Company, waiting: work.SourceIdentity, width: int
) -> None:
    visit = visits(company.admin, width=width)
    page = visit.page
    visit.open("/imports/")
    page.get_by_role("link", name="Upload a file").click()
    page.get_by_label("Source", exact=True).select_option(label="Desk")
    page.get_by_label("File", exact=True).set_input_files({"name": "week.csv", "mimeType": "text/csv", "buffer": intake_pages.CSV})
    page.get_by_role("button", name="Upload and look at it").click()
    page.get_by_role("button", name="Go on to the columns").click()
    for label, value in (
        ("Case number", "number"),
        ("State of the case", "state"),
        ("When this row happened", "updated"),
        ("Date format", "%d/%m/%Y %H:%M"),
    ):
        # Each choice is answered by a new preview, which leaving the page would break off.
        with page.expect_response("**/columns/"):
            page.get_by_label(label, exact=True).select_option(value)
    expect(page.locator("#preview")).to_contain_text("2016-03-03")
    page.get_by_role("button", name="Go on to the meanings").click()
    page.get_by_label("Resolved", exact=True).select_option("solution_offered")
    page.get_by_role("button", name="Go on to try it").click()
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("Tried; nothing was stored")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Save and import").click()
    expect(page.get_by_role("link", name="See the import")).to_be_visible()
    assert visit.check() == []
