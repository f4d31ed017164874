"""Compute the settlements of some agents: the one way into the pay pipeline from stored rows.

A pay run and the live accrual both come here, so what an agent sees growing every day is what they are paid in the end.
"""

import logging
from dataclasses import dataclass, field, replace

import polars as pl

from billing.operations.pay_run_shards import Failure
from billing.queries.pay_inputs import plans, raw, unit_totals
from billing.queries.pay_inputs.scope import Scope
from billing.rules import money
from billing.rules.pay import facts, gather, hours, pipeline, settlements
from contracts.queries import terms
from contracts.rules import errors

logger = logging.getLogger(__name__)
INTERNAL_ERROR = "An internal error stopped the calculation; the log of this run tells which. Nothing was paid for this agent."
SECONDS_PER_HOUR = 3600


@dataclass(frozen=True, kw_only=True)
class Settled:
    """One agent's computed settlement, not yet written."""

    inputs: raw.AgentInputs
    pay: settlements.AgentPay
    paid_seconds: int

    @property
    def plan(self) -> terms.PlanTerms:
        """The plan version that paid."""
        return self.inputs.plan

    @property
    def resolution_count(self) -> int:
        """How many resolutions it pays."""
        return self.inputs.credits.height

    @property
    def total_micros(self) -> int:
        """The sum of the rounded lines."""
        return money.to_micros(amount=self.pay.total, currency=self.plan.currency)


@dataclass(kw_only=True)
class Computed:
    """What came of some agents: settlements, those left as they were, failures, and the credits of all of them as one frame."""

    credits: pl.DataFrame
    settled: list[Settled] = field(default_factory=list)
    unchanged_agent_ids: list[int] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def compute_settlements(*, scope: Scope, known: dict[int, str] | None = None) -> Computed:
    """Compute the pay of each agent of a scope; one that fails is named and stops nobody else.

    Args:
        scope: agents, period, and the instant whose knowledge counts.
        known: fingerprint of each agent's present settlement; with the same inputs it is left as it is.

    Returns: settlements and failures in order of agent code. Nothing is written.
    Source: design.md sections 6 and 9.
    """
    loaded = raw.load_inputs(scope=scope)
    computed = Computed(credits=loaded.credits)
    changed = []
    for inputs in loaded.agents:
        if isinstance(inputs, raw.Refused):
            computed.failures.append(_failure(inputs.payee, inputs.reason.message))
        elif known is not None and known.get(inputs.payee.agent_id) == inputs.inputs_hash:
            computed.unchanged_agent_ids.append(inputs.payee.agent_id)
        else:
            changed.append(inputs)
    totals = unit_totals.total_units(agents=changed, credits=loaded.credits)
    for inputs in changed:
        try:
            computed.settled.append(settle_one(inputs=inputs, totals=totals.get(inputs.payee.agent_id)))
        except errors.InvalidInput as refused:
            computed.failures.append(_failure(inputs.payee, refused.message))
        except Exception:
            # A fault of ours in one agent's case must not stop everybody else's pay.
            logger.exception("agent %s could not be computed for %s", inputs.payee.code, scope.period.start)
            computed.failures.append(_failure(inputs.payee, INTERNAL_ERROR))
    return computed


def settle_one(*, inputs: raw.AgentInputs, totals: facts.UnitTotals | None = None) -> Settled:
    """Compute one agent's settlement from what was read; nothing is written.

    Args:
        inputs: records and terms.
        totals: unit totals that the frames made, in place of the single credits; None adds the credits up one by one.

    Returns: lines, evidence and balances.
    Raises: InvalidInput of the rule that refuses.
    Source: design.md section 6.
    """
    plan, currency = inputs.plan, inputs.plan.currency
    records = inputs.with_credits if totals is None and plan.pay.unit is not None else inputs.raw
    gathered = gather.gather_facts(
        raw=records, terms=plan.pay, pack=inputs.pack, period=inputs.period, currency=currency, rates=inputs.rates
    )
    if totals is not None:
        gathered = replace(gathered, units=totals)
    rounding = money.Round(places=money.currency_places(currency=currency))
    pay = pipeline.compute_agent(terms=plan.pay, pack=inputs.pack, period=inputs.period, facts=gathered, rounding=rounding)
    worked = hours.hours_worked(hours=gathered.hours)
    return Settled(inputs=inputs, pay=pay, paid_seconds=int(worked * SECONDS_PER_HOUR))


def _failure(payee: plans.Payee, message: str) -> Failure:
    return Failure(agent_id=payee.agent_id, name=payee.name, message=message)
