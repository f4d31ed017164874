"""What an approver finds when they come in: what waits, in which order, in which words, and without telling anybody's pay."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from agents.models import Agent, Site, User
from billing.models import Invoice, PayRead, PayRun
from billing.operations import book_resolutions, draft_invoices
from ppr_portal.pages.todos import Todo
from tests import factories
from tests.billing import billing_world

MAY_4 = datetime(2016, 5, 4, 16, tzinfo=UTC)
QUERIES_MAX = 12
pytestmark = pytest.mark.django_db


@pytest.fixture
def site(settings: Any) -> Site:
    """One site in the first days of May."""
    settings.PPR_NOW = MAY_4
    return factories.make_site(name="San Antonio")


@pytest.fixture
def approver(client: Client) -> User:
    user = factories.make_user(name="The approver", roles=["approver"])
    client.force_login(user)
    return user


def make_run(site: Site, *, status: str, month: int = 4, agent: Agent | None = None, **values: Any) -> PayRun:
    """A run of April that owes 1,234.56 to three of whom one is flagged."""
    total = {"currency": "USD", "now_micros": 1_234_560_000, "now_count": 3}
    return PayRun.objects.create(
        site=site,
        agent=agent,
        status=status,
        period_start=date(2016, month, 1),
        period_end=date(2016, month + 1, 1),
        as_of=MAY_4,
        variance={"totals": [total], "flagged": [{}]},
        **values,
    )


def todos(client: Client) -> list[Todo]:
    found = client.get("/").context["todos"]
    assert isinstance(found, list)
    return found


def test_runs_stand_by_how_near_they_are_to_payment_each_with_its_step(site: Site, approver: User, client: Client) -> None:
    sums = "$1,234.56 for 3 agents, 1 flagged."
    for month, status in ((3, "calculating"), (1, "calculated"), (4, "in_review"), (2, "approved")):
        make_run(site, status=status, month=month)
    make_run(factories.make_site(name="Manila"), status="in_review", prepared_by=approver)

    assert [(todo.title, todo.fact, todo.act) for todo in todos(client)] == [
        ("Pay of February 2016, San Antonio", f"{sums} Approved: posting makes what it owes a debt.", "Post"),
        ("Pay of April 2016, San Antonio", f"{sums} In review: it can be approved.", "Approve"),
        ("Pay of April 2016, Manila", f"{sums} You prepared it, so another approver has to approve it.", "Look"),
        ("Pay of January 2016, San Antonio", f"{sums} Calculated: look at what is flagged, then send it to review.", "Look"),
        ("Pay of March 2016, San Antonio", f"{sums} It is being calculated.", "Look"),
    ]


def test_the_run_of_one_agent_tells_no_sum_and_no_pay_is_read(site: Site, approver: User, client: Client) -> None:
    make_run(site, status="calculated", agent=factories.make_agent(name="Maya Torres", site=site))
    told = todos(client)[0]

    assert (told.title, told.fact) == (
        "Pay of April 2016, Maya Torres",
        "Calculated: look at what is flagged, then send it to review.",
    )
    assert not PayRead.objects.exists()


@pytest.mark.parametrize(
    ("status", "count", "told"),
    [
        ("calculated", 1, "The pay of 1 agent changed since it was calculated"),
        ("in_review", 2, "The pay of 2 agents changed since it was calculated"),
        ("in_review", 0, "In review: it can be approved"),
        # It was approved as it was calculated, and says why.
        ("approved", 2, "Approved: posting makes"),
    ],
)
def test_a_run_that_waits_tells_that_pay_changed_since(
    site: Site, approver: User, client: Client, status: str, count: int, told: str, django_assert_max_num_queries: Any
) -> None:
    run = make_run(site, status=status, changed=[{"name": "Maya Torres"}] * count)
    with django_assert_max_num_queries(QUERIES_MAX):
        (todo,) = todos(client)

    is_told = "changed" in told
    assert todo.fact.startswith(f"$1,234.56 for 3 agents, 1 flagged. {told}")
    assert (todo.look, todo.url) == (("warn", f"/runs/{run.pk}/#changed") if is_told else ("plain", f"/runs/{run.pk}/"))
    assert "Maya" not in todo.fact
    assert not PayRead.objects.exists()


@pytest.mark.parametrize("run_count", [1, 20])
def test_as_many_are_shown_as_there_is_room_for_and_all_are_counted(
    site: Site, approver: User, client: Client, run_count: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(run_count - 1):
        make_run(site, status="calculated", agent=factories.make_agent(site=site))
    make_run(site, status="posted")
    with django_assert_max_num_queries(QUERIES_MAX):
        page = client.get("/").context

    assert page["todos"][0].act == "See payments"
    assert (len(page["todos"]), page["todo_count"], page["more_count"]) == (min(7, run_count), run_count, max(0, run_count - 7))


def test_a_month_that_nobody_calculated_is_told_with_its_payday(site: Site, approver: User, client: Client) -> None:
    factories.make_agent(site=site)
    (told,) = todos(client)

    assert (told.title, told.when, told.act) == ("Pay of April 2016 is not calculated", "Payday Friday, May 6", "Calculate")
    assert told.fact.startswith("San Antonio. The nightly job does it in the first days of a month")


@pytest.mark.parametrize(("hour", "is_over"), [(3, False), (4, True)])
def test_a_draft_can_be_final_on_every_page_once_its_days_of_grace_are_over(
    settings: Any, approver: User, client: Client, hour: int, is_over: bool
) -> None:
    """April 5 in New York; the draft was written while it still collected, and nobody wrote it anew since."""
    world = billing_world.make_billed()
    billing_world.resolve(world, 3)
    book_resolutions.book_resolutions(as_of=billing_world.APRIL_2)
    draft_invoices.refresh_drafts(as_of=billing_world.APRIL_2)
    draft = Invoice.objects.get()
    settings.PPR_NOW = datetime(2016, 4, draft.grace_until.day, hour, tzinfo=UTC)
    page, asked = (client.get(reverse(name, args=[draft.pk])).content.decode() for name in ("invoice", "invoice_finalization"))
    told = [(todo.title, todo.fact, todo.when) for todo in todos(client)]

    assert [issue["code"] for issue in draft.issues] == ["collecting"]
    assert (reverse("invoice_finalization", args=[draft.pk]) in page, "Make this invoice final?" in asked) == (is_over, is_over)
    assert ("It still collects" in page, "It still collects" in asked) == (not is_over, not is_over)
    assert told == ([("1 invoice can be made final", "Alder Home.", "Since Tuesday, April 5")] if is_over else [])


def test_nobody_else_finds_a_list(site: Site, client: Client) -> None:
    make_run(site, status="posted")
    client.force_login(factories.make_user(name="The auditor", roles=["auditor"]))

    assert "todos" not in client.get("/").context
