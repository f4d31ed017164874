"""Delivered events that wait: found again when what they waited for is known, and tried again when a person says so."""

from collections.abc import Collection, Iterator

from agents.intake import delivered_codes
from agents.intake.delivered import Row
from agents.models import HeldRow, ImportRun, Source

DELIVERIES = (ImportRun.Origin.API, ImportRun.Origin.WEBHOOK)


def load_waiting_for_contract(*, source: Source, case_keys: Collection[str]) -> Iterator[tuple[int, ImportRun.Origin, Row]]:
    """Return the delivered events of cases that wait for nothing but a contract: held row, how it came, event.

    Args:
        source: where they come from.
        case_keys: cases whose contract is known now.
    """
    waiting = HeldRow.objects.filter(
        source=source,
        released_at=None,
        reason=delivered_codes.MISSING_CONTRACT,
        run__origin__in=DELIVERIES,
        case_key__in=list(case_keys),
    )
    for held_id, origin, row in waiting.values_list("pk", "run__origin", "row"):
        yield held_id, ImportRun.Origin(origin), Row(row_number=None, **row)


def load_held_events(*, held_ids: Collection[int]) -> Iterator[tuple[Source, ImportRun.Origin, list[Row]]]:
    """Return delivered events that are held, by source and by how they came.

    Args:
        held_ids: held rows; those of files, and those released already, are left out.

    Returns: for each source and origin its events, numbered from 0.
    """
    held = HeldRow.objects.filter(pk__in=list(held_ids), released_at=None, run__origin__in=DELIVERIES)
    groups = held.order_by("source", "run__origin").values_list("source", "run__origin").distinct()
    for source_id, origin in groups:
        told = held.filter(source=source_id, run__origin=origin).order_by("pk").values_list("row", flat=True)
        rows = [Row(row_number=number, **row) for number, row in enumerate(told)]
        yield Source.objects.get(pk=source_id), ImportRun.Origin(origin), rows
