"""Keep the open pay period of each agent up to date, touching only agents whose facts changed."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from agents.models import Agent, Site
from billing.models import PayRun, Settlement
from billing.models.settlements import SettlementStatus
from billing.operations import pay_run_shards, settle_agents, write_settlements
from billing.queries import pay_periods
from billing.queries.pay_inputs.scope import Scope
from billing.rules.pay import workweeks


@dataclass(frozen=True, kw_only=True)
class AccrualReport:
    """What a refresh did: agents looked at, settlements written anew, and agents that could not be computed."""

    seen_count: int
    changed_count: int
    failures: tuple[pay_run_shards.Failure, ...]


def refresh_accruals(*, as_of: datetime, agent_ids: Collection[int] | None = None) -> AccrualReport:
    """Compute the open period of agents by the same rules as a pay run, and write what changed.

    Args:
        as_of: business instant; it decides which period is open at each site.
        agent_ids: agents to look at; None means all.

    Returns: the counts. A period that a pay run has taken up is left to that run.
    Source: design.md section 6, step 1: unverified work is an estimate; section 2: one formula.
    """
    seen_count = changed_count = 0
    failures: list[pay_run_shards.Failure] = []
    for scope in _scopes(as_of, agent_ids):
        with transaction.atomic():
            accruing = Settlement.objects.filter(
                agent__in=scope.agent_ids, period_start=scope.period.start, status=SettlementStatus.ACCRUING
            )
            computed = settle_agents.compute_settlements(scope=scope, known=dict(accruing.values_list("agent", "inputs_hash")))
            write_settlements.write_settlements(scope=scope, computed=computed, status=SettlementStatus.ACCRUING, run=None)
        seen_count += len(scope.agent_ids)
        changed_count += len(computed.settled)
        failures += computed.failures
    return AccrualReport(seen_count=seen_count, changed_count=changed_count, failures=tuple(failures))


def _scopes(as_of: datetime, agent_ids: Collection[int] | None) -> Iterator[Scope]:
    """Give the agents of each site and open period, in parts."""
    agents = Agent.objects.all() if agent_ids is None else Agent.objects.filter(pk__in=agent_ids)
    sites = Site.objects.filter(pk__in=agents.values("site")).order_by("code")
    for site in sites:
        for period in _open_periods(site, as_of):
            found = agents.filter(site=site, employed_from__lt=period.end).values_list("code", "pk")
            ordered = [agent_id for _, agent_id in sorted(found)]
            for part in _cut(ordered, pay_run_shards.AGENTS_PER_SHARD):
                yield Scope(site=site, agent_ids=part, period=period, as_of=as_of)


def _open_periods(site: Site, as_of: datetime) -> list[workweeks.PayPeriod]:
    """Return the period that holds the instant, after the one before it while that still accrues."""
    present = pay_periods.period_at(site=site, at=as_of)
    before = pay_periods.period_of(site=site, day=present.start - timedelta(days=1))
    still_accrues = Settlement.objects.filter(agent__site=site, period_start=before.start, status=SettlementStatus.ACCRUING).exists()
    taken_up = set(
        PayRun.objects.filter(site=site, agent=None, period_start__in=[before.start, present.start]).values_list("period_start", flat=True)
    )
    wanted = [before, present] if still_accrues else [present]
    return [period for period in wanted if period.start not in taken_up]


def _cut(agent_ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(agent_ids), size):
        yield agent_ids[start : start + size]
