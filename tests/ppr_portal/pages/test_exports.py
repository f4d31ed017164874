"""Every table that is a CSV file is an Excel file too, with the same cells; what no spreadsheet should run stays text."""

import csv
import io
import itertools
import random
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone, translation
from django_celery_beat.models import PeriodicTask

from agents.queries import resolution_lists
from billing.queries import csv_text
from ppr_portal.pages import exports, workbooks
from ppr_portal.templatetags import lists
from tests.ppr_portal.company import Company
from tests.ppr_portal.pages.routes import SEEN, address, addresses

SPACE = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
# Between them they see every table.
READER_ROLES = ("auditor", "admin", "agent")
# A list that loses its file is noticed; one that gains one raises this number.
TABLES_MIN = 18
# A day is a number in an Excel file.
DAYS = re.compile(r"\d{4}-\d{2}-\d{2}")


def cells_of(content: bytes) -> list[list[str]]:
    """Return the first sheet as texts: a number as it is stored, an empty cell as nothing."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheet = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
        assert sheet.find(".//s:f", SPACE) is None
    rows = []
    for row in sheet.iterfind(".//s:row", SPACE):
        cells: dict[int, str] = {}
        for cell in row.iterfind("s:c", SPACE):
            letters = cell.attrib["r"].rstrip("0123456789")
            column = sum((ord(letter) - 64) * 26**power for power, letter in enumerate(reversed(letters))) - 1
            cells[column] = "".join(text.text or "" for text in cell.iter() if text.tag.endswith(("}t", "}v")))
        rows.append([cells.get(column, "") for column in range(max(cells, default=-1) + 1)])
    return rows


def harmed(written: str) -> str:
    """Return a cell of a CSV file without the mark that keeps a spreadsheet from running it; an Excel file has no need of it."""
    return written.removeprefix("'") if written[1:2] in csv_text.FORMULA_STARTS else written


def workbook_of(**told: Any) -> bytes:
    """Return an Excel file."""
    target = io.BytesIO()
    workbooks.write_workbook(target=target, **told)
    return target.getvalue()


def tables(company: Company, client: Client) -> list[tuple[str, str]]:
    """Return role and address of every table that a reader can take as a CSV file."""
    found = []
    known = set()
    pages = addresses(company)
    for role in READER_ROLES:
        client.force_login(company.user_of(role))
        for name, seen in SEEN.items():
            if seen.get(role) != 200 or name in known:
                continue
            page = pages[name]
            asked = page if page.endswith(".csv") else f"{page}{'&' if '?' in page else '?'}format=csv"
            response = client.get(asked)
            if response.get("Content-Type", "").startswith("text/csv") and isinstance(response, HttpResponse):
                known.add(name)
                found.append((role, asked))
    return found


def test_every_table_is_a_csv_file_and_the_same_excel_file(company: Company, client: Client) -> None:
    found = tables(company, client)
    assert len(found) >= TABLES_MIN
    for role, asked in found:
        client.force_login(company.user_of(role))
        rows = list(csv.reader(io.StringIO(client.get(asked).content.decode("utf-8-sig"))))
        answer = client.get(lists.as_xlsx(asked))
        if "payroll" in asked:
            # The file for payroll is issued once and kept byte for byte, so it has one form.
            assert answer["Content-Type"].startswith("text/csv")
            continue
        assert answer["Content-Type"] == workbooks.CONTENT_TYPE, asked
        assert answer["Content-Disposition"].endswith('.xlsx"'), asked
        cells = cells_of(answer.content)
        assert cells[0] == rows[0], asked
        assert len(cells) == len(rows), asked
        for row, line in zip(cells, rows, strict=True):
            for stored, written in itertools.zip_longest(row, line, fillvalue=""):
                if not DAYS.match(written):
                    assert stored == harmed(written), asked


def test_a_page_without_a_table_stays_a_page(company: Company, client: Client) -> None:
    client.force_login(company.agent.user)
    assert client.get("/load/?format=xlsx")["Content-Type"].startswith("text/html")


def test_an_excel_file_is_as_closed_as_its_page(company: Company, client: Client) -> None:
    client.force_login(company.agent.user)
    for name in ("pay_runs", "ledger", "holds", "signals"):
        assert client.get(f"{address(company, name)}?format=xlsx").status_code == 404


def test_cells_are_what_they_are() -> None:
    told = {
        "=1+1": "=1+1",
        "+4": "+4",
        "-2.50": "-2.50",
        # As a binary fraction it would be stored as 9.529999999999999.
        "9.53": "9.53",
        "9668.7": "9668.7",
        "1500": "1500",
        exports.number(Fraction(1500)): "1500",
        "0042": "0042",
        "00.10": "00.10",
        "2016-02-30": "2016-02-30",
        "2016-03-31": "42460",
        # Seven in the morning in New York.
        "2016-03-01T12:00:00+00:00": "42430.29166666666",
        date(2016, 3, 1): "42430",
        7: "7",
        Fraction(1, 3): "1/3",
        Decimal("1.50"): "1.50",
        None: "",
        "http://example.com": "http://example.com",
    }
    with timezone.override(ZoneInfo("America/New_York")):
        content = workbook_of(title="Ledger: [all]", head=[f"c{number}" for number in range(len(told))], rows=[list(told)])
    assert cells_of(content)[1] == list(told.values())
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        styles, about = (parts.read(f"xl/{name}.xml").decode() for name in ("styles", "worksheets/sheet2"))
        assert all(f'formatCode="{pattern}"' in styles for pattern in ("0.0", "0.00", "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"))
        assert "America/New_York" in about
        assert 'name="Ledger- -all-"' in parts.read("xl/workbook.xml").decode()


@pytest.mark.parametrize("digits", [15, 16])
def test_a_number_that_a_spreadsheet_would_round_stays_text(digits: int) -> None:
    text = f"{'9' * (digits - 2)}.25"
    content = workbook_of(title="t", head=["amount"], rows=[[text]])
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        is_text = b'"inlineStr"><is><t>9' in parts.read("xl/worksheets/sheet1.xml")
    assert is_text is (digits == 16)
    assert cells_of(content)[1] == [text]


def test_a_number_is_stored_by_the_digits_of_the_csv_file() -> None:
    chance = random.Random(1)
    texts = [f"{chance.randrange(10**8)}.{chance.randrange(10**places):0{places}d}" for places in (1, 2, 3, 4, 6) for _ in range(400)]
    content = workbook_of(title="t", head=["amount"], rows=[[text] for text in texts])
    assert [row[0] for row in cells_of(content)[1:]] == texts
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert b"inlineStr" not in parts.read("xl/worksheets/sheet1.xml").partition(b'<row r="2"')[2]


def test_a_column_is_as_wide_as_what_it_shows() -> None:
    rows = [["-28033.10", "2016-03-01T12:00:00+00:00", "x" * 90, ""]]
    with zipfile.ZipFile(io.BytesIO(workbook_of(title="t", head=["a", "b", "c", "open"], rows=rows))) as parts:
        sheet = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
    widths = {int(column.attrib["min"]): float(column.attrib["width"]) for column in sheet.iterfind(".//s:col", SPACE)}
    assert {column: int(width) for column, width in widths.items()} == {1: 10, 2: 20, 3: 40, 4: 9}


def test_amounts_without_cents_are_numbers_too() -> None:
    content = workbook_of(title="t", head=["amount"], rows=[[exports.amount(micros=1_500_000_000, currency="JPY")], ["0042"]])
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        cells = parts.read("xl/worksheets/sheet1.xml")
    assert b"<v>1500</v>" in cells
    assert b"<t>0042</t>" in cells


def test_a_day_before_the_calendar_of_spreadsheets_stays_text() -> None:
    rows = [[date(1899, 12, 31), datetime(1850, 1, 1, tzinfo=UTC)]]
    assert cells_of(workbook_of(title="t", head=["a", "b"], rows=rows))[1] == ["1899-12-31", "1850-01-01T00:00:00+00:00"]


def test_an_empty_list_is_its_head() -> None:
    assert cells_of(workbook_of(title="", head=["a"], rows=[])) == [["a"]]


def test_a_list_that_no_sheet_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "ROWS_MAX", 2)
    workbook_of(title="t", head=["a"], rows=[["1"], ["2"]])
    answer = exports.write_table(exports.csv_response(name="t", head=["a"], rows=[["1"], ["2"], ["3"]]), is_workbook=True)
    assert isinstance(answer, HttpResponse)
    assert (answer.status_code, b"take the CSV file" in answer.content) == (422, True)


def test_a_refusal_fits_every_list_and_its_reader() -> None:
    with translation.override("en"), pytest.raises(workbooks.UnableToExport, match="200,000 rows") as refused:
        workbooks.require_room(row_count=200_001)
    assert "Narrow it with the filters above the list, or take the CSV file." in str(refused.value)
    with translation.override("es"), pytest.raises(workbooks.UnableToExport, match=r"200\.000 filas") as refused:
        workbooks.require_room(row_count=200_001)
    assert "Acotarla con los filtros que están sobre la lista, o tomar el archivo CSV." in str(refused.value)
    workbooks.require_room(row_count=200_000)


def test_a_list_that_is_too_long_is_refused_before_a_row_is_read(company: Company, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(**_asked: object) -> Iterator[object]:
        raise AssertionError("a row was read")
        yield

    client.force_login(company.agent.user)
    monkeypatch.setattr(workbooks, "ROWS_MAX", 22)
    monkeypatch.setattr(resolution_lists, "read_all", read)
    assert client.get("/resolutions/?format=xlsx").status_code == 422


# Lists that grow with the work of a company, by who reads most of each.
GROWING = {
    "auditor": (
        "/reviews/",
        "/coaching/",
        "/improvement/",
        "/training/",
        "/disputes/",
        "/pay-reads/",
        "/runs/",
        "/invoices/",
        "/shadow/",
        "/ledger/agent_pay/USD/",
    ),
    "admin": ("/holds/", "/imports/", "/signals/", "/notifications/", "/jobs/{job}/"),
    "lead": ("/answers/",),
}


@pytest.mark.parametrize("role", GROWING)
def test_every_list_that_grows_is_counted_before_it_is_made(
    company: Company, client: Client, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    def write(**_asked: object) -> None:
        raise AssertionError("a file was begun")

    monkeypatch.setattr(workbooks, "ROWS_MAX", -1)
    monkeypatch.setattr(workbooks, "write_workbook", write)
    client.force_login(getattr(company, role))
    job = PeriodicTask.objects.earliest("pk").pk
    for page in GROWING[role]:
        assert (page, client.get(f"{page.format(job=job)}?format=xlsx").status_code) == (page, 422)


@pytest.mark.parametrize(("size", "is_streamed"), [(26, False), (15, True)])
def test_a_long_file_is_sent_while_its_rows_are_read(monkeypatch: pytest.MonkeyPatch, size: int, is_streamed: bool) -> None:
    monkeypatch.setattr(exports, "MEMORY_BYTES_MAX", size)
    monkeypatch.setattr(csv_text, "ROWS_AT_ONCE", 2)
    read: list[int] = []

    def rows() -> Iterator[tuple[str]]:
        for number in range(4):
            read.append(number)
            yield ("ñ1",)

    answer = exports.write_table(exports.csv_response(name="t", head=["a"], rows=rows()), is_workbook=False)

    assert answer.streaming is is_streamed
    assert len(read) == (2 if is_streamed else 4)
    assert b"".join(answer) == "\ufeffa\r\nñ1\r\nñ1\r\nñ1\r\nñ1\r\n".encode()
    assert answer["Content-Disposition"] == 'attachment; filename="t.csv"'


def test_rows_that_are_read_late_are_told_as_the_first_ones_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MEMORY_BYTES_MAX", 1)
    monkeypatch.setattr(csv_text, "ROWS_AT_ONCE", 1)
    rows = ((translation.get_language(), timezone.get_current_timezone_name()) for _ in range(3))
    with translation.override("es"), timezone.override(ZoneInfo("America/New_York")):
        answer = exports.write_table(exports.csv_response(name="t", head=["language", "zone"], rows=rows), is_workbook=False)

    assert b"".join(answer).decode().splitlines()[1:] == ["es,America/New_York"] * 3


def test_a_long_excel_file_is_sent_from_the_disk_with_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    short = exports.write_table(exports.csv_response(name="t", head=["a"], rows=[["1"]]), is_workbook=True)
    monkeypatch.setattr(exports, "MEMORY_BYTES_MAX", 1)
    long = exports.write_table(exports.csv_response(name="t", head=["a"], rows=[["1"]]), is_workbook=True)

    assert (short.streaming, long.streaming) == (False, True)
    assert cells_of(b"".join(long)) == cells_of(b"".join(short)) == [["a"], ["1"]]
