"""Who may see whose work: roles, teams and days decide, and a role not held opens nothing."""

from datetime import date, timedelta

import pytest

from agents import access
from agents.access import Role
from agents.models import TeamMembership
from tests import factories

pytestmark = pytest.mark.django_db
TODAY = date(2016, 4, 20)


@pytest.fixture
def people():
    lead = factories.make_user(roles=["lead"])
    team = factories.make_team(lead=lead)
    return lead, factories.make_agent_with_account(name="Maya", team=team), factories.make_agent_with_account(name="Olu")


def test_an_agent_sees_only_their_own_work(people) -> None:
    _, maya, _ = people
    assert list(access.agents_for(maya.user, on=TODAY)) == [maya]


def test_a_lead_sees_the_members_of_the_day(people) -> None:
    lead, maya, _ = people
    assert list(access.agents_for(lead, on=TODAY)) == [maya]

    TeamMembership.objects.filter(agent=maya).update(effective_to=TODAY)
    assert list(access.agents_for(lead, on=TODAY)) == []
    assert list(access.agents_for(lead, on=TODAY - timedelta(days=1))) == [maya]


def test_a_team_without_the_role_opens_nothing() -> None:
    stranger = factories.make_user()
    factories.make_team(lead=stranger)

    assert not access.teams_for(stranger).exists()
    assert not access.agents_for(stranger, on=TODAY).exists()


def test_an_account_without_the_role_does_not_open_its_own_agent() -> None:
    agent = factories.make_agent(user=factories.make_user())

    assert agent.user is not None
    assert not access.agents_for(agent.user, on=TODAY).exists()


@pytest.mark.parametrize("role", ["auditor", "approver"])
def test_readers_of_everything_read_everyone_but_no_inbox(people, role: str) -> None:
    _, maya, olu = people
    factories.make_feedback(agent=maya)
    reader = factories.make_user(roles=[role])

    assert set(access.agents_for(reader, on=TODAY)) == {maya, olu}
    assert not access.feedback_for(reader).exists()


@pytest.mark.parametrize("role", ["client", "contract_admin"])
def test_other_roles_see_no_agents(people, role: str) -> None:
    user = factories.make_user(roles=[role])

    assert not access.agents_for(user, on=TODAY).exists()
    assert not access.resolutions_for(user, on=TODAY).exists()


def test_a_resolution_that_nobody_is_mapped_to_is_only_for_readers_of_everything(people) -> None:
    lead, _, _ = people
    factories.make_resolution(agent=None, version=factories.make_contract_version())

    assert not access.resolutions_for(lead, on=TODAY).exists()
    assert access.resolutions_for(factories.make_user(roles=["auditor"]), on=TODAY).count() == 1


def test_a_group_that_is_no_role_gives_nothing() -> None:
    user = factories.make_user(roles=["football", "lead"])

    assert access.roles_of(user) == frozenset({Role.LEAD})
