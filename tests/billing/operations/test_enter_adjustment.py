"""An adjustment entered by hand: in the plan's currency, for another person to approve, withdrawn by who entered it until then."""

from datetime import UTC, date, datetime

import pghistory.models
import pytest

from agents.models import Agent, User
from billing.models import Adjustment
from billing.operations import approve_adjustment, enter_adjustment
from tests import factories
from tests.billing import pay_world

pytestmark = pytest.mark.django_db
# 11 p.m. on April 30 in New York is May 1 in UTC: the site's day decides.
LATE_APRIL = datetime(2016, 5, 1, 3, tzinfo=UTC)


@pytest.fixture
def agent() -> Agent:
    agent = factories.make_agent_with_account()
    factories.assign_plan(agent=agent, version=pay_world.make_plan())
    return agent


@pytest.fixture
def approver() -> User:
    return factories.make_user(name="Ruth Adeyemi", roles=["approver"])


def enter(agent: Agent, person: User, *, micros: int = -12_500_000, reason: str = "Paid twice.") -> Adjustment:
    return enter_adjustment.enter_adjustment(agent_id=agent.pk, person=person, amount_micros=micros, reason=reason, as_of=LATE_APRIL)


def test_an_amount_waits_in_the_open_period_and_the_plans_currency(agent: Agent, approver: User) -> None:
    found = enter(agent, approver, reason=" Paid twice. ")

    assert (found.period_start, found.amount_micros, found.currency) == (factories.APRIL, -12_500_000, "USD")
    assert (found.reason, found.entered_by, found.approved_by, found.dispute) == ("Paid twice.", approver, None, None)


def test_a_period_that_is_approved_for_the_agent_is_passed_over(agent: Agent, approver: User) -> None:
    factories.make_settlement(agent=agent, plan_version=pay_world.make_plan(), status="approved")

    assert enter(agent, approver).period_start == date(2016, 5, 1)


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"reason": " "}, "Give the reason in words"),
        ({"micros": 0}, "other than zero"),
        ({"micros": 1_005_000}, "USD has 2 decimals"),
        ({"micros": -1_005_000}, "USD has 2 decimals"),
    ],
)
def test_what_cannot_be_paid_or_told_is_refused(agent: Agent, approver: User, values: dict[str, object], refusal: str) -> None:
    with pytest.raises(enter_adjustment.UnableToEnterAdjustment, match=refusal):
        enter(agent, approver, **values)  # type: ignore[arg-type]
    assert not Adjustment.objects.exists()


@pytest.mark.parametrize("micros", [10_000, -10_000])
def test_a_cent_is_paid(agent: Agent, approver: User, micros: int) -> None:
    assert enter(agent, approver, micros=micros).amount_micros == micros


def test_nobody_enters_their_own_pay_or_that_of_an_agent_without_a_plan(agent: Agent, approver: User) -> None:
    assert agent.user is not None
    with pytest.raises(enter_adjustment.UnableToEnterAdjustment, match="your own pay"):
        enter(agent, agent.user)
    with pytest.raises(enter_adjustment.UnableToEnterAdjustment, match="Ben has no pay plan on 2016-04-01"):
        enter(factories.make_agent(name="Ben"), approver)
    assert not Adjustment.objects.exists()


def test_who_entered_it_withdraws_it_and_the_log_keeps_it(agent: Agent, approver: User) -> None:
    found = enter(agent, approver)
    enter_adjustment.withdraw_adjustment(adjustment_id=found.pk, person=approver)
    events = pghistory.models.Events.objects.tracks(found).values_list("pgh_label", "pgh_context__user")

    assert not Adjustment.objects.exists()
    assert set(events) == {("insert", approver.pk), ("delete", approver.pk)}


def test_what_is_approved_or_somebody_elses_is_not_withdrawn(agent: Agent, approver: User) -> None:
    found, other = enter(agent, approver), factories.make_user(name="Omar Haddad", roles=["approver"])
    with pytest.raises(enter_adjustment.UnableToEnterAdjustment, match="entered by somebody else"):
        enter_adjustment.withdraw_adjustment(adjustment_id=found.pk, person=other)
    approve_adjustment.approve_adjustment(adjustment_id=found.pk, person=other, as_of=LATE_APRIL)
    with pytest.raises(enter_adjustment.UnableToEnterAdjustment, match="approved already"):
        enter_adjustment.withdraw_adjustment(adjustment_id=found.pk, person=approver)
    assert Adjustment.objects.get() == found


def test_what_a_dispute_was_answered_with_stands(agent: Agent, approver: User) -> None:
    found = enter(agent, approver)
    line = {"kind": "unit", "label": "Network outage, chat", "amount_micros": 2_400_000}
    statement = factories.make_settlement(agent=agent, plan_version=pay_world.make_plan(), status="paid", lines=[line])
    found.dispute = factories.make_dispute(line=statement.lines.get(), agent=agent)
    found.save()
    with pytest.raises(enter_adjustment.UnableToEnterAdjustment, match="answered with, which stands"):
        enter_adjustment.withdraw_adjustment(adjustment_id=found.pk, person=approver)
    assert Adjustment.objects.get() == found
