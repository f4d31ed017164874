"""Read a terms document into items that could be stored, and say every fault with its place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils.translation import gettext

from contracts import terms_parts
from contracts.rules import errors

FORMAT = "ppr-portal terms 1"

Path = tuple[errors.PathPart, ...]


@dataclass
class Item:
    """One row of a document: its values by column, what belongs to it, and where it stands."""

    part: terms_parts.Part
    path: Path
    values: dict[str, Any] = field(default_factory=dict)
    children: dict[str, list["Item"]] = field(default_factory=dict)
    only: dict[str, "Item | None"] = field(default_factory=dict)

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells this row apart in its list, as it is written."""
        written = self.show()
        return tuple(written[name] for name in self.part.key)

    def show(self) -> dict[str, Any]:
        """Return the row's own values as the document writes them."""
        shown = {}
        for one in self.part.fields:
            value = self.values.get(one.column)
            shown[one.name] = None if value is None else one.codec.write(value)
        return shown


@dataclass
class Reading:
    """What was read so far, and everything that is wrong."""

    items: dict[str, list[Item]] = field(default_factory=dict)
    faults: list[errors.InvalidInput] = field(default_factory=list)

    def refuse(self, message: str, path: Path) -> None:
        """Write down a fault; reading goes on, so that all of them are told at once."""
        self.faults.append(errors.InvalidInput(message, path=path))


def read_document(content: Any) -> Reading:
    """Read parsed YAML as the lists of a terms document.

    Returns: the items by list, and the faults; with any fault the items are incomplete.
    """
    reading = Reading()
    if not isinstance(content, Mapping):
        reading.refuse(gettext("A terms document is an object with clients, pay_plans, query_types and channels."), ())
        return reading
    if content.get("format", FORMAT) != FORMAT:
        message = gettext('This is written as "%(written)s"; only "%(known)s" can be read here.')
        reading.refuse(message % {"written": content["format"], "known": FORMAT}, ("format",))
    names = [name for name, _ in terms_parts.DOCUMENT]
    for name in content:
        if name not in names and name != "format":
            message = gettext("There is no such list; a terms document has %(names)s.")
            reading.refuse(message % {"names": ", ".join(names)}, (str(name),))
    for name, part in terms_parts.DOCUMENT:
        reading.items[name] = _read_list(reading, part, content.get(name), (name,))
    return reading


def read_row(*, reading: Reading, part: terms_parts.Part, content: Any, path: Path) -> Item | None:
    """Read one row of a document with all that belongs to it; faults are written into the reading."""
    return _read_row(reading, part, content, path)


def _read_list(reading: Reading, part: terms_parts.Part, content: Any, path: Path) -> list[Item]:
    if content is None:
        return []
    if not isinstance(content, list):
        reading.refuse(gettext("Write a list here: each row after a dash."), path)
        return []
    items = [item for place, row in enumerate(content) if (item := _read_row(reading, part, row, (*path, place))) is not None]
    seen: dict[tuple[Any, ...], Path] = {}
    for item in items:
        first = seen.setdefault(item.key, item.path)
        if first is not item.path:
            message = gettext("This row is written twice; the first one is row %(number)s. Keep one of them.")
            reading.refuse(message % {"number": first[-1]}, item.path)
    return items


def _read_row(reading: Reading, part: terms_parts.Part, content: Any, path: Path) -> Item | None:
    if not isinstance(content, Mapping):
        reading.refuse(gettext("Write an object here: a name and a value on each line."), path)
        return None
    known = [one.name for one in part.fields] + [name for name, _, _ in (*part.only, *part.children)]
    for name in content:
        if name not in known:
            message = gettext("There is no such field; here stand %(names)s.")
            reading.refuse(message % {"names": ", ".join(known)}, (*path, str(name)))
    item = Item(part=part, path=path)
    before = len(reading.faults)
    for one in part.fields:
        item.values[one.column] = _read_value(reading, part, one, content.get(one.name), (*path, one.name))
    for name, _, child in part.only:
        held = content.get(name)
        item.only[name] = None if held is None else _read_row(reading, child, held, (*path, name))
    for name, _, child in part.children:
        item.children[name] = _read_list(reading, child, content.get(name), (*path, name))
    return item if len(reading.faults) == before or not part.key else _keep_if_keyed(item)


def _keep_if_keyed(item: Item) -> Item | None:
    """Drop a row whose key could not be read: it cannot be told apart, and its fault is told already."""
    try:
        _ = item.key
    except (TypeError, ValueError, AttributeError):
        return None
    return item


def _read_value(reading: Reading, part: terms_parts.Part, one: terms_parts.Field, written: Any, path: Path) -> Any:
    if one.is_reference:
        if written is not None and not isinstance(written, str):
            message = gettext("Write the code of a %(kind)s as text, or nothing.")
            reading.refuse(message % {"kind": one.name.replace("_", " ")}, path)
            return None
        return written
    column = _column(part, one)
    if written is None:
        return _default(reading, column, path)
    try:
        return column.clean(one.codec.read(written), None)
    except ValidationError as wrong:
        reading.refuse(" ".join(wrong.messages), path)
    except errors.InvalidInput as wrong:
        reading.refuse(wrong.message, path)
    except ValueError as wrong:
        reading.refuse(f"{str(wrong)[:1].upper()}{str(wrong)[1:]}.", path)
    return None


def _column(part: terms_parts.Part, one: terms_parts.Field) -> Any:
    found = part.model._meta.get_field(one.column)
    if not isinstance(found, models.Field):
        raise FieldDoesNotExist(one.column)
    return found


def _default(reading: Reading, column: Any, path: Path) -> Any:
    """Return what a missing value means: nothing, or the default; a column that has neither must be written."""
    if column.null:
        return None
    if column.has_default():
        return column.get_default()
    if column.blank:
        return ""
    reading.refuse(gettext("This field is required."), path)
    return None
