"""Excel workbooks as a table of text: one sheet of them, dates as ISO text, error cells as what they show."""

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from typing import Any

import fastexcel
import polars as pl
from django.utils.translation import gettext as _

from agents.intake import safe_xml
from agents.intake.errors import UnableToImport
from agents.intake.file_bytes import refuse_size, told_size
from agents.intake.tables import CELL_COUNT, ROW_NUMBER, Advance, FileTable, Layout, Sheet, distinct_heads

CELLS_MAX = 100_000_000
# The reader makes room for all that a sheet spans, which a few bytes can say: what is large has to be filled.
SPANNED_FREELY = 5_000_000
SPANNED_BY_CELL = 20
WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
REFERENCE = re.compile(rb'\sr\s*=\s*["\']([A-Z]{1,3})([0-9]{1,7})["\']')
FORMULA = rb"(?:<(?:\w+:)?f\b.*?(?:/>|</(?:\w+:)?f>)\s*)?"
ERROR_CELL = re.compile(rb'<(?:\w+:)?c\s([^>]*\bt=["\']e["\'][^>]*)>\s*' + FORMULA + rb"<(?:\w+:)?v>([^<]*)<", re.DOTALL)

# What reading a part of a damaged file may raise.
UNREADABLE = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
    EOFError,
    zipfile.zlib.error,  # type: ignore[attr-defined]
)


def read(name: str, content: bytes, layout: Layout, advance: Advance) -> FileTable:
    """Read one sheet of a workbook.

    Raises: UnableToImport if it is damaged, no workbook, has no such sheet, or the sheet has no rows.
    """
    sheets = list_sheets(name=name, content=content)
    sheet = _choose(name, sheets, layout.sheet)
    _other, errors = _look_into(name, content, sheets.index(sheet))
    advance(0, 2)
    cells = _load(name, content, sheet.name)
    advance(1, 2)
    if errors:
        cells = _with_errors(cells, errors)
    table = _table(name, content, sheet.name, cells, layout.lines_before_head)
    advance(2, 2)
    return table


def list_sheets(*, name: str, content: bytes) -> tuple[Sheet, ...]:
    """List the sheets of a workbook in their order.

    Raises: UnableToImport if it is no workbook.
    """
    found: list[Sheet] = []

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "sheet":
            found.append(Sheet(name=attributes.get("name", ""), is_hidden=attributes.get("state", "visible") != "visible"))

    safe_xml.parse(name=name, content=_part(name, content, WORKBOOK), start=start, end=_ignore, advance=_ignore)
    if not found:
        raise UnableToImport(_("%(name)s has no sheets; save it again as an Excel workbook (.xlsx).") % {"name": name})
    return tuple(found)


def _choose(name: str, sheets: tuple[Sheet, ...], wanted: str) -> Sheet:
    seen = ", ".join(f'"{sheet.name}"' for sheet in sheets)
    if wanted:
        chosen = [sheet for sheet in sheets if sheet.name == wanted]
        if not chosen:
            raise UnableToImport(
                _('%(name)s has no sheet "%(wanted)s"; it has: %(seen)s.') % {"name": name, "wanted": wanted, "seen": seen}
            )
        return chosen[0]
    visible = [sheet for sheet in sheets if not sheet.is_hidden]
    if len(visible) != 1:
        raise UnableToImport(
            _("%(name)s has several sheets, and nothing says which holds the records; choose one of: %(seen)s.")
            % {"name": name, "seen": seen}
        )
    return visible[0]


