"""Two imports, or two folds, at once: one waits for the other, and nothing is stored twice."""

import pathlib
import threading
from collections.abc import Callable

import pytest
from django.db import connection

from agents.models import Case, CaseEvent, ImportRun, Resolution, ResolutionTransition
from agents.operations.resolutions.resolve_cases import resolve_cases
from tests.agents import desk

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[BaseException]:
    faults: list[BaseException] = []
    ready = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        try:
            ready.wait(20)
            act()
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return faults


def test_two_imports_of_one_file_at_once_store_it_once(tmp_path: pathlib.Path) -> None:
    desk.make_desk()
    rows = [desk.row(f"C-{number}", state, f"{day} 08:00", day) for number in range(40) for day, state in ((2, "New"), (3, "Resolved"))]
    desk.write_file(tmp_path, rows, "one.csv"), desk.write_file(tmp_path, rows, "other.csv")
    assert at_once(lambda: desk.take(tmp_path, *rows, name="one.csv"), lambda: desk.take(tmp_path, *rows[::-1], name="other.csv")) == []
    assert (Case.objects.count(), CaseEvent.objects.count()) == (40, 120)
    assert sorted(ImportRun.objects.values_list("new_count", "unchanged_count", "changed_count")) == [(0, 80, 0), (80, 0, 0)]


def test_two_folds_at_once_write_each_resolution_once(tmp_path: pathlib.Path) -> None:
    desk.make_desk()
    desk.take(tmp_path, *(desk.row(f"C-{number}", "Resolved", "3 08:00", 1) for number in range(40)))
    fold = lambda: resolve_cases(as_of=desk.instant("9 08:00"))  # noqa: E731
    assert at_once(fold, fold) == []
    assert (Resolution.objects.count(), ResolutionTransition.objects.count()) == (40, 80)
