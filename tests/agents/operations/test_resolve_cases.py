"""Resolutions as stored: folded once, whatever order the events came in; steps only grow; holds follow the facts."""

import pathlib
import random
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.models import Agent, Case, CaseEvent, Hold, Resolution, ResolutionTransition, Source, SourceIdentity
from agents.operations import holds
from agents.operations.import_cases import ImportReport, import_cases
from agents.operations.map_identity import UnableToMap, map_identity, mark_system
from agents.operations.resolve_cases import resolve_cases
from agents.operations.verify_due import verify_due_resolutions
from contracts.models import Channel, Contract, ContractVersion, ResolutionPolicy, VersionStatus
from tests import factories
from tests.agents import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def source() -> Source:
    return desk.make_desk()


@pytest.fixture
def agent(source: Source) -> Agent:
    """An agent whom the desk calls Resolver 1."""
    found = factories.make_agent(name="Ada")
    SourceIdentity.objects.create(source=source, space="resolver", value="Resolver 1", agent=found)
    return found


def take(folder: pathlib.Path, *rows: desk.Row, name: str = "export.csv") -> ImportReport:
    return import_cases(path=desk.write_file(folder, rows, name=name), source_code=desk.SOURCE, received_at=desk.instant("31 12:00"))


def states() -> list[tuple[object, ...]]:
    return list(Resolution.objects.order_by("case__key", "number").values_list("case__key", "number", "state", "rule", "is_payable"))


def steps(key: str) -> list[tuple[object, ...]]:
    found = ResolutionTransition.objects.filter(resolution__case__key=key).order_by("at", "resolution__number", "pk")
    return list(found.values_list("resolution__number", "state", "rule", "at"))


def open_holds() -> list[tuple[str, str]]:
    return list(
        Hold.objects.filter(released_at=None).order_by("resolution__case__key", "reason").values_list("resolution__case__key", "reason")
    )


def test_a_solution_waits_for_silence_to_the_minute(agent: Agent, tmp_path: pathlib.Path) -> None:
    take(tmp_path, desk.row("C-1", "New", "2 08:00"), desk.row("C-1", "Resolved", "3 08:00", 1), desk.row("C-1", "Closed", "4 08:00", 2))
    resolve_cases(as_of=desk.instant("3 07:59"))
    assert states() == []
    resolve_cases(as_of=desk.instant("6 07:59"))
    assert states() == [("C-1", 1, "pending", "solution_offered", False)]
    assert Resolution.objects.get().window_ends_at == desk.instant("6 08:00")
    resolve_cases(as_of=desk.instant("6 08:00"))
    assert states() == [("C-1", 1, "assumed", "silence", True)]
    found = Resolution.objects.get()
    assert (found.agent, found.verified_at, found.window_ends_at) == (agent, desk.instant("6 08:00"), None)
    assert steps("C-1") == [
        (1, "pending", "solution_offered", desk.instant("3 08:00")),
        (1, "assumed", "silence", desk.instant("6 08:00")),
    ]


def test_each_step_cites_its_event_its_version_and_when_it_was_learned(agent: Agent, tmp_path: pathlib.Path) -> None:
    take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1))
    resolve_cases(as_of=desk.instant("9 08:00"))
    offered, silent = ResolutionTransition.objects.order_by("at")
    assert offered.event == CaseEvent.objects.get(type="solution_offered")
    assert silent.event is None
    assert {offered.policy_version, silent.policy_version} == {ContractVersion.objects.get(contract__code="alder")}
    assert offered.recorded_at == desk.instant("9 08:00")


def test_a_second_run_changes_nothing(agent: Agent, tmp_path: pathlib.Path) -> None:
    take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1), desk.row("C-2", "Resolved", "3 08:00", 1, resolver="?"))
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
    take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1))
    resolve_cases(as_of=desk.instant("9 08:00"))
    assert resolve_cases(as_of=desk.instant("4 08:00")).as_of == desk.instant("9 08:00")
    assert states() == [("C-1", 1, "assumed", "silence", True)]


def test_a_return_reopens_and_the_next_solution_is_another_resolution(agent: Agent, tmp_path: pathlib.Path) -> None:
    take(
        tmp_path,
        desk.row("C-1", "Resolved", "3 08:00", 1),
        desk.row("C-1", "Active", "7 08:00", 2),
        desk.row("C-1", "Resolved", "8 08:00", 3),
    )
    resolve_cases(as_of=desk.instant("6 09:00"))
    assert states() == [("C-1", 1, "assumed", "silence", True)]
    resolve_cases(as_of=desk.instant("12 08:00"))
    assert states() == [("C-1", 1, "reopened", "worked", False), ("C-1", 2, "assumed", "silence", True)]
    assert [(number, state) for number, state, _, _ in steps("C-1")] == [
        (1, "pending"),
        (1, "assumed"),
        (1, "reopened"),
        (2, "pending"),
        (2, "assumed"),
    ]
    assert ResolutionTransition.objects.get(state="reopened").detail == "void_before_billing"


