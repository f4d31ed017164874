"""Decide on a calculated pay run: approve, post, mark as paid. The person who prepared it cannot approve it."""

from datetime import date, datetime

import pghistory
from django.db import models, transaction

from agents.models import User
from billing.models import PayRun, Settlement
from billing.models.settlements import SettlementStatus

Status = PayRun.Status


class UnableToApprove(Exception):
    """A run that is not calculated, or that this person may not approve."""


class UnableToPost(Exception):
    """A run that nobody approved yet, or that was posted before."""


class UnableToMarkPaid(Exception):
    """A run that was not posted, or a day before it was."""


def approve_pay_run(*, run_id: int, person: User, as_of: datetime, despite_failures: bool = False, reason: str = "") -> PayRun:
    """Approve a calculated run; from then on its settlements and lines never change.

    Args:
        run_id: the run.
        person: who approves; not the person who prepared it.
        as_of: business instant of the decision.
        despite_failures: approve although agents could not be computed; they are left out and stay named in the run.
        reason: why, in the person's words; kept with the run.

    Returns: the run.
    Raises: UnableToApprove; nothing is written then.
    Source: design.md section 9.
    """
    with transaction.atomic(), pghistory.context(user=person.pk, act="approve pay run"):
        run = _lock(run_id)
        if run.status not in (Status.CALCULATED, Status.IN_REVIEW):
            raise UnableToApprove(f"{run} is {run.get_status_display().lower()}; only a calculated run can be approved.")
        if run.prepared_by_id == person.pk:
            raise UnableToApprove(f"{person} prepared {run} and cannot approve it; ask another approver.")
        failed = [failure["name"] for shard in run.shards.order_by("number") for failure in shard.failures]
        if failed and not despite_failures:
            raise UnableToApprove(
                f"{run} could not pay {', '.join(failed)}; mend what its shards say and calculate it again, or approve it without them."
            )
        run.status, run.approved_by, run.approved_at, run.approval_reason = Status.APPROVED, person, as_of, reason
        run.save(update_fields=["status", "approved_by", "approved_at", "approval_reason"])
        _settlements(run).update(status=SettlementStatus.APPROVED)
    return run


def post_pay_run(*, run_id: int, person: User, as_of: datetime) -> PayRun:
    """Post an approved run: what it owes is now owed.

    Raises: UnableToPost; nothing is written then.
    Source: design.md section 9.
    """
    with transaction.atomic(), pghistory.context(user=person.pk, act="post pay run"):
        run = _lock(run_id)
        if run.status != Status.APPROVED:
            raise UnableToPost(f"{run} is {run.get_status_display().lower()}; only an approved run can be posted.")
        run.status, run.posted_at = Status.POSTED, as_of
        run.save(update_fields=["status", "posted_at"])
        _settlements(run).update(status=SettlementStatus.POSTED)
    return run


def mark_pay_run_paid(*, run_id: int, person: User, paid_on: date) -> PayRun:
    """Record that the money of a posted run was sent.

    Raises: UnableToMarkPaid; nothing is written then.
    Source: design.md section 9.
    """
    with transaction.atomic(), pghistory.context(user=person.pk, act="mark pay run paid"):
        run = _lock(run_id)
        if run.status != Status.POSTED or run.posted_at is None:
            raise UnableToMarkPaid(f"{run} is {run.get_status_display().lower()}; only a posted run can be paid.")
        if paid_on < run.period_end:
            raise UnableToMarkPaid(f"{run} ends before {run.period_end}; it cannot have been paid on {paid_on}.")
        run.status, run.paid_on = Status.PAID, paid_on
        run.save(update_fields=["status", "paid_on"])
        _settlements(run).update(status=SettlementStatus.PAID)
    return run


def _lock(run_id: int) -> PayRun:
    return PayRun.objects.select_for_update(of=["self"], no_key=True).select_related("site").get(pk=run_id)


def _settlements(run: PayRun) -> models.QuerySet[Settlement]:
    return Settlement.objects.filter(run=run)
