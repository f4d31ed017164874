"""Tables as files that open in a spreadsheet: as CSV, and the same rows as an Excel file wherever `format=xlsx` is asked for.

A short file is sent whole. A long CSV file is sent while its rows are read, so that neither memory nor the wait for its first line
grows with a list; a long Excel file, which is no file before its last row, is written to the disk and sent from there.
"""

import contextvars
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from billing.queries import csv_text
from billing.rules import money
from contracts.rules import exact
from ppr_portal.pages import workbooks

XLSX = "xlsx"
CSV_TYPE = "text/csv; charset=utf-8"
# What is longer is not kept in memory as a whole.
MEMORY_BYTES_MAX = 2_000_000
PLACES_MAX = 6
# Rows of a list, or how many things a list has that is made of several tables; a thing has a row or more.
Counted = QuerySet[Any] | Callable[[], int]


class TableResponse(HttpResponse):
    """A table whose rows are still to be read: the frame of every page writes it, as the kind of file that is asked for."""

    def __init__(self, *, name: str, head: Sequence[str], rows: Iterable[Sequence[object]], counted: Counted | None = None) -> None:
        super().__init__(content_type=CSV_TYPE)
        self.name, self.head, self.rows, self.counted = name, head, rows, counted


def csv_response(*, name: str, head: Sequence[str], rows: Iterable[Sequence[object]], counted: Counted | None = None) -> HttpResponse:
    """Return rows as a CSV file; text that a spreadsheet would run is made harmless, numbers stay numbers.

    Args:
        name: of the file, without its ending.
        head: names of the columns.
        rows: read one by one.
        counted: the rows of a list without an end, so that a sheet that cannot hold them is refused before the first one is read.
    """
    return TableResponse(name=name, head=head, rows=rows, counted=counted)


def asks_for_workbook(request: HttpRequest) -> bool:
    """Tell whether an Excel file is asked for, and let the page make the CSV file that it knows how to make."""
    if request.GET.get("format") != XLSX:
        return False
    asked = request.GET.copy()
    asked["format"] = "csv"
    request.GET = asked  # type: ignore[assignment]
    return True


def write_table(response: HttpResponse, *, is_workbook: bool) -> HttpResponseBase:
    """Read the rows of a table and return its file; any other answer of a page stays as it is."""
    if not isinstance(response, TableResponse):
        return response
    return _as_workbook(response) if is_workbook else _as_csv(response)


def _as_csv(table: TableResponse) -> HttpResponseBase:
    headers = {"Content-Disposition": f'attachment; filename="{table.name}.csv"'}
    pieces = (piece.encode() for piece in csv_text.read_pieces(head=table.head, rows=table.rows))
    read: list[bytes] = []
    size = 0
    for piece in pieces:
        read.append(piece)
        size += len(piece)
        if size > MEMORY_BYTES_MAX:
            stream = _read_on(read, pieces, contextvars.copy_context())
            return StreamingHttpResponse(stream, content_type=CSV_TYPE, headers=headers)
    return HttpResponse(b"".join(read), content_type=CSV_TYPE, headers=headers)


def _read_on(read: list[bytes], pieces: Iterator[bytes], context: contextvars.Context) -> Iterator[bytes]:
    """Read on after the page is answered, in the language and the time zone in which it was made."""
    yield from read
    while piece := context.run(next, pieces, b""):
        yield piece


def _as_workbook(table: TableResponse) -> HttpResponseBase:
    file = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES_MAX)  # noqa: SIM115 (whoever sends it closes it)
    try:
        if table.counted is not None:
            workbooks.require_room(row_count=_count(table.counted))
        workbooks.write_workbook(target=file, title=table.name, head=table.head, rows=table.rows)
    except workbooks.UnableToExport as refused:
        return HttpResponse(str(refused), status=422, content_type="text/plain; charset=utf-8")
    headers = {"Content-Disposition": f'attachment; filename="{table.name}.xlsx"'}
    size = file.tell()
    file.seek(0)
    if size > MEMORY_BYTES_MAX:
        return FileResponse(file, content_type=workbooks.CONTENT_TYPE, headers=headers)
    return HttpResponse(file.read(), content_type=workbooks.CONTENT_TYPE, headers=headers)


def _count(counted: Counted) -> int:
    """Count rows, of a table no further than a file holds."""
    return counted.order_by()[: workbooks.ROWS_MAX + 1].count() if isinstance(counted, QuerySet) else counted()


def amount(*, micros: int | None, currency: str) -> str:
    """Write an amount for a file: decimals of the currency, no grouping, an ASCII minus; nothing where there is none."""
    if micros is None:
        return ""
    return workbooks.Figure(exact.format_places(value=money.from_micros(micros=micros), places=money.currency_places(currency=currency)))


def moment(found: date | None) -> str:
    """Write a day or an instant for a file; nothing where there is none.

    >>> moment(date(2016, 3, 1)), moment(None)
    ('2016-03-01', '')
    """
    return "" if found is None else found.isoformat()


def number(value: Fraction | None, *, places: int = 0) -> str:
    """Write a number for a file: at least so many decimals and at most six, no grouping, an ASCII minus; nothing where there is none.

    >>> number(Fraction(1500)), number(Fraction("2.4"), places=2), number(Fraction(-2, 3)), number(None)
    ('1500', '2.40', '-0.666667', '')
    """
    if value is None:
        return ""
    rounded = exact.round_exact(value=value, places=PLACES_MAX)
    shown = next(found for found in range(places, PLACES_MAX + 1) if (rounded * 10**found).denominator == 1)
    return workbooks.Figure(exact.format_places(value=rounded, places=shown))


def rounded(value: Fraction | None, *, places: int) -> str:
    """Write a number for a file with exactly so many decimals, rounded half away from zero; nothing where there is none.

    >>> rounded(Fraction(1, 32), places=4), rounded(Fraction(2), places=1), rounded(None, places=4)
    ('0.0313', '2.0', '')
    """
    return "" if value is None else workbooks.Figure(exact.write_rounded(value=value, places=places))
