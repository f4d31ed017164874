"""News that comes after a verification: steps are added with their evidence, none is edited, and nobody else is touched."""

import pathlib

import pytest

from agents.models import Agent, Case, CaseEvent, Resolution, ResolutionTransition, Source
from agents.operations.resolutions.resolve_cases import resolve_cases
from tests.agents import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(agent: Agent, tmp_path: pathlib.Path) -> Case:
    """A case verified by silence on the 6th, beside another customer's."""
    desk.take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1), desk.row("C-9", "Resolved", "3 08:00", 1))
    resolve_cases(as_of=desk.instant("7 08:00"))
    return Case.objects.get(key="C-1")


def tell(case: Case, kind: str, at: str, **facts: object) -> CaseEvent:
    """Store an event of a case that was told late."""
    return CaseEvent.objects.create(
        source=Source.objects.get(), case=case, key=f"late {kind} {at}", body_hash="x", type=kind, occurred_at=desk.instant(at),
        received_at=desk.instant("9 08:00"), **facts,
    )  # fmt: skip


def written() -> list[tuple[object, ...]]:
    """List all steps as they were written."""
    return list(ResolutionTransition.objects.order_by("pk").values_list())


@pytest.mark.parametrize(
    ("kind", "at", "facts", "state", "rule"),
    [
        ("customer_returned", "8 08:00", {}, "reopened", "customer_returned"),
        ("merged", "8 08:00", {}, "void", "merged"),
        ("excluded", "8 08:00", {"code": "duplicate"}, "void", "excluded"),
    ],
)
def test_late_news_adds_a_step_with_rule_version_and_evidence(
    case: Case, kind: str, at: str, facts: dict[str, object], state: str, rule: str
) -> None:
    before, other = written(), list(Resolution.objects.filter(case__key="C-9").values())
    event = tell(case, kind, at, **facts)
    report = resolve_cases(as_of=desk.instant("9 08:00"), case_ids=[case.pk])
    assert (report.case_count, report.changed_count, report.step_count) == (1, 1, 1)
    assert written()[: len(before)] == before
    step = ResolutionTransition.objects.latest("pk")
    assert (step.state, step.rule, step.event, step.recorded_at) == (state, rule, event, desk.instant("9 08:00"))
    assert step.policy_version == Resolution.objects.get(case=case).policy_version
    assert list(Resolution.objects.filter(case__key="C-9").values()) == other


def test_a_step_that_is_no_longer_true_is_taken_back_by_name_and_stays(case: Case) -> None:
    before = written()
    returned = tell(case, "customer_returned", "5 08:00")
    report = resolve_cases(as_of=desk.instant("9 08:00"), case_ids=[case.pk])
    assert report.step_count == 2
    assert written()[: len(before)] == before
    assert [(state, rule) for _, state, rule, _ in desk.steps("C-1")] == [
        ("pending", "solution_offered"),
        ("reopened", "customer_returned"),
        ("assumed", "silence"),
        ("reopened", "taken_back"),
    ]
    taken = ResolutionTransition.objects.get(rule="taken_back")
    assert (taken.detail, taken.at, taken.event) == ("silence", desk.instant("9 08:00"), None)
    assert ResolutionTransition.objects.get(rule="customer_returned").event == returned
    assert desk.states()[0] == ("C-1", 1, "reopened", "customer_returned", False)
    again = resolve_cases(as_of=desk.instant("9 08:00"), case_ids=[case.pk])
    assert (again.changed_count, again.step_count) == (0, 0)


def test_several_steps_are_taken_back_each_once(case: Case) -> None:
    tell(case, "customer_returned", "10 07:00")
    resolve_cases(as_of=desk.instant("10 08:00"), case_ids=[case.pk])
    tell(case, "customer_acknowledged", "4 08:00")
    tell(case, "excluded", "3 09:00", code="spam")
    assert resolve_cases(as_of=desk.instant("10 08:00"), case_ids=[case.pk]).step_count == 3
    taken = ResolutionTransition.objects.filter(rule="taken_back").order_by("at")
    assert [(step.state, step.detail) for step in taken] == [("void", "customer_returned"), ("void", "silence")]
    assert resolve_cases(as_of=desk.instant("10 08:00")).step_count == 0
