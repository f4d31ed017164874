"""Files as they come from help desks, turned into a frame of text: one row per record, nothing interpreted yet."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
from django.utils.translation import gettext as _

from agents.intake import csv_files, json_files, workbooks, xes_files
from agents.intake.errors import UnableToImport
from agents.intake.file_bytes import BYTES_MAX, describe_os_error, read_bytes
from agents.intake.tables import CELL_COUNT, ROW_NUMBER, Advance, FileContents, FileTable, Layout

__all__ = [
    "CELL_COUNT",
    "ROW_NUMBER",
    "FileContents",
    "FileTable",
    "Layout",
    "describe_file",
    "describe_os_error",
    "pick_rows",
    "read_file",
]

Reader = Callable[[str, bytes, Layout, Advance], FileTable]
READERS: dict[str, Reader] = {"csv": csv_files.read, "xlsx": workbooks.read, "ndjson": json_files.read, "xes": xes_files.read}
SUFFIXES = {
    ".csv": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "ndjson",
    ".xes": "xes",
}


def read_file(
    *, path: Path, layout: Layout | None = None, advance: Advance | None = None, name: str = "", bytes_max: int = BYTES_MAX
) -> FileTable:
    """Read a file of records.

    Args:
        path: CSV (UTF-8 with or without a byte order mark), XLSX, NDJSON or JSON, or XES; also compressed with gzip.
        layout: where the records stand in it; by default as the end of the name says, with one head line.
        advance: called with characters read so far and in all.
        name: what messages call it; by default the name of the path.
        bytes_max: how much it may hold when it is unpacked.

    Returns: the table, every cell as it stands in the file.
    Raises: UnableToImport if the file is missing, damaged, cut off, empty, too large, not UTF-8, or of another kind.
    """
    shown, wanted = name or path.name, layout or Layout()
    kind = wanted.file_format or file_format_of(name=shown)
    content = read_bytes(path=path, name=shown, bytes_max=bytes_max)
    if kind == "xlsx":
        workbooks.refuse_large(name=shown, content=content, bytes_max=bytes_max)
    return READERS[kind](shown, content, wanted, advance or _ignore)


def describe_file(*, path: Path, file_format: str = "", name: str = "") -> FileContents:
    """Look at a file before there is a mapping for it.

    Args:
        path: the file.
        file_format: how to read it; by default as the end of its name says.
        name: what messages call it; by default the name of the path.

    Returns: its format, the sheets of a workbook, and the lists that stand in a JSON page.
    Raises: UnableToImport as read_file does.
    """
    shown = name or path.name
    kind = file_format or file_format_of(name=shown)
    content = read_bytes(path=path, name=shown)
    if kind == "xlsx":
        workbooks.refuse_large(name=shown, content=content, bytes_max=BYTES_MAX)
    return FileContents(
        file_format=kind,
        sheets=workbooks.list_sheets(name=shown, content=content) if kind == "xlsx" else (),
        record_paths=json_files.list_record_paths(name=shown, content=content) if kind == "ndjson" else (),
    )


def file_format_of(*, name: str) -> str:
    """Tell the format from the end of a name.

    >>> file_format_of(name="Export.CSV.gz")
    'csv'
    """
    plain = name.lower().removesuffix(".gz")
    for suffix, kind in SUFFIXES.items():
        if plain.endswith(suffix):
            return kind
    raise UnableToImport(
        _("%(name)s is not a kind of file that can be imported; save it as %(suffixes)s, also with .gz.")
        % {"name": name, "suffixes": _(" or ").join(SUFFIXES)}
    )


def pick_rows(*, table: FileTable, row_numbers: pl.Series) -> pl.DataFrame:
    """Return rows as they came.

    Args:
        table: the file.
        row_numbers: which rows, ascending.

    Returns: one row per number: row (JSON object by column; surplus cells under ""), row_hash (independent of the order of columns).
    """
    picked = table.frame.filter(pl.col(ROW_NUMBER).is_in(row_numbers.implode())).drop(CELL_COUNT)
    written = []
    for row in picked.iter_rows(named=True):
        number = row.pop(ROW_NUMBER)
        written.append(json.dumps(row | ({"": list(table.surplus[number])} if number in table.surplus else {}), sort_keys=True))
    hashes = [hashlib.sha256(text.encode()).hexdigest() for text in written]
    return pl.DataFrame({"row": written, "row_hash": hashes}, schema={"row": pl.String(), "row_hash": pl.String()})


def _ignore(done: int, total: int) -> None:
    """Take no notice of progress."""
