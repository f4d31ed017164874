"""Which time lies in a pay period that is settled: hours recorded there now are read by no run any more."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q

from agents.models import Agent
from billing.models import PayRun, Settlement
from billing.operations.calculate_pay_run import FIXED
from billing.queries import pay_periods

# Months of two sites begin up to 26 hours apart.
CLOCKS_APART_MAX = timedelta(hours=27)


def find_settled(*, agent: Agent, started_at: datetime, ended_at: datetime) -> date | None:
    """Return the first pay period that holds a part of a time and is approved, posted or paid for an agent.

    Runs that touch the time are locked, so that none of them is approved between the answer and what the caller writes.

    Args:
        agent: whose time; of each month the run that paid them counts, by the clock of its site, else their own, else that of the site.
        started_at: first instant.
        ended_at: first instant after it.

    Returns: its first day; None if every run that could read the time can still be calculated.
    Raises: TransactionManagementError outside a transaction.
    Source: design.md section 9, settled periods never change; docs/quality-work.md.
    """
    first, last = (started_at - CLOCKS_APART_MAX).date(), (ended_at + CLOCKS_APART_MAX).date()
    for run in _lock_runs(agent, period_start__lte=last, period_end__gte=first):
        period = pay_periods.period_of(site=run.site, day=run.period_start)
        if run.status in FIXED and started_at < period.ends_at and ended_at > period.starts_at:
            return run.period_start
    return None


def is_settled(*, agent: Agent, period_start: date) -> bool:
    """Say whether an agent's pay of a month is approved, posted or paid; its runs are locked.

    Args:
        agent: whose pay.
        period_start: first day of the month.

    Raises: TransactionManagementError outside a transaction.
    """
    return any(run.status in FIXED for run in _lock_runs(agent, period_start=period_start))


def _lock_runs(agent: Agent, **months: Any) -> list[PayRun]:
    """Return the run of each month that decides for an agent, in order."""
    held = Settlement.objects.filter(agent=agent, run__isnull=False).values("run")
    locked = PayRun.objects.select_for_update(no_key=True, of=("self",)).select_related("site")
    runs = locked.filter(Q(agent=agent) | Q(site=agent.site_id, agent=None) | Q(pk__in=held), **months).order_by("period_start", "pk")
    found = list(runs)
    paying = set(held.filter(run__in=found).values_list("run", flat=True))
    # Whoever has a run of their own is left out by that of the month, and whom one holds, by every other.
    ranked = sorted(found, key=lambda run: (run.pk in paying, run.agent_id is not None))
    return [run for _start, run in sorted({run.period_start: run for run in ranked}.items())]
