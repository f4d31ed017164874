"""Keep the open pay period of each agent up to date, touching only agents whose facts changed."""

import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db import DatabaseError, transaction
from django.db.models import Exists

from agents.models import Agent, Site
from billing.models import PayRun, Settlement
from billing.models.settlements import SettlementStatus
from billing.operations import pay_run_shards, settle_agents, write_settlements
from billing.queries import pay_periods
from billing.queries.pay_inputs.scope import Scope
from billing.rules.pay import workweeks
from contracts.rules import errors

logger = logging.getLogger(__name__)
ACCRUING = SettlementStatus.ACCRUING


@dataclass(frozen=True, kw_only=True)
class AccrualReport:
    """What a refresh did: agents looked at, settlements written anew, agents that could not be computed, and sites that cannot be read."""

    seen_count: int
    changed_count: int
    failures: tuple[pay_run_shards.Failure, ...]
    site_failures: tuple[str, ...] = ()

    @property
    def messages(self) -> list[str]:
        """A sentence for each site and agent that could not be brought up to date."""
        return [*self.site_failures, *(failure.message for failure in self.failures)]


def refresh_accruals(*, as_of: datetime, agent_ids: Collection[int] | None = None) -> AccrualReport:
    """Compute the open period of agents by the same rules as a pay run, and write what changed.

    Args:
        as_of: business instant; it decides which period is open at each site.
        agent_ids: agents to look at; None means all.

    Returns: the counts. A period that a pay run has taken up is left to that run; a site that cannot be read stops no other.
    Source: design.md section 6, step 1: unverified work is an estimate; section 2: one formula.
    """
    seen_count = changed_count = 0
    failures: list[pay_run_shards.Failure] = []
    site_failures = []
    for site, agents in _members(agent_ids):
        try:
            for scope in _scopes(site, agents, as_of):
                computed = _refresh(scope)
                seen_count += len(scope.agent_ids)
                changed_count += len(computed.settled)
                failures += computed.failures
        except DatabaseError:
            # A lost connection or a lock is no fault of one site; the next refresh comes soon.
            raise
        except errors.InvalidInput as refused:
            site_failures.append(f"The open pay of {site} cannot be brought up to date: {refused.message}")
        except Exception:
            logger.exception("the open pay of site %s cannot be brought up to date", site.code)
            site_failures.append(f"The open pay of {site} cannot be brought up to date: the log of this job tells why.")
    return AccrualReport(seen_count=seen_count, changed_count=changed_count, failures=tuple(failures), site_failures=tuple(site_failures))


def _refresh(scope: Scope) -> settle_agents.Computed:
    """Write what changed of a scope, in one transaction."""
    with settle_agents.without_collector(), transaction.atomic():
        existing = write_settlements.lock_settlements(scope=scope)
        known = {agent_id: found.inputs_hash for agent_id, found in existing.items() if found.status == ACCRUING}
        computed = settle_agents.compute_settlements(scope=scope, known=known)
        write_settlements.write_settlements(scope=scope, computed=computed, status=ACCRUING, run=None, existing=existing)
    return computed


def _members(agent_ids: Collection[int] | None) -> Iterator[tuple[Site, list[Agent]]]:
    """Give the agents of each site, in order of code."""
    agents = Agent.objects.all() if agent_ids is None else Agent.objects.filter(pk__in=agent_ids)
    members: dict[Site, list[Agent]] = {}
    for agent in sorted(agents.order_by().select_related("site"), key=lambda agent: (agent.site.code, agent.code)):
        members.setdefault(agent.site, []).append(agent)
    yield from members.items()


def _scopes(site: Site, agents: Sequence[Agent], as_of: datetime) -> Iterator[Scope]:
    """Give the agents of each open period of a site, in parts."""
    for period in _open_periods(site, as_of):
        for part in _cut([agent.pk for agent in agents], pay_run_shards.AGENTS_PER_SHARD):
            yield Scope(site=site, agent_ids=part, period=period, as_of=as_of)


def _open_periods(site: Site, as_of: datetime) -> list[workweeks.PayPeriod]:
    """Return the period that holds the instant, after the one before it while that still accrues."""
    present = pay_periods.period_at(site=site, at=as_of)
    before = pay_periods.period_of(site=site, day=present.start - timedelta(days=1))
    accruing = Settlement.objects.filter(agent__site=site, period_start=before.start, status=ACCRUING)
    runs = PayRun.objects.filter(site=site, agent=None, period_start__in=[before.start, present.start]).order_by()
    asked = Site.objects.filter(pk=site.pk).values_list(Exists(accruing), ArraySubquery(runs.values("period_start")))
    still_accrues, taken_up = asked.get()
    wanted = [before, present] if still_accrues else [present]
    return [period for period in wanted if period.start not in taken_up]


def _cut(agent_ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(agent_ids), size):
        yield agent_ids[start : start + size]
