"""A table as an Excel file: figures as numbers that say every digit, days as days, and text as text, whatever it begins with."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import IO, Any, Self

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _
from xlsxwriter.worksheet import Worksheet

from contracts import reading

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A fifth of what a sheet has room for: more would keep the server at one file for a minute, and others waiting for it.
ROWS_MAX = 200_000
WIDTH_MIN, WIDTH_MAX = 8, 40
# Beside what a cell says: its margins, and in a head the arrow of the filter.
WIDTH_MORE, WIDTH_ARROW = 1, 4
# A spreadsheet keeps 15 digits of a number; what has more stays text, so that no digit is lost.
DIGITS_MAX = 15
FIGURE = re.compile(r"-?(?:0|[1-9]\d*)\.\d+")
WHOLE = re.compile(r"-?(?:0|[1-9]\d*)")
DAY_PATTERN, INSTANT_PATTERN = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})")
# Excel's calendar begins here.
FIRST_YEAR = 1900
TEXT_MAX = 32_767


class UnableToExport(Exception):
    """A list that no spreadsheet holds."""


class Figure(str):
    """The text of a number, which is one in a spreadsheet too; other text that is all digits, such as a code, stays text."""

    __slots__ = ()


class _Digits(float):
    """A number that a file holds by the digits it was written with; as a binary fraction 9.53 would stand there as 9.529999999999999."""

    text: str

    def __new__(cls, text: str) -> Self:
        made = super().__new__(cls, text)
        made.text = text
        return made

    def __format__(self, _spec: str) -> str:
        return self.text


def require_room(*, row_count: int) -> None:
    """Refuse more rows than a file holds.

    Raises: UnableToExport with what to do instead.
    """
    if row_count > ROWS_MAX:
        raise UnableToExport(
            _(
                "This list has more than %(rows_max)s rows, too many for an Excel file."
                " Narrow it with the filters above the list, or take the CSV file."
            )
            % {"rows_max": reading.write_number(f"{ROWS_MAX:,}")}
        )


def write_workbook(*, target: IO[bytes], title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write rows as an Excel file, one at a time, so that memory does not grow with them.

    Instants are in the time zone that is active, which the second sheet names.

    Args:
        target: an empty file.
        title: name of the sheet; only its first 31 characters fit.
        head: names of the columns.
        rows: cells as a CSV file has them: texts, numbers, days and instants, or their ISO texts.

    Raises: UnableToExport if there are more rows than a sheet holds.
    """
    book = xlsxwriter.Workbook(target, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": title, "created": datetime(2000, 1, 1, tzinfo=UTC)})
    sheet = book.add_worksheet(_sheet_name(title))
    cells = _Cells(book)
    bold = book.add_format({"bold": True, "bottom": 1})
    for column, name in enumerate(head):
        cells.widths[column] = len(str(name)) + WIDTH_ARROW
        sheet.write_string(0, column, str(name), bold)
    sheet.freeze_panes(1, 0)
    count = 0
    for count, row in enumerate(rows, start=1):
        require_room(row_count=count)
        for column, value in enumerate(row):
            cells.write(sheet, count, column, value)
    # A number or a day that is wider than its column would be shown as a row of hash signs.
    for column, width in cells.widths.items():
        sheet.set_column(column, column, min(max(width + WIDTH_MORE, WIDTH_MIN), WIDTH_MAX))
    if count and head:
        sheet.autofilter(0, 0, count, len(head) - 1)
    about = book.add_worksheet(_("About"))
    about.set_column(0, 0, 20)
    for line, (name, text) in enumerate(((_("Rows"), str(count)), (_("Times of day in"), timezone.get_current_timezone_name()))):
        about.write_string(line, 0, name)
        about.write_string(line, 1, text)
    book.close()


class _Cells:
    """Writes values as what they are, with one format for each way to show them."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._formats: dict[str, Any] = {}
        self.widths: dict[int, int] = {}

    def write(self, sheet: Worksheet, row: int, column: int, value: object) -> None:
        if value is None or value == "":
            return
        if isinstance(value, bool):
            sheet.write_boolean(row, column, value)
        elif isinstance(value, (int, float, Figure)):
            self._write_number(sheet, row, column, str(value))
        elif isinstance(value, Decimal):
            self._write_number(sheet, row, column, f"{value:f}")
        elif isinstance(value, (date, datetime)):
            self._write_day(sheet, row, column, value)
        else:
            self._write_text(sheet, row, column, str(value))

    def _write_text(self, sheet: Worksheet, row: int, column: int, text: str) -> None:
        try:
            if FIGURE.fullmatch(text):
                self._write_number(sheet, row, column, text)
            elif DAY.fullmatch(text):
                self._write_day(sheet, row, column, date.fromisoformat(text))
            elif INSTANT.fullmatch(text):
                self._write_day(sheet, row, column, datetime.fromisoformat(text))
            else:
                self._write_string(sheet, row, column, text[:TEXT_MAX])
        except ValueError:
            self._write_string(sheet, row, column, text)

    def _write_number(self, sheet: Worksheet, row: int, column: int, text: str) -> None:
        """Write a decimal as a number of the same digits, or as text where a spreadsheet would lose some."""
        is_figure = FIGURE.fullmatch(text) or WHOLE.fullmatch(text)
        digits = text.lstrip("-").replace(".", "").lstrip("0")
        if not is_figure or len(digits) > DIGITS_MAX:
            self._write_string(sheet, row, column, text)
            return
        places = len(text.partition(".")[2])
        self._widen(column, text)
        sheet.write_number(row, column, _Digits(text), self._format("0" if not places else f"0.{'0' * places}"))

    def _write_string(self, sheet: Worksheet, row: int, column: int, text: str) -> None:
        self._widen(column, text)
        sheet.write_string(row, column, text)

    def _write_day(self, sheet: Worksheet, row: int, column: int, value: date | datetime) -> None:
        if value.year < FIRST_YEAR:
            self._write_string(sheet, row, column, value.isoformat())
            return
        pattern = INSTANT_PATTERN if isinstance(value, datetime) else DAY_PATTERN
        if isinstance(value, datetime) and value.tzinfo:
            value = timezone.localtime(value).replace(tzinfo=None)
        self._widen(column, pattern)
        sheet.write_datetime(row, column, value, self._format(pattern))

    def _widen(self, column: int, text: str) -> None:
        self.widths[column] = max(self.widths.get(column, 0), len(text))

    def _format(self, pattern: str) -> Any:
        if pattern not in self._formats:
            self._formats[pattern] = self._book.add_format({"num_format": pattern})
        return self._formats[pattern]


def _sheet_name(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", "-", title)[:31] or _("Table")
