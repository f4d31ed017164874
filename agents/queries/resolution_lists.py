"""Resolutions as people look through them: filtered by state, newest first, one page at a time."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from agents.models import Hold, Resolution
from contracts import row_ids

PAGE_SIZE = 50
STATES = ("pending", "confirmed", "assumed", "held", "reopened", "void")
COUNTED = tuple(state for state in STATES if state != "held")
COUNT_MAX = 10_000
FILE_COLUMNS = (
    "case__key", "case__contract__client__name", "agent__name", "query_type__name", "channel__name", "state", "is_held",
    "resolved_at", "window_ends_at", "verified_at", "reopened_at",
)  # fmt: skip
FILE_ROWS = 5_000


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where a page of the list ends: the instant and id of its last row. It stays right when rows arrive above."""

    resolved_at: datetime
    pk: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a position from an address; anything that is none means the start."""
        instant, _, number = text.rpartition("_")
        pk = row_ids.read_id(number)
        try:
            at = datetime.fromisoformat(instant)
        except ValueError:
            return None
        return cls(resolved_at=at, pk=pk) if at.tzinfo and pk is not None else None

    def __str__(self) -> str:
        return f"{self.resolved_at.isoformat()}_{self.pk}"


@dataclass(frozen=True, kw_only=True)
class ResolutionPage:
    """One page of the list, and where the next one begins; None on the last page."""

    rows: tuple[Resolution, ...]
    next_position: Position | None


def count_by_state(*, resolutions: QuerySet[Resolution]) -> Mapping[str, int]:
    """Return how many there are in each state and in all, and how many wait for a person besides, in two queries.

    Nobody reads through ten thousand: what is more is told as COUNT_MAX + 1, so that a count costs no more as data grows.
    """
    counts = _count_states(resolutions)
    held = Hold.objects.filter(released_at=None, resolution__in=resolutions.order_by().values("pk"))
    return {
        **counts,
        "all": min(sum(counts.values()), COUNT_MAX + 1),
        "held": held.aggregate(total=Count("resolution", distinct=True))["total"],
    }


def count_rows(*, rows: Sequence[Resolution]) -> Mapping[str, int]:
    """Return what `count_by_state` does, of all rows of a list that fits on one page."""
    counts = Counter(row.state for row in rows)
    held = sum(row.is_held for row in rows)  # type: ignore[attr-defined]
    return {**{state: counts[state] for state in COUNTED}, "all": len(rows), "held": held}


def _count_states(resolutions: QuerySet[Resolution]) -> dict[str, int]:
    """Count each state apart and no further than the bound, in one query."""
    bounded = {state: resolutions.order_by().filter(state=state).values("pk")[: COUNT_MAX + 1] for state in COUNTED}
    parts, asked = [], []
    for state, found in bounded.items():
        try:
            sql, values = found.query.sql_with_params()
        except EmptyResultSet:
            return dict.fromkeys(COUNTED, 0)
        parts.append(f"SELECT %s, count(*) FROM ({sql}) counted")  # noqa: S608 (the query set wrote it)
        asked += [state, *values]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), asked)
        return dict(cursor.fetchall())


def in_state(*, resolutions: QuerySet[Resolution], state: str) -> QuerySet[Resolution]:
    """Return those in a state; "held" are those with an open hold, whatever their state."""
    if state == "held":
        return resolutions.filter(Exists(_open_holds()))
    return resolutions.filter(state=state) if state in STATES else resolutions


def list_page(*, resolutions: QuerySet[Resolution], after: Position | None) -> ResolutionPage:
    """Return the page after a position, newest first, in two queries."""
    # First which, by the index alone, and then what they are about: joined before they are cut, they would be joined whole.
    ids = list(_ids_after(resolutions, after, PAGE_SIZE + 1))
    found = list(
        Resolution.objects.filter(pk__in=ids)
        .select_related("case__contract__client", "query_type", "channel", "agent")
        .annotate(is_held=Exists(_open_holds()))
        .order_by("-resolved_at", "-pk")
    )
    rows = found[:PAGE_SIZE]
    last = rows[-1] if len(found) > PAGE_SIZE else None
    return ResolutionPage(rows=tuple(rows), next_position=Position(resolved_at=last.resolved_at, pk=last.pk) if last else None)


def read_all(*, resolutions: QuerySet[Resolution]) -> Iterator[tuple[Any, ...]]:
    """Read all of a list for a file, newest first, as plain rows of FILE_COLUMNS, in one query for each FILE_ROWS of them.

    The first rows are there at once however long the list is, and no transaction stays open while somebody takes them.
    """
    after = None
    while True:
        found = Resolution.objects.filter(pk__in=_ids_after(resolutions, after, FILE_ROWS)).annotate(is_held=Exists(_open_holds()))
        rows = list(found.order_by("-resolved_at", "-pk").values_list(*FILE_COLUMNS, "pk"))
        yield from (row[:-1] for row in rows)
        if len(rows) < FILE_ROWS:
            return
        after = Position(resolved_at=rows[-1][FILE_COLUMNS.index("resolved_at")], pk=rows[-1][-1])


def _ids_after(resolutions: QuerySet[Resolution], after: Position | None, count: int) -> QuerySet[Resolution, int]:
    """Return the ids of so many after a position, newest first."""
    if after is not None:
        # The first bound is where an index is entered; with the alternative alone, all rows before the place would be read.
        place = Q(resolved_at__lt=after.resolved_at) | Q(pk__lt=after.pk)
        resolutions = resolutions.filter(place, resolved_at__lte=after.resolved_at)
    return resolutions.order_by("-resolved_at", "-pk").values_list("pk", flat=True)[:count]


def _open_holds() -> QuerySet[Hold]:
    return Hold.objects.filter(resolution=OuterRef("pk"), released_at=None)
