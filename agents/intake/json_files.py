"""JSON as a table of text: a record a line, an array, or pages that hold a list of records; nested names joined by dots."""

import json
import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from agents.intake.errors import UnableToImport
from agents.intake.file_bytes import decode
from agents.intake.tables import CELL_CHARACTERS_MAX, Advance, FileTable, Layout, Record, table_of_records

DEPTH_MAX = 50
FAULT_CHARACTERS_MAX = 2_000
LISTS_SHOWN = 8
ROWS_BETWEEN_REPORTS = 5_000
ABSENT = object()
# JSON can write half of a character, or a zero, which nothing stores.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class _UnreadableError(Exception):
    """A record from which no cells can be made without a guess."""


def read(name: str, content: bytes, layout: Layout, advance: Advance) -> FileTable:
    """Read JSON records. A line that is no JSON object becomes a record without cells, which is held.

    Raises: UnableToImport if it is cut off, not UTF-8, or holds no record at all.
    """
    text = decode(name=name, content=content)
    records = list(_records(name, text, layout, advance))
    advance(len(text), len(text))
    return table_of_records(name=name, content=content, records=records)


def list_record_paths(*, name: str, content: bytes) -> tuple[str, ...]:
    """List the dotted paths under which lists of records stand in the first page.

    >>> list_record_paths(name="page.json", content=b'{"tickets": [{"id": 1}], "meta": {"more": []}, "count": 1}')
    ('tickets',)
    """
    pages = list(_pages(name, decode(name=name, content=content)))
    first = next((value for _name, value, _page in pages if isinstance(value, dict)), {})
    return tuple(_lists(first, ""))


def _lists(value: dict[str, Any], path: str) -> Iterator[str]:
    for key, inner in value.items():
        if isinstance(inner, dict) and path.count(".") < DEPTH_MAX:
            yield from _lists(inner, f"{path}{key}.")
        elif isinstance(inner, list) and inner and isinstance(inner[0], dict):
            yield f"{path}{key}"


def _records(name: str, text: str, layout: Layout, advance: Advance) -> Iterator[Record]:
    number, done, has_list, is_json = 0, 0, not layout.records_path, False
    for line, value, raw in _pages(name, text):
        done += len(raw)
        is_json = is_json or value is not ABSENT
        records = _at(value, layout.records_path)
        if records is ABSENT:
            number = max(number + 1, line)
            yield Record(number=number, cells={}, fault=raw[:FAULT_CHARACTERS_MAX])
            continue
        has_list = True
        for record in records if isinstance(records, list) else [records]:
            number = number + 1 if isinstance(records, list) else max(number + 1, line)
            if number % ROWS_BETWEEN_REPORTS == 0:
                advance(min(done, len(text)), len(text))
            yield _record(number, record, raw if not isinstance(records, list) else None)
    if not has_list and not is_json:
        raise UnableToImport(
            _("%(name)s is no JSON, whatever its name says; fetch it again, and look at it if it stays so.") % {"name": name}
        )
    if not has_list:
        found = ", ".join(list_record_paths(name=name, content=text.encode())[:LISTS_SHOWN]) or "nothing"
        raise UnableToImport(
            _('%(name)s holds no list of records under "%(records_path)s"; lists stand under: %(found)s.')
            % {"name": name, "records_path": layout.records_path, "found": found}
        )


def _pages(name: str, text: str) -> Iterator[tuple[int, Any, str]]:
    """Yield each JSON value with its line; ABSENT where a line is none."""
    try:
        yield 1, _parse(text), text
        return
    except _UnreadableError:
        # Not one document, so it has a record a line.
        pass
    lines = text.split("\n")
    for line, raw in enumerate(lines, start=1):
        if not raw.strip():
            continue
        try:
            value = _parse(raw)
        except _UnreadableError as fault:
            if line == len(lines) and line > 1:
                raise UnableToImport(
                    _("%(name)s ends in the middle of line %(line)s; it was cut off, so fetch it again.") % {"name": name, "line": line}
                ) from fault
            value = ABSENT
        yield line, value, raw


def _parse(text: str) -> Any:
    """Read JSON with every number as the text it was written as."""
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=_refuse_constant, object_pairs_hook=_refuse_repeats)
    except (ValueError, RecursionError) as fault:
        raise _UnreadableError from fault


def _refuse_constant(word: str) -> None:
    raise ValueError(word)


def _refuse_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands there twice")
    return found


def _at(value: Any, path: str) -> Any:
    """Return the records that stand under a path; ABSENT if there are none."""
    if value is ABSENT or not path:
        return value
    for key in path.split("."):
        value = value.get(key, ABSENT) if isinstance(value, dict) else ABSENT
        if value is ABSENT:
            return ABSENT
    return value if isinstance(value, list) else ABSENT


def _record(number: int, value: Any, raw: str | None) -> Record:
    cells: dict[str, str] = {}
    try:
        if not isinstance(value, dict) or not value:
            raise _UnreadableError
        _flatten(value, "", cells, 0)
    except _UnreadableError:
        return Record(number=number, cells={}, fault=(raw if raw is not None else _shown(value))[:FAULT_CHARACTERS_MAX])
    return Record(number=number, cells=cells)


def _flatten(value: dict[str, Any], path: str, cells: dict[str, str], depth: int) -> None:
    if depth > DEPTH_MAX:
        raise _UnreadableError
    for key, inner in value.items():
        column = f"{path}{key}"
        if isinstance(inner, dict) and inner:
            _flatten(inner, f"{column}.", cells, depth + 1)
            continue
        text = _as_text(inner)
        if column in cells or UNSTORABLE.search(column) or UNSTORABLE.search(text) or len(text) > CELL_CHARACTERS_MAX:
            raise _UnreadableError
        cells[column] = text


def _shown(value: Any) -> str:
    """Write a value that could not be read as what can be kept."""
    return UNSTORABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", _as_text(value))


def _as_text(value: Any) -> str:
    """Write a value as a cell: null and an absent name are empty, true and false as JSON writes them, a list as JSON.

    >>> [_as_text(value) for value in (None, True, "0.10", [])]
    ['', 'true', '0.10', '[]']
    """
    if value is None or value is ABSENT:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
