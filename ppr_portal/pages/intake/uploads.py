"""A file on its way in: uploaded, looked at, said how it is read, tried, saved as a version, imported, read again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from kombu.exceptions import OperationalError

from agents import access
from agents.intake import files, templates
from agents.intake.definitions import MappingDefinition, parse_definition
from agents.intake.errors import UnableToImport
from agents.intake.preview import Preview
from agents.models import Upload
from agents.operations.imports import import_cases, keep_uploads
from agents.operations.imports import run_upload as operations
from agents.queries import previews
from contracts.translation import gettext_lazy
from ppr_portal import tasks
from ppr_portal.pages import exports
from ppr_portal.pages.entry import PortalRequest, asked_number, portal_page
from ppr_portal.pages.intake import held_cells, hold_words, upload_dates, upload_forms

STEPS = (("file", gettext_lazy("File")), ("columns", gettext_lazy("Columns and dates")), ("values", gettext_lazy("Meanings")))
# A file of this size is read while a person waits; larger ones are read by a worker.
BYTES_AT_ONCE = 512 * 1024
HELD_SHOWN = 20
PARSED_SHOWN = 10
SAMPLES_SHOWN = 8
HIDDEN = "hidden"
CSV_HEAD = ("row", "case", "reason", "message")


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def upload_new(request: PortalRequest) -> HttpResponse:
    """Take in a file."""
    if not access.changes_intake(request.user):
        raise Http404
    form = upload_forms.UploadForm(
        request.POST or None, request.FILES or None, user=request.user, initial={"source": asked_number(request, "source") or None}
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            kept = keep_uploads.keep_upload(
                source=given["source"], content=given["file"], name=given["file"].name, person=request.user, now=timezone.now()
            )
            return redirect("upload_step", pk=kept.pk, step="file")
        except keep_uploads.UnableToUpload as refusal:
            form.add_error("file", str(refusal))
    return render(request, "operations/upload_new.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def upload_step(request: PortalRequest, pk: int, step: str) -> HttpResponse:
    """Say one part of how a file is read, with its first rows beside it."""
    if not access.changes_intake(request.user) or step not in FORMS:
        raise Http404
    found = get_object_or_404(access.uploads_for(request.user).select_related("source"), pk=pk)
    if found.deleted_at or found.state in (Upload.State.WAITING, Upload.State.RUNNING):
        return redirect("upload", pk=pk)
    try:
        draft = operations.draft_of(upload=found)
        form, read = FORMS[step](request, found, draft)
    except UnableToImport as refusal:
        return render(request, "operations/upload_unreadable.html", {"upload": found, "message": str(refusal)}, status=422)
    if request.method == "POST" and form.is_valid() and (changed := _saved(found, form, draft)):
        if not request.htmx:
            return redirect(*_next(step, pk))
        draft = changed
        form, read = FORMS[step](request, found, draft)
    context = {"upload": found, "form": form, "step": step, "steps": _steps(step), **_preview(found, draft, read)}
    context |= _formats(context, draft) if step == "columns" else {}
    template = "operations/_upload_preview.html" if request.htmx else f"operations/upload_{step}.html"
    return render(request, template, context, status=422 if form.errors and not request.htmx else 200)


@require_safe
@portal_page
def upload(request: PortalRequest, pk: int) -> HttpResponse:
    """Show how a file is read, what a try found, and what an import brought."""
    found = get_object_or_404(access.uploads_for(request.user).select_related("source", "uploaded_by", "run"), pk=pk)
    if request.GET.get("format") == "csv":
        return exports.csv_response(name=f"held-{found.pk}", head=CSV_HEAD, rows=found.report.get("held", []))
    is_open = found.state in (Upload.State.WAITING, Upload.State.RUNNING)
    step, done, total = tasks.upload_progress(upload_id=pk)
    context: dict[str, Any] = {
        "upload": found,
        "steps": _steps(""),
        "is_open": is_open,
        "progress": {"step": step, "done": done, "total": total},
        "report": found.report,
        "reasons": [(hold_words.title_of(reason), count) for reason, count in found.report.get("by_reason", {}).items()],
        "held": found.report.get("held", [])[:HELD_SHOWN],
        "holds_dates": not hold_words.OF_DATES.isdisjoint(found.report.get("by_reason", {})),
        "holds_values": any(hold_words.lacks_meaning(reason) for reason in found.report.get("by_reason", {})),
        "is_checked": found.state == Upload.State.CHECKED,
        "is_imported": found.state == Upload.State.IMPORTED,
        "is_failed": found.state == Upload.State.FAILED,
        "may_change": access.changes_intake(request.user) and not found.deleted_at and not is_open,
        "newest": operations.newest_mapping(source=found.source),
    }
    if request.htmx:
        return render(request, "operations/_upload_state.html", context)
    return render(request, "operations/upload.html", context | _overview(found, is_open=is_open))


@require_POST
@portal_page
def upload_run(request: PortalRequest, pk: int) -> HttpResponse:
    """Try a file, save how it is read as the next version, or import it by that version."""
    if not access.changes_intake(request.user):
        raise Http404
    found = get_object_or_404(access.uploads_for(request.user), pk=pk)
    do = request.POST.get("do", "")
    try:
        if do in ("save", "import"):
            version = operations.save_as_version(upload_id=pk, note=request.POST.get("note", "").replace("\x00", "")[:2000])
            messages.success(request, _("%(version)s is how files of this source are read from now on.") % {"version": version})
        if do in ("try", "import"):
            operations.ask_run(upload_id=pk, dry_run=do == "try")
            _run(found, dry_run=do == "try")
    except (UnableToImport, operations.UnableToRun) as refusal:
        messages.error(request, str(refusal))
    return redirect("upload", pk=pk)


def _run(found: Upload, *, dry_run: bool) -> None:
    """Read the file now if it is small, else let a worker read it; without a broker it is read now."""
    if found.byte_count > BYTES_AT_ONCE:
        try:
            tasks.read_upload.delay(upload_id=found.pk, dry_run=dry_run)
            return
        except OperationalError:
            pass
    tasks.read_upload(upload_id=found.pk, dry_run=dry_run)


def _file_form(request: PortalRequest, found: Upload, draft: MappingDefinition) -> tuple[forms.Form, previews.FilePreview | None]:
    contents = files.describe_file(path=Path(found.file.path), name=found.name)
    shown = [sheet.name for sheet in contents.sheets if not sheet.is_hidden]
    if shown and not draft.sheet:
        draft = draft.model_copy(update={"sheet": shown[0]})
    return upload_forms.FileForm(request.POST or None, contents=contents, draft=draft, source=found.source), None


def _columns_form(request: PortalRequest, found: Upload, draft: MappingDefinition) -> tuple[forms.Form, previews.FilePreview | None]:
    read = _read(found, draft)
    return upload_forms.ColumnsForm(request.POST or None, heads=read.preview.heads, draft=draft), read


def _values_form(request: PortalRequest, found: Upload, draft: MappingDefinition) -> tuple[forms.Form, previews.FilePreview | None]:
    read = _read(found, draft)
    return upload_forms.ValuesForm(request.POST or None, unknown=read.preview.unknown, draft=draft), read


# Each form of a step, with what was read of the file for it.
FORMS: dict[str, Callable[[PortalRequest, Upload, MappingDefinition], tuple[Any, previews.FilePreview | None]]] = {
    "file": _file_form,
    "columns": _columns_form,
    "values": _values_form,
}


def _saved(found: Upload, form: Any, draft: MappingDefinition) -> MappingDefinition | None:
    try:
        changed = parse_definition(document=form.changed(draft.model_dump(mode="json")))
        if form.cleaned_data.get("start"):
            changed, _other = templates.fit_definition(definition=changed, heads=_read(found, changed).preview.heads)
        operations.save_draft(upload_id=found.pk, definition=changed)
    except (UnableToImport, operations.UnableToRun) as refusal:
        form.add_error(None, str(refusal))
        return None
    return changed


def _read(found: Upload, draft: MappingDefinition) -> previews.FilePreview:
    return previews.preview_file(
        path=Path(found.file.path), source=found.source, definition=draft, hash_key=import_cases.hash_key(), name=found.name
    )


def _preview(found: Upload, draft: MappingDefinition, read: previews.FilePreview | None = None) -> dict[str, Any]:
    """Show the first rows, of what was read already or now; a file that cannot be read is a sentence and no fault."""
    try:
        read = read or _read(found, draft)
    except UnableToImport as refusal:
        return {"unreadable": str(refusal)}
    reasons = [(hold_words.title_of(reason), count) for reason, count in read.preview.held_by_reason.items()]
    problems = [_("This mapping %(problem)s") % {"problem": problem} for problem in read.problems]
    return {
        "preview": read.preview,
        "problems": problems,
        "preview_reasons": reasons,
        "parsed_rows": read.preview.rows[:PARSED_SHOWN],
        "samples": _samples(read.preview, draft),
    }


def _samples(preview: Preview, draft: MappingDefinition) -> list[list[str]]:
    """Return the first rows without customers: nobody needs to know them to say which column holds them."""
    customer = draft.columns["customer"].column if "customer" in draft.columns else None
    return [
        [HIDDEN if head == customer else held_cells.mask(cell) for head, cell in zip(preview.heads, row, strict=True)]
        for row in preview.samples[:SAMPLES_SHOWN]
    ]


def _overview(found: Upload, *, is_open: bool) -> dict[str, Any]:
    if is_open or found.deleted_at:
        return {}
    try:
        return _preview(found, operations.draft_of(upload=found))
    except UnableToImport as refusal:
        return {"unreadable": str(refusal)}


def _formats(context: dict[str, Any], draft: MappingDefinition) -> dict[str, Any]:
    preview = context.get("preview")
    if preview is None:
        return {}
    samples = upload_forms.format_samples(heads=preview.heads, samples=preview.samples, draft=draft)
    choices = upload_dates.format_choices(
        samples=samples, chosen=draft.date_format, timezone=draft.timezone, repeated_hour=draft.repeated_hour
    )
    return {"formats": choices, "has_dates": bool(samples)}


def _steps(current: str) -> list[tuple[int, str, str, bool]]:
    return [(number, name, label, name == current) for number, (name, label) in enumerate(STEPS, start=1)]


def _next(step: str, pk: int) -> tuple[Any, ...]:
    names = [name for name, _other in STEPS]
    place = names.index(step) + 1
    return ("upload_step", pk, names[place]) if place < len(names) else ("upload", pk)
