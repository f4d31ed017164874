"""Who may see whose pay, and who may answer a dispute."""

from datetime import date

import pytest

from billing import access
from billing.models import Dispute
from tests import factories

pytestmark = pytest.mark.django_db
TODAY = date(2016, 4, 20)


@pytest.fixture
def dispute() -> Dispute:
    lead = factories.make_user(roles=["lead"])
    agent = factories.make_agent_with_account(name="Maya", team=factories.make_team(lead=lead))
    plan = factories.make_plan_version()
    settled = factories.make_settlement(
        agent=agent, plan_version=plan, status="paid", lines=[{"kind": "base", "label": "Base pay", "amount_micros": 5_000_000}]
    )
    return factories.make_dispute(line=settled.lines.get())


@pytest.mark.parametrize(("role", "count"), [("auditor", 1), ("approver", 1), ("lead", 0), ("client", 0), ("contract_admin", 0)])
def test_pay_is_for_its_agent_and_for_readers_of_everything(dispute: Dispute, role: str, count: int) -> None:
    user = factories.make_user(roles=[role])

    assert access.settlements_for(user).count() == count
    assert access.lines_for(user).count() == count
    assert access.payees_for(user).count() == count
    assert access.settlements_for(dispute.agent.user).count() == 1


def test_the_lead_of_the_team_sees_the_dispute_but_not_the_settlement(dispute: Dispute) -> None:
    lead = dispute.agent.memberships.get().team.lead

    assert list(access.disputes_for(lead, on=TODAY)) == [dispute]
    assert not access.settlements_for(lead).exists()


def test_the_lead_and_an_approver_may_answer_others_not(dispute: Dispute) -> None:
    lead = dispute.agent.memberships.get().team.lead
    may = {
        "lead": access.may_answer(lead, dispute=dispute, on=TODAY),
        "approver": access.may_answer(factories.make_user(roles=["approver"]), dispute=dispute, on=TODAY),
        "other lead": access.may_answer(factories.make_user(roles=["lead"]), dispute=dispute, on=TODAY),
        "auditor": access.may_answer(factories.make_user(roles=["auditor"]), dispute=dispute, on=TODAY),
        "agent": access.may_answer(dispute.agent.user, dispute=dispute, on=TODAY),
    }

    assert may == {"lead": True, "approver": True, "other lead": False, "auditor": False, "agent": False}


def test_nobody_answers_a_dispute_of_their_own_or_one_that_is_answered(dispute: Dispute) -> None:
    lead = dispute.agent.memberships.get().team.lead
    dispute.status = Dispute.Status.REFUSED
    assert not access.may_answer(lead, dispute=dispute, on=TODAY)

    dispute.status = Dispute.Status.OPEN
    dispute.agent.user = lead
    assert not access.may_answer(lead, dispute=dispute, on=TODAY)
