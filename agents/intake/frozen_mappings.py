"""A mapping as an import uses it: checked, frozen, and free of the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from agents.intake.dates import DateFormat
from agents.intake.tables import Layout

SOLVED_TYPES = frozenset({"solution_offered", "closed", "customer_acknowledged", "qa_passed", "client_approved"})
# What a word means that tells nothing, and a state that tells nothing beside the dates of its row.
NOTHING = "none"
YES_OR_NO = frozenset({"yes", "no"})
# What is looked up word by word besides state, contract, query type and channel, and what each word can mean; None for any code.
WORDS: Mapping[str, frozenset[str] | None] = {
    "code": None,
    "direction": frozenset({"in", "out"}),
    "medium": frozenset({"live", "message", "voicemail"}),
    "content": frozenset({"answer", "request", "other"}),
    "qualified": YES_OR_NO,
    "appropriate": YES_OR_NO,
    "hostile": YES_OR_NO,
    "automated": YES_OR_NO,
}


@dataclass(frozen=True, kw_only=True)
class Column:
    """Where something stands in the file, how it is written there, and whether only rows of a solved case know it already."""

    name: str
    only_when_resolved: bool = False
    other_heads: tuple[str, ...] = ()
    date_format: DateFormat | None = None
    unit: str = ""
    space: str = ""


@dataclass(frozen=True, kw_only=True)
class DatedEvent:
    """Something that a row tells with a date of its own, and where need be with a length of time."""

    date: Column
    type: str
    code: str = ""
    direction: str = ""
    medium: str = ""
    content: str = ""
    time: Column | None = None


@dataclass(frozen=True, kw_only=True)
class FrozenMapping:
    """One version of a mapping, checked against what exists.

    `states` gives kind of event and code ("" for none); the other tables give codes, and `words` the meanings of what is in
    WORDS. `only_contract` is the contract of every row where the file does not tell one. `missing` are the markers that mean
    "not known"; an empty cell always does.
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
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    dated: tuple[DatedEvent, ...] = ()
    case_columns: tuple[str, ...] = ()
    customer_space: str = ""
    decimal_mark: str = "."
    grouping_mark: str = ""
    layout: Layout = field(default_factory=Layout)

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"mapping {self.number} of {self.source_code}" if self.number else f"this draft for {self.source_code}"

    @property
    def has_state(self) -> bool:
        """Whether each row tells a state of its case and when it came to it."""
        return "state" in self.columns and "occurred_at" in self.columns

    def format_of(self, column: Column) -> DateFormat:
        """Return how a column writes dates."""
        return column.date_format or self.date_format