@pytest.mark.parametrize(("day", "state"), [("10 07:59", "reopened"), ("10 08:00", "assumed")])
def test_a_repeat_contact_reopens_within_seven_days(agent: Agent, tmp_path: pathlib.Path, day: str, state: str) -> None:
    take(
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
    take(
        tmp_path,
        desk.row("C-1", "Resolved", "3 08:00", 1, **{"caller": "Ada", **first}),
        {**desk.row("C-2", "New", "5 08:00", opened=desk.written("5 08:00"), caller="Ada"), **other},
    )
    resolve_cases(as_of=desk.instant("14 08:00"))
    assert Resolution.objects.get(case__key="C-1").state == "assumed"


def test_only_given_cases_and_their_customers_other_cases_are_folded(agent: Agent, tmp_path: pathlib.Path) -> None:
    take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1, caller="Ada"), desk.row("C-9", "Resolved", "3 08:00", 1))
    resolve_cases(as_of=desk.instant("4 08:00"))
    late = take(tmp_path, desk.row("C-2", "New", "5 09:00", opened=desk.written("5 08:00"), caller="Ada"))
    report = resolve_cases(as_of=desk.instant("14 08:00"), case_ids=late.affected_case_ids)
    assert (report.case_count, report.changed_count) == (2, 1)
    assert states() == [("C-1", 1, "reopened", "repeat_contact", False), ("C-9", 1, "pending", "solution_offered", False)]


def test_an_excluded_case_is_void(agent: Agent, tmp_path: pathlib.Path) -> None:
    take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1), desk.row("C-1", "Junk", "4 08:00", 2))
    resolve_cases(as_of=desk.instant("14 08:00"))
    assert states() == [("C-1", 1, "void", "excluded", False)]
    assert ResolutionTransition.objects.get(state="void").detail == "spam"


def test_a_transfer_before_the_solution_is_no_first_contact(agent: Agent, tmp_path: pathlib.Path) -> None:
    take(
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
    take(
        tmp_path,
        desk.row("C-1", "Resolved", "3 08:00", 1),
        desk.row("C-1", "Active", "4 08:00", 2),
        desk.row("C-1", "Resolved", "5 08:00", 3),
    )
    resolve_cases(as_of=desk.instant("14 08:00"))
    late = take(tmp_path, desk.row("C-1", "Junk", "2 08:00"), name="late.csv")
    resolve_cases(as_of=desk.instant("15 08:00"), case_ids=late.affected_case_ids)
    assert states() == [("C-1", 1, "void", "superseded", False), ("C-1", 2, "void", "superseded", False)]
    assert ResolutionTransition.objects.filter(rule="superseded", at=desk.instant("15 08:00")).count() == 2
    again = resolve_cases(as_of=desk.instant("16 08:00"))
    assert (again.changed_count, again.step_count) == (0, 0)


def test_steps_cannot_be_changed_or_deleted(agent: Agent, tmp_path: pathlib.Path) -> None:
    take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1))
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
    take(
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
    take(
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
    take(
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


def test_a_resolver_who_is_not_named_is_held(agent: Agent, tmp_path: pathlib.Path) -> None:
    take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1, resolver="?"))
    resolve_cases(as_of=desk.instant("9 08:00"))
    hold = Hold.objects.get()
    assert hold.reason == "resolver_not_named"
    assert hold.message == ("Case C-1, resolved on 2016-03-03: The desk does not say who resolved it. Find out, or release it unpaid.")
    assert (hold.opened_at, hold.expires_at) == (desk.instant("9 08:00"), desk.instant("16 09:00"))


def test_an_unmapped_name_is_held_until_it_is_mapped_and_again_when_it_is_not(source: Source, tmp_path: pathlib.Path) -> None:
    take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1), desk.row("C-2", "Resolved", "3 08:00", 1, resolver="Resolver 2"))
    resolve_cases(as_of=desk.instant("9 08:00"))
    assert open_holds() == [("C-1", "unmapped_identity"), ("C-2", "unmapped_identity")]
    assert '"Resolver 1" in resolver of The desk stands for no agent yet' in Hold.objects.filter(resolution__case__key="C-1").get().message
    identity = SourceIdentity.objects.get(value="Resolver 1")
    agent = factories.make_agent(name="Ada")
    report = map_identity(identity_id=identity.pk, agent_id=agent.pk, as_of=desk.instant("10 08:00"))
    assert (report.changed_count, report.released_hold_count) == (1, 1)
    assert open_holds() == [("C-2", "unmapped_identity")]
    assert Resolution.objects.get(case__key="C-1").agent == agent
    back = map_identity(identity_id=identity.pk, agent_id=None, as_of=desk.instant("11 08:00"))
    assert (back.changed_count, back.opened_hold_count) == (1, 1)
    assert open_holds() == [("C-1", "unmapped_identity"), ("C-2", "unmapped_identity")]
    assert Resolution.objects.get(case__key="C-1").agent is None


