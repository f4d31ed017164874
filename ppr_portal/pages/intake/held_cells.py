"""What was held, as it came, without what is nobody's business: only what the mapping reads is shown, and no customer."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from agents.intake import privacy
from agents.models import HeldRow, ImportRun, RawDelivery
from agents.models import Mapping as FileMapping
from contracts import reading

CHARACTERS_MAX = 120
LINES_MAX = 400
# Keys of a delivery whose text says what it is about and not who; anything else in it is hidden.
PLAIN_KEYS = re.compile(
    r"(^|_)(id|ids|type|event|topic|status|state|kind|action|channel|priority|source|at|date|time|timestamp|object|version|tags?)$",
    re.IGNORECASE,
)
CUSTOMER_TARGETS = {"customer"}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One column of a row: what the mapping reads from it, and its value; hidden where it may be private."""

    name: str
    value: str
    reads: str
    is_hidden: bool


def cells_of(*, row: HeldRow, mapping: FileMapping | None) -> tuple[Cell, ...]:
    """Return the cells of a held row, those that the mapping reads first."""
    if row.run.origin != ImportRun.Origin.FILE:
        told = {name: value for name, value in row.row.items() if value not in (None, "") and name != "customer_hash"}
        return tuple(Cell(name=name, value=mask(str(value)), reads="", is_hidden=False) for name, value in sorted(told.items()))
    columns = {column.column: column for column in mapping.columns.all()} if mapping else {}
    cells = [
        Cell(
            name=name or _("Beyond the last column"),
            value=mask(str(value)),
            reads=columns[name].get_target_display() if name in columns else "",
            is_hidden=name not in columns or columns[name].target in CUSTOMER_TARGETS,
        )
        for name, value in row.row.items()
    ]
    return tuple(sorted(cells, key=lambda cell: (cell.is_hidden, not cell.reads, cell.name)))


def mask(text: str) -> str:
    """Hide mail addresses and long numbers, and shorten what is long.

    >>> mask("call +1 (212) 555 01 99 or a.b@example.com")
    'call ••• or •••'
    >>> mask("2016-02-29 01:16:07")
    '2016-02-29 01:16:07'
    """
    shortened = text if len(text) <= CHARACTERS_MAX else f"{text[:CHARACTERS_MAX]}…"
    return privacy.hide_contacts(shortened)


def body_of(*, delivery: RawDelivery) -> str:
    """Return a delivery that was not understood: its structure, with every text hidden that may say who the customer is."""
    content = bytes(delivery.body)
    try:
        document = json.loads(content)
    except ValueError:
        return _("%(content)s bytes that are no JSON; they are not shown, for they may name a customer.") % {
            "content": _grouped(len(content))
        }
    lines = json.dumps(_without_words(document, "", is_plain=False), indent=2, ensure_ascii=False).splitlines()
    more = [_("… and %(lines)s lines more") % {"lines": _grouped(len(lines) - LINES_MAX)}] if len(lines) > LINES_MAX else []
    return "\n".join([*lines[:LINES_MAX], *more])


def _grouped(count: int) -> str:
    return reading.write_number(f"{count:,}")


def values_at_fault(*, rows: Iterator[HeldRow] | list[HeldRow], columns: Mapping[tuple[int, str], str]) -> dict[tuple[int, str, str], int]:
    """Count the values that have no meaning yet: source, target and value, with how many rows say it.

    Args:
        rows: held rows with their run.
        columns: name of the column by source and target, of the newest mapping.
    """
    counted: dict[tuple[int, str, str], int] = {}
    for row in rows:
        target = row.reason.removeprefix("unknown_").removeprefix("missing_")
        is_file = row.run.origin == ImportRun.Origin.FILE
        name = columns.get((row.source_id, target), "") if is_file else target
        value = row.row.get(name)
        if isinstance(value, str) and row.run.origin != ImportRun.Origin.API:
            key = (row.source_id, target, value)
            counted[key] = counted.get(key, 0) + 1
    return dict(sorted(counted.items(), key=lambda entry: (-entry[1], entry[0])))


def _without_words(value: Any, key: str, *, is_plain: bool) -> Any:
    if isinstance(value, dict):
        return {name: _without_words(inner, name, is_plain=bool(PLAIN_KEYS.search(name))) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without_words(inner, key, is_plain=is_plain) for inner in value]
    if isinstance(value, str):
        return mask(value) if is_plain else privacy.HIDDEN
    return value
