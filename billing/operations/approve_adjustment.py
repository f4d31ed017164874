"""Approve an adjustment: the second pair of eyes that lets an amount entered by a person into the pay."""

from datetime import datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import User
from billing.models import Adjustment
from billing.operations import correction_period


class UnableToApproveAdjustment(Exception):
    """An adjustment that is approved already, or that this person entered or gains from."""


def approve_adjustment(*, adjustment_id: int, person: User, as_of: datetime) -> Adjustment:
    """Approve an adjustment; it counts in the first pay period from this instant on that nobody has approved for the agent.

    Args:
        adjustment_id: the adjustment.
        person: who approves; neither who entered it nor who is paid by it.
        as_of: business instant.

    Returns: the adjustment.
    Raises: UnableToApproveAdjustment; nothing is written then.
    Source: style.md, "adjustment": a line entered by a person, with reason and approver.
    """
    with transaction.atomic(), pghistory.context(user=person.pk, act="approve adjustment"):
        found = Adjustment.objects.select_for_update(of=["self"]).select_related("agent__site").get(pk=adjustment_id)
        if found.approved_by_id is not None:
            raise UnableToApproveAdjustment(
                _("The %(found)s of %(period_start)s is approved already.")
                % {"found": found, "period_start": f"{found.period_start:%B %Y}"}
            )
        if found.entered_by_id == person.pk:
            raise UnableToApproveAdjustment(
                _("%(person)s entered the %(found)s and cannot approve it; ask another approver.") % {"person": person, "found": found}
            )
        if found.agent.user_id == person.pk:
            raise UnableToApproveAdjustment(
                _("%(person)s is paid by the %(found)s and cannot approve it; ask another approver.") % {"person": person, "found": found}
            )
        found.period_start = correction_period.find_period(agent=found.agent, as_of=as_of)
        found.approved_by, found.approved_at = person, as_of
        found.save(update_fields=["period_start", "approved_by", "approved_at"])
    return found
