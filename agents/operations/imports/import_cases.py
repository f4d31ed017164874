"""Import a file of case events: all of it, or nothing."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.intake import events, files, mappings, rows
from agents.intake.definitions import MappingDefinition
from agents.intake.errors import UnableToImport
from agents.intake.files import FileTable
from agents.intake.mappings import FrozenMapping
from agents.models import ImportRun
from agents.operations import history
from agents.operations.holds import release_rows
from agents.operations.imports import import_storage

Progress = Callable[[str, int, int], None]

STORING_STEPS = 6


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What an import found: row_count = new + changed + unchanged + held. `held` has a line per held and per changed row."""

    run_id: int | None
    source_code: str
    file_name: str
    row_count: int
    case_count: int
    new_case_count: int
    new_count: int
    changed_count: int
    unchanged_count: int
    held_count: int
    released_count: int
    held: pl.DataFrame
    affected_case_ids: tuple[int, ...]
    seconds: float

    @property
    def held_by_reason(self) -> Mapping[str, int]:
        """How many rows are held for which reason, most first."""
        counted = self.held.group_by("reason").len().sort(["len", "reason"], descending=[True, False])
        return dict(counted.iter_rows())


def import_cases(
    *,
    path: Path,
    source_code: str,
    received_at: datetime,
    dry_run: bool = False,
    report_path: Path | None = None,
    progress: Progress | None = None,
    definition: MappingDefinition | None = None,
    sheet: str = "",
    name: str = "",
    notes_cases: bool = True,
) -> ImportReport:
    """Import a file by the newest mapping of its source, in one transaction.

    A row seen before with the same content is unchanged; with another content it is held, never overwritten. A row that
    cannot be read is held with a sentence, never dropped. Order of rows, repetition and the split into files do not matter.

    Args:
        path: the file; agents.intake.files tells the kinds.
        source_code: source that the file comes from.
        received_at: when the portal received it, business clock.
        dry_run: try everything, store nothing.
        report_path: where to write one CSV line per held row, before anything is committed.
        progress: called with step name, done and total.
        definition: a mapping that is not stored, to try; only for a dry run.
        sheet: of a workbook, instead of the one that the mapping names.
        name: what messages call the file, and what tells its kind; by default the name of the path.
        notes_cases: leave a note of each case of which something is new, for the next fold; not where the caller folds them.

    Returns: counts, held rows, and the cases of which something is new; run_id is None for a dry run.
    Raises: UnableToImport with one sentence; then nothing was stored.
    Source: design.md section 4; formats.md, "Commands".
    """
    began, tell = time.monotonic(), progress or _ignore
    mapping = _mapping(source_code, definition, dry_run=dry_run)
    layout = replace(mapping.layout, sheet=sheet) if sheet else mapping.layout
    table = files.read_file(path=path, layout=layout, name=name, advance=lambda done, total: tell("Reading", done, total))
    return import_table(
        table=table,
        mapping=mapping,
        received_at=received_at,
        dry_run=dry_run,
        report_path=report_path,
        progress=progress,
        read_seconds=time.monotonic() - began,
        notes_cases=notes_cases,
    )


def import_table(
    *,
    table: FileTable,
    mapping: FrozenMapping,
    received_at: datetime,
    dry_run: bool = False,
    report_path: Path | None = None,
    progress: Progress | None = None,
    read_seconds: float = 0,
    notes_cases: bool = True,
) -> ImportReport:
    """Import a table that was read already, in one transaction.

    Args:
        table: rows of a file.
        mapping: how they are read.
        received_at: when the portal received them, business clock.
        dry_run: try everything, store nothing.
        report_path: where to write one CSV line per held row, before anything is committed.
        progress: called with step name, done and total.
        read_seconds: how long it took to read the table, which the import counts as its own.
        notes_cases: leave a note of each case of which something is new, for the next fold; not where the caller folds them.

    Returns: counts, held rows, and the cases of which something is new; run_id is None for a dry run.
    Raises: UnableToImport with one sentence; then nothing was stored.
    """
    started_at, started = timezone.now() - timedelta(seconds=read_seconds), time.monotonic() - read_seconds
    tell = progress or _ignore
    tell("Understanding", 0, 1)
    reading = rows.read_rows(table=table, mapping=mapping, hash_key=hash_key())
    tell("Understanding", 1, 1)
    with _refusals(), history.act(name="import_cases", as_of=received_at):
        run = _open_run(mapping, table, reading)
        report = _store(run, mapping, table, reading, received_at, tell)
        if notes_cases:
            import_storage.note_cases(case_ids=report.affected_case_ids, now=timezone.now())
        if report_path is not None:
            write_held_report(held=report.held, path=report_path)
        run.new_count, run.changed_count, run.unchanged_count = report.new_count, report.changed_count, report.unchanged_count
        run.held_count, run.started_at, run.seconds = report.held_count, started_at, time.monotonic() - started
        run.save()
        transaction.set_rollback(dry_run)
    return replace(report, run_id=None if dry_run else run.pk, seconds=time.monotonic() - started)


