"""One agent's open period as the what-if needs it: the inputs of the nightly accrual, and what the guardrails leave."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from agents.models import Agent
from agents.queries import load_now, work_facts
from agents.rules import scores
from billing.queries import class_names, pay_periods
from billing.queries.pay_inputs import raw
from billing.queries.pay_inputs.scope import Scope
from billing.rules import what_if
from contracts.rules import errors


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What an agent can try: their situation, classes with counts, metrics, and the room that limits leave."""

    situation: what_if.Situation
    version_id: int
    class_counts: tuple[tuple[str, int], ...]
    metrics: tuple[scores.Metric, ...]
    load: load_now.LoadNow
    hours_room: Fraction
    class_names: class_names.ClassNames

    @property
    def paid_metrics(self) -> tuple[scores.Metric, ...]:
        """The metrics with results that move pay under the plan."""
        return tuple(metric for metric in self.metrics if metric.n > 0 and self._weighs(metric))

    @property
    def unpaid_metrics(self) -> tuple[scores.Metric, ...]:
        """The metrics that are shown and move no pay."""
        return tuple(metric for metric in self.metrics if not self._weighs(metric))

    def _weighs(self, metric: scores.Metric) -> bool:
        quality = self.situation.terms.quality
        return quality is not None and quality.weights.get(metric.code, 1) > 0


@dataclass(frozen=True, kw_only=True)
class NoTrial:
    """Why there is nothing to try; empty where nothing is recorded yet."""

    reason: str


def read_trial(*, agent: Agent, as_of: datetime) -> Trial | NoTrial:
    """Read an agent's open period, in a fixed number of queries.

    Args:
        agent: with its site read.
        as_of: business instant.
    """
    period = pay_periods.period_at(site=agent.site, at=as_of)
    loaded = raw.load_inputs(scope=Scope(site=agent.site, agent_ids=[agent.pk], period=period, as_of=as_of))
    if not loaded.agents:
        return NoTrial(reason="")
    inputs = loaded.agents[0]
    if isinstance(inputs, raw.Refused):
        return NoTrial(reason=inputs.reason.message)
    situation = what_if.Situation(
        raw=inputs.with_credits,
        terms=inputs.plan.pay,
        pack=inputs.pack,
        period=inputs.period,
        currency=inputs.plan.currency,
        as_of=as_of,
        rates=inputs.rates,
    )
    limits = work_facts.limits_of(plan=inputs.plan)
    now = load_now.measure_load(
        agent_id=agent.pk,
        entries=load_now.list_entries(agent_id=agent.pk, as_of=as_of),
        limits=limits,
        zone=ZoneInfo(agent.site.timezone),
        as_of=as_of,
    )
    counts = Counter(credit.class_code for credit in situation.raw.credits if credit.class_code and credit.verified_at)
    return Trial(
        situation=situation,
        version_id=inputs.plan.version_id,
        class_counts=tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0]))),
        metrics=situation.raw.metrics,
        load=now,
        hours_room=what_if.hours_room(decisions=now.decisions, limits=limits, as_of=as_of, ends_at=period.ends_at),
        class_names=inputs.records.class_names,
    )


def try_changes(*, trial: Trial, changes: what_if.Changes) -> what_if.Comparison | str:
    """Compare an agent's pay now with the changes; the sentence of the rule that refuses, if one does."""
    try:
        return what_if.compare(situation=trial.situation, changes=changes)
    except errors.InvalidInput as refused:
        return refused.message
