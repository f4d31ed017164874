"""Files as they come from help desks, turned into a frame of text: one row per record, nothing interpreted yet."""

import contextlib
import csv
import errno
import gzip
import hashlib
import io
import itertools
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from agents.intake.errors import UnableToImport

BYTES_MAX = 2 * 1024**3
CELL_CHARACTERS_MAX = 1_000_000
ROWS_PER_CHUNK = 20_000
ROW_NUMBER = "\x00row_number"
CELL_COUNT = "\x00cell_count"

Advance = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class FileTable:
    """One row per record of a file.

    `frame` has the columns of the head, all text, and two more: ROW_NUMBER (i64, counts from 1 below the head, blank
    lines included) and CELL_COUNT (i64, cells that the record really had; missing ones are empty text here).
    `surplus` are the cells beyond the last column, by row number.
    """

    name: str
    sha256: str
    columns: tuple[str, ...]
    frame: pl.DataFrame
    surplus: Mapping[int, tuple[str, ...]]


def read_file(*, path: Path, advance: Advance | None = None) -> FileTable:
    """Read a file of records.

    Args:
        path: a .csv or .csv.gz file, UTF-8 with or without a byte order mark, with one head line.
        advance: called with characters read so far and in all.

    Returns: the table, every cell exactly as it stands in the file.
    Raises: UnableToImport if the file is missing, damaged, cut off, empty, not UTF-8, or of another kind.
    """
    reader = _reader_for(path)
    content = _read_bytes(path)
    return reader(path, content, advance or _ignore)


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


def _reader_for(path: Path) -> Callable[[Path, bytes, Advance], FileTable]:
    name = path.name.lower().removesuffix(".gz")
    for suffix, reader in READERS.items():
        if name.endswith(suffix):
            return reader
    raise UnableToImport(f"{path.name} is not a kind of file that can be imported; save it as {' or '.join(READERS)}, also with .gz.")


@contextlib.contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """Turn what can go wrong while reading bytes into one sentence."""
    try:
        yield
    except FileNotFoundError as fault:
        raise UnableToImport(f"{path} does not exist; check the name and the folder.") from fault
    except (gzip.BadGzipFile, zlib.error, EOFError) as fault:
        raise UnableToImport(f"{path.name} is damaged or was cut off while it was copied (gzip says: {fault}); fetch it again.") from fault
    except OSError as fault:
        raise UnableToImport(f"{path.name} cannot be read: {describe_os_error(fault)}.") from fault


def describe_os_error(fault: OSError) -> str:
    """Say in words what the operating system refused.

    >>> describe_os_error(OSError(28, "No space left on device"))
    'the disk is full; free some space and import again'
    """
    if fault.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full; free some space and import again"
    return f"{fault.strerror or fault}".rstrip(".").lower()


def _read_bytes(path: Path) -> bytes:
    with _refusals(path), gzip.open(path) if path.name.lower().endswith(".gz") else path.open("rb") as stream:
        content: bytes = stream.read(BYTES_MAX + 1)
    if len(content) > BYTES_MAX:
        raise UnableToImport(f"{path.name} holds more than {BYTES_MAX // 1024**3} GiB; split it and import the parts one by one.")
    if not content.strip():
        raise UnableToImport(f"{path.name} is empty; export it again.")
    return content


def _read_csv(path: Path, content: bytes, advance: Advance) -> FileTable:
    text = _decode(path, content)
    records = csv.reader(io.StringIO(text, newline=""), strict=True)
    previous_limit = csv.field_size_limit(CELL_CHARACTERS_MAX)
    try:
        head = next((record for record in records if record), [])
        columns = _distinct(head)
        surplus: dict[int, tuple[str, ...]] = {}
        chunks = list(_chunks(records, columns, surplus, lambda done: advance(min(done, len(text)), len(text))))
    except csv.Error as fault:
        raise UnableToImport(
            f"{path.name} is not a whole CSV file: line {records.line_num} cannot be read ({fault}); fetch it again or repair that line."
        ) from fault
    finally:
        csv.field_size_limit(previous_limit)
    advance(len(text), len(text))
    if not chunks:
        raise UnableToImport(f"{path.name} has a head but no rows; export it again.")
    frame = pl.concat(chunks)
    _refuse_if_cut_off(path, text, frame, len(columns))
    return FileTable(name=path.name, sha256=hashlib.sha256(content).hexdigest(), columns=tuple(columns), frame=frame, surplus=surplus)


def _decode(path: Path, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        raise UnableToImport(f"{path.name} is not UTF-8 text: line {line} holds other bytes; save it as CSV UTF-8.") from fault
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise UnableToImport(f"{path.name} is not a text file: line {line} holds a zero byte; save it as CSV UTF-8.")
    return text


def _distinct(head: list[str]) -> list[str]:
    """Give each column a name of its own; a repeated head gets its position, so a mapping never picks the wrong one."""
    seen: dict[str, int] = {}
    for name in head:
        seen[name] = seen.get(name, 0) + 1
    return [name if seen[name] == 1 else f"{name} (column {position})" for position, name in enumerate(head, start=1)]


def _chunks(
    records: Iterator[list[str]], columns: list[str], surplus: dict[int, tuple[str, ...]], advance: Callable[[int], None]
) -> Iterator[pl.DataFrame]:
    """Yield frames of some thousand records each; cells beyond the last column go to `surplus`."""
    width, number, done = len(columns), 0, 0
    schema = dict.fromkeys(columns, pl.String()) | {CELL_COUNT: pl.Int64(), ROW_NUMBER: pl.Int64()}
    while block := list(itertools.islice(records, ROWS_PER_CHUNK)):
        numbered = [(record, position) for position, record in enumerate(block, start=number + 1) if record]
        number += len(block)
        done += sum(len(cell) + 1 for record, _ in numbered for cell in record)
        advance(done)
        surplus.update((position, tuple(record[width:])) for record, position in numbered if len(record) > width)
        if numbered:
            padded = [[*record[:width], *([""] * (width - len(record))), len(record), position] for record, position in numbered]
            yield pl.DataFrame(padded, schema=schema, orient="row", strict=True)


def _refuse_if_cut_off(path: Path, text: str, frame: pl.DataFrame, width: int) -> None:
    last_count, last_number = frame[CELL_COUNT][-1], frame[ROW_NUMBER][-1]
    if last_count < width and not text.endswith(("\n", "\r")):
        raise UnableToImport(f"{path.name} ends in the middle of row {last_number}; it was cut off while it was copied, so fetch it again.")


READERS: dict[str, Callable[[Path, bytes, Advance], FileTable]] = {".csv": _read_csv}
