"""Gaming signals for review: pages of them, one with its evidence, and how often such a signal was a real problem."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet

from agents.models import GamingSignal, Hold, Resolution
from agents.operations.fairness import find_signals

EVIDENCE_SHOWN = 50
STATISTICS_SPAN = timedelta(days=365)
Status = GamingSignal.Status
DECIDED = (Status.DISMISSED, Status.CONFIRMED)


@dataclass(frozen=True, kw_only=True)
class KindRecord:
    """What people decided about the signals of one kind in a year."""

    kind: str
    confirmed_count: int
    dismissed_count: int
    expired_count: int
    open_count: int

    @property
    def decided_count(self) -> int:
        """How many were decided by a person."""
        return self.confirmed_count + self.dismissed_count


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One unusual resolution of a signal, whether it is held for it, and for split ones the customer's case before it."""

    resolution: Resolution
    is_held: bool
    earlier: Resolution | None


def count_by_status(*, signals: QuerySet[GamingSignal]) -> Mapping[str, int]:
    """Return how many signals are in each state, in one query."""
    rows = signals.order_by().values("status").annotate(count=Count("pk"))
    return {row["status"]: row["count"] for row in rows}


def list_evidence(*, signal: GamingSignal) -> tuple[tuple[Evidence, ...], int]:
    """Return the unusual resolutions of a signal, the newest first, at most EVIDENCE_SHOWN, and how many there are."""
    held = set(
        Hold.objects.filter(reason=find_signals.HOLD_REASON, released_at=None, resolution__gaming_signals=signal).values_list(
            "resolution", flat=True
        )
    )
    rows = signal.resolutions.select_related("case", "query_type", "channel").order_by("-resolved_at", "-pk")
    unusual = list(rows[:EVIDENCE_SHOWN])
    earlier = _earlier(signal, unusual) if signal.kind == GamingSignal.Kind.SPLITTING else {}
    shown = tuple(Evidence(resolution=one, is_held=one.pk in held, earlier=earlier.get(one.pk)) for one in unusual)
    return shown, len(shown) if len(shown) < EVIDENCE_SHOWN else rows.count()


def _earlier(signal: GamingSignal, unusual: Sequence[Resolution]) -> Mapping[int, Resolution]:
    """Return, by unusual resolution, the case that its customer opened before it about the same, as marks.prepare finds it."""
    customers = {one.case.customer_hash for one in unusual}
    rows = Resolution.objects.filter(
        agent=signal.agent_id, case__customer_hash__in=customers, resolved_at__gte=signal.since_at, resolved_at__lt=signal.until_at
    ).select_related("case", "query_type")
    known: dict[tuple[str, str], list[Resolution]] = {}
    for one in rows.order_by("case__opened_at", "case_id", "number"):
        known.setdefault(_topic(one), []).append(one)
    found = {}
    for one in unusual:
        before = [other for other in known.get(_topic(one), []) if _opened(other) < _opened(one)]
        if before:
            found[one.pk] = before[-1]
    return found


def _topic(one: Resolution) -> tuple[str, str]:
    return one.case.customer_hash, one.query_type.code if one.query_type else ""


def _opened(one: Resolution) -> tuple[datetime, int]:
    return one.case.opened_at, one.case_id


def record_of_kinds(*, as_of: datetime) -> dict[str, KindRecord]:
    """Return what was decided about the signals of each kind within a year, over the whole company, in one query."""
    recent = GamingSignal.objects.filter(found_at__gt=as_of - STATISTICS_SPAN).order_by()
    counts = {(kind, status): count for kind, status, count in recent.values_list("kind", "status").annotate(count=Count("pk"))}
    return {
        kind: KindRecord(
            kind=kind,
            confirmed_count=counts.get((kind, Status.CONFIRMED), 0),
            dismissed_count=counts.get((kind, Status.DISMISSED), 0),
            expired_count=counts.get((kind, Status.EXPIRED), 0),
            open_count=counts.get((kind, Status.OPEN), 0),
        )
        for kind in sorted({kind for kind, _ in counts})
    }
