"""Enter an adjustment: an amount of an agent's pay that a person enters with a reason, and that a second person approves."""

from datetime import datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import Agent, User
from agents.queries import plan_spans
from billing.models import Adjustment
from billing.operations import correction_period
from billing.rules import money


class UnableToEnterAdjustment(Exception):
    """An adjustment without a reason, an amount or a plan that pays it, about one's own pay, or not one's own to withdraw."""


def enter_adjustment(*, agent_id: int, person: User, amount_micros: int, reason: str, as_of: datetime) -> Adjustment:
    """Enter an amount that waits for a second person's approval.

    Args:
        agent_id: whose pay it changes.
        person: who enters it; not the agent.
        amount_micros: what is added to the pay, or taken from it below zero; whole minor units, in micros of the plan's currency.
        reason: why, as the agent reads it.
        as_of: business instant; the amount counts in the first pay period from it on that nobody has approved for the agent.

    Returns: the adjustment.
    Raises: UnableToEnterAdjustment; nothing is written then.
    Source: style.md, "adjustment": a line entered by a person, with reason and approver.
    """
    if not reason.strip():
        raise UnableToEnterAdjustment(_("Give the reason in words; the agent reads it."))
    with transaction.atomic(), pghistory.context(user=person.pk, act="enter adjustment"):
        agent = Agent.objects.select_related("site").get(pk=agent_id)
        if agent.user_id == person.pk:
            raise UnableToEnterAdjustment(_("This is about your own pay; somebody else enters it."))
        period_start = correction_period.find_period(agent=agent, as_of=as_of)
        plan = plan_spans.terms_in_force(agent_id=agent.pk, on=period_start)
        if plan is None:
            raise UnableToEnterAdjustment(
                _("%(agent)s has no pay plan on %(period_start)s, so nothing says in which currency to pay it. Assign a plan first.")
                % {"agent": agent, "period_start": period_start}
            )
        _check_amount(amount_micros, plan.currency)
        return Adjustment.objects.create(
            agent=agent,
            period_start=period_start,
            amount_micros=amount_micros,
            currency=plan.currency,
            reason=reason.strip(),
            entered_by=person,
        )


def withdraw_adjustment(*, adjustment_id: int, person: User) -> Adjustment:
    """Withdraw an adjustment that nobody approved yet; only who entered it can. The audit log keeps it.

    Args:
        adjustment_id: the adjustment.
        person: who entered it.

    Returns: the adjustment as it was.
    Raises: UnableToEnterAdjustment if it is approved, somebody else's, or what a dispute was answered with.
    """
    with transaction.atomic(), pghistory.context(user=person.pk, act="withdraw adjustment"):
        found = Adjustment.objects.select_for_update(of=["self"]).select_related("agent", "dispute").get(pk=adjustment_id)
        if found.entered_by_id != person.pk:
            raise UnableToEnterAdjustment(_("The %(found)s was entered by somebody else; only they can withdraw it.") % {"found": found})
        if found.approved_by_id is not None:
            raise UnableToEnterAdjustment(_("The %(found)s is approved already; enter another one that takes it back.") % {"found": found})
        if found.dispute is not None:
            raise UnableToEnterAdjustment(
                _("The %(found)s is what %(dispute)s was answered with, which stands.") % {"found": found, "dispute": found.dispute}
            )
        Adjustment.objects.filter(pk=found.pk).delete()
    return found


def _check_amount(amount_micros: int, currency: str) -> None:
    if amount_micros == 0:
        raise UnableToEnterAdjustment(_("An adjustment changes something; give an amount other than zero."))
    places = money.currency_places(currency=currency)
    if amount_micros % (money.MICROS // 10**places):
        raise UnableToEnterAdjustment(
            _("%(currency)s has %(places)s decimals; give an amount that can be paid.") % {"currency": currency, "places": places}
        )
