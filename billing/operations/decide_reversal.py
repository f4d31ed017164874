"""Decide whether a paid resolution that fell is taken back. Nothing is, unless a person says so and why."""

from datetime import date, datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import User
from agents.queries import plan_spans
from billing.models import Reversal
from billing.models.corrections import Decision
from billing.operations import correction_period


class UnableToDecideReversal(Exception):
    """A reversal that is decided already, or a decision without a reason."""


def decide_reversal(*, reversal_id: int, person: User, approve: bool, reason: str, as_of: datetime) -> Reversal:
    """Approve or refuse a proposed reversal.

    Args:
        reversal_id: the reversal.
        person: who decides; not the agent whose pay it is.
        approve: take the amount back in the first open pay period of the agent from `as_of` on, as far as the plan and the floor allow.
        reason: why, as the agent reads it.
        as_of: business instant.

    Returns: the reversal.
    Raises: UnableToDecideReversal; nothing is written then. Nor is anything taken back in another currency than it was paid in.
    Source: design.md section 6: a reversal is a linked negative line that a person approves.
    """
    if not reason.strip():
        raise UnableToDecideReversal(_("Give the reason in words; the agent reads it."))
    with transaction.atomic(), pghistory.context(user=person.pk, act="decide reversal"):
        wanted = ("agent__site", "resolution__case", "cited_line__settlement__plan_version__plan")
        found = Reversal.objects.select_for_update(of=["self"]).select_related(*wanted).get(pk=reversal_id)
        if found.status != Decision.PROPOSED:
            raise UnableToDecideReversal(
                _("The %(found)s is %(lower)s already.") % {"found": found, "lower": found.get_status_display().lower()}
            )
        if found.agent.user_id == person.pk:
            raise UnableToDecideReversal(_("The %(found)s is about your own pay; somebody else decides it.") % {"found": found})
        plan = found.cited_line.settlement.plan_version
        if approve and plan.clawback_bp is None:
            raise UnableToDecideReversal(
                _("%(plan)s takes nothing back: pay was earned when it was verified. Refuse the %(found)s.")
                % {"plan": plan, "found": found}
            )
        found.status = Decision.APPROVED if approve else Decision.REFUSED
        found.decided_by, found.decided_at, found.decision_reason = person, as_of, reason.strip()
        if approve:
            found.period_start = correction_period.find_period(agent=found.agent, as_of=as_of)
            _refuse_other_currency(found, found.period_start)
        found.save(update_fields=["status", "decided_by", "decided_at", "decision_reason", "period_start"])
    return found


def _refuse_other_currency(found: Reversal, period_start: date) -> None:
    plan = plan_spans.terms_in_force(agent_id=found.agent_id, on=period_start)
    if plan is not None and plan.currency != found.currency:
        raise UnableToDecideReversal(
            _("The %(found)s is in %(currency)s, but %(plan)s pays in %(pays_in)s from %(period_start)s on; refuse it.")
            % {"found": found, "currency": found.currency, "plan": plan.label, "pays_in": plan.currency, "period_start": period_start}
        )