def test_a_system_user_closes_cases_and_is_never_paid(source: Source, tmp_path: pathlib.Path) -> None:
    take(tmp_path, desk.row("C-1", "Closed", "3 08:00", 1, resolver="Robot"))
    resolve_cases(as_of=desk.instant("9 08:00"))
    assert states() == [("C-1", 1, "assumed", "silence", True)]
    identity = SourceIdentity.objects.get(value="Robot")
    mark_system(identity_id=identity.pk, is_system=True, as_of=desk.instant("10 08:00"))
    assert states() == [("C-1", 1, "void", "superseded", False)]
    assert open_holds() == []
    with pytest.raises(UnableToMap, match="is marked as a system user, which is never paid"):
        map_identity(identity_id=identity.pk, agent_id=factories.make_agent().pk, as_of=desk.instant("10 08:00"))


def test_a_mapping_to_nobody_known_is_refused(agent: Agent) -> None:
    identity = SourceIdentity.objects.get()
    with pytest.raises(UnableToMap, match="There is no agent 0"):
        map_identity(identity_id=identity.pk, agent_id=0, as_of=desk.instant("10 08:00"))
    with pytest.raises(UnableToMap, match="There is no source identity 0"):
        map_identity(identity_id=0, agent_id=agent.pk, as_of=desk.instant("10 08:00"))
    with pytest.raises(UnableToMap, match="take that mapping back before you mark it"):
        mark_system(identity_id=identity.pk, is_system=True, as_of=desk.instant("10 08:00"))
    with pytest.raises(IntegrityError), transaction.atomic():
        SourceIdentity.objects.update(is_system=True)


def test_without_a_contract_version_in_force_it_waits(agent: Agent, tmp_path: pathlib.Path) -> None:
    contract = Contract.objects.get(code="alder")
    ContractVersion.objects.filter(contract=contract).update(effective_to=date(2016, 1, 1))
    take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1))
    resolve_cases(as_of=desk.instant("9 08:00"))
    assert states() == [("C-1", 1, "pending", "no_contract_version", False)]
    assert Hold.objects.get().message == (
        "Case C-1, resolved on 2016-03-03: No version of Alder 2016 was in force; activate one that covers that day."
    )
    desk.add_version(contract=contract, number=2, since=date(2016, 1, 1))
    resolve_cases(as_of=desk.instant("10 08:00"))
    assert states() == [("C-1", 1, "assumed", "silence", True)]
    assert open_holds() == []


def test_a_policy_that_cannot_be_applied_holds_its_cases_and_no_others(agent: Agent, tmp_path: pathlib.Path) -> None:
    contract = Contract.objects.get(code="alder")
    ContractVersion.objects.filter(contract=contract).update(effective_to=date(2016, 1, 1))
    desk.add_version(contract=contract, number=2, since=date(2016, 1, 1), policy={"silence_clock": "business"})
    take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1), desk.row("C-2", "Resolved", "3 08:00", 1, place="Place 2"))
    resolve_cases(as_of=desk.instant("9 08:00"))
    assert [state for _, _, state, _, _ in states()] == ["pending", "assumed"]
    assert "The silence window counts business hours, but the policy has none" in Hold.objects.get().message


def test_a_case_with_unread_rows_is_held(agent: Agent, tmp_path: pathlib.Path) -> None:
    good, lost = desk.row("C-1", "Resolved", "3 08:00", 1), desk.row("C-1", "Lost", "4 08:00", 2)
    take(tmp_path, good)
    resolve_cases(as_of=desk.instant("9 08:00"))
    held = take(tmp_path, lost)
    resolve_cases(as_of=desk.instant("9 09:00"), case_ids=held.affected_case_ids)
    assert open_holds() == [("C-1", "rows_held")]
    assert "1 of its rows could not be read" in Hold.objects.get().message
    desk.add_mapping(source=Source.objects.get(), number=2, states={**desk.STATES, "Lost": "closed"})
    report = take(tmp_path, good, lost)
    resolve_cases(as_of=desk.instant("9 10:00"), case_ids=report.affected_case_ids)
    assert open_holds() == []


def test_a_hold_that_a_person_released_stays_released(agent: Agent, tmp_path: pathlib.Path) -> None:
    take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1, resolver="?"))
    resolve_cases(as_of=desk.instant("9 08:00"))
    hold = Hold.objects.get()
    with pytest.raises(holds.UnableToRelease, match="needs a note"):
        holds.release_hold(hold=hold, note=" ", as_of=desk.instant("9 09:00"))
    holds.release_hold(hold=hold, note="Solved by a visitor.", as_of=desk.instant("9 09:00"))
    with pytest.raises(holds.UnableToRelease, match="released already"):
        holds.release_hold(hold=hold, note="Again.", as_of=desk.instant("9 09:00"))
    resolve_cases(as_of=desk.instant("9 10:00"))
    assert open_holds() == []


