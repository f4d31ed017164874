"""Let a person lift a guardrail's decision before it ends, with a reason. The record stays, and pay until then too."""

from datetime import datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from agents.models import GuardrailDecision, User


class UnableToLift(Exception):
    """A decision that has ended or was lifted, or a lift without a reason, or by the agent."""


def lift_decision(*, decision_id: int, person: User, reason: str, as_of: datetime) -> GuardrailDecision:
    """Lift a decision from now on, all its effects; the same stretch is not decided again, a new one is.

    Args:
        decision_id: a decision that acts now.
        person: who lifts it; never the agent that it protects.
        reason: why, in the person's words; not empty.
        as_of: business instant.

    Returns: the lifted decision.
    Raises: UnableToLift; nothing is written then.
    Source: design.md section 8: every decision is a record, and says who may override.
    """
    if not reason.strip():
        raise UnableToLift(_("Write why the limit is lifted, so that the agent and an auditor can follow it."))
    with transaction.atomic(), pghistory.context(act="lift guardrail decision"):
        found = GuardrailDecision.objects.select_for_update(of=("self",)).select_related("agent").get(pk=decision_id)
        if found.agent.user_id == person.pk:
            raise UnableToLift(_("This limit protects you; only somebody else can lift it."))
        if found.lifted_at is not None or (found.ends_at is not None and found.ends_at <= as_of) or found.starts_at > as_of:
            raise UnableToLift(_("The decision about %(agent)s is not in force now; nothing is left to lift.") % {"agent": found.agent})
        effects = GuardrailDecision.objects.filter(
            agent=found.agent, limit=found.limit, level=found.level, starts_at=found.starts_at, lifted_at=None
        )
        effects.update(lifted_at=as_of, lifted_by=person, lift_reason=reason.strip())
    found.refresh_from_db()
    return found
