"""CSV files as a table of text."""

import csv
import hashlib
import io
import itertools
from collections.abc import Callable, Iterator

import polars as pl
from django.utils.translation import gettext as _

from agents.intake.errors import UnableToImport
from agents.intake.file_bytes import decode
from agents.intake.tables import CELL_CHARACTERS_MAX, CELL_COUNT, ROW_NUMBER, Advance, FileTable, Layout, distinct_heads

ROWS_PER_CHUNK = 20_000
# The limit is the process's: one that is set and set back around a file would cut another that is read at the same time.
csv.field_size_limit(CELL_CHARACTERS_MAX)
# What often comes under the name of a table: its first bytes, and what to do.
OTHERS = (
    (b"PK\x03\x04", "is a workbook or an archive, not a CSV file; name it .xlsx, or unpack it"),
    (b"<", "is a web page or XML, not a CSV file; perhaps the sign-in had expired, so export it again"),
    (b"%PDF", "is a PDF, not a CSV file; export the records as CSV"),
)


def read(name: str, content: bytes, layout: Layout, advance: Advance) -> FileTable:
    """Read a CSV file.

    Raises: UnableToImport if it is damaged, cut off, not UTF-8, or has no rows.
    """
    start = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:4]
    other = next((words for mark, words in OTHERS if start.startswith(mark)), "")
    if other:
        raise UnableToImport(f"{name} {other}.")
    text = decode(name=name, content=content)
    records = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        body = itertools.islice(records, layout.lines_before_head, None)
        head = next((record for record in body if record), [])
        columns = distinct_heads(head=head)
        surplus: dict[int, tuple[str, ...]] = {}
        chunks = list(_chunks(body, columns, surplus, lambda done: advance(min(done, len(text)), len(text))))
    except csv.Error as fault:
        raise UnableToImport(
            _("%(name)s is not a whole CSV file: line %(line_num)s cannot be read (%(fault)s); fetch it again or repair that line.")
            % {"name": name, "line_num": records.line_num, "fault": fault}
        ) from fault
    advance(len(text), len(text))
    if not head:
        raise UnableToImport(_("%(name)s is empty; export it again.") % {"name": name})
    if not chunks:
        raise UnableToImport(_("%(name)s has a head but no rows; export it again.") % {"name": name})
    frame = pl.concat(chunks)
    _refuse_if_cut_off(name, text, frame, len(columns))
    return FileTable(name=name, sha256=hashlib.sha256(content).hexdigest(), columns=tuple(columns), frame=frame, surplus=surplus)


def _chunks(
    records: Iterator[list[str]], columns: list[str], surplus: dict[int, tuple[str, ...]], advance: Callable[[int], None]
) -> Iterator[pl.DataFrame]:
    """Yield frames of some thousand records each; cells beyond the last column go to `surplus`."""
    width, number, done = len(columns), 0, 0
    schema = dict.fromkeys(columns, pl.String()) | {CELL_COUNT: pl.Int64(), ROW_NUMBER: pl.Int64()}
    while block := list(itertools.islice(records, ROWS_PER_CHUNK)):
        numbered = [(record, position) for position, record in enumerate(block, start=number + 1) if record]
        number += len(block)
        done += sum(len(cell) + 1 for record, _other in numbered for cell in record)
        advance(done)
        surplus.update((position, tuple(record[width:])) for record, position in numbered if len(record) > width)
        if numbered:
            padded = [[*record[:width], *([""] * (width - len(record))), len(record), position] for record, position in numbered]
            yield pl.DataFrame(padded, schema=schema, orient="row", strict=True)


def _refuse_if_cut_off(name: str, text: str, frame: pl.DataFrame, width: int) -> None:
    last_count, last_number = frame[CELL_COUNT][-1], frame[ROW_NUMBER][-1]
    if last_count < width and not text.endswith(("\n", "\r")):
        raise UnableToImport(
            _("%(name)s ends in the middle of row %(last_number)s; it was cut off while it was copied, so fetch it again.")
            % {"name": name, "last_number": last_number}
        )
