"""XES event logs as a table of text: one row per event; what its trace says stands under "case:"."""

import json
from collections.abc import Mapping

from django.utils.translation import gettext as _

from agents.intake import safe_xml
from agents.intake.errors import UnableToImport
from agents.intake.tables import CELL_CHARACTERS_MAX, Advance, FileTable, Layout, Record, table_of_records

ATTRIBUTES = frozenset({"string", "date", "int", "float", "boolean", "id", "list", "container"})
VALUELESS = frozenset({"list", "container"})
CASE_PREFIX = "case:"
OUTSIDE = "stands outside a trace, so no case claims it"
FAULT_CHARACTERS_MAX = 2_000


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
        self.trace_fault: str | None = None
        self.nested = ""
        self.is_log = self.is_in_trace = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.is_log = self.is_log or tag == "log"
        if not self.is_log:
            raise UnableToImport(_("%(name)s is XML but no XES event log: it begins with <%(tag)s>.") % {"name": self.name, "tag": tag})
        if tag in ("trace", "event") and (self.event is not None or (tag == "trace" and self.is_in_trace)):
            self.nested = tag
        if tag == "trace":
            self.is_in_trace, self.trace, self.events, self.trace_fault = True, {}, [], None
        elif tag == "event":
            self.event, self.fault = {}, None
        elif tag in ATTRIBUTES and (self.is_in_trace or self.event is not None):
            self.path.append(attributes.get("key", ""))
            if tag not in VALUELESS:
                self._tell(attributes.get("value", ""))

    def end(self, tag: str) -> None:
        if tag == "event" and self.event is not None:
            self._finish_event(self.event)
        elif tag == "trace":
            self._finish_trace()
        elif tag in ATTRIBUTES and self.path:
            self.path.pop()

    def _tell(self, value: str) -> None:
        cells, prefix = (self.trace, CASE_PREFIX) if self.event is None else (self.event, "")
        column = prefix + ".".join(self.path)
        if cells.get(column, value) != value or len(value) > CELL_CHARACTERS_MAX:
            said = f"{column}: {value[:200]}"
            if self.event is None:
                self.trace_fault = said
            else:
                self.fault = said
        cells[column] = value

    def _finish_event(self, event: dict[str, str]) -> None:
        if self.is_in_trace:
            self.events.append((event, self.fault))
        else:
            said = f"{OUTSIDE}: {json.dumps(event, ensure_ascii=False)}"[:FAULT_CHARACTERS_MAX]
            self.records.append(Record(number=len(self.records) + 1, cells={}, fault=said))
        self.event, self.fault = None, None

    def _finish_trace(self) -> None:
        for event, fault in self.events:
            said = fault or self.trace_fault
            cells = {} if said else {**self.trace, **event}
            self.records.append(Record(number=len(self.records) + 1, cells=cells, fault=said))
        self.is_in_trace, self.trace, self.events, self.trace_fault = False, {}, [], None


def read(name: str, content: bytes, layout: Layout, advance: Advance) -> FileTable:
    """Read an event log. What says one thing twice, differently, and an event outside a trace become records without cells, which are held.

    Raises: UnableToImport if it is damaged, cut off, or no event log.
    """
    log = _Log(name)
    safe_xml.parse(name=name, content=content, start=log.start, end=log.end, advance=advance)
    if log.nested:
        raise UnableToImport(_("%(name)s has one <%(tag)s> within another; export it again.") % {"name": name, "tag": log.nested})
    return table_of_records(name=name, content=content, records=log.records)
