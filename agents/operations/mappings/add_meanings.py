"""Say what values of a source mean, in the next version of its mapping."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from agents.intake import mappings
from agents.intake.errors import UnableToImport
from agents.models import MappingValue, Source
from agents.operations.mappings import copy_mapping

# (target, value) to meaning; None takes the meaning away.
Meanings = Mapping[tuple[str, str], str | None]


class UnableToAddMeaning(Exception):
    """A value cannot be given that meaning; nothing changed."""


@dataclass(frozen=True, kw_only=True)
class MeaningReport:
    """The version that says it, and what the values meant before."""

    number: int
    before: Meanings


@transaction.atomic
def add_meanings(*, source_id: int, meanings: Meanings, note: str) -> MeaningReport:
    """Make the next version of a source's mapping, in which some values have another meaning.

    Args:
        source_id: whose mapping.
        meanings: for each target (MappingValue.Target) and value its meaning, or None to take it away.
        note: why, for whoever reads the version.

    Returns: the version, and what the values meant in the one before.
    Raises: UnableToAddMeaning if the source has no mapping, or a meaning does not exist.
    """
    source = Source.objects.select_for_update(of=("self",)).select_related("client").get(pk=source_id)
    newest = source.mappings.order_by("-number").first()
    if newest is None:
        raise UnableToAddMeaning(_("%(source)s has no mapping yet; set one up under Imports first.") % {"source": source})
    made = copy_mapping.copy_mapping(mapping=newest)
    before: dict[tuple[str, str], str | None] = {}
    for (target, value), meaning in meanings.items():
        stands = MappingValue.objects.filter(mapping=made, target=target, value=value)
        before[target, value] = stands.values_list("meaning", flat=True).first()
        stands.delete()
        if meaning is not None:
            MappingValue.objects.create(mapping=made, target=target, value=value, meaning=meaning)
    made.note = note
    made.save(update_fields=["note"])
    try:
        mappings.freeze_mapping(mapping=made, source=source)
    except UnableToImport as fault:
        raise UnableToAddMeaning(str(fault)) from fault
    return MeaningReport(number=made.number, before=before)