def test_what_no_longer_can_be_paid_is_not_held(agent: Agent, tmp_path: pathlib.Path) -> None:
    take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1, resolver="?"))
    resolve_cases(as_of=desk.instant("4 08:00"))
    assert open_holds() == [("C-1", "resolver_not_named")]
    late = take(tmp_path, desk.row("C-1", "Junk", "5 08:00", 2), name="late.csv")
    resolve_cases(as_of=desk.instant("6 08:00"), case_ids=late.affected_case_ids)
    assert open_holds() == []


def test_due_resolutions_are_verified_and_nothing_else_is_looked_at(agent: Agent, tmp_path: pathlib.Path) -> None:
    take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1), desk.row("C-2", "Resolved", "4 08:00", 1))
    resolve_cases(as_of=desk.instant("4 09:00"))
    early = verify_due_resolutions(as_of=desk.instant("6 07:59"))
    assert (early.case_count, early.changed_count) == (0, 0)
    due = verify_due_resolutions(as_of=desk.instant("6 08:00"))
    assert (due.case_count, due.changed_count, due.step_count) == (1, 1, 1)
    assert [state for _, _, state, _, _ in states()] == ["assumed", "pending"]
    again = verify_due_resolutions(as_of=desk.instant("6 08:00"))
    assert (again.case_count, again.changed_count) == (0, 0)


def test_what_a_file_told_ahead_of_time_counts_when_its_time_comes(agent: Agent, tmp_path: pathlib.Path) -> None:
    take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1), desk.row("C-1", "Active", "5 08:00", 2))
    resolve_cases(as_of=desk.instant("4 09:00"))
    verify_due_resolutions(as_of=desk.instant("5 08:00"))
    assert states() == [("C-1", 1, "reopened", "worked", False)]


def test_overrides_for_a_class_apply(agent: Agent, tmp_path: pathlib.Path) -> None:
    contract = Contract.objects.get(code="alder")
    ContractVersion.objects.filter(contract=contract).update(effective_to=date(2016, 1, 1))
    version = ContractVersion.objects.create(contract=contract, number=2, effective_from=date(2016, 1, 1), currency="USD")
    policy = ResolutionPolicy.objects.create(version=version)
    policy.overrides.create(channel=Channel.objects.get(code="email"), silence_window_hours=24)
    version.status = VersionStatus.ACTIVE
    version.save()
    take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1, channel="Email"), desk.row("C-2", "Resolved", "3 08:00", 1))
    resolve_cases(as_of=desk.instant("4 08:00"))
    assert [state for _, _, state, _, _ in states()] == ["assumed", "pending"]


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
    return [*resolutions, *open_holds()]


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.randoms(use_true_random=False), parts=st.integers(min_value=1, max_value=4))
def test_order_repetition_split_and_when_it_is_folded_change_no_resolution(
    agent: Agent, tmp_path: pathlib.Path, chance: random.Random, parts: int
) -> None:
    end = desk.instant("20 08:00")
    with transaction.atomic():
        take(tmp_path, *busy_rows())
        resolve_cases(as_of=end)
        whole, history = outcome(), set(steps("C-1")) | set(steps("C-2"))
        transaction.set_rollback(True)
    rows = busy_rows() + chance.choices(busy_rows(), k=2)
    chance.shuffle(rows)
    with transaction.atomic():
        for part in range(parts):
            report = take(tmp_path, *rows[part::parts], name=f"part-{part}.csv")
            resolve_cases(as_of=end - (parts - part) * timedelta(minutes=1), case_ids=report.affected_case_ids)
        resolve_cases(as_of=end, case_ids=list(Case.objects.values_list("pk", flat=True)))
        assert outcome() == whole
        assert history <= set(steps("C-1")) | set(steps("C-2"))
        transaction.set_rollback(True)


@pytest.mark.parametrize("stop", [datetime(2016, 3, day, 12, tzinfo=desk.instant("1 00:00").tzinfo) for day in (3, 5, 8, 12)])
def test_folding_on_the_way_changes_no_end(agent: Agent, tmp_path: pathlib.Path, stop: datetime) -> None:
    take(tmp_path, *busy_rows())
    with transaction.atomic():
        resolve_cases(as_of=desk.instant("20 08:00"))
        whole = outcome()
        transaction.set_rollback(True)
    resolve_cases(as_of=stop)
    verify_due_resolutions(as_of=desk.instant("20 08:00"))
    assert outcome() == whole
