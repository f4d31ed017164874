"""Who may be given work now: the guardrail decisions in force, one answer for each agent."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import DateField, F, Func, Q, Value

from agents.models import Agent, GuardrailDecision
from agents.rules.load_words import LIMIT_WORDS

# A rest that is paid is a rest too: nobody is given work in it.
STOPPING = (GuardrailDecision.Effect.STOP_ASSIGNMENT, GuardrailDecision.Effect.PAID_RECOVERY)


@dataclass(frozen=True, kw_only=True)
class Stop:
    """One decision in force that keeps work away from an agent."""

    limit: str
    effect: str
    value: Decimal
    threshold: Decimal
    starts_at: datetime
    ends_at: datetime | None
    words: str


@dataclass(frozen=True, kw_only=True)
class Availability:
    """One agent: what stops them, until when, and when this last changed; empty stops mean available.

    `until` is None where no instant is known: then only a look that finds the limit kept ends the stop.
    """

    agent_code: str
    stops: tuple[Stop, ...]
    changed_at: datetime | None

    @property
    def until(self) -> datetime | None:
        """When the last stop ends."""
        ends = [stop.ends_at for stop in self.stops]
        return None if not ends or None in ends else max(end for end in ends if end is not None)


def list_availability(*, as_of: datetime) -> tuple[Availability, ...]:
    """Return everybody who is employed on the day that it is at their site, by agent code, in two queries.

    Args:
        as_of: business instant.

    Source: design.md section 8: the routing system reads availability from the API.
    """
    day = _DayAt(Value(as_of), F("site__timezone"))
    agents = Agent.objects.alias(today=day).filter(Q(employed_to=None) | Q(employed_to__gt=F("today")), employed_from__lte=F("today"))
    agents = agents.order_by("code")
    decisions: dict[int, list[GuardrailDecision]] = {}
    acting = GuardrailDecision.objects.filter(
        level=GuardrailDecision.Level.ACT, effect__in=STOPPING, starts_at__lte=as_of, agent__in=agents.values("pk")
    )
    for decision in acting.order_by("agent", "starts_at", "limit", "effect"):
        decisions.setdefault(decision.agent_id, []).append(decision)
    return tuple(_availability(code, decisions.get(pk, []), as_of) for pk, code in agents.values_list("pk", "code"))


class _DayAt(Func):
    """Which day an instant is in a time zone."""

    template = "(%(expressions)s)::date"
    arg_joiner = " AT TIME ZONE "
    output_field = DateField()


def _availability(code: str, decisions: list[GuardrailDecision], as_of: datetime) -> Availability:
    changes = [at for one in decisions for at in (max(one.starts_at, one.decided_at), _end(one)) if at is not None and at <= as_of]
    return Availability(
        agent_code=code,
        stops=tuple(
            Stop(
                limit=one.limit,
                effect=one.effect,
                value=one.value,
                threshold=one.threshold,
                starts_at=one.starts_at,
                ends_at=one.ends_at,
                words=LIMIT_WORDS[one.limit],
            )
            for one in decisions
            if (end := _end(one)) is None or end > as_of
        ),
        changed_at=max(changes, default=None),
    )


def _end(decision: GuardrailDecision) -> datetime | None:
    """Return when a decision ends or was lifted."""
    ends = [at for at in (decision.ends_at, decision.lifted_at) if at is not None]
    return min(ends, default=None)
