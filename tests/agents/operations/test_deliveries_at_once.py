"""Deliveries of one source at once, in any order and cut, with folds between them: each event is stored once, and none waits for ever."""

import random
from collections.abc import Callable

import pytest

from agents.intake import delivered
from agents.models import Case, CaseEvent, ChangedCase, HeldRow, ImportRun, Resolution, Source, SourceIdentity
from agents.operations.deliveries.receive_events import receive_events
from agents.operations.resolutions.fold_changed_cases import fold_changed_cases
from tests.agents import desk
from tests.agents.operations.imports.test_at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
NOW = desk.instant("20 12:00")
CASES = 12


def told() -> list[dict[str, object]]:
    """Cases that their first event ties to a contract; names that two deliveries meet for the first time; an event with two contents."""
    events: list[dict[str, object]] = []
    for case in range(CASES):
        shared = {"source": desk.SOURCE, "case": f"C-{case}"}
        first = {
            "id": f"{case}-1",
            "type": "opened",
            "occurred_at": desk.instant("2 08:00").isoformat(),
            "customer": f"customer {case % 3}",
        }
        solved = {"id": f"{case}-2", "type": "closed", "occurred_at": desk.instant("3 08:00").isoformat()}
        notice = {"id": f"{case}-3", "type": "contact", "occurred_at": desk.instant("3 08:01").isoformat(), "direction": "out"}
        events += [{**shared, **first, "contract": "birch" if case % 2 else "alder"}]
        events += [{**shared, **solved, "agent": f"n{case % 4}"}, {**shared, **solved, "agent": "another"}]
        events += [{**shared, **notice, "agent": f"bot{case % 4}", "automated": True}]
    return events


def program(source: Source, seed: int) -> Callable[[], None]:
    def deliver() -> None:
        shuffled = random.Random(seed).sample(told(), k=CASES * 4)
        for start in range(0, len(shuffled), 5):
            read = [delivered.read_event(document=document) for document in shuffled[start : start + 5]]
            receive_events(source=source, origin=ImportRun.Origin.API, deliverer="a program", body_sha256="", read=read, received_at=NOW)

    return deliver


def fold() -> None:
    for _ in range(5):
        fold_changed_cases(as_of=NOW)


def test_deliveries_and_folds_at_once_store_each_event_once() -> None:
    source = desk.make_desk()

    assert at_once(*(program(source, seed) for seed in range(4)), fold, fold) == []
    while fold_changed_cases(as_of=NOW):
        pass

    assert (Case.objects.count(), CaseEvent.objects.count()) == (CASES, CASES * 3)
    assert not HeldRow.objects.filter(released_at=None).exists()
    assert not ChangedCase.objects.filter(folded_at=None).exists()
    assert SourceIdentity.objects.filter(is_system=True).count() == 4
    assert Resolution.objects.count() == CASES
