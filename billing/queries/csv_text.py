"""Tables as CSV text that opens in a spreadsheet without running anything."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

# A cell that starts like this would be run as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# Spreadsheets read a file as UTF-8 only when it starts with this.
MARK = "\ufeff"
ROWS_AT_ONCE = 500


def write_csv(*, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV; text that a spreadsheet would run is made harmless, numbers stay numbers.

    >>> write_csv(head=["name", "paid"], rows=[["=1+1", "-2.50"]]).splitlines()[1]
    "'=1+1,-2.50"
    """
    return "".join(read_pieces(head=head, rows=rows))


def read_pieces(*, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Write rows as CSV, some hundreds at a time, as `write_csv` returns them all."""
    text = io.StringIO(newline="")
    text.write(MARK)
    writer = csv.writer(text)
    writer.writerow(head)
    waiting = iter(rows)
    while piece := list(islice(waiting, ROWS_AT_ONCE)):
        writer.writerows([_harmless(cell) for cell in row] for row in piece)
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    # An empty table is its head.
    if text.tell():
        yield text.getvalue()


def _harmless(cell: object) -> object:
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) and not _is_number(cell):
        return f"'{cell}"
    return "" if cell is None else cell


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
