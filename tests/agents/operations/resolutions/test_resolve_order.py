"""Neither order nor repetition nor the moment of folding changes what becomes of a case."""

import pathlib
import random
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.models import Agent, Case, Resolution
from agents.operations.resolutions.resolve_cases import resolve_cases
from agents.operations.resolutions.verify_due import verify_due_resolutions
from tests.agents import desk

pytestmark = pytest.mark.django_db


def test_due_resolutions_are_verified_and_nothing_else_is_looked_at(agent: Agent, tmp_path: pathlib.Path) -> None:
    desk.take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1), desk.row("C-2", "Resolved", "4 08:00", 1))
    resolve_cases(as_of=desk.instant("4 09:00"))
    early = verify_due_resolutions(as_of=desk.instant("6 07:59"))
    assert (early.case_count, early.changed_count) == (0, 0)
    due = verify_due_resolutions(as_of=desk.instant("6 08:00"))
    assert (due.case_count, due.changed_count, due.step_count) == (1, 1, 1)
    assert [state for _, _, state, _, _ in desk.states()] == ["assumed", "pending"]
    again = verify_due_resolutions(as_of=desk.instant("6 08:00"))
    assert (again.case_count, again.changed_count) == (0, 0)


def test_what_a_file_told_ahead_of_time_counts_when_its_time_comes(agent: Agent, tmp_path: pathlib.Path) -> None:
    desk.take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1), desk.row("C-1", "Active", "5 08:00", 2))
    resolve_cases(as_of=desk.instant("4 09:00"))
    verify_due_resolutions(as_of=desk.instant("5 08:00"))
    assert desk.states() == [("C-1", 1, "reopened", "worked", False)]


def busy_rows() -> list[desk.Row]:
    """Three customers' cases that reopen, repeat, move, change topic, and are partly unreadable."""
    return [
        desk.row("C-1", "New", "2 08:00", caller="Ada"),
        desk.row("C-1", "Resolved", "3 08:00", 1, caller="Ada", moves="1"),
        desk.row("C-1", "Active", "4 08:00", 2, caller="Ada", moves="1"),
        desk.row("C-1", "Resolved", "5 08:00", 3, caller="Ada", resolver="Resolver 2", moves="1"),
        desk.row("C-1", "Closed", "11 08:00", 4, caller="Ada", resolver="Resolver 2", moves="1"),
        desk.row("C-2", "New", "6 09:00", caller="Ada", opened=desk.written("6 08:00")),
        desk.row("C-2", "Resolved", "6 10:00", 1, caller="Ada", opened=desk.written("6 08:00")),
        desk.row("C-3", "Active", "2 08:00", caller="Bob"),
        desk.row("C-3", "Resolved", "2 08:00", 1, caller="Bob"),
        desk.row("C-3", "Junk", "9 08:00", 2, caller="Bob"),
        desk.row("C-4", "Resolved", "3 08:00", 1, caller="Cem", resolver="?"),
        desk.row("C-4", "Lost", "4 08:00", 2, caller="Cem"),
        desk.row("C-5", "Resolved", "3 08:00", 1, caller="Cem", topic="Topic 2"),
        desk.row("C-6", "Resolved", "8 08:00", 1, caller="Cem", topic="Topic 2", opened=desk.written("7 08:00")),
    ]


def outcome() -> list[tuple[object, ...]]:
    names = (
        "case__key",
        "number",
        "state",
        "rule",
        "identity__value",
        "query_type__code",
        "channel__code",
        "resolved_at",
        "window_ends_at",
    )
    more = (
        "verified_at",
        "reopened_at",
        "is_payable",
        "reason",
        "price_bp",
        "correction",
        "fcr",
        "fcr_reason",
        "price_version",
        "policy_version",
    )
    resolutions = Resolution.objects.exclude(rule="superseded").order_by("case__key", "number").values_list(*names, *more)
    return [*resolutions, *desk.open_holds()]


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.randoms(use_true_random=False), parts=st.integers(min_value=1, max_value=4))
def test_order_repetition_split_and_when_it_is_folded_change_no_resolution(
    agent: Agent, tmp_path: pathlib.Path, chance: random.Random, parts: int
) -> None:
    end = desk.instant("20 08:00")
    with transaction.atomic():
        desk.take(tmp_path, *busy_rows())
        resolve_cases(as_of=end)
        whole, history = outcome(), set(desk.steps("C-1")) | set(desk.steps("C-2"))
        transaction.set_rollback(True)
    rows = busy_rows() + chance.choices(busy_rows(), k=2)
    chance.shuffle(rows)
    with transaction.atomic():
        for part in range(parts):
            report = desk.take(tmp_path, *rows[part::parts], name=f"part-{part}.csv")
            resolve_cases(as_of=end - (parts - part) * timedelta(minutes=1), case_ids=report.affected_case_ids)
        resolve_cases(as_of=end, case_ids=list(Case.objects.values_list("pk", flat=True)))
        assert outcome() == whole
        assert history <= set(desk.steps("C-1")) | set(desk.steps("C-2"))
        transaction.set_rollback(True)


@pytest.mark.parametrize("stop", [datetime(2016, 3, day, 12, tzinfo=desk.instant("1 00:00").tzinfo) for day in (3, 5, 8, 12)])
def test_folding_on_the_way_changes_no_end(agent: Agent, tmp_path: pathlib.Path, stop: datetime) -> None:
    desk.take(tmp_path, *busy_rows())
    with transaction.atomic():
        resolve_cases(as_of=desk.instant("20 08:00"))
        whole = outcome()
        transaction.set_rollback(True)
    resolve_cases(as_of=stop)
    verify_due_resolutions(as_of=desk.instant("20 08:00"))
    assert outcome() == whole


def test_what_was_told_ahead_counts_though_other_cases_were_folded_since(agent: Agent, tmp_path: pathlib.Path) -> None:
    desk.take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1), desk.row("C-1", "Active", "5 08:00", 2))
    resolve_cases(as_of=desk.instant("5 07:59"))
    other = desk.take(tmp_path, desk.row("C-2", "Resolved", "5 08:01", 1), name="other.csv")
    resolve_cases(as_of=desk.instant("5 08:02"), case_ids=other.affected_case_ids)
    due = verify_due_resolutions(as_of=desk.instant("5 08:10"))
    assert (due.case_count, desk.states()[0]) == (1, ("C-1", 1, "reopened", "worked", False))
    assert verify_due_resolutions(as_of=desk.instant("5 08:20")).case_count == 0
