"""Try or import an uploaded file by the mapping that was set up for it, and keep what came of it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.intake.definitions import MappingDefinition, definition_of, parse_definition
from agents.intake.errors import UnableToImport
from agents.models import ChangedCase, ImportRun, Mapping, Source, Upload
from agents.operations.imports import import_cases
from agents.operations.imports.import_cases import ImportReport
from agents.operations.jobs import lost_work
from agents.operations.mappings import save_mapping
from agents.operations.resolutions import resolve_cases

HELD_KEPT = 2_000

Advance = Callable[[str, int, int], None]


class UnableToRun(Exception):
    """An upload cannot be tried or imported; nothing changed."""


def start_of(*, source: Source) -> MappingDefinition:
    """Return how reading a new file of a source begins: by its newest mapping, else by an empty one.

    Args:
        source: where the file comes from.
    """
    newest = newest_mapping(source=source)
    return MappingDefinition() if newest is None else definition_of(mapping=newest)


def newest_mapping(*, source: Source) -> Mapping | None:
    """Return the version that imports of a source use, or None.

    Args:
        source: whose.
    """
    return source.mappings.order_by("-number").first()


def draft_of(*, upload: Upload) -> MappingDefinition:
    """Return how an upload is to be read so far.

    Args:
        upload: the file.

    Raises: UnableToImport if the draft was stored by another release and cannot be read any more.
    """
    return parse_definition(document=upload.draft) if upload.draft else start_of(source=upload.source)


def save_draft(*, upload_id: int, definition: MappingDefinition) -> Upload:
    """Keep how an upload is to be read; what was found by an earlier try is forgotten, for it no longer holds.

    Args:
        upload_id: the file.
        definition: how it is to be read.

    Raises: UnableToRun while it is being tried or imported, or after its file was deleted.
    """
    with transaction.atomic():
        upload = _idle(upload_id)
        upload.draft = definition.model_dump(mode="json")
        upload.state, upload.message, upload.report = Upload.State.DRAFT, "", {}
        upload.save(update_fields=["draft", "state", "message", "report"])
    return upload


def save_as_version(*, upload_id: int, note: str) -> Mapping:
    """Make what was set up for an upload the next version of its source's mapping; unchanged, the newest version stays.

    Args:
        upload_id: the file.
        note: why, for whoever reads the version.

    Raises: UnableToImport with the first problem; UnableToRun while it is being tried or imported.
    """
    with transaction.atomic():
        upload = _idle(upload_id)
        definition = draft_of(upload=upload)
        newest = newest_mapping(source=upload.source)
        if newest is not None and _plain(definition_of(mapping=newest)) == _plain(definition):
            return newest
        return save_mapping.save_mapping(source_id=upload.source_id, definition=definition.model_copy(update={"note": note}))


def ask_run(*, upload_id: int, dry_run: bool) -> Upload:
    """Note that an upload waits to be tried or imported.

    Args:
        upload_id: the file.
        dry_run: it is to be tried, not imported.

    Raises: UnableToRun if it is being tried or imported already, or its file was deleted.
    """
    with transaction.atomic():
        upload = _idle(upload_id)
        upload.state, upload.step = Upload.State.WAITING, lost_work.TRY if dry_run else lost_work.IMPORT
        upload.done_count, upload.total_count, upload.message = 0, 0, ""
        upload.save()
    return upload


def run_upload(*, upload_id: int, dry_run: bool, as_of: datetime, advance: Advance = lambda step, done, total: None) -> Upload:
    """Try or import an upload that waits for it, or whose worker was lost; a second call changes nothing.

    Args:
        upload_id: the file.
        dry_run: try everything, store nothing; then the draft counts, and else the newest version of the mapping.
        as_of: business instant.
        advance: called with step, done and total.

    Returns: the upload with what came of it; a refusal is its message.
    """
    with lost_work.work_on_upload(upload_id=upload_id) as is_ours:
        is_open = is_ours and Upload.objects.filter(pk=upload_id, state__in=lost_work.UPLOADS_OPEN).update(state=Upload.State.RUNNING)
        upload = Upload.objects.select_related("source").get(pk=upload_id)
        return _run(upload, dry_run, as_of, advance) if is_open else upload


def _run(upload: Upload, dry_run: bool, as_of: datetime, advance: Advance) -> Upload:
    try:
        with transaction.atomic():
            report = import_cases.import_cases(
                path=Path(upload.file.path),
                source_code=upload.source.code,
                received_at=as_of,
                dry_run=dry_run,
                progress=advance,
                definition=draft_of(upload=upload) if dry_run else None,
                name=upload.name,
                notes_cases=False,
            )
            if not dry_run:
                _let_follow(report, as_of)
        upload.report = _kept(report)
        upload.state = Upload.State.CHECKED if dry_run else Upload.State.IMPORTED
        upload.run = upload.run if dry_run else ImportRun.objects.get(pk=report.run_id or 0)
    except UnableToImport as refusal:
        upload.state, upload.message, upload.report = Upload.State.FAILED, str(refusal), {}
    except Exception:
        upload.state, upload.message = Upload.State.FAILED, "It stopped for a reason of ours, and nothing was stored. Try again."
        upload.save()
        raise
    upload.save()
    return upload


def _let_follow(report: ImportReport, as_of: datetime) -> None:
    """Fold the cases that the file tells of, and let pay follow."""
    if not report.affected_case_ids:
        return
    resolve_cases.resolve_cases(as_of=as_of, case_ids=report.affected_case_ids)
    now = timezone.now()
    ChangedCase.objects.bulk_create(ChangedCase(case_id=case_id, noted_at=now, folded_at=now) for case_id in report.affected_case_ids)


def _kept(report: ImportReport) -> dict[str, object]:
    """Return counts and the first held rows, without what stands in them."""
    held = report.held.head(HELD_KEPT).select("row_number", "case_key", "reason", "message")
    return {
        "in": report.row_count,
        "cases": report.case_count,
        "new_cases": report.new_case_count,
        "new": report.new_count,
        "changed": report.changed_count,
        "unchanged": report.unchanged_count,
        "held_count": report.held_count,
        "released": report.released_count,
        "seconds": round(report.seconds, 1),
        "by_reason": dict(report.held_by_reason),
        "held": [list(row) for row in held.iter_rows()],
    }


def _idle(upload_id: int) -> Upload:
    upload = Upload.objects.select_for_update(of=("self",)).select_related("source").get(pk=upload_id)
    if upload.state in (Upload.State.WAITING, Upload.State.RUNNING):
        raise UnableToRun(_("%(name)s is being read at this moment; wait until that is done.") % {"name": upload.name})
    if upload.deleted_at is not None:
        raise UnableToRun(_("%(name)s was deleted, as every file is some days after it came; upload it again.") % {"name": upload.name})
    return upload


def _plain(definition: MappingDefinition) -> dict[str, object]:
    """Return a mapping without its note, which changes nothing."""
    return definition.model_dump(exclude={"note"})
