"""Make the next version of a mapping."""

from django.db import models, transaction

from agents.models import Mapping, MappingColumn, MappingValue


@transaction.atomic
def copy_mapping(*, mapping: Mapping) -> Mapping:
    """Copy a mapping with its columns and values into the next version of the same source.

    Args:
        mapping: the version to start from; it is not changed.

    Returns: the new version, which the next import uses.
    """
    source = type(mapping.source).objects.select_for_update().get(pk=mapping.source_id)
    number = (source.mappings.aggregate(highest=models.Max("number"))["highest"] or 0) + 1
    made = Mapping.objects.create(
        source=source,
        number=number,
        date_format=mapping.date_format,
        timezone=mapping.timezone,
        decimal_mark=mapping.decimal_mark,
        missing_markers=mapping.missing_markers,
        note=f"Copied from version {mapping.number}.",
    )
    MappingColumn.objects.bulk_create(
        MappingColumn(mapping=made, target=column.target, column=column.column, only_when_resolved=column.only_when_resolved)
        for column in mapping.columns.all()
    )
    MappingValue.objects.bulk_create(
        MappingValue(mapping=made, target=value.target, value=value.value, meaning=value.meaning) for value in mapping.values.all()
    )
    return made
