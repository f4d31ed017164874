"""Holds follow the facts: names without an agent, contracts without a version, rows that could not be read."""

import pathlib
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from agents.models import Agent, Hold, Resolution, Source, SourceIdentity
from agents.operations.holds import held_things
from agents.operations.mappings.map_identity import UnableToMap, map_identity, mark_system
from agents.operations.resolutions.resolve_cases import resolve_cases
from contracts.models import Contract, ContractVersion
from tests import factories
from tests.agents import desk

pytestmark = pytest.mark.django_db


def test_a_resolver_who_is_not_named_is_held(agent: Agent, tmp_path: pathlib.Path) -> None:
    desk.take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1, resolver="?"))
    resolve_cases(as_of=desk.instant("9 08:00"))
    hold = Hold.objects.get()
    assert hold.reason == "resolver_not_named"
    assert hold.message == ("Case C-1, resolved on 2016-03-03: The desk does not say who resolved it. Find out, or release it unpaid.")
    assert (hold.opened_at, hold.expires_at) == (desk.instant("9 08:00"), desk.instant("16 09:00"))


def test_an_unmapped_name_is_held_until_it_is_mapped_and_again_when_it_is_not(source: Source, tmp_path: pathlib.Path) -> None:
    desk.take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1), desk.row("C-2", "Resolved", "3 08:00", 1, resolver="Resolver 2"))
    resolve_cases(as_of=desk.instant("9 08:00"))
    assert desk.open_holds() == [("C-1", "unmapped_identity"), ("C-2", "unmapped_identity")]
    assert '"Resolver 1" in resolver of The desk stands for no agent yet' in Hold.objects.filter(resolution__case__key="C-1").get().message
    identity = SourceIdentity.objects.get(value="Resolver 1")
    agent = factories.make_agent(name="Ada")
    report = map_identity(identity_id=identity.pk, agent_id=agent.pk, as_of=desk.instant("10 08:00"))
    assert (report.changed_count, report.released_hold_count) == (1, 1)
    assert desk.open_holds() == [("C-2", "unmapped_identity")]
    assert Resolution.objects.get(case__key="C-1").agent == agent
    back = map_identity(identity_id=identity.pk, agent_id=None, as_of=desk.instant("11 08:00"))
    assert (back.changed_count, back.opened_hold_count) == (1, 1)
    assert desk.open_holds() == [("C-1", "unmapped_identity"), ("C-2", "unmapped_identity")]
    assert Resolution.objects.get(case__key="C-1").agent is None


def test_a_system_user_closes_cases_and_is_never_paid(source: Source, tmp_path: pathlib.Path) -> None:
    desk.take(tmp_path, desk.row("C-1", "Closed", "3 08:00", 1, resolver="Robot"))
    resolve_cases(as_of=desk.instant("9 08:00"))
    assert desk.states() == [("C-1", 1, "assumed", "silence", True)]
    identity = SourceIdentity.objects.get(value="Robot")
    mark_system(identity_id=identity.pk, is_system=True, as_of=desk.instant("10 08:00"))
    assert desk.states() == [("C-1", 1, "void", "superseded", False)]
    assert desk.open_holds() == []
    with pytest.raises(UnableToMap, match="is marked as a system user, which is never paid"):
        map_identity(identity_id=identity.pk, agent_id=factories.make_agent().pk, as_of=desk.instant("10 08:00"))


def test_the_life_of_a_resolution_ends_with_what_it_is_however_often_a_mark_comes_and_goes(source: Source, tmp_path: pathlib.Path) -> None:
    desk.take(tmp_path, desk.row("C-1", "Closed", "3 08:00", 1, resolver="Robot"))
    resolve_cases(as_of=desk.instant("9 08:00"))
    identity = SourceIdentity.objects.get(value="Robot")
    life = [("pending", "closed_without_offer"), ("assumed", "silence")]
    assert [step[1:3] for step in desk.steps("C-1")] == life
    # The business clock may stand still.
    for is_system, step in ((True, ("void", "superseded")), (False, ("assumed", "restored"))) * 2:
        report = mark_system(identity_id=identity.pk, is_system=is_system, as_of=desk.instant("10 08:00"))
        life.append(step)
        assert [step[1:3] for step in desk.steps("C-1")] == life
        assert report.step_count == 1
    assert desk.states() == [("C-1", 1, "assumed", "silence", True)]
    assert resolve_cases(as_of=desk.instant("11 08:00")).step_count == 0


