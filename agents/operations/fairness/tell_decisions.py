"""Tell agents what a guardrail decided about them, and their leads of a stop."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.urls import reverse

from agents.models import Agent, GuardrailDecision, TeamMembership
from agents.operations.people.notify import Told, notify_each

# English texts, whatever language is active where a limit is watched; agents.notice_kinds has them for translation.
EFFECTS = {
    "prompt": "A prompt",
    "stop_assignment": "No new contacts",
    "premium_suspended": "Premium suspended",
    "paid_recovery": "Paid recovery",
}
LIMITS = {
    "weekly_hours": "weekly hours",
    "daily_rest": "daily rest",
    "weekly_rest": "weekly rest",
    "consecutive_days": "days in a row",
    "shift_length": "length of the shift",
    "break_after": "break",
    "occupancy": "busy time",
    "hostile_contacts": "hostile contacts",
    "pace": "pace",
}


def tell_decisions(*, decisions: Sequence[GuardrailDecision], as_of: datetime) -> int:
    """Tell of decisions that act; a first notice stands on the agent's page and is not told.

    Args:
        decisions: as they were recorded.
        as_of: business instant.

    Returns: how many were told.
    """
    acting = [found for found in decisions if found.level == GuardrailDecision.Level.ACT]
    if not acting:
        return 0
    agents = Agent.objects.in_bulk({found.agent_id for found in acting})
    stops = [found for found in acting if found.effect == GuardrailDecision.Effect.STOP_ASSIGNMENT]
    leads = _leads_of({found.agent_id for found in stops}, as_of)
    load = reverse("load")
    mine = [
        Told(person_id=user, key=_key(found), facts=_facts(found, agents[found.agent_id]), path=load)
        for found in acting
        if (user := agents[found.agent_id].user_id) is not None
    ]
    led = [
        Told(person_id=lead, key=_key(found), facts=_facts(found, agents[found.agent_id]), path=f"{load}?agent={found.agent_id}")
        for found in stops
        if (lead := leads.get(found.agent_id)) is not None
    ]
    return notify_each(kind="guardrail_decision", told=mine, as_of=as_of) + notify_each(kind="guardrail_stop", told=led, as_of=as_of)


def _leads_of(agent_ids: set[int], as_of: datetime) -> dict[int, int]:
    now = Q(effective_to=None) | Q(effective_to__gt=as_of.date())
    found = TeamMembership.objects.filter(now, agent__in=agent_ids, effective_from__lte=as_of.date(), team__lead__isnull=False)
    return dict(found.values_list("agent_id", "team__lead_id"))


def _key(found: GuardrailDecision) -> str:
    return f"{found.agent_id}/{found.limit}/{found.effect}/{found.starts_at.isoformat()}"


def _facts(found: GuardrailDecision, agent: Agent) -> dict[str, str | int]:
    return {
        "agent": agent.name,
        "effect_label": EFFECTS[found.effect],
        "limit_label": LIMITS.get(found.limit, found.limit.replace("_", " ")),
        "starts_at": found.starts_at.isoformat(),
    }
