"""Imports and deliveries as people look through them, and how fresh the data of each source is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from agents.models import HeldRow, ImportRun, Upload

PAGE_SIZE = 50

# Newest by index for each source, so it stays quick with many millions of events.
FRESHNESS = """
    SELECT s.id, s.code, s.name, s.vendor, coalesce(k.name, '') AS client_name, run.started_at, run.file_name,
        event.occurred_at, coalesce(waiting.row_count, 0), coalesce(mapping.number, 0)
    FROM agents_source s
    LEFT JOIN contracts_client k ON k.id = s.client_id
    LEFT JOIN LATERAL (SELECT * FROM agents_importrun r WHERE r.source_id = s.id ORDER BY r.started_at DESC, r.id DESC LIMIT 1) run ON true
    LEFT JOIN LATERAL (
        SELECT e.occurred_at FROM agents_caseevent e WHERE e.run_id = run.id ORDER BY e.occurred_at DESC LIMIT 1
    ) event ON true
    LEFT JOIN LATERAL (SELECT max(m.number) AS number FROM agents_mapping m WHERE m.source_id = s.id) mapping ON true
    LEFT JOIN (
        SELECT source_id, count(*)::int AS row_count FROM agents_heldrow WHERE released_at IS NULL GROUP BY source_id
    ) waiting ON waiting.source_id = s.id
    WHERE s.id = ANY(%(sources)s)
    ORDER BY s.name, s.id"""


@dataclass(frozen=True, kw_only=True)
class SourceLine:
    """A source and how fresh it is: when something last came, and the last record that it told of then."""

    pk: int
    code: str
    name: str
    vendor: str
    client_name: str
    last_import_at: datetime | None
    last_file_name: str
    last_record_at: datetime | None
    held_count: int
    mapping_number: int


@dataclass(frozen=True, kw_only=True)
class ImportPage:
    """One page of imports, newest first, and the id that the next begins before; None on the last page."""

    rows: tuple[Any, ...]
    next_before: int | None


def list_sources(*, source_ids: list[int]) -> tuple[SourceLine, ...]:
    """Return sources by name with their freshness, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(FRESHNESS, {"sources": source_ids})
        found = cursor.fetchall()
    return tuple(
        SourceLine(
            pk=row[0],
            code=row[1],
            name=row[2],
            vendor=row[3],
            client_name=row[4],
            last_import_at=row[5],
            last_file_name=row[6] or "",
            last_record_at=row[7],
            held_count=row[8],
            mapping_number=row[9],
        )
        for row in found
    )


def narrow_imports(*, imports: QuerySet[ImportRun], source_id: int | None, origin: str, find: str) -> QuerySet[ImportRun]:
    """Return imports, newest first, each with how many of its rows still wait and who uploaded it."""
    if source_id is not None:
        imports = imports.filter(source=source_id)
    if origin in ImportRun.Origin.values:
        imports = imports.filter(origin=origin)
    if find:
        imports = imports.filter(Q(file_name__icontains=find) | Q(source__name__icontains=find))
    waiting = HeldRow.objects.filter(run=OuterRef("pk"), released_at=None).order_by().values("run").values(total=Count("pk"))
    people = Upload.objects.filter(run=OuterRef("pk")).values("uploaded_by__name")[:1]
    known = imports.select_related("source", "mapping").annotate(waiting_count=Subquery(waiting), person_name=Subquery(people))
    return known.order_by("-pk")


def cut_imports(*, imports: QuerySet[ImportRun], before: int) -> ImportPage:
    """Return the page of narrowed imports before an id, in one query; 0 is the first page."""
    found = list((imports.filter(pk__lt=before) if before else imports)[: PAGE_SIZE + 1])
    rows = tuple(found[:PAGE_SIZE])
    return ImportPage(rows=rows, next_before=rows[-1].pk if len(found) > PAGE_SIZE else None)


def held_by_reason(*, run: ImportRun) -> tuple[tuple[str, int, int], ...]:
    """Return why rows of an import were held: reason, how many in all, and how many still wait, in one query."""
    counted = run.held_rows.order_by().values_list("reason").annotate(total=Count("pk"), waiting=Count("pk", filter=Q(released_at=None)))
    return tuple(sorted(counted, key=lambda row: (-row[1], row[0])))
