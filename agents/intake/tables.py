"""The one shape of every file: a head, and rows of text with their numbers."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl
from django.utils.translation import gettext as _

from agents.intake.errors import UnableToImport

CELL_CHARACTERS_MAX = 1_000_000
COLUMNS_MAX = 5_000
ROW_NUMBER = "\x00row_number"
CELL_COUNT = "\x00cell_count"
# Stands in CELL_COUNT where a record could not be told apart into cells at all; its text is among the surplus.
UNREADABLE = -1

Advance = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where the records stand in a file. Empty text means: as usual."""

    file_format: str = ""
    sheet: str = ""
    lines_before_head: int = 0
    records_path: str = ""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet of a workbook."""

    name: str
    is_hidden: bool


@dataclass(frozen=True, kw_only=True)
class FileContents:
    """What a file is: its format, its sheets in order, and the paths under which lists of records stand in a JSON page."""

    file_format: str
    sheets: tuple[Sheet, ...]
    record_paths: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FileTable:
    """One row per record of a file.

    `frame` has the columns of the head, all text, and two more: ROW_NUMBER (i64, counts from 1 below the head, blank
    lines included) and CELL_COUNT (i64, cells that the record really had; missing ones are empty text here; UNREADABLE for
    a record that has no cells). `surplus` are the cells beyond the last column, by row number.
    """

    name: str
    sha256: str
    columns: tuple[str, ...]
    frame: pl.DataFrame
    surplus: Mapping[int, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Record:
    """A record whose cells have names; `fault` is its text where it could not be read."""

    number: int
    cells: Mapping[str, str]
    fault: str | None = None


def find_misshapen(*, table: FileTable) -> dict[int, tuple[str, str]]:
    """Say which rows have other cells than the head, so that nobody knows which cell is which: code and clause by row number."""
    width = len(table.columns)
    odd = table.frame.filter(pl.col(CELL_COUNT) != width).select(ROW_NUMBER, CELL_COUNT)
    return {
        number: ("unreadable_record", "it is no record whose fields can be told apart")
        if count == UNREADABLE
        else ("wrong_cell_count", f"it has {count} cells where the head has {width}")
        for number, count in odd.iter_rows()
    }


def distinct_heads(*, head: Sequence[str]) -> list[str]:
    """Give each column a name of its own; a repeated or empty head gets its position, so a mapping never picks the wrong one.

    >>> distinct_heads(head=["a", "b", "a", ""])
    ['a (column 1)', 'b', 'a (column 3)', ' (column 4)']
    """
    seen: dict[str, int] = {}
    for name in head:
        seen[name] = seen.get(name, 0) + 1
    taken = {name for name, count in seen.items() if name and count == 1}
    named: list[str] = []
    for position, name in enumerate(head, start=1):
        own = name if name in taken else f"{name} (column {position})"
        # A head may be what another one is called for its position.
        while own != name and own in taken:
            own = f"{own} (column {position})"
        taken.add(own)
        named.append(own)
    return named


def table_of_records(*, name: str, content: bytes, records: Iterable[Record]) -> FileTable:
    """Make a table of records that name their cells; an absent cell is empty text.

    Args:
        name: what messages call the file.
        content: its bytes.
        records: in the order of the file.

    Raises: UnableToImport if there is no readable record, or the records together have too many names.
    """
    told = list(records)
    columns = tuple(dict.fromkeys(column for record in told for column in record.cells))
    if not columns:
        said = f' ("{told[0].fault[:60]}")' if told and told[0].fault else ""
        raise UnableToImport(_("%(name)s holds no record that can be read%(said)s; export it again.") % {"name": name, "said": said})
    if len(columns) > COLUMNS_MAX:
        raise UnableToImport(
            _("%(name)s names more than %(columns_max)s different fields; export only those that are needed.")
            % {"name": name, "columns_max": f"{COLUMNS_MAX:,}"}
        )
    width = len(columns)
    data: dict[str, list[object]] = {column: [record.cells.get(column, "") for record in told] for column in columns}
    data[CELL_COUNT] = [width if record.fault is None else UNREADABLE for record in told]
    data[ROW_NUMBER] = [record.number for record in told]
    schema = dict.fromkeys(columns, pl.String()) | {CELL_COUNT: pl.Int64(), ROW_NUMBER: pl.Int64()}
    return FileTable(
        name=name,
        sha256=hashlib.sha256(content).hexdigest(),
        columns=columns,
        frame=pl.DataFrame(data, schema=schema, strict=True),
        surplus={record.number: (record.fault,) for record in told if record.fault is not None},
    )
