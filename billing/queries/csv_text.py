"""Tables as CSV text that opens in a spreadsheet without running anything."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import TextIO

# A cell that starts like this would be run as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# Spreadsheets read a file as UTF-8 only when it starts with this.
MARK = "\ufeff"


def write_csv(*, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV; text that a spreadsheet would run is made harmless, numbers stay numbers.

    >>> write_csv(head=["name", "paid"], rows=[["=1+1", "-2.50"]]).splitlines()[1]
    "'=1+1,-2.50"
    """
    text = io.StringIO(newline="")
    write_rows(target=text, head=head, rows=rows)
    return text.getvalue()


def write_rows(*, target: TextIO, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write rows as CSV into a file, one at a time, as `write_csv` returns them."""
    target.write(MARK)
    writer = csv.writer(target)
    writer.writerow(head)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)


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
