"""Carry what deliveries changed into pay: the books, then the accruals of the agents whose cases they touch."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from agents.models import Agent, Case, ChangedCase, Resolution
from agents.queries import changed_agents
from billing.operations import book_resolutions, refresh_accruals

NOTES_AT_ONCE = 20_000


@dataclass(frozen=True, kw_only=True)
class ChangeReport:
    """What was carried over: changed cases, agents looked at, accruals written anew, and who or what could not be computed."""

    case_count: int
    agent_count: int
    changed_count: int
    failures: tuple[str, ...] = ()


def refresh_changed(*, as_of: datetime) -> ChangeReport:
    """Book and accrue what follows from folded cases, and strike them off; a second run finds nothing to do.

    Args:
        as_of: business instant.

    Returns: the counts; a case count of zero means that nothing is left.
    Source: design.md section 6, step 1.
    """
    with transaction.atomic():
        folded = ChangedCase.objects.select_for_update(skip_locked=True).filter(folded_at__isnull=False).order_by("pk")
        notes = list(folded.values_list("pk", "case_id")[:NOTES_AT_ONCE])
        if not notes:
            return ChangeReport(case_count=0, agent_count=0, changed_count=0)
        case_ids = {case_id for _, case_id in notes}
        agent_ids = changed_agents.list_agents_of_cases(case_ids=case_ids)
        if _may_move_the_books(case_ids):
            book_resolutions.book_resolutions(as_of=as_of, case_ids=case_ids)
        # All at once and in the order that runs lock in; part by part, two writers could wait for each other.
        list(Agent.objects.filter(pk__in=agent_ids).order_by("pk").select_for_update(no_key=True).values_list("pk"))
        accrued = refresh_accruals.refresh_accruals(as_of=as_of, agent_ids=agent_ids)
        ChangedCase.objects.filter(pk__in=[pk for pk, _ in notes]).delete()
    return ChangeReport(
        case_count=len(case_ids),
        agent_count=len(agent_ids),
        changed_count=accrued.changed_count,
        failures=tuple(accrued.messages),
    )


def _may_move_the_books(case_ids: Collection[int]) -> bool:
    """Say whether a resolution of these cases, or of others of the same customers, is payable now or was booked before."""
    hashes = Case.objects.filter(pk__in=case_ids).exclude(customer_hash="").values("customer_hash")
    touched = Resolution.objects.filter(Q(case__in=case_ids) | Q(case__customer_hash__in=hashes))
    return touched.filter(Q(is_payable=True) | Q(booked_lines__isnull=False)).exists()
