"""Which pay period a correction counts in: the present one, or the first after it that nobody has approved for the agent."""

from datetime import date, datetime

from agents.models import Agent
from billing.operations import settled_time
from billing.queries import pay_periods


def find_period(*, agent: Agent, as_of: datetime) -> date:
    """Return the first day of the pay period that pays what is decided now.

    It holds this instant, unless the agent's pay of it is approved already, as final pay is before its month is over: what
    counted there would be paid by nobody. The run is locked, so that it is not approved meanwhile.

    Args:
        agent: whose pay is corrected.
        as_of: business instant of the decision.

    Raises: TransactionManagementError outside a transaction.
    Source: design.md section 9, settled lines are corrected by adding; docs/payouts.md, "Final pay".
    """
    period = pay_periods.period_at(site=agent.site, at=as_of)
    while settled_time.is_settled(agent=agent, period_start=period.start):
        period = pay_periods.period_of(site=agent.site, day=period.end)
    return period.start
