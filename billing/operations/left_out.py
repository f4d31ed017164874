"""Why a run of a month leaves out somebody who worked in it: a sentence for each, told in the run and at its approval."""

from datetime import date, datetime

from billing.models import PayRun
from billing.operations.pay_run_shards import Failure
from billing.queries import pay_periods, payees
from billing.queries.pay_inputs import plans


def tell_settled_later(*, payee: plans.Payee, later: date) -> Failure:
    """Return why an agent is not paid for a period: a later one is approved, which this one would have handed its balances to.

    Args:
        payee: the agent.
        later: first day of the approved one.
    """
    message = (
        f"The pay of {payee.name} for {later:%B %Y} is approved already, and this month comes before it: its cases come with the next "
        "period once this run is approved; enter an adjustment for its hours."
    )
    return Failure(agent_id=payee.agent_id, name=payee.name, message=message)


def tell_worked_after(*, run: PayRun, as_of: datetime) -> list[Failure]:
    """Name those whom the run of a month leaves out, for their final pay is approved, though they worked on.

    Args:
        run: of a month.
        as_of: what was clocked later is not known.
    """
    period = pay_periods.period_of(site=run.site, day=run.period_start)
    return [
        Failure(
            agent_id=agent.pk,
            name=agent.name,
            message=f"{agent.name} worked on after the final pay of {run.period_start:%B %Y} was calculated, which is approved; enter an "
            "adjustment for these hours.",
        )
        for agent in payees.list_worked_after(site=run.site, period=period, as_of=as_of)
    ]
