"""Resolutions as stored: folded once, whatever order the events came in; steps only grow; holds follow the facts."""

import pathlib
from datetime import date

import pytest
from django.db import transaction

from agents.models import Agent, Case, CaseEvent, Resolution, ResolutionTransition, Source, SourceIdentity
from agents.operations.resolutions.resolve_cases import resolve_cases
from contracts.models import Channel, Contract, ContractVersion, ResolutionPolicy, VersionStatus
from tests.agents import desk

pytestmark = pytest.mark.django_db


def test_a_solution_waits_for_silence_to_the_minute(agent: Agent, tmp_path: pathlib.Path) -> None:
    desk.take(
        tmp_path, desk.row("C-1", "New", "2 08:00"), desk.row("C-1", "Resolved", "3 08:00", 1), desk.row("C-1", "Closed", "4 08:00", 2)
    )
    resolve_cases(as_of=desk.instant("3 07:59"))
    assert desk.states() == []
    resolve_cases(as_of=desk.instant("6 07:59"))
    assert desk.states() == [("C-1", 1, "pending", "solution_offered", False)]
    assert Resolution.objects.get().window_ends_at == desk.instant("6 08:00")
    resolve_cases(as_of=desk.instant("6 08:00"))
    assert desk.states() == [("C-1", 1, "assumed", "silence", True)]
    found = Resolution.objects.get()
    assert (found.agent, found.verified_at, found.window_ends_at) == (agent, desk.instant("6 08:00"), None)
    assert desk.steps("C-1") == [
        (1, "pending", "solution_offered", desk.instant("3 08:00")),
        (1, "assumed", "silence", desk.instant("6 08:00")),
    ]


def test_each_step_cites_its_event_its_version_and_when_it_was_learned(agent: Agent, tmp_path: pathlib.Path) -> None:
    desk.take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1))
    resolve_cases(as_of=desk.instant("9 08:00"))
    offered, silent = ResolutionTransition.objects.order_by("at")
    assert offered.event == CaseEvent.objects.get(type="solution_offered")
    assert silent.event is None
    assert {offered.policy_version, silent.policy_version} == {ContractVersion.objects.get(contract__code="alder")}
    assert offered.recorded_at == desk.instant("9 08:00")


def test_a_second_run_changes_nothing(agent: Agent, tmp_path: pathlib.Path) -> None:
    desk.take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1), desk.row("C-2", "Resolved", "3 08:00", 1, resolver="?"))
    first = resolve_cases(as_of=desk.instant("9 08:00"))
    assert (first.changed_count, first.step_count, first.opened_hold_count) == (2, 4, 1)
    again = resolve_cases(as_of=desk.instant("9 08:00"))
    assert (again.resolution_count, again.changed_count, again.step_count, again.opened_hold_count, again.released_hold_count) == (
        2,
        0,
        0,
        0,
        0,
    )


def test_time_never_goes_back(agent: Agent, tmp_path: pathlib.Path) -> None:
    desk.take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1))
    resolve_cases(as_of=desk.instant("9 08:00"))
    assert resolve_cases(as_of=desk.instant("4 08:00")).as_of == desk.instant("9 08:00")
    assert desk.states() == [("C-1", 1, "assumed", "silence", True)]


def test_a_return_reopens_and_the_next_solution_is_another_resolution(agent: Agent, tmp_path: pathlib.Path) -> None:
    desk.take(
        tmp_path,
        desk.row("C-1", "Resolved", "3 08:00", 1),
        desk.row("C-1", "Active", "7 08:00", 2),
        desk.row("C-1", "Resolved", "8 08:00", 3),
    )
    resolve_cases(as_of=desk.instant("6 09:00"))
    assert desk.states() == [("C-1", 1, "assumed", "silence", True)]
    resolve_cases(as_of=desk.instant("12 08:00"))
    assert desk.states() == [("C-1", 1, "reopened", "worked", False), ("C-1", 2, "assumed", "silence", True)]
    assert [(number, state) for number, state, _, _ in desk.steps("C-1")] == [
        (1, "pending"),
        (1, "assumed"),
        (1, "reopened"),
        (2, "pending"),
        (2, "assumed"),
    ]
    assert ResolutionTransition.objects.get(state="reopened").detail == "void_before_billing"


@pytest.mark.parametrize(("day", "state"), [("10 07:59", "reopened"), ("10 08:00", "assumed")])
def test_a_repeat_contact_reopens_within_seven_days(agent: Agent, tmp_path: pathlib.Path, day: str, state: str) -> None:
    desk.take(
        tmp_path,
        desk.row("C-1", "Resolved", "3 08:00", 1, caller="Ada"),
        desk.row("C-2", "New", "12 08:00", opened=desk.written(day), caller="Ada"),
    )
    resolve_cases(as_of=desk.instant("14 08:00"))
    assert Resolution.objects.get().state == state
    if state == "reopened":
        assert ResolutionTransition.objects.get(state="reopened").event == CaseEvent.objects.get(case__key="C-2", type="opened")


