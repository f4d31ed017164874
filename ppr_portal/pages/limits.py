"""Guardrails in words: what was measured, what the limit is, and what follows, for the agent and for their lead."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from agents.models import GuardrailDecision
from ppr_portal.templatetags import formats


@dataclass(frozen=True, kw_only=True)
class LimitWords:
    """How one limit is named and measured."""

    name: str
    unit: str
    short: str
    is_minimum: bool = False
    is_rate: bool = False


LIMITS = {
    "weekly_hours": LimitWords(name="Average week", unit="h", short="{} h a week"),
    "daily_rest": LimitWords(name="Rest between days", unit="h", short="{} h of rest", is_minimum=True),
    "weekly_rest": LimitWords(name="Longest rest in a week", unit="h", short="{} h of weekly rest", is_minimum=True),
    "consecutive_days": LimitWords(name="Days in a row", unit="days", short="{} days in a row"),
    "shift_length": LimitWords(name="Length of a shift", unit="h", short="a shift of {} h"),
    "break_after": LimitWords(name="Since the last break", unit="h", short="{} h without a break"),
    "occupancy": LimitWords(name="Busy time, last 4 hours", unit="%", short="busy {}%", is_rate=True),
    "hostile_contacts": LimitWords(name="Hostile contacts in a shift", unit="contacts", short="{} hostile contacts"),
    "pace": LimitWords(name="Resolutions an hour", unit="an hour", short="{} resolutions an hour"),
}


@dataclass(frozen=True, kw_only=True)
class DecisionView:
    """A guardrail decision, ready to be shown."""

    pk: int
    agent_id: int
    agent_name: str
    title: str
    is_stop: bool
    short: str
    fact: str
    effect: str
    plan: str
    starts_at: datetime
    ends_at: datetime | None
    is_lifted: bool
    lift_words: str


EFFECTS = {
    "prompt": "A notice only; nothing is stopped and no pay changes.",
    "stop_assignment": "New contacts stop until you have rested. Hours you worked are paid, and nothing you earned is taken away.",
    "premium_suspended": "Resolutions worked beyond the limit earn their base pay, but no premium.",
    "paid_recovery": "The rest is paid at your average hour, so resting costs you nothing.",
}


def view_of(decision: GuardrailDecision) -> DecisionView:
    """Prepare a decision for a page. The plan version must be loaded with it."""
    words = LIMITS[decision.limit]
    value, threshold = measured(decision.limit, Fraction(decision.value)), measured(decision.limit, Fraction(decision.threshold))
    bound = (
        f"you need at least {threshold}"
        if words.is_minimum
        else f"the {'limit' if decision.level == 'act' else 'first notice'} is {threshold}"
    )
    return DecisionView(
        pk=decision.pk,
        agent_id=decision.agent_id,
        agent_name=decision.agent.name,
        title=words.name,
        is_stop=decision.level == GuardrailDecision.Level.ACT,
        short=words.short.format(_number(decision.limit, Fraction(decision.value))),
        fact=f"{value}; {bound}",
        effect=EFFECTS[decision.effect],
        plan=str(decision.plan_version) if decision.plan_version else "the default limits",
        starts_at=decision.starts_at,
        ends_at=decision.ends_at,
        is_lifted=decision.lifted_at is not None,
        lift_words=decision.lift_reason,
    )


def measured(limit: str, value: Fraction) -> str:
    """Write a measure with its unit: 91%, 7 days, 38.4 h."""
    words = LIMITS[limit]
    number = _number(limit, value)
    return f"{number}%" if words.is_rate else f"{number} {'day' if words.unit == 'days' and number == '1' else words.unit}"


def _number(limit: str, value: Fraction) -> str:
    scaled = value * 100 if LIMITS[limit].is_rate and value <= 1 else value
    return formats.number(value=scaled, places=0 if scaled.denominator == 1 or LIMITS[limit].is_rate else 1)
