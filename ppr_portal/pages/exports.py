"""Tables as CSV files that open in a spreadsheet."""

from collections.abc import Iterable, Sequence

from django.http import HttpResponse

from billing.queries import csv_text
from billing.rules import money
from contracts.rules import exact


def csv_response(*, name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """Return rows as a CSV file; text that a spreadsheet would run is made harmless, numbers stay numbers."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return HttpResponse(csv_text.write_csv(head=head, rows=rows), content_type="text/csv; charset=utf-8", headers=headers)


def amount(*, micros: int, currency: str) -> str:
    """Write an amount for a file: decimals of the currency, no grouping, an ASCII minus."""
    return exact.format_places(value=money.from_micros(micros=micros), places=money.currency_places(currency=currency))
