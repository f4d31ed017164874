"""Make clients and contracts of the values of a file that tell them, so that what it brings has a place to wait for its terms."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from agents.intake import files, mappings, preview
from agents.intake.definitions import MappingDefinition, definition_of
from agents.intake.errors import UnableToImport
from agents.models import Source
from agents.operations.mappings import save_mapping
from contracts.models import Client, Contract

CODE_CHARACTERS_MAX = 48
NAME_CHARACTERS_MAX = 120


@dataclass(frozen=True, kw_only=True)
class NamedContracts:
    """The mapping that knows the values, and the code of the contract that each value means now."""

    definition: MappingDefinition
    contract_codes: Mapping[str, str]


@transaction.atomic
def name_contracts(*, definition: MappingDefinition, values: Collection[str], timezone: str) -> NamedContracts:
    """Make a client with an empty contract of each value that has no meaning yet.

    A contract without a version prices nothing: resolutions under it are held until somebody writes down what was agreed.

    Args:
        definition: the mapping, stored or not.
        values: as they stand in the file's column of the contract.
        timezone: of the contracts.

    Returns: the mapping with what the values mean; storing it is the caller's.
    """
    known = dict(definition.values.get("contract", {}))
    made: dict[str, str] = {}
    taken = set(Contract.objects.values_list("code", flat=True)) | set(Client.objects.values_list("code", flat=True))
    for value in sorted(set(values) - set(known)):
        code = _free_code(value, taken)
        taken.add(code)
        client = Client.objects.create(code=code, name=value[:NAME_CHARACTERS_MAX])
        Contract.objects.create(client=client, code=code, name=value[:NAME_CHARACTERS_MAX], timezone=timezone)
        made[value] = code
    meanings = {**definition.values, "contract": known | made}
    return NamedContracts(definition=definition.model_copy(update={"values": meanings}), contract_codes=made)


@transaction.atomic
def name_contracts_of_file(*, path: Path, source_code: str, name: str = "", sheet: str = "") -> NamedContracts:
    """Make clients and contracts of a file's values that the newest mapping of its source does not know, in its next version.

    Args:
        path: the file.
        source_code: source that it comes from.
        name: what messages call it, and what tells its kind; by default the name of the path.
        sheet: of a workbook, instead of the one that the mapping names.

    Raises: UnableToImport if there is no mapping, it reads no column of the contract, or the file cannot be read; then nothing is made.
    """
    source = mappings.find_source(source_code=source_code)
    newest = source.mappings.order_by("-number").first()
    if newest is None:
        raise UnableToImport(
            _('Source "%(source_code)s" has no mapping, so its columns cannot be read; add one in admin under Mappings.')
            % {"source_code": source_code}
        )
    definition = definition_of(mapping=newest)
    if "contract" not in definition.columns:
        raise UnableToImport(
            _("%(newest)s reads no column that tells the contract; add that column in a new version.") % {"newest": newest}
        )
    if sheet:
        definition = definition.model_copy(update={"sheet": sheet})
    found = name_contracts(definition=definition, values=_unknown_contracts(path, source, definition, name), timezone=definition.timezone)
    if found.contract_codes:
        note = f"Clients and contracts made of {len(found.contract_codes)} values of {name or path.name}."
        save_mapping.save_mapping(source_id=source.pk, definition=found.definition.model_copy(update={"note": note}))
    return found


def _unknown_contracts(path: Path, source: Source, definition: MappingDefinition, name: str) -> list[str]:
    mapping = mappings.freeze_definition(definition=definition, source=source)
    table = files.read_file(path=path, layout=mapping.layout, name=name)
    shown = preview.preview_table(table=table, mapping=mapping, limit=1)
    return [unknown.value for unknown in shown.unknown.get("contract", ())]


def _free_code(value: str, taken: Collection[str]) -> str:
    """Make a short code of a name, with a number behind it where another name took it.

    >>> _free_code("Wells Fargo & Company", {"wells-fargo-company"})
    'wells-fargo-company-2'
    """
    plain = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:CODE_CHARACTERS_MAX].strip("-") or "client"
    code, number = stem, 1
    while code in taken:
        number += 1
        code = f"{stem}-{number}"
    return code
