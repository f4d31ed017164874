"""Windows of business hours through the real operations: holidays, clock changes, and a calendar that grows ahead."""

import pathlib
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from agents.models import Agent, Resolution
from agents.operations.resolutions.resolve_cases import resolve_cases
from agents.operations.resolutions.verify_due import verify_due_resolutions
from contracts.models import BusinessCalendar, Contract, ContractVersion
from tests.agents import desk

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo(desk.NEW_YORK)


@pytest.fixture
def calendar() -> BusinessCalendar:
    """Alder is open every day but Sunday from 8 to 10, and from midnight to 4 on Sundays, over the change of clocks."""
    desk.make_desk()
    contract = Contract.objects.get(code="alder")
    ContractVersion.objects.filter(contract=contract).update(effective_to=date(2016, 1, 1))
    made = BusinessCalendar.objects.create(
        client=contract.client, code="alder-hours", name="Alder hours", timezone=desk.NEW_YORK, holidays_until=date(2016, 3, 31)
    )
    for weekday in range(1, 7):
        made.hours.create(weekday=weekday, opens_at="08:00", closes_at="10:00")
    made.hours.create(weekday=7, opens_at="00:00", closes_at="04:00")
    made.holidays.create(day=date(2016, 3, 4), name="Founders' day")
    desk.add_version(
        contract=contract,
        number=2,
        since=date(2016, 1, 1),
        policy={
            "calendar": made,
            **{f"{window}_clock": "business" for window in ("silence", "reopen", "repeat")},
            **{f"{window}_window_hours": hours for window, hours in (("silence", 3), ("reopen", 5), ("repeat", 7))},
        },
    )
    return made


@pytest.fixture
def agent(calendar: BusinessCalendar) -> Agent:
    """An agent whom the desk calls Resolver 1."""
    return desk.map_resolver()


def at(text: str) -> datetime:
    """Return an instant of March 2016 in New York."""
    return datetime.fromisoformat(f"2016-03-{text}").replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("resolved", "ends"),
    [
        ("3 09:00", "05T10:00"),  # one hour on Thursday, none on the holiday, two on Saturday, to closing time exactly
        ("3 08:00", "05T09:00"),
        ("3 09:59", "06T00:59"),  # a minute on Thursday, two hours on Saturday, the rest in the night of Sunday
        ("4 09:00", "06T01:00"),  # on the holiday itself nothing counts
        ("12 10:00", "13T04:00"),  # the night in which clocks go forward is three hours long: from 0 to 2 and from 3 to 4
        ("12 09:00", "13T03:00"),
        ("12 08:59", "13T01:59"),
    ],
)
def test_silence_counts_open_hours_to_the_minute(agent: Agent, tmp_path: pathlib.Path, resolved: str, ends: str) -> None:
    desk.take(tmp_path, desk.row("C-1", "Resolved", resolved, 1))
    resolve_cases(as_of=desk.instant(resolved))
    found = Resolution.objects.get()
    assert (found.state, found.window_ends_at) == ("pending", at(ends))
    before = at(ends).timestamp() - 60
    assert verify_due_resolutions(as_of=datetime.fromtimestamp(before, tz=ZONE)).changed_count == 0
    assert verify_due_resolutions(as_of=at(ends)).changed_count == 1
    assert desk.states() == [("C-1", 1, "assumed", "silence", True)]


@pytest.mark.parametrize(("returned", "state"), [("5 08:59", "reopened"), ("5 09:00", "assumed")])
def test_the_reopen_window_counts_open_hours_from_the_resolution(agent: Agent, tmp_path: pathlib.Path, returned: str, state: str) -> None:
    desk.take(tmp_path, desk.row("C-1", "Resolved", "2 08:00", 1), desk.row("C-1", "Active", returned, 2))
    resolve_cases(as_of=at("20T08:00"))
    assert [found[2] for found in desk.states()] == [state]


@pytest.mark.parametrize(("opened", "state"), [("6 00:59", "reopened"), ("6 01:00", "assumed")])
def test_the_repeat_window_counts_open_hours_too(agent: Agent, tmp_path: pathlib.Path, opened: str, state: str) -> None:
    desk.take(
        tmp_path,
        desk.row("C-1", "Resolved", "2 08:00", 1, caller="Ada"),
        desk.row("C-2", "New", "12 08:00", opened=desk.written(opened), caller="Ada"),
    )
    resolve_cases(as_of=at("20T08:00"))
    assert Resolution.objects.get().state == state


def test_a_holiday_that_is_listed_ahead_moves_a_window_still_to_come(
    calendar: BusinessCalendar, agent: Agent, tmp_path: pathlib.Path
) -> None:
    BusinessCalendar.objects.filter(pk=calendar.pk).update(holidays_until=date(2016, 3, 31))
    desk.take(tmp_path, desk.row("C-1", "Resolved", "31 09:00", 1))
    resolve_cases(as_of=desk.instant("31 09:00"))
    assert Resolution.objects.get().window_ends_at == datetime(2016, 4, 1, 10, tzinfo=ZONE)
    calendar.holidays.create(day=date(2016, 4, 1), name="Listed ahead")
    moved = datetime(2016, 4, 2, 10, tzinfo=ZONE)
    assert verify_due_resolutions(as_of=datetime(2016, 4, 1, 10, tzinfo=ZONE)).changed_count == 1
    found = Resolution.objects.get()
    assert (found.state, found.window_ends_at) == ("pending", moved)
    verify_due_resolutions(as_of=moved)
    assert Resolution.objects.get().verified_at == moved
