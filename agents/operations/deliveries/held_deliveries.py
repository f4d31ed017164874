"""Delivered events that wait: found again when what they waited for is known, and tried again when a person says so."""

from collections.abc import Collection, Iterator

from agents.intake import delivered, delivered_codes
from agents.intake.delivered import Row
from agents.intake.frozen_mappings import NOTHING
from agents.intake.vendors import story
from agents.models import HeldRow, ImportRun, Mapping, MappingValue, Source

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

    Returns: for each source and origin its events, numbered from 0; a state that the mapping explains by now as what it means.
    """
    held = HeldRow.objects.filter(pk__in=list(held_ids), released_at=None, run__origin__in=DELIVERIES)
    groups = held.order_by("source", "run__origin").values_list("source", "run__origin").distinct()
    for source_id, origin in groups:
        told = held.filter(source=source_id, run__origin=origin).order_by("pk").values_list("reason", "row")
        states = load_states(source_id=source_id)
        explained = [_explain(Row(row_number=None, **row), reason, states) for reason, row in told]
        rows = [row._replace(row_number=number) for number, row in enumerate(row for row in explained if row is not None)]
        yield Source.objects.get(pk=source_id), ImportRun.Origin(origin), rows


def load_states(*, source_id: int) -> dict[str, tuple[str, str]]:
    """Return what the newest mapping of a source says that values of state mean: kind of event and code.

    Args:
        source_id: whose mapping.
    """
    newest = Mapping.objects.filter(source=source_id).order_by("-number").first()
    if newest is None:
        return {}
    found = MappingValue.objects.filter(mapping=newest, target=MappingValue.Target.STATE).values_list("value", "meaning")
    return {value: (meaning.partition("/")[0], meaning.partition("/")[2]) for value, meaning in found}


def _explain(row: Row, reason: str, states: dict[str, tuple[str, str]]) -> Row | None:
    """Return an event as it counts when it is tried again; None for a state that nobody explained, which would be taken for a return."""
    if reason != story.UNKNOWN_STATE:
        return row
    kind, code = states.get(row.code, (NOTHING, ""))
    return None if kind == NOTHING else delivered.explain(row=row, type=kind, code=code)
