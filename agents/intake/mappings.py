"""How a source's files are read: a mapping, checked against what exists and frozen for one import."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from agents import models
from agents.intake.dates import DateFormat, compile_format
from agents.intake.definitions import ColumnDefinition, EventDefinition, MappingDefinition, definition_of
from agents.intake.errors import UnableToImport
from agents.intake.events import identity_space
from agents.intake.frozen_mappings import NOTHING, SOLVED_TYPES, WORDS, Column, DatedEvent, FrozenMapping
from agents.intake.tables import Layout
from contracts.models import Channel, Contract, QueryType

__all__ = ["SOLVED_TYPES", "Column", "FrozenMapping", "find_problems", "find_source", "freeze_definition", "freeze_mapping", "load_mapping"]

CODE_CHARACTERS_MAX = 32
NAMED = ("agent", "actor")
# Every event needs these, so no row can wait for its end to tell them.
NEEDED_WORDS = {"case": "the case number", "state": "the state", "occurred_at": "when the row happened"}
NEEDED_EARLY = ("case", "state", "occurred_at", "record", "contract")


def load_mapping(*, source_code: str) -> FrozenMapping:
    """Load the newest mapping of a source.

    Raises: UnableToImport if source or mapping is missing, or the mapping names something that does not exist.
    """
    source = find_source(source_code=source_code)
    mapping = source.mappings.order_by("-number").first()
    if mapping is None:
        raise UnableToImport(
            _('Source "%(source_code)s" has no mapping, so its columns cannot be read; add one in admin under Mappings.')
            % {"source_code": source_code}
        )
    return freeze_mapping(mapping=mapping, source=source)


def find_source(*, source_code: str) -> models.Source:
    """Return a source by its code.

    Raises: UnableToImport naming the sources that there are.
    """
    source = models.Source.objects.select_related("client").filter(code=source_code).first()
    if source is None:
        known = ", ".join(models.Source.objects.order_by("code").values_list("code", flat=True)) or "none yet"
        raise UnableToImport(
            _('There is no source "%(source_code)s"; known are: %(known)s. Add it in admin under Sources.')
            % {"source_code": source_code, "known": known}
        )
    return source


def freeze_mapping(*, mapping: models.Mapping, source: models.Source) -> FrozenMapping:
    """Check a stored mapping and freeze it.

    Raises: UnableToImport as load_mapping does.
    """
    return freeze_definition(definition=definition_of(mapping=mapping), source=source, mapping_id=mapping.pk, number=mapping.number)


def freeze_definition(
    *, definition: MappingDefinition, source: models.Source, mapping_id: int = 0, number: int = 0, is_strict: bool = True
) -> FrozenMapping:
    """Check a mapping and freeze it.

    Args:
        definition: the mapping as a document.
        source: whose files it reads.
        mapping_id: of the stored version; 0 for a draft that is not stored.
        number: of the stored version; 0 likewise.
        is_strict: refuse what cannot be imported with; False freezes as much as can be read, for a preview.

    Raises: UnableToImport with the first problem, if strict.
    """
    name = f"Mapping {number} of {source.code}" if number else f"This draft for {source.code}"
    if is_strict:
        for problem in find_problems(definition=definition, source=source):
            raise UnableToImport(f"{name} {problem}")
    date_format = _format_or_none(definition.date_format) or compile_format(text="iso")
    values = {str(target): table for target, table in definition.values.items()}
    return FrozenMapping(
        id=mapping_id,
        number=number,
        source_id=source.pk,
        source_code=source.code,
        date_format=date_format,
        timezone=definition.timezone,
        repeated_hour=definition.repeated_hour,
        missing=frozenset(definition.missing_markers) | {""},
        columns={target: _column(target, column) for target, column in definition.columns.items()},
        states={value: _type_and_code(meaning) for value, meaning in values.get("state", {}).items()},
        contracts=values.get("contract", {}),
        query_types=values.get("query_type", {}),
        channels=values.get("channel", {}),
        only_contract=None if "contract" in definition.columns else _only_contract(source),
        words={target: values.get(target, {}) for target in WORDS if target in definition.columns},
        dated=tuple(_dated(event) for event in definition.events),
        case_columns=definition.case_columns,
        customer_space=source.customer_space or source.code,
        decimal_mark=definition.decimal_mark,
        grouping_mark=definition.grouping_mark,
        layout=Layout(
            file_format=definition.file_format,
            sheet=definition.sheet,
            lines_before_head=definition.lines_before_head,
            records_path=definition.records_path,
        ),
    )


def find_problems(*, definition: MappingDefinition, source: models.Source) -> tuple[str, ...]:
    """Say why files cannot be imported with a mapping.

    Args:
        definition: the mapping as a document.
        source: whose files it would read.

    Returns: one clause a problem, each to stand behind the name of the mapping; empty if there is none.
    """
    return tuple(_problems(definition, source))


def _problems(definition: MappingDefinition, source: models.Source) -> Iterator[str]:
    columns = definition.columns
    missing = [] if "case" in columns or definition.case_columns else ["case"]
    if not definition.events or "state" in columns or "occurred_at" in columns:
        missing += [target for target in ("state", "occurred_at") if target not in columns]
    if missing:
        yield f"does not say which column holds {' and '.join(NEEDED_WORDS[target] for target in missing)}; say it in the mapping."
    late = [target for target in NEEDED_EARLY if target in columns and columns[target].only_when_resolved]
    if late:
        yield f"reads {' and '.join(late)} only on solved rows, but every row needs it; change that in a new version."
    yield from _code_problems(definition)
    yield from _foreign_contracts(definition, source)
    for value, meaning in definition.values.get("state", {}).items():
        if meaning == NOTHING and definition.events:
            continue
        yield from _meaning_problems(f'says that state "{value}" means', f'state "{value}"', meaning)
    for event in definition.events:
        yield from _meaning_problems(f'says that column "{event.column}" means', f'column "{event.column}"', event.meaning)
    yield from _writing_problems(definition)
    if "contract" not in columns and _only_contract(source) is None:
        yield (
            f"does not say which column tells the contract, and source {source.code} does not belong to a client with exactly one; "
            "say it in the mapping."
        )


def _code_problems(definition: MappingDefinition) -> Iterator[str]:
    """Yield meanings that speak of something that does not exist."""
    for target, model in (("contract", Contract), ("query_type", QueryType), ("channel", Channel)):
        told = set(definition.values.get(target, {}).values())  # type: ignore[call-overload]
        known = set(model.objects.filter(code__in=told).values_list("code", flat=True)) if told else set()
        for code in sorted(told - known):
            yield f'speaks of {target.replace("_", " ")} "{code}", which does not exist; add it, or correct a new version of the mapping.'
    for target, allowed in WORDS.items():
        table = definition.values.get(target, {})  # type: ignore[call-overload]
        for value, meaning in table.items():
            if allowed is not None and meaning not in allowed | {NOTHING}:
                yield f'says that {target} "{value}" means "{meaning}"; use one of {", ".join(sorted(allowed))}, or {NOTHING}.'
            elif len(meaning) > CODE_CHARACTERS_MAX:
                yield f'gives {target} "{value}" a code of more than {CODE_CHARACTERS_MAX} characters; shorten it.'


def _foreign_contracts(definition: MappingDefinition, source: models.Source) -> Iterator[str]:
    """Yield contracts that a source which is one client's cannot speak of."""
    told = set(definition.values.get("contract", {}).values()) if "contract" in definition.columns else set()
    if source.client_id is None or not told:
        return
    others = Contract.objects.filter(code__in=told).exclude(client=source.client_id).order_by("code")
    for code in others.values_list("code", flat=True):
        yield (
            f'speaks of contract "{code}", but source {source.code} belongs to {source.client}, which has another; correct the mapping, '
            "or let the source belong to no client."
        )


