"""Seeds what customers said on cases: that it is solved, and now and then something hostile. Simulated, and marked as such.

The incident log only has changes of state. A favorable survey answer is also the customer's yes, so a part of the
resolutions is confirmed and not only assumed; a hostile contact shows how the guardrail protects an agent.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from agents.models import CaseEvent, Resolution, Source, Survey
from ppr_portal.demo.company import Hostile
from ppr_portal.demo.records import CONTACTS

BEFORE_SOLUTION = timedelta(minutes=9)
SHIFT_MAX = timedelta(hours=12)
HANDLE_SECONDS = 420


def acknowledge(*, surveys: Iterable[Survey], received_at: datetime) -> list[int]:
    """Write a customer's yes for each favorable survey.

    Returns: ids of the cases that have a new event.
    """
    source = Source.objects.get(code=CONTACTS)
    events = [
        _event(source, survey.resolution, CaseEvent.Type.CUSTOMER_ACKNOWLEDGED, survey.answered_at, "yes", received_at)
        for survey in surveys
        if survey.is_favorable
    ]
    CaseEvent.objects.bulk_create(events, ignore_conflicts=True)
    return sorted({event.case_id for event in events})


def seed_hostile_contacts(*, hostile: tuple[Hostile, ...], as_of: datetime) -> list[int]:
    """Let some agents' customers be hostile before their cases were solved.

    Args:
        hostile: whose customers, how many, and before which moments.
        as_of: nothing later is known.

    Returns: ids of the cases that have a new event; empty if it was done before.
    """
    source = Source.objects.get(code=CONTACTS)
    events = [event for shift in hostile if shift.until <= as_of for event in _hostile_events(source, shift)]
    known = set(CaseEvent.objects.filter(source=source, key__in=[event.key for event in events]).values_list("key", flat=True))
    new = [event for event in events if event.key not in known]
    CaseEvent.objects.bulk_create(new)
    return sorted({event.case_id for event in new})


def _hostile_events(source: Source, shift: Hostile) -> Iterator[CaseEvent]:
    """Spread the contacts over the last cases of the shift; a customer may come more than once before the case is solved."""
    solved = Resolution.objects.filter(
        agent__code=shift.agent, number=1, resolved_at__lte=shift.until, resolved_at__gt=shift.until - SHIFT_MAX
    )
    latest = list(solved.select_related("case", "identity").order_by("-resolved_at", "case__key")[: shift.count])
    for count in range(shift.count if latest else 0):
        earlier, position = divmod(count, len(latest))
        at = latest[position].resolved_at - BEFORE_SOLUTION * (1 + earlier)
        event = _event(source, latest[position], CaseEvent.Type.CONTACT, at, f"hostile/{earlier + 1}", at)
        event.direction, event.medium, event.content = "in", "live", "other"
        event.is_hostile, event.handle_seconds = True, HANDLE_SECONDS
        yield event


def _event(source: Source, resolution: Resolution, kind: str, at: datetime, name: str, received_at: datetime) -> CaseEvent:
    key = f"{resolution.case.key}/{resolution.number}/{name}"
    return CaseEvent(
        source=source,
        key=key,
        body_hash=hashlib.sha256(f"{key}\x1f{kind}\x1f{at.isoformat()}".encode()).hexdigest(),
        case_id=resolution.case_id,
        type=kind,
        occurred_at=at,
        agent_identity=resolution.identity,
        channel_id=resolution.channel_id,
        received_at=received_at,
    )
