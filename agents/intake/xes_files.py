"""XES event logs as a table of text: one row per event; what its trace says stands under "case:"."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from agents.intake import safe_xml
from agents.intake.errors import UnableToImport
from agents.intake.tables import CELL_CHARACTERS_MAX, Advance, FileTable, Layout, Record, table_of_records

ATTRIBUTES = frozenset({"string", "date", "int", "float", "boolean", "id", "list", "container"})
VALUELESS = frozenset({"list", "container"})
CASE_PREFIX = "case:"


class _Log:
    """Where reading stands: the path of nested attributes, and the cells of trace and event so far."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.records: list[Record] = []
        self.trace: dict[str, str] = {}
        self.event: dict[str, str] | None = None
        self.events: list[tuple[dict[str, str], str | None]] = []
        self.path: list[str] = []
        self.fault: str | None = None
        self.is_log = self.is_in_trace = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.is_log = self.is_log or tag == "log"
        if not self.is_log:
            raise UnableToImport(_("%(name)s is XML but no XES event log: it begins with <%(tag)s>.") % {"name": self.name, "tag": tag})
        if tag == "trace":
            self.is_in_trace, self.trace, self.events, self.fault = True, {}, [], None
        elif tag == "event" and self.is_in_trace:
            self.event, self.fault = {}, None
        elif tag in ATTRIBUTES and self.is_in_trace:
            self.path.append(attributes.get("key", ""))
            if tag not in VALUELESS:
                self._tell(attributes.get("value", ""))

    def end(self, tag: str) -> None:
        if tag == "event" and self.event is not None:
            self.events.append((self.event, self.fault))
            self.event, self.fault = None, None
        elif tag == "trace":
            self._finish_trace()
        elif tag in ATTRIBUTES and self.path:
            self.path.pop()

    def _tell(self, value: str) -> None:
        cells, prefix = (self.trace, CASE_PREFIX) if self.event is None else (self.event, "")
        column = prefix + ".".join(self.path)
        if cells.get(column, value) != value or len(value) > CELL_CHARACTERS_MAX:
            self.fault = f"{column}: {value[:200]}"
        cells[column] = value

    def _finish_trace(self) -> None:
        for event, fault in self.events:
            said = fault or self.fault
            cells = {} if said else {**self.trace, **event}
            self.records.append(Record(number=len(self.records) + 1, cells=cells, fault=said))
        self.is_in_trace, self.trace, self.events, self.fault = False, {}, [], None


def read(name: str, content: bytes, layout: Layout, advance: Advance) -> FileTable:
    """Read an event log. An event that says one thing twice, differently, becomes a record without cells, which is held.

    Raises: UnableToImport if it is damaged, cut off, or no event log.
    """
    log = _Log(name)
    safe_xml.parse(name=name, content=content, start=log.start, end=log.end, advance=advance)
    return table_of_records(name=name, content=content, records=log.records)
