"""A mapping as a document: what the page edits, templates hold and versions store. Nothing here needs the codes to exist yet."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from agents import models
from agents.intake.errors import UnableToImport

Head = Annotated[str, StringConstraints(min_length=1, max_length=120)]
OptionalHead = Annotated[str, StringConstraints(max_length=120)]
Format = Annotated[str, StringConstraints(max_length=40)]
Space = Annotated[str, StringConstraints(max_length=64, pattern=r"^([a-z0-9][a-z0-9_./-]*)?$")]
Meaning = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Value = Annotated[str, StringConstraints(max_length=200)]
Unit = Literal["", "seconds", "minutes", "hours", "clock", "minute_clock"]
Target = Literal[
    "case",
    "sequence",
    "state",
    "occurred_at",
    "opened_at",
    "agent",
    "actor",
    "contract",
    "query_type",
    "channel",
    "customer",
    "queue",
    "transfer_count",
    "record",
    "code",
    "direction",
    "medium",
    "content",
    "qualified",
    "appropriate",
    "hostile",
    "automated",
    "handle_time",
]
ValueTarget = Literal[
    "state",
    "contract",
    "query_type",
    "channel",
    "code",
    "direction",
    "medium",
    "content",
    "qualified",
    "appropriate",
    "hostile",
    "automated",
]


class InvalidMapping(UnableToImport):
    """A document is no mapping; the message says where in it and why."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnDefinition(_Part):
    """Which column holds something, and how it writes it."""

    column: Head
    other_heads: tuple[Head, ...] = ()
    only_when_resolved: bool = False
    date_format: Format = ""
    unit: Unit = ""
    space: Space = ""


class EventDefinition(_Part):
    """Something that a row tells with a date of its own."""

    column: Head
    meaning: Meaning
    other_heads: tuple[Head, ...] = ()
    date_format: Format = ""
    direction: Literal["", "in", "out"] = ""
    medium: Literal["", "live", "message", "voicemail"] = ""
    content: Literal["", "answer", "request", "other"] = ""
    time_column: OptionalHead = ""
    time_unit: Unit = ""


class MappingDefinition(_Part):
    """How a source's files are read. `columns` by target; a plain text stands for its head alone."""

    kind: Literal["case_events"] = "case_events"
    file_format: Literal["", "csv", "xlsx", "ndjson", "xes"] = ""
    sheet: OptionalHead = ""
    lines_before_head: Annotated[int, Field(ge=0, le=1000)] = 0
    records_path: OptionalHead = ""
    date_format: Format = "iso"
    timezone: str = "UTC"
    repeated_hour: Literal["hold", "first", "second"] = "hold"
    decimal_mark: Literal[".", ","] = "."
    grouping_mark: Literal["", ",", ".", " ", "'"] = ""
    missing_markers: tuple[Annotated[str, StringConstraints(max_length=20)], ...] = ()
    case_columns: tuple[Head, ...] = ()
    columns: dict[Target, ColumnDefinition] = Field(default_factory=dict)
    events: tuple[EventDefinition, ...] = ()
    values: dict[ValueTarget, dict[Value, Meaning]] = Field(default_factory=dict)
    note: str = ""

    @field_validator("columns", mode="before")
    @classmethod
    def _heads_alone(cls, columns: Any) -> Any:
        if not isinstance(columns, dict):
            return columns
        return {target: {"column": column} if isinstance(column, str) else column for target, column in columns.items()}

    @model_validator(mode="after")
    def _marks_differ(self) -> "MappingDefinition":
        if self.decimal_mark == self.grouping_mark:
            raise ValueError(f'"{self.decimal_mark}" cannot separate both decimals and thousands')
        told = [(event.column, event.meaning) for event in self.events]
        if len(set(told)) != len(told):
            raise ValueError("one column tells the same event twice")
        return self


def parse_definition(*, document: object) -> MappingDefinition:
    """Read a mapping from a document such as YAML or JSON gives.

    Raises: InvalidMapping naming the first field that is wrong.

    >>> parse_definition(document={"columns": {"case": "Ticket"}}).columns["case"].column
    'Ticket'
    """
    try:
        return MappingDefinition.model_validate(document)
    except ValidationError as fault:
        first = fault.errors(include_url=False)[0]
        path = "/".join(str(part) for part in first["loc"]) or "mapping"
        raise InvalidMapping(f"{path}: {first['msg'].removeprefix('Value error, ')}.") from fault


def definition_of(*, mapping: models.Mapping) -> MappingDefinition:
    """Return a stored version as a document."""
    columns = {
        column.target: ColumnDefinition(**{name: _plain(getattr(column, name)) for name in ColumnDefinition.model_fields})
        for column in mapping.columns.all()
    }
    events = [
        EventDefinition(**{name: _plain(getattr(event, name)) for name in EventDefinition.model_fields}) for event in mapping.events.all()
    ]
    values: dict[str, dict[str, str]] = {}
    for target, value, meaning in mapping.values.values_list("target", "value", "meaning"):
        values.setdefault(target, {})[value] = meaning
    own = [name for name in MappingDefinition.model_fields if name not in ("columns", "events", "values")]
    document = {name: _plain(getattr(mapping, name)) for name in own} | {"columns": columns, "events": events, "values": values}
    return parse_definition(document=document)


def _plain(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
