"""Keep uploaded files for as long as somebody may read them again, and no longer, for they hold what customers wrote."""

import hashlib
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from django.core.files.base import File
from django.db import transaction
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from agents.intake import file_bytes
from agents.intake.errors import UnableToImport
from agents.models import Source, Upload, User

KEPT_FOR = timedelta(days=14)
BYTES_MAX = 256 * 1024 * 1024
SUFFIXES = (".csv", ".csv.gz", ".xlsx", ".ndjson", ".ndjson.gz", ".jsonl", ".jsonl.gz", ".xes", ".xes.gz")
NAME_CHARACTERS_MAX = 120


class UnableToUpload(Exception):
    """A file cannot be taken in; nothing was kept."""


def keep_upload(
    *,
    source: Source,
    content: "File[bytes]",
    name: str,
    person: User,
    now: datetime,
    kind: str = Upload.Kind.CASES,
    bytes_max: int | None = None,
) -> Upload:
    """Keep an uploaded file, so that it can be looked at, tried and imported.

    Args:
        source: where its records come from.
        content: the file as it came.
        name: what the person's computer calls it.
        person: who uploaded it.
        now: wall clock.
        kind: what its rows tell of.
        bytes_max: the largest file that is taken in; BYTES_MAX unless told.

    Returns: the upload, being set up.
    Raises: UnableToUpload if it is empty, too large as it is or unpacked (`file_bytes.UPLOADED_MAX`), or of a kind that cannot be read.
    """
    plain = PurePosixPath(name.replace("\\", "/").replace("\x00", "")).name[-NAME_CHARACTERS_MAX:]
    suffix = next((one for one in sorted(SUFFIXES, key=len, reverse=True) if plain.lower().endswith(one)), "")
    if not suffix:
        raise UnableToUpload(
            _("%(plain)s is not a kind of file that can be imported; save it as CSV, XLSX, NDJSON or XES.")
            % {"plain": plain or _("The file")}
        )
    size, most = content.size or 0, BYTES_MAX if bytes_max is None else bytes_max
    if not size:
        raise UnableToUpload(_("%(plain)s is empty; export it again.") % {"plain": plain})
    if size > most:
        raise UnableToUpload(
            _("%(plain)s has %(size)s MB; at most %(bytes_max)s MB can be uploaded. Split it and upload the parts.")
            % {"plain": plain, "size": f"{size // 1024**2:,}", "bytes_max": most // 1024**2}
        )
    try:
        file_bytes.refuse_unpacked(stream=content, name=plain)
    except UnableToImport as refused:
        raise UnableToUpload(str(refused)) from refused
    digest = hashlib.sha256()
    for chunk in content.chunks():
        digest.update(chunk)
    content.seek(0)
    upload = Upload(source=source, kind=kind, name=plain, sha256=digest.hexdigest(), byte_count=size, uploaded_by=person, uploaded_at=now)
    # The name in the store is ours: what a person's computer calls a file may be anything.
    upload.file.save(f"{digest.hexdigest()[:24]}{suffix}", content, save=False)
    upload.save()
    return upload


def delete_old_uploads(*, now: datetime) -> int:
    """Delete the files that were kept for as long as the source's client says; what was imported from them stays known.

    Args:
        now: wall clock.

    Returns: how many files were deleted.
    """
    days = Coalesce(F("source__client__raw_days"), KEPT_FOR.days)
    kept_for = ExpressionWrapper(days * timedelta(days=1), output_field=DurationField())
    until = ExpressionWrapper(F("uploaded_at") + kept_for, output_field=DateTimeField())
    old = Upload.objects.alias(until=until).filter(until__lt=now, deleted_at=None).exclude(state=Upload.State.RUNNING)
    count = 0
    for upload in old.iterator():
        with transaction.atomic():
            stored, upload.file, upload.deleted_at = upload.file.name, "", now
            upload.report = {**upload.report, "held": []}
            upload.save(update_fields=["file", "deleted_at", "report"])
            if stored:
                transaction.on_commit(lambda stored=stored: Upload._meta.get_field("file").storage.delete(stored))  # type: ignore[misc]
        count += 1
    return count
