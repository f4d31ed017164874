"""Import a file of a client's accounts, month by month: all of it, or nothing."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from django.db import connection, transaction
from django.utils import timezone

from agents.intake import account_files, file_bytes, files
from agents.intake.account_files import AccountReading, HeldAccount, ReadAccount
from agents.intake.errors import UnableToImport
from agents.intake.tables import FileTable
from agents.models import AccountMonth, HeldRow, ImportRun, Source
from agents.operations import history
from agents.operations.imports import import_storage

TOLD = (*account_files.DAYS, *account_files.COUNTS, *account_files.YES_OR_NO, "recurring_micros", "currency")
AT_ONCE = 2_000


@dataclass(frozen=True, kw_only=True)
class AccountImport:
    """What an import found. A changed row takes the place of what was told before, which its history keeps."""

    run_id: int | None
    file_name: str
    row_count: int
    account_count: int
    new_count: int
    changed_count: int
    unchanged_count: int
    held: Mapping[int, HeldAccount]

    @property
    def held_by_reason(self) -> Counter[str]:
        """How many rows are held for which reason."""
        return Counter(row.reason for row in self.held.values())


def import_accounts(
    *,
    path: Path,
    source_code: str,
    reading: AccountReading,
    received_at: datetime,
    dry_run: bool = False,
    name: str = "",
    bytes_max: int = file_bytes.BYTES_MAX,
) -> AccountImport:
    """Import account months from a file, in one transaction; the same file again changes nothing.

    Args:
        path: the file, of any kind that agents.intake.files reads.
        source_code: source that the file comes from; it belongs to one client, whose accounts these are.
        reading: which columns hold what, and how dates are written.
        received_at: business instant.
        dry_run: try everything, store nothing.
        name: what messages call the file; by default the name of the path.
        bytes_max: how much it may hold when it is unpacked.

    Returns: counts, and the held rows by number, counting from 1 below the head.
    Raises: UnableToImport with one sentence; then nothing was stored.
    Source: design.md section 10, "the eight measures of post-sale service"; docs/value.md.
    """
    source = Source.objects.select_related("client").filter(code=source_code).first()
    if source is None:
        known = ", ".join(Source.objects.order_by("code").values_list("code", flat=True)) or "none yet"
        raise UnableToImport(f'There is no source "{source_code}"; known are: {known}. Add it in admin under Sources.')
    if source.client is None:
        raise UnableToImport(f'Source "{source_code}" belongs to no client, so nobody knows whose accounts these are; set its client.')
    started, started_at = time.monotonic(), timezone.now()
    table = files.read_file(path=path, name=name, bytes_max=bytes_max)
    read = account_files.read_accounts(table=table, reading=reading)
    told = list({(row.account, row.month): row for row in read.values() if isinstance(row, ReadAccount)}.values())
    held = {number: row for number, row in read.items() if isinstance(row, HeldAccount)}
    with transaction.atomic(), history.act(name="import_accounts", as_of=received_at):
        # Two imports of one source wait for each other, so that neither reads what the other is about to write.
        Source.objects.select_for_update(no_key=True).get(pk=source.pk)
        run = _open_run(source, table, started_at, row_count=len(read), account_count=len({row.account for row in told}))
        new, changed = _store(source, run, told)
        _hold(source, run, table, held)
        _release(source, told, read, table, received_at)
        repeated = len(read) - len(held) - len(told)
        run.new_count, run.changed_count, run.held_count = new, changed, len(held)
        run.unchanged_count = len(told) - new - changed + repeated
        run.seconds = time.monotonic() - started
        run.save()
        transaction.set_rollback(dry_run)
    return AccountImport(
        run_id=None if dry_run else run.pk,
        file_name=table.name,
        row_count=run.row_count,
        account_count=run.case_count,
        new_count=new,
        changed_count=changed,
        unchanged_count=run.unchanged_count,
        held=held,
    )


def _open_run(source: Source, table: FileTable, started_at: datetime, *, row_count: int, account_count: int) -> ImportRun:
    return ImportRun.objects.create(
        source=source,
        origin=ImportRun.Origin.ACCOUNTS,
        file_name=table.name[:255],
        file_sha256=table.sha256,
        started_at=started_at,
        seconds=0,
        row_count=row_count,
        case_count=account_count,
        new_count=0,
        changed_count=0,
        unchanged_count=0,
        held_count=0,
    )


def _store(source: Source, run: ImportRun, told: Sequence[ReadAccount]) -> tuple[int, int]:
    """Add what is new, replace what changed and note who told the rest last; return how many are new and how many changed."""
    months = {row.month for row in told}
    known = {(row.account, row.month): row for row in AccountMonth.objects.filter(client=source.client, month__in=months)}
    new: list[AccountMonth] = []
    changed: list[AccountMonth] = []
    unchanged: list[int] = []
    for row in told:
        stored = known.get((row.account, row.month))
        if stored is None:
            new.append(AccountMonth(client=source.client, account=row.account, month=row.month, run=run, **row.values))
        elif any(getattr(stored, name) != row.values[name] for name in TOLD):
            for name in TOLD:
                setattr(stored, name, row.values[name])
            stored.run = run
            changed.append(stored)
        else:
            unchanged.append(stored.pk)
    AccountMonth.objects.bulk_create(new, batch_size=AT_ONCE)
    AccountMonth.objects.bulk_update(changed, fields=[*TOLD, "run"], batch_size=AT_ONCE)
    # An import that told a row first is not taken back while another, which told the same, still stands.
    AccountMonth.objects.filter(pk__in=unchanged).update(run=run)
    return len(new), len(changed)


def _hold(source: Source, run: ImportRun, table: FileTable, held: Mapping[int, HeldAccount]) -> None:
    if not held:
        return
    picked = files.pick_rows(table=table, row_numbers=pl.Series(sorted(held), dtype=pl.Int64))
    rows: list[dict[str, Any]] = [
        {
            "row_number": number,
            "case_key": held[number].key,
            "reason": held[number].reason,
            "message": held[number].message,
            "row": row,
            "row_hash": row_hash,
        }
        for number, (row, row_hash) in zip(sorted(held), picked.iter_rows(), strict=True)
    ]
    with connection.cursor() as cursor:
        import_storage.store_held_rows(cursor=cursor, run_id=run.pk, source_id=source.pk, held=pl.DataFrame(rows))


def _release(
    source: Source, told: Sequence[ReadAccount], read: Mapping[int, ReadAccount | HeldAccount], table: FileTable, at: datetime
) -> None:
    """Let go of rows that are told well now: the same account and month, or the same row where it could not be read before."""
    waiting = HeldRow.objects.filter(source=source, released_at=None, run__origin=ImportRun.Origin.ACCOUNTS)
    if not waiting.exists():
        return
    keys = [account_files.key_of(account=row.account, month=row.month) for row in told]
    good = sorted(number for number, row in read.items() if isinstance(row, ReadAccount))
    hashes = files.pick_rows(table=table, row_numbers=pl.Series(good, dtype=pl.Int64))["row_hash"].to_list() if good else []
    waiting.filter(case_key__in=keys).update(released_at=at)
    waiting.filter(row_hash__in=hashes).update(released_at=at)
