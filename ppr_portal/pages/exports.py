"""Tables as files that open in a spreadsheet: as CSV, and the same rows as an Excel file wherever `format=xlsx` is asked for."""

from collections.abc import Iterable, Sequence

from django.http import HttpRequest, HttpResponse

from billing.queries import csv_text
from billing.rules import money
from contracts.rules import exact
from ppr_portal.pages import workbooks

XLSX = "xlsx"


class TableResponse(HttpResponse):
    """A table as a CSV file that still knows its rows, so that the frame of every page can write it as another kind of file."""

    def __init__(self, *, name: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
        super().__init__(csv_text.write_csv(head=head, rows=rows), content_type="text/csv; charset=utf-8", headers=headers)
        self.name, self.head, self.rows = name, head, rows


def csv_response(*, name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Return rows as a CSV file; text that a spreadsheet would run is made harmless, numbers stay numbers."""
    return TableResponse(name=name, head=head, rows=list(rows))


def asks_for_workbook(request: HttpRequest) -> bool:
    """Tell whether an Excel file is asked for, and let the page make the CSV file that it knows how to make."""
    if request.GET.get("format") != XLSX:
        return False
    asked = request.GET.copy()
    asked["format"] = "csv"
    request.GET = asked  # type: ignore[assignment]
    return True


def as_workbook(response: HttpResponse) -> HttpResponse:
    """Return the table of a CSV file as an Excel file; any other answer of a page stays as it is."""
    if not isinstance(response, TableResponse):
        return response
    try:
        content = workbooks.write_workbook(title=response.name, head=response.head, rows=response.rows)
    except workbooks.UnableToExport as refused:
        return HttpResponse(str(refused), status=422, content_type="text/plain; charset=utf-8")
    headers = {"Content-Disposition": f'attachment; filename="{response.name}.xlsx"'}
    return HttpResponse(content, content_type=workbooks.CONTENT_TYPE, headers=headers)


def amount(*, micros: int, currency: str) -> str:
    """Write an amount for a file: decimals of the currency, no grouping, an ASCII minus."""
    return exact.format_places(value=money.from_micros(micros=micros), places=money.currency_places(currency=currency))
