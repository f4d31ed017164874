"""A sheet of a workbook is read as the text that people see, and nothing of it gets lost."""

import io
import pathlib
import struct
import zipfile

import pytest

from agents.intake.errors import UnableToImport
from agents.intake.files import CELL_COUNT, ROW_NUMBER, Layout, describe_file, pick_rows, read_file
from tests.agents.workbooks import DATE, DATE_TIME, DURATION, TIME, Cell, Sheet, write_workbook

ROWS: Sheet = [
    ["id", "when", "took", "note"],
    [1595, Cell("42429.0527777778", DATE_TIME), Cell("0.0104166666666667", TIME), "x  y"],
    [],
    ["00017", Cell("42429", DATE), Cell("1.5", DURATION), Cell("#DIV/0!", is_error=True)],
]


def write(folder: pathlib.Path, content: bytes, name: str = "export.xlsx") -> pathlib.Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_cells_are_text_and_blank_rows_are_passed_over(tmp_path: pathlib.Path) -> None:
    table = read_file(path=write(tmp_path, write_workbook(sheets={"Data": ROWS})))
    assert table.columns == ("id", "when", "took", "note")
    assert table.frame.select(table.columns).rows() == [
        ("1595", "2016-02-29 01:16:00", "1899-12-31 00:15:00", "x  y"),
        ("00017", "2016-02-29 00:00:00", "1900-01-01 12:00:00", "#DIV/0!"),
    ]
    assert table.frame[ROW_NUMBER].to_list() == [1, 3]
    assert table.frame[CELL_COUNT].to_list() == [4, 4]
    assert table.name == "export.xlsx, sheet Data"


def test_a_workbook_that_counts_from_1904_gives_its_own_days(tmp_path: pathlib.Path) -> None:
    table = read_file(path=write(tmp_path, write_workbook(sheets={"Data": ROWS}, is_1904=True)))
    assert table.frame.select("when", "took").row(0) == ("2020-03-01 01:16:00", "1904-01-01 00:15:00")


def test_titles_above_and_remarks_beside_the_table(tmp_path: pathlib.Path) -> None:
    rows: Sheet = [[None, "Monthly report"], [], ["id", "state"], [1, "New"], [2, "Closed", None, "seen by Ada"]]
    table = read_file(path=write(tmp_path, write_workbook(sheets={"Data": rows})), layout=Layout(lines_before_head=1))
    assert table.columns == ("id", "state")
    assert table.frame[CELL_COUNT].to_list() == [2, 4]
    assert pick_rows(table=table, row_numbers=table.frame[ROW_NUMBER])["row"].to_list() == [
        '{"id": "1", "state": "New"}',
        '{"": ["", "seen by Ada"], "id": "2", "state": "Closed"}',
    ]


def test_a_head_cell_without_a_name_gets_its_position(tmp_path: pathlib.Path) -> None:
    rows: Sheet = [["id", None, "state"], [1, "a", "New"]]
    assert read_file(path=write(tmp_path, write_workbook(sheets={"Data": rows}))).columns == ("id", " (column 2)", "state")


def test_a_workbook_full_of_dashboards_needs_its_sheet_named(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path, write_workbook(sheets={"Overview": [["Total", 12]], "Tickets": ROWS, "Lists": [["a"], ["b"]]}, hidden=["Lists"]))
    found = describe_file(path=path)
    assert (found.file_format, [(sheet.name, sheet.is_hidden) for sheet in found.sheets]) == (
        "xlsx",
        [("Overview", False), ("Tickets", False), ("Lists", True)],
    )
    with pytest.raises(UnableToImport, match=r'several sheets.*choose one of: "Overview", "Tickets", "Lists"'):
        read_file(path=path)
    assert read_file(path=path, layout=Layout(sheet="Tickets")).frame.height == 2
    with pytest.raises(UnableToImport, match='has no sheet "Ticket"; it has: "Overview"'):
        read_file(path=path, layout=Layout(sheet="Ticket"))


def test_the_only_visible_sheet_needs_no_name(tmp_path: pathlib.Path) -> None:
    assert read_file(path=write(tmp_path, write_workbook(sheets={"Lists": [["a"]], "Data": ROWS}, hidden=["Lists"]))).frame.height == 2


def test_cells_far_away_from_the_table_are_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(UnableToImport, match="delete what stands far away from the table"):
        read_file(path=write(tmp_path, _with_far_cell()))


def _with_far_cell() -> bytes:
    source = zipfile.ZipFile(io.BytesIO(write_workbook(sheets={"Data": [["id"], [1]]})))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as book:
        for name in source.namelist():
            text = source.read(name)
            book.writestr(name, text.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'))
    return packed.getvalue()


WHOLE = write_workbook(sheets={"Data": ROWS})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"id,state\n1,New\n", "is damaged or no Excel workbook"),
        (WHOLE[:-40], "is damaged or no Excel workbook"),
        (WHOLE[: len(WHOLE) // 2], "is damaged or no Excel workbook"),
        (write_workbook(sheets={"Data": []}), "nothing in sheet"),
        (write_workbook(sheets={"Data": [["id", "state"]]}), "a head but no rows"),
    ],
)
def test_what_is_no_whole_workbook_is_refused_in_one_sentence(tmp_path: pathlib.Path, content: bytes, words: str) -> None:
    with pytest.raises(UnableToImport, match=words) as refused:
        read_file(path=write(tmp_path, content))
    assert str(refused.value).startswith("export.xlsx")
    assert "\n" not in str(refused.value)


def test_a_few_bytes_that_span_millions_of_cells_are_refused(tmp_path):
    def book(*references):
        content, made = write_workbook(sheets={"S": [["id"], ["1"]]}), io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(made, "w") as written:
            for part in given.namelist():
                text = given.read(part)
                if part.endswith("sheet1.xml"):
                    cells = "".join(f'<row><c r = "{reference}"><v>1</v></c></row>' for reference in references)
                    text = text.replace(b"<sheetData>", f"<sheetData>{cells}".encode(), 1)
                written.writestr(part, text)
        path = tmp_path / "far.xlsx"
        path.write_bytes(made.getvalue())
        return read_file(path=path)

    assert book("B300").frame.height > 1
    with pytest.raises(UnableToImport, match="spans 9,830,400 cells, most of them empty"):
        book("A1", "XFD600")


def test_a_workbook_that_says_less_than_it_holds_is_refused_before_it_is_unpacked(tmp_path: pathlib.Path) -> None:
    content = write_workbook(sheets={"Data": ROWS})
    size = zipfile.ZipFile(io.BytesIO(content)).getinfo("xl/worksheets/sheet1.xml").file_size
    lying = content.replace(struct.pack("<I", size), struct.pack("<I", size - 100))

    with pytest.raises(UnableToImport, match=r"export\.xlsx is damaged or no Excel workbook \(xl/worksheets/sheet1\.xml cannot be read\)"):
        read_file(path=write(tmp_path, lying))
