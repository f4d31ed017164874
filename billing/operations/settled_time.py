"""Which time lies in a pay period that is settled: hours recorded there now are read by no run any more."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from agents.models import Agent
from billing.models import PayRun, Settlement
from billing.operations.calculate_pay_run import FIXED


def find_settled(*, agent: Agent, started_at: datetime, ended_at: datetime) -> date | None:
    """Return the first pay period that holds a part of a time and is approved, posted or paid for an agent.

    Runs that touch the time are locked, so that none of them is approved between the answer and what the caller writes.

    Args:
        agent: whose time; their own run counts where they have one, else the site's, and any that paid them elsewhere.
        started_at: first instant.
        ended_at: first instant after it.

    Returns: its first day; None if every run that could read the time can still be calculated.
    Raises: TransactionManagementError outside a transaction.
    Source: design.md section 9, settled periods never change; docs/quality-work.md.
    """
    zone = ZoneInfo(agent.site.timezone)
    first, last = started_at.astimezone(zone).date(), (ended_at - timedelta(microseconds=1)).astimezone(zone).date()
    paid = Settlement.objects.filter(agent=agent, run__isnull=False).values("run")
    runs = list(
        PayRun.objects.select_for_update(no_key=True)
        .filter(Q(agent=agent) | Q(site=agent.site_id, agent=None) | Q(pk__in=paid), period_start__lte=last, period_end__gt=first)
        .order_by("period_start", "pk")
    )
    # The run of the site leaves out whoever has a run of their own.
    own = {run.period_start for run in runs if run.agent_id == agent.pk}
    settled = (run.period_start for run in runs if run.status in FIXED and (run.agent_id is not None or run.period_start not in own))
    return next(settled, None)
