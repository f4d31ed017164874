"""Release held rows that a corrected mapping let in."""

from collections.abc import Collection
from datetime import datetime

import polars as pl

from agents.intake import files
from agents.intake.tables import ROW_NUMBER, FileTable
from agents.models import HeldRow


def release_held_rows(
    *, source_id: int, table: FileTable, cases: pl.DataFrame, held: pl.DataFrame, released_at: datetime
) -> tuple[int, ...]:
    """Release the rows of a file that are no longer held, or no longer for the reason they were held for.

    Args:
        source_id: where the file comes from.
        table: the file.
        cases: which case each row is about, as agents.intake.rows says.
        held: rows of it that are held now, with row_hash and reason.
        released_at: when they were let in, business clock.

    Returns: the held rows that were released.
    """
    waiting = list(HeldRow.objects.filter(source_id=source_id, released_at=None).values_list("pk", "case_key", "reason", "row_hash"))
    if not waiting:
        return ()
    present = _row_hashes(table, cases, {case_key for _, case_key, _, _ in waiting})
    still_held = set(held.select("row_hash", "reason").iter_rows())
    freed = tuple(pk for pk, _, reason, row_hash in waiting if row_hash in present and (row_hash, reason) not in still_held)
    HeldRow.objects.filter(pk__in=freed).update(released_at=released_at)
    return freed


def _row_hashes(table: FileTable, cases: pl.DataFrame, case_keys: Collection[str]) -> frozenset[str]:
    """Hash the rows that may be meant; a row held without its case may be any row."""
    rows = table.frame if "" in case_keys else cases.filter(pl.col("case").is_in(list(case_keys)))
    return frozenset(files.pick_rows(table=table, row_numbers=rows[ROW_NUMBER])["row_hash"])