def test_what_waits_for_a_contract_version_can_be_a_system_users(agent: Agent, tmp_path: pathlib.Path) -> None:
    ContractVersion.objects.update(effective_to=date(2016, 1, 1))
    desk.take(tmp_path, desk.row("C-1", "Closed", "3 08:00", 1, resolver="Robot"))
    resolve_cases(as_of=desk.instant("9 08:00"))
    mark_system(identity_id=SourceIdentity.objects.get(value="Robot").pk, is_system=True, as_of=desk.instant("10 08:00"))
    assert desk.states() == [("C-1", 1, "void", "superseded", False)]
    assert desk.steps("C-1") == []


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
    desk.take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1))
    resolve_cases(as_of=desk.instant("9 08:00"))
    assert desk.states() == [("C-1", 1, "pending", "no_contract_version", False)]
    assert Hold.objects.get().message == (
        "Case C-1, resolved on 2016-03-03: No version of Alder 2016 was in force; activate one that covers that day."
    )
    desk.add_version(contract=contract, number=2, since=date(2016, 1, 1))
    resolve_cases(as_of=desk.instant("10 08:00"))
    assert desk.states() == [("C-1", 1, "assumed", "silence", True)]
    assert desk.open_holds() == []


def test_a_policy_that_cannot_be_applied_holds_its_cases_and_no_others(agent: Agent, tmp_path: pathlib.Path) -> None:
    contract = Contract.objects.get(code="alder")
    ContractVersion.objects.filter(contract=contract).update(effective_to=date(2016, 1, 1))
    desk.add_version(contract=contract, number=2, since=date(2016, 1, 1), policy={"silence_clock": "business"})
    desk.take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1), desk.row("C-2", "Resolved", "3 08:00", 1, place="Place 2"))
    resolve_cases(as_of=desk.instant("9 08:00"))
    assert [state for _, _, state, _, _ in desk.states()] == ["pending", "assumed"]
    assert "The silence window counts business hours, but the policy has none" in Hold.objects.get().message


def test_a_case_with_unread_rows_is_held(agent: Agent, tmp_path: pathlib.Path) -> None:
    good, lost = desk.row("C-1", "Resolved", "3 08:00", 1), desk.row("C-1", "Lost", "4 08:00", 2)
    desk.take(tmp_path, good)
    resolve_cases(as_of=desk.instant("9 08:00"))
    held = desk.take(tmp_path, lost)
    resolve_cases(as_of=desk.instant("9 09:00"), case_ids=held.affected_case_ids)
    assert desk.open_holds() == [("C-1", "rows_held")]
    assert "1 of its rows could not be read" in Hold.objects.get().message
    desk.add_mapping(source=Source.objects.get(), number=2, states={**desk.STATES, "Lost": "closed"})
    report = desk.take(tmp_path, good, lost)
    resolve_cases(as_of=desk.instant("9 10:00"), case_ids=report.affected_case_ids)
    assert desk.open_holds() == []


def test_a_hold_that_a_person_released_stays_released(agent: Agent, tmp_path: pathlib.Path) -> None:
    desk.take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1, resolver="?"))
    resolve_cases(as_of=desk.instant("9 08:00"))
    hold = Hold.objects.get()
    released = held_things.release_holds(hold_ids=[hold.pk], note="Solved by a visitor.", as_of=desk.instant("9 09:00"))
    again = held_things.release_holds(hold_ids=[hold.pk], note="Again.", as_of=desk.instant("9 09:00"))
    assert (released.ids, again.ids) == ((hold.pk,), ())
    resolve_cases(as_of=desk.instant("9 10:00"))
    assert desk.open_holds() == []


def test_what_no_longer_can_be_paid_is_not_held(agent: Agent, tmp_path: pathlib.Path) -> None:
    desk.take(tmp_path, desk.row("C-1", "Resolved", "3 08:00", 1, resolver="?"))
    resolve_cases(as_of=desk.instant("4 08:00"))
    assert desk.open_holds() == [("C-1", "resolver_not_named")]
    late = desk.take(tmp_path, desk.row("C-1", "Junk", "5 08:00", 2), name="late.csv")
    resolve_cases(as_of=desk.instant("6 08:00"), case_ids=late.affected_case_ids)
    assert desk.open_holds() == []
