"""Import a file of surveys or QA reviews: all of it, or nothing."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext as _

from agents.intake import files, quality_files
from agents.intake.delivered_quality import Kind
from agents.intake.errors import UnableToImport
from agents.intake.quality_files import Reading
from agents.models import Source
from agents.operations.deliveries import receive_quality
from agents.operations.deliveries.event_outcomes import Outcome


@dataclass(frozen=True, kw_only=True)
class QualityImport:
    """What an import found: the outcome of each row by its number, counting from 1 below the head."""

    file_name: str
    outcomes: dict[int, Outcome]

    @property
    def counts(self) -> Counter[str]:
        """How many rows became what."""
        return Counter(outcome.status for outcome in self.outcomes.values())


def import_quality(
    *, path: Path, source_code: str, kind: Kind, reading: Reading, received_at: datetime, dry_run: bool = False
) -> QualityImport:
    """Import surveys or QA reviews from a file, in one transaction; the same file again changes nothing.

    Args:
        path: the file, of any kind that agents.intake.files reads.
        source_code: source that the file comes from.
        kind: surveys or QA reviews.
        reading: which columns hold what, and how dates are written.
        received_at: business instant.
        dry_run: try everything, store nothing.

    Returns: what became of each row.
    Raises: UnableToImport with one sentence; then nothing was stored.
    """
    source = Source.objects.filter(code=source_code).first()
    if source is None:
        known = ", ".join(Source.objects.order_by("code").values_list("code", flat=True)) or "none yet"
        raise UnableToImport(
            _('There is no source "%(source_code)s"; known are: %(known)s. Add it in admin under Sources.')
            % {"source_code": source_code, "known": known}
        )
    table = files.read_file(path=path)
    read = quality_files.read_judgments(table=table, kind=kind, source=source.code, reading=reading)
    report = receive_quality.receive_quality(source=source, kind=kind, read=list(read.values()), received_at=received_at, dry_run=dry_run)
    return QualityImport(file_name=table.name, outcomes=dict(zip(read, report.outcomes, strict=True)))
