"""Try held rows again, from what was kept of them, by the newest mapping of their source."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agents.intake import mappings
from agents.intake.errors import UnableToImport
from agents.intake.files import CELL_COUNT, ROW_NUMBER, FileTable
from agents.models import Case, HeldRow, ImportRun
from agents.operations.deliveries import receive_events
from agents.operations.deliveries.held_deliveries import DELIVERIES
from agents.operations.imports import import_cases
from agents.operations.resolutions import resolve_cases
from contracts.models import Contract

# A row with cells missing looks whole once it is padded, and one that changed waits for somebody who knows which is right.
NEVER_REPLAYED = ("wrong_cell_count", "unreadable_record", "changed", "changed_answer")
REPLAYED = "Held rows, tried again"


@dataclass(frozen=True, kw_only=True)
class ReplayReport:
    """What trying again brought: rows let in, the cases of which something is new, and why others still wait."""

    released_ids: tuple[int, ...]
    case_ids: tuple[int, ...]
    still_held: tuple[str, ...]


@transaction.atomic
def replay_rows(
    *, held_ids: Collection[int], as_of: datetime, contract_code: str = "", advance: Callable[[int], None] = lambda done: None
) -> ReplayReport:
    """Try held rows of files and deliveries again, in one transaction, and fold the cases that they tell of.

    Args:
        held_ids: held rows; released ones are left alone, and so are those that only their source can put right.
        as_of: business instant.
        contract_code: the contract of all of them, where a person says so; only for rows of files.
        advance: called with how many were tried so far.

    Returns: what came of it.
    Raises: UnableToImport if the mapping cannot be used; then nothing changed.
    """
    open_rows = HeldRow.objects.filter(pk__in=list(held_ids), released_at=None).exclude(reason__in=NEVER_REPLAYED)
    tried = sorted(open_rows.values_list("pk", flat=True))
    case_ids: set[int] = set()
    done = 0
    for run, rows in _by_file(open_rows):
        case_ids.update(_replay_file_rows(run, rows, as_of, contract_code))
        done += len(rows)
        advance(done)
    delivered = list(open_rows.filter(run__origin__in=DELIVERIES).values_list("pk", flat=True))
    if delivered:
        receive_events.retry_held_events(held_ids=delivered, as_of=as_of)
    released = HeldRow.objects.filter(pk__in=tried, released_at__isnull=False)
    case_ids.update(_cases_of(released))
    if case_ids:
        resolve_cases.resolve_cases(as_of=as_of, case_ids=sorted(case_ids))
    messages = HeldRow.objects.filter(pk__in=tried, released_at=None).order_by("pk").values_list("message", flat=True)
    return ReplayReport(
        released_ids=tuple(released.order_by("pk").values_list("pk", flat=True)),
        case_ids=tuple(sorted(case_ids)),
        still_held=tuple(dict.fromkeys(messages[:20])),
    )


def _by_file(rows: QuerySet[HeldRow]) -> Iterator[tuple[ImportRun, list[HeldRow]]]:
    """Yield rows file by file and head by head, because row numbers and columns are those of a file."""
    groups: dict[tuple[int, tuple[str, ...]], list[HeldRow]] = {}
    for row in rows.filter(run__origin=ImportRun.Origin.FILE).select_related("run__source__client").order_by("run", "row_number"):
        groups.setdefault((row.run_id, tuple(sorted(set(row.row) - {""}))), []).append(row)
    for found in groups.values():
        yield found[0].run, found


def _replay_file_rows(run: ImportRun, rows: list[HeldRow], as_of: datetime, contract_code: str) -> tuple[int, ...]:
    mapping = mappings.load_mapping(source_code=run.source.code)
    if contract_code:
        _refuse_foreign(run, contract_code)
        columns = {target: column for target, column in mapping.columns.items() if target != "contract"}
        mapping = replace(mapping, columns=columns, only_contract=contract_code)
    table = _table_of(run, rows)
    return import_cases.import_table(table=table, mapping=mapping, received_at=as_of, notes_cases=False).affected_case_ids


def _refuse_foreign(run: ImportRun, contract_code: str) -> None:
    client = run.source.client
    if client is not None and not Contract.objects.filter(code=contract_code, client=client).exists():
        raise UnableToImport(
            _("Source %(source)s belongs to %(client)s; choose one of their contracts.") % {"source": run.source, "client": client}
        )


def _table_of(run: ImportRun, rows: list[HeldRow]) -> FileTable:
    """Return held rows as the file that they came in; a column that none of them has was never in it."""
    columns = tuple(sorted(set(rows[0].row) - {""}))
    # One row may be held for two reasons over time; it is still one row.
    numbered = {row.row_number: row.row for row in rows}
    frame = pl.DataFrame(
        [[*(told[column] for column in columns), len(columns), number] for number, told in numbered.items()],
        schema={**dict.fromkeys(columns, pl.String()), CELL_COUNT: pl.Int64(), ROW_NUMBER: pl.Int64()},
        orient="row",
    )
    return FileTable(name=f"{REPLAYED}: {run.file_name}", sha256=run.file_sha256, columns=columns, frame=frame, surplus={})


def _cases_of(rows: QuerySet[HeldRow]) -> set[int]:
    found: set[int] = set()
    for source_id in set(rows.values_list("source_id", flat=True)):
        keys = rows.filter(source=source_id).values("case_key")
        found.update(Case.objects.filter(source=source_id, key__in=keys).values_list("pk", flat=True))
    return found