@pytest.mark.parametrize(
    "other",
    [{"caller": "Bob"}, {"topic": "Topic 2"}, {"place": "Place 2"}, {"caller": "?"}, {"topic": "?"}, {"state": "Junk"}],
    ids=["customer", "query type", "client", "unknown customer", "unknown query type", "spam"],
)
def test_another_contact_is_no_repeat(agent: Agent, tmp_path: pathlib.Path, other: dict[str, str]) -> None:
    first = {key: value for key, value in other.items() if value == "?"}
    desk.take(
        tmp_path,
        desk.row("C-1", "Resolved", "3 08:00", 1, **{"caller": "Ada", **first}),
        {**desk.row("C-2", "New", "5 08:00", opened=desk.written("5 08:00"), caller="Ada"), **other},
    )
    resolve_cases(as_of=desk.instant("14 08:00"))
    assert Resolution.objects.get(case__key="C-1").state == "assumed"


def test_only_given_cases_and_their_customers_other_cases_are_folded(agent: Agent, tmp_path: pathlib.Path) -> None:
    desk.take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1, caller="Ada"), desk.row("C-9", "Resolved", "3 08:00", 1))
    resolve_cases(as_of=desk.instant("4 08:00"))
    late = desk.take(tmp_path, desk.row("C-2", "New", "5 09:00", opened=desk.written("5 08:00"), caller="Ada"))
    report = resolve_cases(as_of=desk.instant("14 08:00"), case_ids=late.affected_case_ids)
    assert (report.case_count, report.changed_count) == (2, 1)
    assert desk.states() == [("C-1", 1, "reopened", "repeat_contact", False), ("C-9", 1, "pending", "solution_offered", False)]


def test_a_customers_yes_to_an_answer_credits_who_answered(agent: Agent, tmp_path: pathlib.Path) -> None:
    desk.take(tmp_path, desk.row("C-1", "New", "2 08:00"))
    case, source = Case.objects.get(), Source.objects.get()
    names = [
        SourceIdentity.objects.create(source=source, space="chat", value=value, agent=who)
        for value, who in (("ada", agent), ("customer", None))
    ]
    facts = {"source": source, "case": case, "body_hash": "x", "received_at": desk.instant("9 08:00")}
    CaseEvent.objects.create(
        key="1", type="contact", occurred_at=desk.instant("3 08:00"), direction="out", content="answer", agent_identity=names[0], **facts
    )
    CaseEvent.objects.create(key="2", type="customer_acknowledged", occurred_at=desk.instant("4 08:00"), agent_identity=names[1], **facts)
    resolve_cases(as_of=desk.instant("9 08:00"))
    found = Resolution.objects.get()
    assert (found.state, found.resolved_at, found.agent, found.identity) == ("confirmed", desk.instant("4 08:00"), agent, names[0])


def test_an_excluded_case_is_void(agent: Agent, tmp_path: pathlib.Path) -> None:
    desk.take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1), desk.row("C-1", "Junk", "4 08:00", 2))
    resolve_cases(as_of=desk.instant("14 08:00"))
    assert desk.states() == [("C-1", 1, "void", "excluded", False)]
    assert ResolutionTransition.objects.get(state="void").detail == "spam"


def test_a_transfer_before_the_solution_is_no_first_contact(agent: Agent, tmp_path: pathlib.Path) -> None:
    desk.take(
        tmp_path,
        desk.row("C-1", "Resolved", "3 08:00", 1),
        desk.row("C-2", "Active", "2 08:00"),
        desk.row("C-2", "Resolved", "3 08:00", 1, moves="1"),
    )
    resolve_cases(as_of=desk.instant("14 08:00"))
    assert list(Resolution.objects.order_by("case__key").values_list("fcr", "fcr_reason")) == [
        ("yes", "status_only"),
        ("no", "transferred"),
    ]


def test_a_late_event_that_joins_two_resolutions_leaves_the_second_without_effect(agent: Agent, tmp_path: pathlib.Path) -> None:
    desk.take(
        tmp_path,
        desk.row("C-1", "Resolved", "3 08:00", 1),
        desk.row("C-1", "Active", "4 08:00", 2),
        desk.row("C-1", "Resolved", "5 08:00", 3),
    )
    resolve_cases(as_of=desk.instant("14 08:00"))
    late = desk.take(tmp_path, desk.row("C-1", "Junk", "2 08:00"), name="late.csv")
    resolve_cases(as_of=desk.instant("15 08:00"), case_ids=late.affected_case_ids)
    assert desk.states() == [("C-1", 1, "void", "superseded", False), ("C-1", 2, "void", "superseded", False)]
    assert ResolutionTransition.objects.filter(rule="superseded", at=desk.instant("15 08:00")).count() == 2
    again = resolve_cases(as_of=desk.instant("16 08:00"))
    assert (again.changed_count, again.step_count) == (0, 0)


