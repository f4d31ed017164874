"""Resolutions as people look through them: filtered by state, newest first, one page at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from agents.models import Hold, Resolution

PAGE_SIZE = 50
STATES = ("pending", "confirmed", "assumed", "held", "reopened", "void")


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where a page of the list ends: the instant and id of its last row. It stays right when rows arrive above."""

    resolved_at: datetime
    pk: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a position from an address; anything that is none means the start."""
        instant, _, number = text.rpartition("_")
        try:
            at = datetime.fromisoformat(instant)
            return cls(resolved_at=at, pk=int(number)) if at.tzinfo else None
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"{self.resolved_at.isoformat()}_{self.pk}"


@dataclass(frozen=True, kw_only=True)
class ResolutionPage:
    """One page of the list, and where the next one begins; None on the last page."""

    rows: tuple[Resolution, ...]
    next_position: Position | None


def count_by_state(*, resolutions: QuerySet[Resolution]) -> Mapping[str, int]:
    """Return how many there are in each state and in all, and how many wait for a person besides, in two queries."""
    counts = dict(resolutions.order_by().values_list("state").annotate(total=Count("pk")))
    held = Hold.objects.filter(released_at=None, resolution__in=resolutions.order_by().values("pk"))
    return {
        **dict.fromkeys(STATES, 0),
        **counts,
        "all": sum(counts.values()),
        "held": held.aggregate(total=Count("resolution", distinct=True))["total"],
    }


def in_state(*, resolutions: QuerySet[Resolution], state: str) -> QuerySet[Resolution]:
    """Return those in a state; "held" are those with an open hold, whatever their state."""
    if state == "held":
        return resolutions.filter(Exists(_open_holds()))
    return resolutions.filter(state=state) if state in STATES else resolutions


def list_page(*, resolutions: QuerySet[Resolution], after: Position | None) -> ResolutionPage:
    """Return the page after a position, newest first, in one query."""
    if after is not None:
        resolutions = resolutions.filter(Q(resolved_at__lt=after.resolved_at) | Q(resolved_at=after.resolved_at, pk__lt=after.pk))
    found = list(
        resolutions.select_related("case__contract__client", "query_type", "channel", "agent")
        .annotate(is_held=Exists(_open_holds()))
        .order_by("-resolved_at", "-pk")[: PAGE_SIZE + 1]
    )
    rows = found[:PAGE_SIZE]
    last = rows[-1] if len(found) > PAGE_SIZE else None
    return ResolutionPage(rows=tuple(rows), next_position=Position(resolved_at=last.resolved_at, pk=last.pk) if last else None)


def _open_holds() -> QuerySet[Hold]:
    return Hold.objects.filter(resolution=OuterRef("pk"), released_at=None)
