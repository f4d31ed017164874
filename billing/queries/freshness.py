"""How fresh data is: what last came from each source, and what is worked out of it here and how far that is behind."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import connection
from django.db.models import Count, Min, Q, Subquery, Sum, Value

from agents.models import ChangedCase, FirstContactChange, FirstContactCount, HeldAnswer, Resolution
from agents.queries import import_lists
from agents.rules import job_health
from billing.models import Invoice, Settlement, ValueCount

ARRIVALS = 12
LAST_ARRIVALS = """
    SELECT s.id, run.started_at FROM unnest(%(sources)s::bigint[]) AS s (id)
    JOIN LATERAL (
        SELECT r.started_at FROM agents_importrun r WHERE r.source_id = s.id ORDER BY r.started_at DESC LIMIT %(count)s
    ) run ON true"""
Lag = Literal["fine", "late", "few", "never"]


@dataclass(frozen=True, kw_only=True)
class SourceFreshness:
    """A source with when it last came, the last record that it told of, what waits, and whether it is silent."""

    line: import_lists.SourceLine
    health: Lag


@dataclass(frozen=True, kw_only=True)
class Derived:
    """Something that is worked out here: a code, until when it is worked out, how much still waits and since when."""

    code: str
    as_of: datetime | None
    waiting_count: int
    waiting_since: datetime | None


def list_sources(*, source_ids: list[int], now: datetime) -> tuple[SourceFreshness, ...]:
    """Return sources by name, those that are silent first, in two queries.

    Args:
        source_ids: which.
        now: wall clock, for arrivals are dated by it.
    """
    lines = import_lists.list_sources(source_ids=source_ids)
    arrivals: dict[int, list[datetime]] = {}
    with connection.cursor() as cursor:
        cursor.execute(LAST_ARRIVALS, {"sources": source_ids, "count": ARRIVALS})
        for source_id, at in cursor.fetchall():
            arrivals.setdefault(source_id, []).append(at)
    found = [SourceFreshness(line=line, health=job_health.judge_source(arrivals=arrivals.get(line.pk, ()), now=now)) for line in lines]
    return tuple(sorted(found, key=lambda source: source.health != "late"))


def list_derived(*, as_of: datetime) -> tuple[Derived, ...]:
    """Return what is worked out here and how far behind it is, in seven queries.

    Args:
        as_of: business instant.
    """
    return tuple(_derived(as_of))


def _derived(as_of: datetime) -> Iterable[Derived]:
    changed = ChangedCase.objects.filter(folded_at=None).aggregate(total=Count("pk"), since=Min("noted_at"))
    yield Derived(code="cases", as_of=None, waiting_count=changed["total"], waiting_since=changed["since"])
    due = Resolution.objects.filter(state="pending", window_ends_at__lt=as_of).aggregate(total=Count("pk"), since=Min("window_ends_at"))
    yield Derived(code="windows", as_of=None, waiting_count=due["total"], waiting_since=due["since"])
    answers = HeldAnswer.objects.filter(released_at=None).aggregate(total=Count("pk"), since=Min("received_at"))
    yield Derived(code="answers", as_of=None, waiting_count=answers["total"], waiting_since=answers["since"])
    accrued = Settlement.objects.filter(status="accruing").aggregate(since=Min("as_of"), total=Count("pk"))
    yield Derived(code="accruals", as_of=accrued["since"], waiting_count=0, waiting_since=None)
    drafts = Invoice.objects.aggregate(since=Min("refreshed_at", filter=Q(status=Invoice.Status.DRAFT)))
    yield Derived(code="drafts", as_of=drafts["since"], waiting_count=0, waiting_since=None)
    latest = ValueCount.objects.order_by("-period_start").values_list("counted_at", flat=True).first()
    yield Derived(code="value", as_of=latest, waiting_count=0, waiting_since=None)
    waiting = (
        FirstContactChange.objects.order_by().annotate(every=Value(1)).values("every").annotate(total=Sum("row_count")).values("total")
    )
    counted = FirstContactCount.objects.annotate(waiting=Subquery(waiting)).first()
    if counted is not None:
        yield Derived(code="first_contacts", as_of=counted.counted_at, waiting_count=counted.waiting or 0, waiting_since=None)
