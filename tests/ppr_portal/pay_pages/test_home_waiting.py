"""What is not in the figure of a home yet, in words: how many things are named, and how many more there are."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from billing.queries.pending_pay import OpenUnit
from ppr_portal.pages.home import home_waiting

LONG_AGO, FAR_OFF = datetime(2001, 1, 1, tzinfo=UTC), datetime(2199, 1, 1, tzinfo=UTC)


def held(number: int, decided_by: datetime) -> OpenUnit:
    return OpenUnit(
        resolution_id=number,
        case_key=f"C-{number}",
        window_ends_at=None,
        hold_message="A person looks.",
        hold_owner="",
        decided_by=decided_by,
        amount_micros=1_000_000,
    )


@pytest.mark.parametrize("decided_by", [LONG_AGO, FAR_OFF], ids=["late", "in time"])
@pytest.mark.parametrize(("count", "more"), [(1, ""), (3, ""), (4, "And 1 more."), (6, "And 3 more.")])
def test_three_held_cases_are_named_and_the_others_are_counted(count: int, more: str, decided_by: datetime) -> None:
    units = [held(number, decided_by) for number in range(count)]
    (row,) = home_waiting.list_waiting(units=units, currency="USD", zone=ZoneInfo("America/New_York"), resolutions_url="/resolutions/")

    assert sum(sentence.startswith("Case ") for sentence in row.sentences) == min(count, 3)
    assert [sentence for sentence in row.sentences if sentence.startswith("And ")] == ([more] if more else [])
    assert any("The day has passed" in sentence for sentence in row.sentences) is (decided_by == LONG_AGO)