def test_steps_cannot_be_changed_or_deleted(agent: Agent, tmp_path: pathlib.Path) -> None:
    desk.take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1))
    resolve_cases(as_of=desk.instant("14 08:00"))
    for act in (lambda: ResolutionTransition.objects.update(rule="x"), lambda: ResolutionTransition.objects.all().delete()):
        with pytest.raises(Exception, match=r"Cannot (update|delete|update or delete) rows"), transaction.atomic():
            act()


def test_the_policy_is_that_of_the_day_the_case_opened_and_the_price_that_of_its_solution(agent: Agent, tmp_path: pathlib.Path) -> None:
    old = ContractVersion.objects.get(contract__code="alder")
    old.effective_to = date(2016, 3, 3)
    old.status = VersionStatus.ENDED
    old.save()
    new = desk.add_version(contract=old.contract, number=2, since=date(2016, 3, 3), policy={"silence_window_hours": 24})
    desk.take(
        tmp_path,
        desk.row("C-1", "Resolved", "3 00:00", 1, opened=desk.written("2 23:59")),
        desk.row("C-2", "Resolved", "3 00:00", 1, opened=desk.written("3 00:00")),
        desk.row("C-3", "Resolved", "2 23:59", 1, opened=desk.written("2 23:00")),
    )
    resolve_cases(as_of=desk.instant("5 12:00"))
    found = Resolution.objects.order_by("case__key").values_list("case__key", "policy_version", "price_version", "state")
    assert list(found) == [("C-1", old.pk, new.pk, "pending"), ("C-2", new.pk, new.pk, "assumed"), ("C-3", old.pk, old.pk, "pending")]


@pytest.mark.parametrize(
    ("priced_as_of", "topic", "version"), [("resolution", "desk/two", 1), ("opening", "desk/one", 1), ("verification", "desk/one", 2)]
)
def test_the_policy_says_which_facts_price_it(agent: Agent, tmp_path: pathlib.Path, priced_as_of: str, topic: str, version: int) -> None:
    contract = Contract.objects.create(client=Contract.objects.get(code="alder").client, code="elm", name="Elm", timezone=desk.NEW_YORK)
    desk.add_version(contract=contract, number=1, since=date(2015, 1, 1), until=date(2016, 3, 6), policy={"priced_as_of": priced_as_of})
    desk.add_version(contract=contract, number=2, since=date(2016, 3, 6), policy={})
    source = Source.objects.get()
    mapping = desk.add_mapping(source=source, number=2)
    mapping.values.create(target="contract", value="Place 5", meaning="elm")
    desk.take(
        tmp_path,
        desk.row("C-1", "New", "2 08:00", place="Place 5"),
        desk.row("C-1", "Resolved", "3 08:00", 1, place="Place 5", topic="Topic 2"),
        desk.row("C-1", "Closed", "5 08:00", 2, place="Place 5"),
    )
    resolve_cases(as_of=desk.instant("9 08:00"))
    found = Resolution.objects.select_related("query_type", "price_version").get()
    assert found.query_type is not None
    assert found.price_version is not None
    assert (found.query_type.code, found.price_version.number) == (topic, version)


def test_one_unit_per_customer_and_day(source: Source, agent: Agent, tmp_path: pathlib.Path) -> None:
    ContractVersion.objects.filter(contract__code="alder").update(effective_to=date(2016, 1, 1))
    desk.add_version(
        contract=Contract.objects.get(code="alder"),
        number=2,
        since=date(2016, 1, 1),
        policy={"unit_cap": "per_customer_per_day", "repeat_scope": "off"},
    )
    desk.take(
        tmp_path,
        desk.row("C-1", "Resolved", "3 09:00", 1, caller="Ada"),
        desk.row("C-2", "Resolved", "3 08:00", 1, caller="Ada"),
        desk.row("C-3", "Resolved", "4 00:00", 1, caller="Ada"),
        desk.row("C-4", "Resolved", "3 10:00", 1, caller="Bob"),
    )
    resolve_cases(as_of=desk.instant("9 12:00"))
    found = Resolution.objects.order_by("case__key").values_list("case__key", "is_payable", "reason")
    assert list(found) == [
        ("C-1", False, "cap_customer_day"),
        ("C-2", True, "counted"),
        ("C-3", True, "counted"),
        ("C-4", True, "counted"),
    ]


def test_overrides_for_a_class_apply(agent: Agent, tmp_path: pathlib.Path) -> None:
    contract = Contract.objects.get(code="alder")
    ContractVersion.objects.filter(contract=contract).update(effective_to=date(2016, 1, 1))
    version = ContractVersion.objects.create(contract=contract, number=2, effective_from=date(2016, 1, 1), currency="USD")
    policy = ResolutionPolicy.objects.create(version=version)
    policy.overrides.create(channel=Channel.objects.get(code="email"), silence_window_hours=24)
    version.status = VersionStatus.ACTIVE
    version.save()
    desk.take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1, channel="Email"), desk.row("C-2", "Resolved", "3 08:00", 1))
    resolve_cases(as_of=desk.instant("4 08:00"))
    assert [state for _, _, state, _, _ in desk.states()] == ["assumed", "pending"]
