"""What people decided: guardrails, approved adjustments, approved reversals."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import cast

from django.db.models import Q
from django.db.models.functions import Coalesce, Least

from agents.models import GuardrailDecision
from billing.models import Adjustment, Reversal
from billing.queries.pay_inputs.scope import Scope
from billing.rules import money
from billing.rules.pay import facts

EFFECTS = (GuardrailDecision.Effect.PREMIUM_SUSPENDED, GuardrailDecision.Effect.PAID_RECOVERY)


@dataclass(kw_only=True)
class Corrections:
    """One agent's decided amounts, and where each comes from: the line that pays it cites it."""

    amounts: list[facts.Amount] = field(default_factory=list)
    amount_sources: list[str] = field(default_factory=list)
    reversals: list[facts.Reversal] = field(default_factory=list)
    reversal_sources: list[str] = field(default_factory=list)
    reversal_resolution_ids: list[int] = field(default_factory=list)


def read_decisions(*, scope: Scope) -> dict[int, list[facts.Decision]]:
    """Read the guardrail decisions that act on pay in a period, by agent, in one query; a lifted one ends when it was lifted."""
    ends = Coalesce(Least("ends_at", "lifted_at"), "ends_at", "lifted_at")
    found = GuardrailDecision.objects.filter(
        agent__in=scope.agent_ids, level=GuardrailDecision.Level.ACT, effect__in=EFFECTS, starts_at__lt=scope.period.ends_at
    ).filter(starts_at__lte=scope.as_of)
    found = found.annotate(until=ends).filter(Q(until=None) | Q(until__gt=scope.period.starts_at))
    decisions: dict[int, list[facts.Decision]] = defaultdict(list)
    for row in found.order_by("agent", "starts_at", "limit", "pk").values("agent", "effect", "starts_at", "until"):
        # A rest that is still going on is paid up to what is known.
        until = row["until"] or (min(scope.as_of, scope.period.ends_at) if row["effect"] == "paid_recovery" else None)
        if until is None or until > row["starts_at"]:
            effect = cast(facts.Effect, row["effect"])
            decisions[row["agent"]].append(facts.Decision(effect=effect, starts_at=row["starts_at"], ends_at=until))
    return decisions


def read_corrections(*, scope: Scope) -> dict[int, Corrections]:
    """Read the adjustments and reversals that count in a period and are approved by then, by agent, in two queries."""
    found: dict[int, Corrections] = defaultdict(Corrections)
    counted = {"agent__in": scope.agent_ids, "period_start": scope.period.start}
    for entered in Adjustment.objects.filter(**counted, approved_at__lte=scope.as_of).order_by("agent", "approved_at", "pk"):
        correction = found[entered.agent_id]
        amount = money.from_micros(micros=entered.amount_micros)
        correction.amounts.append(facts.Amount(kind="adjustment", amount=amount, label=entered.reason, currency=entered.currency))
        cited = f", dispute D-{entered.dispute_id}" if entered.dispute_id else ""
        correction.amount_sources.append(f"adjustment {entered.pk}{cited}")
    reversals = Reversal.objects.filter(**counted, status="approved", decided_at__lte=scope.as_of)
    for reversal in reversals.select_related("resolution__case__source", "cited_line").order_by("agent", "decided_at", "pk"):
        correction = found[reversal.agent_id]
        resolution = reversal.resolution
        name = f"{resolution.case.source.code}/{resolution.case.key}/{resolution.number}"
        correction.reversals.append(facts.Reversal(resolution=name, paid=money.from_micros(micros=reversal.paid_micros)))
        correction.reversal_resolution_ids.append(reversal.resolution_id)
        line = reversal.cited_line
        correction.reversal_sources.append(f"reversal {reversal.pk} of settlement {line.settlement_id}, line {line.position}")
    return found
