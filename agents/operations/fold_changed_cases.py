"""Bring the resolutions of changed cases up to date, as deliveries noted them."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from agents.models import ChangedCase
from agents.operations import resolve_cases

CASES_PER_FOLD = 20_000


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
            resolve_cases.resolve_cases(as_of=as_of, case_ids=sorted({case_id for _, case_id in notes}))
            ChangedCase.objects.filter(pk__in=[pk for pk, _ in notes]).update(folded_at=timezone.now())
    return len(notes)
