"""Store a mapping as the next version of its source."""

from django.db import transaction
from django.db.models import Max

from agents.intake import mappings
from agents.intake.definitions import MappingDefinition
from agents.models import Mapping, MappingColumn, MappingEvent, MappingValue, Source


@transaction.atomic
def save_mapping(*, source_id: int, definition: MappingDefinition) -> Mapping:
    """Store a mapping as the next version of its source.

    Args:
        source_id: whose files it reads.
        definition: the mapping as a document.

    Returns: the new version, which the next import uses.
    Raises: UnableToImport with the first problem; then nothing was stored.
    """
    made = store_version(source_id=source_id, definition=definition)
    mappings.freeze_mapping(mapping=made, source=made.source)
    return made


@transaction.atomic
def store_version(*, source_id: int, definition: MappingDefinition) -> Mapping:
    """Store a mapping as the next version of its source, whatever is wrong with it; an import says so.

    Args:
        source_id: whose files it reads.
        definition: the mapping as a document.
    """
    source = Source.objects.select_for_update(of=("self",)).select_related("client").get(pk=source_id)
    number = (source.mappings.aggregate(highest=Max("number"))["highest"] or 0) + 1
    made = Mapping.objects.create(source=source, number=number, **_own(definition))
    _add_parts(made, definition)
    return made


def _own(definition: MappingDefinition) -> dict[str, object]:
    """Return what stands in the row of the mapping itself."""
    told = definition.model_dump(exclude={"columns", "events", "values"})
    return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}


def _add_parts(mapping: Mapping, definition: MappingDefinition) -> None:
    MappingColumn.objects.bulk_create(
        MappingColumn(mapping=mapping, target=target, **{**column.model_dump(), "other_heads": list(column.other_heads)})
        for target, column in definition.columns.items()
    )
    MappingEvent.objects.bulk_create(
        MappingEvent(mapping=mapping, **{**event.model_dump(), "other_heads": list(event.other_heads)}) for event in definition.events
    )
    MappingValue.objects.bulk_create(
        MappingValue(mapping=mapping, target=target, value=value, meaning=meaning)
        for target, table in definition.values.items()
        for value, meaning in table.items()
    )