def _mapping(source_code: str, definition: MappingDefinition | None, *, dry_run: bool) -> FrozenMapping:
    if definition is None:
        return mappings.load_mapping(source_code=source_code)
    if not dry_run:
        raise UnableToImport(_("This draft is not stored yet, so it can only be tried; save it as a version and import with that."))
    return mappings.freeze_definition(definition=definition, source=mappings.find_source(source_code=source_code))


def hash_key() -> bytes:
    """Return the secret under which customers are hashed."""
    return str(settings.PPR_HASH_KEY).encode()


def write_held_report(*, held: pl.DataFrame, path: Path) -> None:
    """Write a CSV line for each held row, so that its owner can correct it.

    Args:
        held: one row per held row: row_number, case_key, reason, message, row.
        path: the report; a file of that name is replaced, a device or a pipe takes the lines.

    Raises: OSError; a report that is half written never stands under its name, and nothing of it is left.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written by Python, whose error says what the system refused.
    text = held.select("row_number", "case_key", "reason", "message", "row").write_csv()
    if path.exists() and not path.is_file():
        # A device or a pipe takes the lines; a file renamed over it would take its place for everybody on the machine.
        path.write_text(text, encoding="utf-8")
        return
    unfinished = path.with_name(f"{path.name}.part")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    except OSError:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise


def _ignore(step: str, done: int, total: int) -> None:
    """Take no notice of progress."""


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn a full disk or a lost database into one sentence; what was begun is rolled back by then."""
    try:
        yield
    except OSError as fault:
        raise UnableToImport(
            _("The report of held rows cannot be written: %(fault)s. Nothing was imported.") % {"fault": files.describe_os_error(fault)}
        ) from fault
    except OperationalError as fault:
        said = str(fault).strip().splitlines()[0]
        raise UnableToImport(
            _("The database stopped the import (%(said)s), so nothing was imported; put that right and try again.") % {"said": said}
        ) from fault


def _open_run(mapping: FrozenMapping, table: FileTable, reading: rows.Reading) -> ImportRun:
    return ImportRun.objects.create(
        source_id=mapping.source_id,
        mapping_id=mapping.id or None,
        file_name=table.name[:255],
        file_sha256=table.sha256,
        started_at=timezone.now(),
        seconds=0,
        row_count=reading.row_count,
        case_count=reading.case_count,
        new_count=0,
        changed_count=0,
        unchanged_count=0,
        held_count=0,
    )


def _store(
    run: ImportRun, mapping: FrozenMapping, table: FileTable, reading: rows.Reading, received_at: datetime, tell: Progress
) -> ImportReport:
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        tell("Storing", done, STORING_STEPS)

    tell("Storing", 0, STORING_STEPS)
    with connection.cursor() as cursor:
        stored = import_storage.store_events(
            cursor=cursor,
            run_id=run.pk,
            source_id=mapping.source_id,
            incoming=pl.concat([events.as_incoming(events=told) for told in (reading.events, reading.opened)]),
            received_at=received_at,
            advance=advance,
        )
        changed = stored.changed.hstack(files.pick_rows(table=table, row_numbers=stored.changed["row_number"]))
        held = pl.concat([reading.held, changed]).sort("row_number")
        import_storage.store_held_rows(cursor=cursor, run_id=run.pk, source_id=mapping.source_id, held=held)
        released = release_rows.release_held_rows(
            source_id=mapping.source_id, table=table, cases=reading.cases, held=held, released_at=received_at
        )
        affected_case_ids = import_storage.find_affected_cases(
            cursor=cursor, run_id=run.pk, source_id=mapping.source_id, released_ids=released, unmasked_ids=stored.unmasked_ids
        )
    advance()
    return ImportReport(
        run_id=run.pk,
        source_code=mapping.source_code,
        file_name=table.name,
        row_count=reading.row_count,
        case_count=reading.case_count,
        new_case_count=stored.new_case_count,
        new_count=stored.new_count,
        changed_count=stored.changed_count,
        unchanged_count=stored.unchanged_count,
        held_count=reading.held.height,
        released_count=len(released),
        held=held,
        affected_case_ids=affected_case_ids,
        seconds=0.0,
    )
