"""Send a calculated pay run to review: from then on the nightly job leaves it to the people who decide."""

from datetime import datetime

import pghistory
from django.db import transaction

from agents.models import User
from billing.models import PayRun

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
        run = PayRun.objects.select_for_update(of=["self"], no_key=True).select_related("site").get(pk=run_id)
        if run.status != Status.CALCULATED:
            raise UnableToReview(f"{run} is {run.get_status_display().lower()}; only a calculated run can be sent to review.")
        run.status, run.review_by, run.review_at = Status.IN_REVIEW, person, as_of
        run.save(update_fields=["status", "review_by", "review_at"])
    return run
