"""How a source's files are read: the stored mapping, frozen for one import."""

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from agents import models
from agents.intake.dates import DateFormat, compile_format
from agents.intake.errors import UnableToImport
from contracts.models import Channel, Contract, QueryType

SOLVED_TYPES = frozenset({"solution_offered", "closed", "customer_acknowledged", "qa_passed", "client_approved"})
COLUMNS_SHOWN = 12
CODE_CHARACTERS_MAX = 32
REQUIRED = ("case", "state", "occurred_at")


@dataclass(frozen=True, kw_only=True)
class Column:
    """Where something stands in the file, and whether only rows of a solved case know it already."""

    name: str
    only_when_resolved: bool = False


@dataclass(frozen=True, kw_only=True)
class FrozenMapping:
    """One version of a mapping, checked against what exists.

    `states` gives kind of event and code ("" for none); the other tables give codes. `only_contract` is the contract of
    every row where the file does not tell one. `missing` are the markers that mean "not known"; an empty cell always does.
    """

    id: int
    number: int
    source_id: int
    source_code: str
    date_format: DateFormat
    timezone: str
    repeated_hour: str
    missing: frozenset[str]
    columns: Mapping[str, Column]
    states: Mapping[str, tuple[str, str]]
    contracts: Mapping[str, str]
    query_types: Mapping[str, str]
    channels: Mapping[str, str]
    only_contract: str | None

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"mapping {self.number} of {self.source_code}"


def load_mapping(*, source_code: str) -> FrozenMapping:
    """Load the newest mapping of a source.

    Raises: UnableToImport if source or mapping is missing, or the mapping names something that does not exist.
    """
    source = models.Source.objects.select_related("client").filter(code=source_code).first()
    if source is None:
        known = ", ".join(models.Source.objects.order_by("code").values_list("code", flat=True)) or "none yet"
        raise UnableToImport(f'There is no source "{source_code}"; known are: {known}. Add it in admin under Sources.')
    mapping = source.mappings.order_by("-number").first()
    if mapping is None:
        raise UnableToImport(f'Source "{source_code}" has no mapping, so its columns cannot be read; add one in admin under Mappings.')
    return freeze_mapping(mapping=mapping, source=source)


def freeze_mapping(*, mapping: models.Mapping, source: models.Source) -> FrozenMapping:
    """Check a stored mapping and freeze it.

    Raises: UnableToImport as load_mapping does.
    """
    name = f"Mapping {mapping.number} of {source.code}"
    values: dict[str, dict[str, str]] = {"state": {}, "contract": {}, "query_type": {}, "channel": {}}
    for target, value, meaning in mapping.values.values_list("target", "value", "meaning"):
        values[target][value] = meaning
    columns = {column.target: Column(name=column.column, only_when_resolved=column.only_when_resolved) for column in mapping.columns.all()}
    missing = [target for target in REQUIRED if target not in columns]
    if missing:
        raise UnableToImport(f"{name} does not say which column holds {' and '.join(missing)}; add that in a new version.")
    late = [target for target in (*REQUIRED, "contract") if target in columns and columns[target].only_when_resolved]
    if late:
        raise UnableToImport(
            f"{name} reads {' and '.join(late)} only on solved rows, but every row needs it; change that in a new version."
        )
    for target, model in (("contract", Contract), ("query_type", QueryType), ("channel", Channel)):
        _check_codes(name, target.replace("_", " "), values[target].values(), model.objects.values_list("code", flat=True))
    return FrozenMapping(
        id=mapping.pk,
        number=mapping.number,
        source_id=source.pk,
        source_code=source.code,
        date_format=compile_format(text=mapping.date_format),
        timezone=mapping.timezone,
        repeated_hour=mapping.repeated_hour,
        missing=frozenset(mapping.missing_markers) | {""},
        columns=columns,
        states={value: _meaning_of_state(name, value, meaning) for value, meaning in values["state"].items()},
        contracts=values["contract"],
        query_types=values["query_type"],
        channels=values["channel"],
        only_contract=None if "contract" in columns else _only_contract(name, source),
    )


def check_columns(*, mapping: FrozenMapping, columns: Collection[str], file_name: str) -> None:
    """Refuse a file that lacks a column of the mapping.

    Raises: UnableToImport naming every column that is missing, and the likeliest one it may be called now.
    """
    missing = [name for name in dict.fromkeys(column.name for column in mapping.columns.values()) if name not in columns]
    if not missing:
        return
    named = [f'"{name}"{_hint(name, columns)}' for name in missing]
    heads = ", ".join(list(columns)[:COLUMNS_SHOWN]) + (" ..." if len(columns) > COLUMNS_SHOWN else "")
    raise UnableToImport(
        f"{file_name} lacks {'a column' if len(named) == 1 else 'columns'} that {mapping.name} reads: {', '.join(named)}. It has: {heads}. "
        "Export it with what is missing, or add a version of the mapping."
    )


def _hint(name: str, columns: Collection[str]) -> str:
    if any(column.startswith(f"{name} (column ") for column in columns):
        return " (it stands there more than once)"
    near = difflib.get_close_matches(name, columns, n=1)
    return f' (is it "{near[0]}"?)' if near else ""


def _check_codes(name: str, kind: str, meanings: Collection[str], known: Collection[str]) -> None:
    unknown = sorted(set(meanings) - set(known))
    if unknown:
        raise UnableToImport(
            f'{name} speaks of {kind} "{unknown[0]}", which does not exist; add it, or correct a new version of the mapping.'
        )


def _meaning_of_state(name: str, value: str, meaning: str) -> tuple[str, str]:
    kind, _, code = meaning.partition("/")
    if kind not in models.CaseEvent.Type.values:
        kinds = ", ".join(models.CaseEvent.Type.values)
        raise UnableToImport(f'{name} says that state "{value}" means "{meaning}", which is no kind of event; use one of {kinds}.')
    if len(code) > CODE_CHARACTERS_MAX:
        raise UnableToImport(f'{name} gives state "{value}" a code of more than {CODE_CHARACTERS_MAX} characters; shorten it.')
    if kind == "excluded" and not code:
        raise UnableToImport(f'{name} excludes state "{value}" without saying why; write for example excluded/spam.')
    return kind, code


def _only_contract(name: str, source: models.Source) -> str:
    found = list(Contract.objects.filter(client=source.client).values_list("code", flat=True)[:2]) if source.client else []
    if len(found) != 1:
        raise UnableToImport(
            f"{name} does not say which column tells the contract, and source {source.code} does not belong to a client with exactly one; "
            "add that column in a new version."
        )
    return found[0]