def _meaning_problems(says: str, what: str, meaning: str) -> Iterator[str]:
    kind, code = _type_and_code(meaning)
    if kind not in models.CaseEvent.Type.values:
        kinds = ", ".join(models.CaseEvent.Type.values)
        yield f'{says} "{meaning}", which is no kind of event; use one of {kinds}.'
    elif len(code) > CODE_CHARACTERS_MAX:
        yield f"gives {what} a code of more than {CODE_CHARACTERS_MAX} characters; shorten it."
    elif kind == "excluded" and not code:
        yield f"excludes {what} without saying why; write for example excluded/spam."


def _writing_problems(definition: MappingDefinition) -> Iterator[str]:
    """Yield formats and units that cannot be read by."""
    formats = [definition.date_format]
    formats += [column.date_format for column in definition.columns.values()]
    formats += [event.date_format for event in definition.events]
    for text in dict.fromkeys(filter(None, formats)):
        try:
            compile_format(text=text)
        except UnableToImport as fault:
            yield f"cannot read dates. {fault}"
    handle = definition.columns.get("handle_time")
    if handle is not None and not handle.unit:
        yield f'does not say in which unit column "{handle.column}" tells how long it took; choose one.'
    for event in definition.events:
        if event.time_column and not event.time_unit:
            yield f'does not say in which unit column "{event.time_column}" tells how long it took; choose one.'


def _type_and_code(meaning: str) -> tuple[str, str]:
    kind, _other, code = meaning.partition("/")
    return kind, code


def _column(target: str, column: ColumnDefinition) -> Column:
    """Freeze a column; the space of its names never depends on which of its heads a file has."""
    space = column.space or identity_space(column=column.column) if target in NAMED else ""
    return Column(
        name=column.column,
        only_when_resolved=column.only_when_resolved,
        other_heads=column.other_heads,
        date_format=_format_or_none(column.date_format),
        unit=column.unit,
        space=space,
    )


def _dated(event: EventDefinition) -> DatedEvent:
    kind, code = _type_and_code(event.meaning)
    return DatedEvent(
        date=Column(name=event.column, other_heads=event.other_heads, date_format=_format_or_none(event.date_format)),
        type=kind,
        code=code,
        direction=event.direction,
        medium=event.medium,
        content=event.content,
        time=Column(name=event.time_column, unit=event.time_unit) if event.time_column else None,
    )


def _format_or_none(text: str) -> DateFormat | None:
    """Compile a format; one that cannot be read by is a problem of its own, and no format here."""
    try:
        return compile_format(text=text) if text else None
    except UnableToImport:
        return None


def _only_contract(source: models.Source) -> str | None:
    found = list(Contract.objects.filter(client=source.client).values_list("code", flat=True)[:2]) if source.client else []
    return found[0] if len(found) == 1 else None
