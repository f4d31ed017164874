"""What people decided: guardrails, approved adjustments, approved reversals."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from agents.queries import frames
from billing.queries import instants
from billing.queries.pay_inputs.scope import Scope
from billing.rules import money
from billing.rules.pay import facts
from contracts.queries import terms
from contracts.rules import errors

# Those that act on pay; a lifted one ends when it was lifted. Time of who was paid in another time zone before may count from 26 hours
# before the period on.
DECISIONS = f"""
    SELECT agent_id, effect, {frames.instant("starts_at")} AS starts_us, {frames.instant("least(ends_at, lifted_at)")} AS until_us
    FROM agents_guardraildecision
    WHERE agent_id = ANY(%(agents)s) AND level = 'act' AND effect IN ('premium_suspended', 'paid_recovery')
      AND starts_at < %(end_at)s AND starts_at <= %(as_of)s
      AND coalesce(least(ends_at, lifted_at) > %(start_at)s::timestamptz - interval '27 hours', true)
    ORDER BY agent_id, starts_at, "limit", id"""  # noqa: S608 (our own text)
# Who could not be computed in a month that was approved all the same has no settlement of it: the next one pays what was decided for it.
ADJUSTMENTS = """
    SELECT a.id, a.agent_id, a.amount_micros, a.currency, a.reason, a.dispute_id FROM billing_adjustment a
    WHERE a.agent_id = ANY(%(agents)s) AND a.approved_at <= %(as_of)s AND (a.period_start = %(start)s OR (
        a.period_start < %(start)s
        AND EXISTS (SELECT FROM billing_payrun p WHERE p.site_id = %(site)s AND p.agent_id IS NULL AND p.period_start = a.period_start
                    AND p.status IN ('approved', 'posted', 'paid'))
        AND NOT EXISTS (SELECT FROM billing_settlement s
                        WHERE s.agent_id = a.agent_id AND s.period_start >= a.period_start AND s.period_start < %(start)s)))
    ORDER BY a.agent_id, a.approved_at, a.id"""
REVERSALS = """
    SELECT v.id, v.agent_id, v.resolution_id, v.paid_micros, v.currency, s.code || '/' || c.key || '/' || r.number AS resolution,
        l.settlement_id, l.position
    FROM billing_reversal v
    JOIN agents_resolution r ON r.id = v.resolution_id JOIN agents_case c ON c.id = r.case_id JOIN agents_source s ON s.id = c.source_id
    JOIN billing_settlementline l ON l.id = v.cited_line_id
    WHERE v.agent_id = ANY(%(agents)s) AND v.period_start = %(start)s AND v.status = 'approved' AND v.decided_at <= %(as_of)s
    ORDER BY v.agent_id, v.decided_at, v.id"""


class UnableToTakeBack(errors.InvalidInput):
    """A reversal in another currency than the plan pays."""


@dataclass(kw_only=True)
class Corrections:
    """One agent's decided amounts, and where each comes from: the line that pays it cites it."""

    amounts: list[facts.Amount] = field(default_factory=list)
    amount_sources: list[str] = field(default_factory=list)
    reversals: list[facts.Reversal] = field(default_factory=list)
    reversal_sources: list[str] = field(default_factory=list)
    reversal_resolution_ids: list[int] = field(default_factory=list)
    # Told by the settlements that the sources name, so the fingerprint goes without.
    reversal_currencies: list[str] = field(default_factory=list, repr=False)

    def refuse_other_currency(self, *, name: str, plan: terms.PlanTerms) -> None:
        """Refuse to take back what was paid in another currency: no rate was agreed for money that the agent has already.

        Raises: UnableToTakeBack.
        """
        other = next((currency for currency in self.reversal_currencies if currency != plan.currency), None)
        if other is not None:
            raise UnableToTakeBack(
                f"A reversal of {name} takes back what was paid in {other}, but {plan.label} pays in {plan.currency}; "
                f"keep a plan that pays in {other} until the period after it, then calculate again.",
                path=("reversals",),
            )


def decisions_of(*, rows: Iterable[Mapping[str, Any]], scope: Scope, starts: Mapping[int, datetime]) -> dict[int, list[facts.Decision]]:
    """Return the guardrail decisions that act on pay in a period, by agent.

    Args:
        rows: of DECISIONS.
        scope: whose period, and the instant whose knowledge counts.
        starts: by agent, from when on their time counts where that is not the beginning of the period.
    """
    decisions: dict[int, list[facts.Decision]] = defaultdict(list)
    for row in rows:
        # A rest that is still going on is paid up to what is known.
        open_until = min(scope.as_of, scope.period.ends_at) if row["effect"] == "paid_recovery" else None
        starts_at = instants.to_instant(row["starts_us"])
        until = open_until if row["until_us"] is None else instants.to_instant(row["until_us"])
        counts_from = min(scope.period.starts_at, starts.get(row["agent_id"], scope.period.starts_at))
        if until is None or until > max(starts_at, counts_from):
            effect = cast(facts.Effect, row["effect"])
            decisions[row["agent_id"]].append(facts.Decision(effect=effect, starts_at=starts_at, ends_at=until))
    return decisions


def corrections_of(*, adjustments: Iterable[Mapping[str, Any]], reversals: Iterable[Mapping[str, Any]]) -> dict[int, Corrections]:
    """Return the adjustments and reversals that count in a period and are approved by then, by agent.

    Args:
        adjustments, reversals: rows of ADJUSTMENTS and REVERSALS.
    """
    found: dict[int, Corrections] = defaultdict(Corrections)
    for row in adjustments:
        correction = found[row["agent_id"]]
        amount = money.from_micros(micros=row["amount_micros"])
        correction.amounts.append(facts.Amount(kind="adjustment", amount=amount, label=row["reason"], currency=row["currency"]))
        cited = f", dispute D-{row['dispute_id']}" if row["dispute_id"] else ""
        correction.amount_sources.append(f"adjustment {row['id']}{cited}")
    for row in reversals:
        correction = found[row["agent_id"]]
        correction.reversals.append(facts.Reversal(resolution=row["resolution"], paid=money.from_micros(micros=row["paid_micros"])))
        correction.reversal_resolution_ids.append(row["resolution_id"])
        correction.reversal_currencies.append(row["currency"])
        correction.reversal_sources.append(f"reversal {row['id']} of settlement {row['settlement_id']}, line {row['position']}")
    return found