def refuse_large(*, name: str, content: bytes, bytes_max: int) -> None:
    """Refuse a workbook that holds more bytes than are wanted, before any of it is taken into memory.

    Raises: UnableToImport.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = told_size(packed=packed)
            # One that says less than it holds would be unpacked whole all the same; here each part is read as far as it says.
            lying = packed.testzip() if size <= bytes_max else None
    except UNREADABLE:
        # What is wrong with it is said when its parts are read.
        return
    refuse_size(name=name, size=size, bytes_max=bytes_max)
    if lying is not None:
        raise _damaged(name, lying)


def _part(name: str, content: bytes, part: str) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return packed.read(part)
    except (KeyError, *UNREADABLE) as fault:
        raise _damaged(name, part) from fault


def _damaged(name: str, part: str) -> UnableToImport:
    words = _("%(name)s is damaged or no Excel workbook (%(part)s cannot be read); save it again as .xlsx.")
    return UnableToImport(words % {"name": name, "part": part})


def _look_into(name: str, content: bytes, position: int) -> tuple[int, dict[tuple[int, int], str]]:
    """Count the cells that a sheet spans, and find its error cells, which the reader of workbooks gives as empty."""
    part = _sheet_part(name, content, position)
    if part is None:
        return 0, {}
    text = _part(name, content, part)
    references = REFERENCE.findall(text)
    columns = {letters: _column_number(letters) for letters in {letters for letters, _other in references}}
    rows = max((int(row) for _other, row in references), default=0)
    spanned = rows * max(columns.values(), default=0)
    if spanned > CELLS_MAX or spanned > max(SPANNED_FREELY, SPANNED_BY_CELL * len(references)):
        raise UnableToImport(
            _("%(name)s spans %(spanned)s cells, most of them empty; delete what stands far away from the table.")
            % {"name": name, "spanned": f"{spanned:,}"}
        )
    errors: dict[tuple[int, int], str] = {}
    for attributes, shown in ERROR_CELL.findall(text):
        reference = REFERENCE.search(b" " + attributes)
        if reference:
            errors[int(reference[2]) - 1, _column_number(reference[1]) - 1] = shown.decode("utf-8", "replace")
    return spanned, errors


def _sheet_part(name: str, content: bytes, position: int) -> str | None:
    identifiers: list[str] = []
    targets: dict[str, str] = {}

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "sheet":
            identifiers.append(next((value for key, value in attributes.items() if key.endswith(":id")), ""))
        elif tag == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    for part in (WORKBOOK, RELATIONS):
        safe_xml.parse(name=name, content=_part(name, content, part), start=start, end=_ignore, advance=_ignore)
    target = targets.get(identifiers[position], "")
    if not target:
        return None
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _column_number(letters: bytes) -> int:
    """Count columns from 1.

    >>> _column_number(b"AA")
    27
    """
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _load(name: str, content: bytes, sheet: str) -> pl.DataFrame:
    try:
        loaded = fastexcel.read_excel(content).load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
        return loaded.to_polars()
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    # A damaged workbook can make the reader panic, which is no Exception.
    except BaseException as fault:
        said = str(fault).strip().splitlines()
        raise UnableToImport(
            f'{name} is damaged: sheet "{sheet}" cannot be read ({said[0] if said else "no reason given"}); save it again as .xlsx.'
        ) from fault


def _with_errors(cells: pl.DataFrame, errors: Mapping[tuple[int, int], str]) -> pl.DataFrame:
    columns: dict[int, dict[int, str]] = {}
    for (row, column), shown in errors.items():
        if row < cells.height and column < cells.width:
            columns.setdefault(column, {})[row] = shown
    changed = []
    for column, shown_by_row in columns.items():
        values = cells.to_series(column).to_list()
        for row, shown in shown_by_row.items():
            values[row] = shown
        changed.append(pl.Series(cells.columns[column], values, dtype=pl.String))
    return cells.with_columns(changed)


def _table(name: str, content: bytes, sheet: str, cells: pl.DataFrame, lines_before_head: int) -> FileTable:
    filled = cells.with_columns(pl.all().fill_null("")).slice(lines_before_head)
    is_blank = filled.select(pl.all_horizontal(pl.all() == "")).to_series() if filled.width else pl.Series([], dtype=pl.Boolean)
    start = next((row for row, blank in enumerate(is_blank) if not blank), None)
    if start is None:
        raise UnableToImport(
            _('%(name)s has nothing in sheet "%(sheet)s" below line %(lines_before_head)s; choose another sheet.')
            % {"name": name, "sheet": sheet, "lines_before_head": lines_before_head}
        )
    head: list[Any] = list(filled.row(start))
    while head[-1] == "":
        head.pop()
    columns = distinct_heads(head=head)
    width = len(columns)
    body = filled.slice(start + 1).with_row_index(ROW_NUMBER, offset=1).filter(~is_blank.slice(start + 1))
    if body.is_empty():
        raise UnableToImport(_('%(name)s has a head but no rows in sheet "%(sheet)s"; export it again.') % {"name": name, "sheet": sheet})
    beyond = body.columns[width + 1 :]
    surplus = _surplus(body, beyond)
    counts = pl.Series(CELL_COUNT, [width + len(surplus.get(number, ())) for number in body[ROW_NUMBER]], dtype=pl.Int64)
    frame = body.select(
        *(pl.col(old).alias(new) for old, new in zip(body.columns[1 : width + 1], columns, strict=True)),
        counts,
        pl.col(ROW_NUMBER).cast(pl.Int64),
    )
    shown = f"{name}, sheet {sheet}"
    return FileTable(name=shown, sha256=hashlib.sha256(content).hexdigest(), columns=tuple(columns), frame=frame, surplus=surplus)


def _surplus(body: pl.DataFrame, beyond: list[str]) -> dict[int, tuple[str, ...]]:
    """Return what stands to the right of the table, without the empty cells at the end."""
    if not beyond:
        return {}
    found: dict[int, tuple[str, ...]] = {}
    for number, *cells in body.filter(pl.any_horizontal(pl.col(beyond) != "")).select(ROW_NUMBER, *beyond).iter_rows():
        while cells and cells[-1] == "":
            cells.pop()
        found[number] = tuple(cells)
    return found


def _ignore(*_: object) -> None:
    """Take no notice."""
