"""Send a calculated pay run to review: from then on the nightly job leaves it to the people who decide."""

from datetime import datetime

import pghistory
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from agents.access import Role
from agents.models import User
from agents.operations.people.notify import notify
from billing.models import PayRun
from billing.operations.lock_pay_run import lock_pay_run
from billing.queries import dispute_people

Status = PayRun.Status


class UnableToReview(Exception):
    """A run that is not calculated."""


def send_to_review(*, run_id: int, person: User, as_of: datetime) -> PayRun:
    """Send a calculated run to review.

    Args:
        run_id: the run.
        person: who looked at it first; may be who prepared it.
        as_of: business instant.

    Returns: the run.
    Raises: UnableToReview; nothing is written then.
    Source: design.md section 9: calculating, calculated, in review, approved.
    """
    with transaction.atomic(), pghistory.context(user=person.pk, act="send pay run to review"):
        run = lock_pay_run(run_id=run_id)
        if run.status != Status.CALCULATED:
            words = _("%(run)s is %(state)s; only a calculated run can be sent to review.")
            raise UnableToReview(words % {"run": run, "state": run.get_status_display().lower()})
        run.status, run.review_by, run.review_at = Status.IN_REVIEW, person, as_of
        run.save(update_fields=["status", "review_by", "review_at"])
        _tell_approvers(run, person, as_of)
    return run


def _tell_approvers(run: PayRun, person: User, as_of: datetime) -> None:
    """Tell those who may approve it; whoever prepared it may not."""
    approvers = dispute_people.with_roles(Role.APPROVER).exclude(pk__in=[person.pk, run.prepared_by_id or 0])
    facts = {"site": run.site.name, "period_month": run.period_start.isoformat(), "person": str(person)}
    people = list(approvers.values_list("pk", flat=True))
    key = f"run-{run.pk}/{as_of.date()}"
    notify(kind="run_needs_approval", people=people, key=key, facts=facts, path=reverse("pay_run", args=[run.pk]), as_of=as_of)
