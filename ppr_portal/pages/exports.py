"""Tables as files that open in a spreadsheet: as CSV, and the same rows as an Excel file wherever `format=xlsx` is asked for."""

import io
import tempfile
from collections.abc import Iterable, Sequence

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from billing.queries import csv_text
from billing.rules import money
from contracts.rules import exact
from ppr_portal.pages import workbooks

XLSX = "xlsx"
CSV_TYPE = "text/csv; charset=utf-8"
# A longer file is written to the disk and sent from there, so that memory does not grow with a list.
MEMORY_BYTES_MAX = 2_000_000


class TableResponse(HttpResponse):
    """A table whose rows are still to be read: the frame of every page writes it, as the kind of file that is asked for."""

    def __init__(self, *, name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        super().__init__(content_type=CSV_TYPE)
        self.name, self.head, self.rows = name, head, rows


def csv_response(*, name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Return rows as a CSV file; text that a spreadsheet would run is made harmless, numbers stay numbers."""
    return TableResponse(name=name, head=head, rows=rows)


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
    file = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES_MAX)  # noqa: SIM115 (whoever sends it closes it)
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    csv_text.write_rows(target=text, head=table.head, rows=table.rows)
    text.detach()
    size = file.tell()
    file.seek(0)
    if size > MEMORY_BYTES_MAX:
        return FileResponse(file, content_type=CSV_TYPE, headers=headers)
    return HttpResponse(file.read(), content_type=CSV_TYPE, headers=headers)


def _as_workbook(table: TableResponse) -> HttpResponse:
    try:
        content = workbooks.write_workbook(title=table.name, head=table.head, rows=table.rows)
    except workbooks.UnableToExport as refused:
        return HttpResponse(str(refused), status=422, content_type="text/plain; charset=utf-8")
    headers = {"Content-Disposition": f'attachment; filename="{table.name}.xlsx"'}
    return HttpResponse(content, content_type=workbooks.CONTENT_TYPE, headers=headers)


def amount(*, micros: int, currency: str) -> str:
    """Write an amount for a file: decimals of the currency, no grouping, an ASCII minus."""
    return exact.format_places(value=money.from_micros(micros=micros), places=money.currency_places(currency=currency))
