"""Make the next version of a mapping."""

from agents.intake.definitions import definition_of
from agents.models import Mapping
from agents.operations.mappings import save_mapping


def copy_mapping(*, mapping: Mapping) -> Mapping:
    """Copy a mapping with its columns, events and values into the next version of the same source.

    Args:
        mapping: the version to start from; it is not changed.

    Returns: the new version, which the next import uses.
    """
    definition = definition_of(mapping=mapping).model_copy(update={"note": f"Copied from version {mapping.number}."})
    return save_mapping.store_version(source_id=mapping.source_id, definition=definition)
