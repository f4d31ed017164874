"""Count first contacts by day, client and group, so that the report is read and not counted while somebody waits."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db import connection, transaction
from django.db.models import CharField, Exists, F, Max, Min, OuterRef
from django.db.models.functions import Cast

from agents.models import CaseEvent, FirstContactChange, FirstContactCount, FirstContactDay, Resolution
from agents.queries import first_contact_facts, first_contacts
from agents.rules.fcr_report import EXCEPTIONS, LEFT_OUT
from contracts.models.policies import DeliveryModel

# So many days are counted in one transaction, which the database does in memory.
DAYS_AT_ONCE = 31
# Two counts of one day would both write what is missing.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('count_first_contacts'))"
SEEN = "DELETE FROM agents_firstcontactchange WHERE id = ANY(%(ids)s)"
COUNTS = {
    "yes_count": "count(*) FILTER (WHERE answer = 'yes')",
    "no_count": "count(*) FILTER (WHERE answer = 'no')",
    "status_only_count": "count(*) FILTER (WHERE why = 'status_only')",
    "pending_count": "count(*) FILTER (WHERE answer = 'pending')",
    "exception_count": "count(*) FILTER (WHERE why IN ('{}'))".format("', '".join(EXCEPTIONS)),
    "left_out_count": "count(*) FILTER (WHERE why IN ('{}'))".format("', '".join(LEFT_OUT)),
    "stated_count": "count(optimum) FILTER (WHERE answer IN ('yes', 'no'))",
    "optimum_bp_sum": "coalesce(sum(optimum) FILTER (WHERE answer IN ('yes', 'no')), 0)",
    "case_count": "count(*)",
    "staged_count": "count(*) FILTER (WHERE is_staged)",
    "delivery_models": "concat_ws(',', {})".format(
        ", ".join(f"CASE WHEN bool_or(delivery_model = '{model}') THEN '{model}' END" for model in (*DeliveryModel.values, ""))
    ),
}
# Once for each client, and once for all of them.
COUNT = """
    CREATE TEMPORARY TABLE counted_first_contacts ON COMMIT DROP AS
    SELECT grouped.dimension, client_id, claim_day AS day, coalesce(grouped.key, '') AS key, {counts}
    FROM ({asked}) asked CROSS JOIN LATERAL (VALUES {groups}) grouped (dimension, key)
    WHERE grouped.dimension <> 'inhibitor' OR answer = 'no'
    GROUP BY GROUPING SETS ((1, 2, 3, 4), (1, 3, 4))"""
LEAVE_OUT = """
    DELETE FROM agents_firstcontactday d WHERE d.day BETWEEN %(first)s AND %(last)s AND NOT EXISTS (
        SELECT FROM counted_first_contacts c WHERE c.dimension = d.dimension AND coalesce(c.client_id, 0) = coalesce(d.client_id, 0)
            AND c.day = d.day AND c.key = d.key)"""
WRITE = """
    INSERT INTO agents_firstcontactday AS d (dimension, client_id, day, key, {columns})
    SELECT dimension, client_id, day, key, {columns} FROM counted_first_contacts ORDER BY dimension, client_id, day, key
    ON CONFLICT (dimension, client_id, day, key) DO UPDATE SET ({columns}) = ({excluded})
    WHERE ({present}) IS DISTINCT FROM ({excluded})"""


@dataclass(frozen=True, kw_only=True)
class CountReport:
    """What a count did: days looked at, and rows that came, went or changed."""

    day_count: int
    changed_count: int


def count_first_contacts(*, as_of: datetime) -> CountReport:
    """Count the days anew on which resolutions, or what they are grouped by, changed; the first time every day.

    Args:
        as_of: business instant, which the report names.

    Returns: counts. A second run changes nothing.
    Source: design.md section 4, "FCR"; docs/adr/0069-first-contacts-are-counted-by-day.md.
    """
    notes = list(FirstContactChange.objects.values_list("pk", "day"))
    facts = first_contact_facts.load_facts()
    before = FirstContactCount.objects.first()
    span = _span()
    changed = None if before is None else first_contact_facts.list_changed_days(before=before.facts, after=facts, until=span[1])
    days = _every(*span) if changed is None else sorted({*(day for _, day in notes), *_within(changed, span)})
    changed_count = sum(_count(first, last) for first, last in _runs(days))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(SEEN, {"ids": [pk for pk, _ in notes]})
        FirstContactCount.objects.all().delete()
        FirstContactCount.objects.create(counted_at=as_of, facts=facts)
    return CountReport(day_count=len(days), changed_count=changed_count)


def _span() -> tuple[date, date]:
    """Return the first and last day that anything was claimed or is counted on, with a day for zones at each end."""
    claimed = Resolution.objects.aggregate(first=Min("resolved_at"), last=Max("resolved_at"))
    stored = FirstContactDay.objects.aggregate(first=Min("day"), last=Max("day"))
    found = [at.date() for at in claimed.values() if at] + [day for day in stored.values() if day]
    return (min(found) - timedelta(days=1), max(found) + timedelta(days=1)) if found else (date.max, date.min)


def _every(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)] if first <= last else []


def _within(ranges: Iterable[tuple[date, date]], span: tuple[date, date]) -> Iterator[date]:
    for first, last in ranges:
        yield from _every(max(first, span[0]), min(last, span[1]))


def _runs(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """Cut days into runs without a gap, none longer than is counted at once."""
    if not days:
        return
    first = days[0]
    for day, following in pairwise([*days, date.max]):
        if following - day > timedelta(days=1) or (following - first).days >= DAYS_AT_ONCE:
            yield first, day
            first = following


@transaction.atomic
def _count(first: date, last: date) -> int:
    asked, values = _asked(first, last)
    groups = ", ".join(f"('{name}', of_{name})" for name in (*first_contacts.DIMENSIONS, "source", "inhibitor"))
    counts = ", ".join(f"{sql} AS {name}" for name, sql in COUNTS.items())
    columns = ", ".join(COUNTS)
    present, excluded = (", ".join(f"{side}.{name}" for name in COUNTS) for side in ("d", "excluded"))
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
        cursor.execute(COUNT.format(counts=counts, asked=asked, groups=groups), values)
        cursor.execute("ANALYZE counted_first_contacts")
        cursor.execute(LEAVE_OUT, {"first": first, "last": last})
        gone_count: int = cursor.rowcount
        cursor.execute(WRITE.format(columns=columns, present=present, excluded=excluded))
        written_count: int = cursor.rowcount
        cursor.execute("DROP TABLE counted_first_contacts")
    return gone_count + written_count


def _asked(first: date, last: date) -> tuple[str, tuple[Any, ...]]:
    """Write the query for each resolution of which FCR was asked, with the group that it is in by each dimension."""
    also = {name: value for dimension in first_contacts.DIMENSIONS.values() for name, value in dimension.also.items()}
    groups = {f"of_{name}": Cast(dimension.lasting, CharField()) for name, dimension in first_contacts.DIMENSIONS.items()}
    staged = CaseEvent.objects.filter(case=OuterRef("case"), type=CaseEvent.Type.STAGE_TIME, handle_seconds__isnull=False)
    asked = (
        first_contacts.list_asked_on(resolutions=Resolution.objects.order_by(), first=first, last=last)
        .annotate(**also)
        .annotate(
            **groups,
            **first_contacts.ANSWERED,
            client_id=F("case__contract__client"),
            of_source=Cast("case__source", CharField()),
            of_inhibitor=F("inhibitor"),
            is_staged=Exists(staged),
        )
    )
    names = (*groups, *first_contacts.ANSWERED, "client_id", "claim_day", "of_source", "of_inhibitor", "is_staged", "delivery_model")
    sql, values = asked.values(*names).query.sql_with_params()
    return str(sql), values
