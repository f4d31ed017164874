"""Roles in the administration: each can do its work, none can give itself more."""

import pytest
from django.contrib.auth.models import Group

from agents.access import Role
from agents.models import User
from ppr_portal import roles


@pytest.fixture
def people(db: None) -> dict[Role, User]:
    groups = roles.ensure_roles()
    found = {}
    for role, group in groups.items():
        found[role] = User.objects.create_user(email=f"{role}@example.org", password=None, is_staff=True)
        found[role].groups.add(group)
    return found


def test_a_contract_admin_sets_up_terms_people_and_schedules(people: dict[Role, User]) -> None:
    admin = people[Role.CONTRACT_ADMIN]
    wanted = ("contracts.add_contractversion", "agents.change_sourceidentity", "agents.add_team", "django_celery_beat.change_periodictask")
    assert all(admin.has_perm(name) for name in wanted)
    assert not admin.has_perm("billing.view_settlement")


def test_nobody_can_give_themselves_rights(people: dict[Role, User]) -> None:
    ways = ("agents.change_user", "agents.add_user", "auth.change_group", "auth.add_group", "auth.change_permission")
    assert [(role, way) for role, user in people.items() for way in ways if user.has_perm(way)] == []


def test_an_auditor_reads_everything_but_inboxes_and_changes_nothing(people: dict[Role, User]) -> None:
    auditor = people[Role.AUDITOR]
    assert all(name.split(".")[1].startswith("view_") for name in auditor.get_all_permissions())
    wanted = ("contracts.view_ratecardrow", "agents.view_caseevent", "billing.view_settlementline", "billing.view_payrun")
    assert all(auditor.has_perm(name) for name in wanted)
    assert not auditor.has_perm("agents.view_feedback")


@pytest.mark.parametrize("role", [Role.AGENT, Role.LEAD, Role.CLIENT])
def test_other_roles_have_no_part_in_the_administration(people: dict[Role, User], role: Role) -> None:
    assert people[role].get_all_permissions() == set()


def test_a_second_call_changes_nothing_and_keeps_what_was_added(people: dict[Role, User]) -> None:
    group = Group.objects.get(name=Role.LEAD)
    group.permissions.add(*Group.objects.get(name=Role.AUDITOR).permissions.all()[:1])
    before = {found.name: set(found.permissions.values_list("codename", flat=True)) for found in Group.objects.all()}
    roles.ensure_roles()
    assert {found.name: set(found.permissions.values_list("codename", flat=True)) for found in Group.objects.all()} == before
