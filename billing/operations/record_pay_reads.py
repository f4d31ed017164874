"""Write down who saw whose pay: with the page that showed it, or the page is not shown."""

from collections.abc import Collection
from datetime import datetime, timedelta

from agents.models import User
from billing.models import PayRead
from billing.models.pay_reads import KEPT_DAYS

PATH_MAX = 300


def record_pay_reads(*, person: User, agent_ids: Collection[int], route: str, path: str, form: str, read_at: datetime) -> int:
    """Write down that a person saw the pay of agents, in one statement.

    Args:
        person: who saw it; what is their own is left out by whoever calls.
        agent_ids: whose pay it was, in any order, repeats allowed.
        route: name of the page.
        path: its address; only the first 300 characters are kept.
        form: page, csv, xlsx, pdf or xml.
        read_at: business instant.

    Returns: how many rows were written.
    """
    rows = [
        PayRead(person=person, agent_id=agent_id, route=route, path=path[:PATH_MAX], form=form, read_at=read_at)
        for agent_id in sorted(set(agent_ids))
    ]
    PayRead.objects.bulk_create(rows, batch_size=10_000)
    return len(rows)


def delete_old_pay_reads(*, as_of: datetime) -> int:
    """Delete what was kept as long as payroll records have to be; the database refuses to delete sooner.

    Args:
        as_of: business instant.

    Returns: how many were deleted.
    """
    deleted, _ = PayRead.objects.filter(read_at__lt=as_of - timedelta(days=KEPT_DAYS)).delete()
    return deleted
