"""A list is cut at its last row: nothing is left out or told twice, and an address that nobody was given begins at the first."""

from datetime import timedelta

import pytest

from agents.models import Agent
from billing.models import Dispute
from ppr_portal.pages import keyset
from tests import factories

pytestmark = pytest.mark.django_db


def walk(by: str, *, ascending: bool = False) -> list[int]:
    """Read a whole list page by page."""
    after, found = "", []
    while True:
        page = keyset.cut_page(found=Dispute.objects.all(), by=by, after=after, ascending=ascending, size=3)
        found += [row.pk for row in page.rows]
        if not page.next_after:
            return found
        after = page.next_after


@pytest.fixture
def disputes() -> list[int]:
    """Eight disputes, two of each instant."""
    agent = factories.make_agent()
    resolution = factories.make_resolution(agent=agent, version=factories.make_contract_version())
    made = [
        factories.make_dispute(
            line=None, agent=agent, kind="resolution", resolution=resolution, status="withdrawn",
            opened_at=factories.NOON + timedelta(microseconds=place // 2),
        )
        for place in range(8)
    ]  # fmt: skip
    return [dispute.pk for dispute in made]


def test_pages_follow_each_other_without_gap_or_repetition(disputes: list[int]) -> None:
    assert walk("opened_at", ascending=True) == disputes
    assert walk("opened_at") == disputes[::-1]


@pytest.mark.parametrize(
    "after", ["", "_", "x_1", "2016-04-20_1", "2016-04-20T12:00:00_1", "2016-04-20T12:00:00+00:00_x", "0001-01-01T00:00:00+14:00_1"]
)
def test_an_address_that_nobody_was_given_begins_at_the_first(disputes: list[int], after: str) -> None:
    assert len(keyset.cut_page(found=Dispute.objects.all(), by="opened_at", after=after, size=3).rows) == 3


def test_names_are_cut_like_days() -> None:
    for name in ("Bo_1", "Ada", "Bo_1", "Cy"):
        factories.make_agent(name=name)
    first = keyset.cut_page(found=Agent.objects.all(), by="name", after="", ascending=True, size=2)
    second = keyset.cut_page(found=Agent.objects.all(), by="name", after=first.next_after, ascending=True, size=2)
    assert [row.name for row in (*first.rows, *second.rows)] == ["Ada", "Bo_1", "Bo_1", "Cy"]
    assert second.next_after == ""
