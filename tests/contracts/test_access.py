"""Who may see which contracts."""

import pytest

from agents.models import ClientContact
from contracts import access
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["contract_admin", "approver", "auditor"])
def test_who_sets_up_approves_or_audits_sees_all(role: str) -> None:
    contract = factories.make_contract_version().contract

    assert list(access.contracts_for(factories.make_user(roles=[role]))) == [contract]


def test_a_client_contact_sees_their_own_clients_contracts() -> None:
    own, _ = factories.make_contract_version().contract, factories.make_contract_version(client_name="Birch Travel").contract
    user = factories.make_user(roles=["client"])
    assert not access.contracts_for(user).exists()

    ClientContact.objects.create(client=own.client, user=user)
    assert list(access.contracts_for(user)) == [own]


@pytest.mark.parametrize("role", ["agent", "lead"])
def test_a_contact_without_the_role_sees_nothing(role: str) -> None:
    contract = factories.make_contract_version().contract
    user = factories.make_user(roles=[role])
    ClientContact.objects.create(client=contract.client, user=user)

    assert not access.contracts_for(user).exists()
