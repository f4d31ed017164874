"""Delivered events that wait: found again when what they waited for is known, and tried again when a person says so."""

from collections.abc import Collection, Iterable, Iterator

import polars as pl

from agents.intake import delivered_codes, events
from agents.models import HeldRow, ImportRun, Source

DELIVERIES = (ImportRun.Origin.API, ImportRun.Origin.WEBHOOK)
WAITING_SCHEMA = {"held_id": pl.Int64(), **events.INCOMING_SCHEMA}


def load_waiting_for_contract(*, source: Source, case_keys: Collection[str]) -> pl.DataFrame:
    """Return the delivered events of cases that wait for nothing but a contract.

    Args:
        source: where they come from.
        case_keys: cases whose contract is known now.

    Returns: one row per held event, columns of WAITING_SCHEMA; row_number is null, for they stand in no present delivery.
    """
    if not case_keys:
        return pl.DataFrame(schema=WAITING_SCHEMA)
    waiting = HeldRow.objects.filter(
        source=source,
        released_at=None,
        reason=delivered_codes.MISSING_CONTRACT,
        run__origin__in=DELIVERIES,
        case_key__in=list(case_keys),
    )
    return _read(waiting.values_list("pk", "row"))


def load_held_events(*, held_ids: Collection[int]) -> Iterator[tuple[Source, ImportRun.Origin, pl.DataFrame]]:
    """Return delivered events that are held, by source and by how they came.

    Args:
        held_ids: held rows; those of files, and those released already, are left out.

    Returns: for each source and origin a frame, columns of agents.intake.events.INCOMING_SCHEMA, numbered from 0.
    """
    held = HeldRow.objects.filter(pk__in=list(held_ids), released_at=None, run__origin__in=DELIVERIES)
    groups = held.order_by("source", "run__origin").values_list("source", "run__origin").distinct()
    for source_id, origin in groups:
        frame = _read(held.filter(source=source_id, run__origin=origin).order_by("pk").values_list("pk", "row"))
        numbered = frame.drop("held_id", "row_number").with_row_index("row_number").select(list(events.INCOMING_SCHEMA))
        yield Source.objects.get(pk=source_id), ImportRun.Origin(origin), numbered.cast(events.INCOMING_SCHEMA)  # type: ignore[arg-type]


def _read(rows: Iterable[tuple[int, dict[str, object]]]) -> pl.DataFrame:
    told = [{"held_id": held_id, "row_number": None, **row} for held_id, row in rows]
    if not told:
        return pl.DataFrame(schema=WAITING_SCHEMA)
    text = {name: pl.String() if name == "occurred_at" else kind for name, kind in WAITING_SCHEMA.items()}
    frame = pl.DataFrame(told, schema=text)
    return frame.with_columns(pl.col("occurred_at").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", time_unit="us", time_zone="UTC")).select(
        list(WAITING_SCHEMA)
    )
