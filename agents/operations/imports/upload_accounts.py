"""Try and import an uploaded file of account data, read as the person says, and keep what came of it."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.intake import account_files, files
from agents.intake.account_files import AccountReading
from agents.intake.errors import UnableToImport
from agents.intake.tables import CELL_COUNT, ROW_NUMBER
from agents.models import ImportRun, Source, Upload, User
from agents.operations.imports import import_accounts, keep_uploads
from contracts.models import Client

BYTES_MAX = 20 * 1024 * 1024
# Clients upload these, and a page waits while they are read: a small file that unpacks to a large one is refused.
WORKBOOK_BYTES_MAX = 4 * BYTES_MAX
HELD_KEPT = 500


class UnableToReadUpload(Exception):
    """An upload that is imported or deleted already, or was not tried as it is read now; nothing changed."""


def keep_account_file(*, client: Client, content: "File[bytes]", name: str, reading: AccountReading, person: User, now: datetime) -> Upload:
    """Keep an uploaded file of a client's accounts, with the columns that name themselves, and how the rest is read.

    Args:
        client: whose accounts these are.
        content: the file as it came, 20 MB at most.
        name: what the person's computer calls it.
        reading: date format and currency; columns are found by their heads.
        person: who uploaded it.
        now: wall clock.

    Returns: the upload, being set up.
    Raises: UnableToUpload if it is empty, too large, or of a kind that cannot be read.
    """
    with transaction.atomic():
        kept = keep_uploads.keep_upload(
            source=_source_of(client),
            content=content,
            name=name,
            person=person,
            now=now,
            kind=Upload.Kind.ACCOUNTS,
            bytes_max=BYTES_MAX,
        )
        kept.draft = _document(reading)
        kept.save(update_fields=["draft"])
    return kept


def heads_of(*, upload: Upload) -> tuple[str, ...]:
    """Return the heads of the columns of an uploaded file.

    Args:
        upload: a file of accounts.

    Raises: UnableToImport if it cannot be read at all; UnableToReadUpload if it is deleted already.
    """
    _refuse_deleted(upload)
    table = files.read_file(path=Path(upload.file.path), name=upload.name, bytes_max=most_unpacked(name=upload.name))
    return tuple(head for head in table.frame.columns if head not in (CELL_COUNT, ROW_NUMBER))


def guess_columns(*, heads: tuple[str, ...]) -> dict[str, str]:
    """Return which column holds which field where its head says so, whatever its case, spaces and hyphens.

    Args:
        heads: of the columns, as written; of two that say the same the first counts.

    Returns: the head by field of an account.

    >>> guess_columns(heads=("Account", "Seat count", "Plan"))
    {'account': 'Account', 'seat_count': 'Seat count'}
    """
    known = {head.strip().lower().replace(" ", "_").replace("-", "_"): head for head in reversed(heads)}
    return {name: known[name] for name in account_files.FIELDS if name in known}


def most_unpacked(*, name: str) -> int:
    """Return how many bytes a file may hold when it is unpacked; what stands in a workbook takes several times the room of plain text.

    Args:
        name: of the file, whose ending tells its kind.

    >>> most_unpacked(name="accounts.csv.gz") // 1024**2, most_unpacked(name="accounts.xlsx") // 1024**2
    (20, 80)
    """
    return WORKBOOK_BYTES_MAX if name.lower().endswith(".xlsx") else BYTES_MAX


def reading_of(*, upload: Upload) -> AccountReading:
    """Return how an upload is read.

    Args:
        upload: a file of accounts with its draft.
    """
    return AccountReading(**{**upload.draft, "missing": AccountReading().missing})


def try_account_file(*, upload_id: int, reading: AccountReading, as_of: datetime) -> Upload:
    """Read an uploaded file as said, keep how, and tell what importing it would bring; nothing of it is stored.

    Args:
        upload_id: an upload of account data.
        reading: which columns hold what, how dates are written, and the currency.
        as_of: business instant.

    Returns: the upload, tried; a refusal is its message.
    Raises: UnableToReadUpload if it is imported or deleted already.
    """
    with transaction.atomic():
        upload = _open(upload_id)
        upload.draft = _document(reading)
        return _read(upload, reading, as_of, dry_run=True)


def import_account_file(*, upload_id: int, as_of: datetime) -> Upload:
    """Import an uploaded file exactly as it was tried last: its good rows all at once, its other rows held with their reasons.

    Args:
        upload_id: an upload of account data, tried before.
        as_of: business instant.

    Returns: the upload, imported; a refusal is its message.
    Raises: UnableToReadUpload if it was not tried, or is imported or deleted already.
    """
    with transaction.atomic():
        upload = _open(upload_id)
        if upload.state != Upload.State.CHECKED:
            raise UnableToReadUpload(_("Try %(name)s first, so that you see what it would bring.") % {"name": upload.name})
        return _read(upload, reading_of(upload=upload), as_of, dry_run=False)


def _read(upload: Upload, reading: AccountReading, as_of: datetime, *, dry_run: bool) -> Upload:
    try:
        found = import_accounts.import_accounts(
            path=Path(upload.file.path),
            source_code=upload.source.code,
            reading=reading,
            received_at=as_of,
            dry_run=dry_run,
            name=upload.name,
            bytes_max=most_unpacked(name=upload.name),
        )
    except UnableToImport as refusal:
        upload.state, upload.message, upload.report = Upload.State.FAILED, str(refusal), {}
    else:
        upload.state, upload.message = Upload.State.CHECKED if dry_run else Upload.State.IMPORTED, ""
        upload.report = _kept(found)
        upload.run = None if dry_run else ImportRun.objects.get(pk=found.run_id or 0)
    upload.save()
    return upload


def _kept(found: import_accounts.AccountImport) -> dict[str, Any]:
    held = sorted(found.held.items())[:HELD_KEPT]
    return {
        "in": found.row_count,
        "accounts": found.account_count,
        "new": found.new_count,
        "changed": found.changed_count,
        "unchanged": found.unchanged_count,
        "held_count": len(found.held),
        "by_reason": dict(found.held_by_reason.most_common()),
        "held": [[number, row.key, row.reason, row.message] for number, row in held],
    }


def _open(upload_id: int) -> Upload:
    upload = Upload.objects.select_for_update(of=("self",)).select_related("source").get(pk=upload_id, kind=Upload.Kind.ACCOUNTS)
    _refuse_deleted(upload)
    if upload.state == Upload.State.IMPORTED:
        raise UnableToReadUpload(_("%(name)s is imported already.") % {"name": upload.name})
    return upload


def _refuse_deleted(upload: Upload) -> None:
    if upload.deleted_at is not None:
        days = (upload.deleted_at - upload.uploaded_at).days
        words = ngettext(
            "%(name)s was deleted %(count)s day after it came, as every file is; upload it again.",
            "%(name)s was deleted %(count)s days after it came, as every file is; upload it again.",
            days,
        )
        raise UnableToReadUpload(words % {"name": upload.name, "count": days})


def _document(reading: AccountReading) -> Mapping[str, Any]:
    return {"columns": dict(reading.columns), "date_format": reading.date_format, "currency": reading.currency}


def _source_of(client: Client) -> Source:
    """Return where a client's account data comes from: the source that told it last, else one of its own."""
    last = (
        ImportRun.objects.filter(source__client=client, origin=ImportRun.Origin.ACCOUNTS).select_related("source").order_by("-pk").first()
    )
    if last is not None:
        return last.source
    name = f"Account data of {client.name}"[:120]
    return Source.objects.get_or_create(code=f"{client.code}-accounts"[:64], client=client, defaults={"name": name})[0]
