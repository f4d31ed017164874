"""A writer of small Excel workbooks for tests: plain sheets of text, numbers, dates, times and errors."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
DATE_TIME, DATE, TIME, DURATION = 1, 2, 3, 4
FORMATS = (0, 22, 14, 20, 164)


@dataclass(frozen=True)
class Cell:
    """A number shown by a style, or an error."""

    value: str
    style: int = 0
    is_error: bool = False


Value = str | int | float | Cell | None
Sheet = Sequence[Sequence[Value]]


def write_workbook(*, sheets: Mapping[str, Sheet], hidden: Sequence[str] = (), is_1904: bool = False) -> bytes:
    """Return a workbook with these sheets."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", _content_types(len(sheets)))
        book.writestr("_rels/.rels", _relations([("rId1", "officeDocument", "xl/workbook.xml")]))
        targets = [(f"rId{number}", "worksheet", f"worksheets/sheet{number}.xml") for number in range(1, len(sheets) + 1)]
        book.writestr("xl/_rels/workbook.xml.rels", _relations([*targets, ("rId99", "styles", "styles.xml")]))
        book.writestr("xl/workbook.xml", _workbook(sheets, hidden, is_1904=is_1904))
        styles = "".join(f'<xf numFmtId="{code}" applyNumberFormat="1"/>' for code in FORMATS)
        own = '<numFmts count="1"><numFmt numFmtId="164" formatCode="[h]:mm:ss"/></numFmts>'
        book.writestr("xl/styles.xml", f'<styleSheet xmlns="{MAIN}">{own}<cellXfs count="{len(FORMATS)}">{styles}</cellXfs></styleSheet>')
        for number, rows in enumerate(sheets.values(), start=1):
            book.writestr(f"xl/worksheets/sheet{number}.xml", _sheet(rows))
    return packed.getvalue()


def _content_types(count: int) -> str:
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{TYPES}.worksheet+xml"/>' for number in range(1, count + 1)
    )
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{TYPES}.styles+xml"/>{parts}</Types>'
    )


def _relations(targets: Sequence[tuple[str, str, str]]) -> str:
    told = "".join(f'<Relationship Id="{code}" Type="{DOCUMENT}/{kind}" Target="{target}"/>' for code, kind, target in targets)
    return f'<Relationships xmlns="{RELATIONS}">{told}</Relationships>'


def _workbook(sheets: Mapping[str, Sheet], hidden: Sequence[str], *, is_1904: bool) -> str:
    def state(name: str) -> str:
        return ' state="hidden"' if name in hidden else ""

    told = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}"{state(name)} r:id="rId{number}"/>' for number, name in enumerate(sheets, start=1)
    )
    first_day = '<workbookPr date1904="1"/>' if is_1904 else ""
    return f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}">{first_day}<sheets>{told}</sheets></workbook>'


def _sheet(rows: Sheet) -> str:
    written = "".join(
        f'<row r="{number}">{"".join(_cell(f"{chr(65 + column)}{number}", value) for column, value in enumerate(row))}</row>'
        for number, row in enumerate(rows, start=1)
    )
    return f'<worksheet xmlns="{MAIN}"><sheetData>{written}</sheetData></worksheet>'


def _cell(reference: str, value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    if isinstance(value, Cell):
        kind = ' t="e"' if value.is_error else ""
        return f'<c r="{reference}" s="{value.style}"{kind}><v>{value.value}</v></c>'
    return f'<c r="{reference}"><v>{value}</v></c>'
