"""Bring the resolutions of changed cases up to date, as deliveries noted them."""

from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from agents.models import ChangedCase
from agents.operations.deliveries import credit_waiting
from agents.operations.resolutions import resolve_cases

CASES_PER_FOLD = 20_000

# One list, where a placeholder for each note would be read one by one.
MARK_FOLDED = "UPDATE agents_changedcase SET folded_at = %(now)s WHERE id = ANY(%(ids)s)"


def fold_changed_cases(*, as_of: datetime) -> int:
    """Fold the cases that deliveries changed, and mark them as folded; what another worker folds is left to it.

    Args:
        as_of: business instant.

    Returns: how many notes were worked off; zero means that nothing is left.
    """
    with transaction.atomic():
        waiting = ChangedCase.objects.select_for_update(skip_locked=True).filter(folded_at=None).order_by("pk")
        notes = list(waiting.values_list("pk", "case_id")[:CASES_PER_FOLD])
        if notes:
            case_ids = sorted({case_id for _, case_id in notes})
            resolve_cases.resolve_cases(as_of=as_of, case_ids=case_ids)
            credit_waiting.credit_waiting_answers(as_of=as_of, case_ids=case_ids)
            with connection.cursor() as cursor:
                cursor.execute(MARK_FOLDED, {"now": timezone.now(), "ids": [pk for pk, _ in notes]})
    return len(notes)
