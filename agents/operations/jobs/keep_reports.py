"""Reports of held rows that commands write: they quote rows as they came, so they stay no longer than the rows themselves."""

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

KEPT_FOR = timedelta(days=14)


def delete_old_reports(*, folder: Path, now: datetime) -> int:
    """Delete the reports of held rows that were written more than two weeks ago.

    Only files that commands write there are looked at; one that somebody put beside them stays.

    Args:
        folder: where commands write them, `reports` under PPR_VAR_DIR; it may not be there.
        now: wall clock.

    Returns: how many were deleted.
    """
    count = 0
    for path in sorted(folder.glob("*.held.csv")):
        # Another process may have deleted it a moment before.
        with suppress(FileNotFoundError):
            written_at = datetime.fromtimestamp(path.stat().st_mtime, tz=now.tzinfo)
            if path.is_file() and now - written_at > KEPT_FOR:
                path.unlink()
                count += 1
    return count
