"""What a bank answers to payment orders, read from CSV or pain.002: what it says of each payment, and what nobody can read."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from django.utils.translation import gettext as _

from agents.intake import safe_xml
from agents.intake.errors import UnableToImport

Says = Literal["paid", "returned", "waiting"]

COLUMNS = ("reference", "status", "date", "reason")
CSV_WORDS: Mapping[str, Says] = {"paid": "paid", "returned": "returned", "rejected": "returned", "pending": "waiting"}
# ISO 20022 external payment transaction status codes.
CODES: Mapping[str, Says] = {
    **dict.fromkeys(("ACSC", "ACCC"), "paid"),
    **dict.fromkeys(("RJCT", "CANC"), "returned"),
    **dict.fromkeys(("RCVD", "PDNG", "ACTC", "ACCP", "ACSP", "ACWC", "ACWP", "PART", "PATC", "ACFC"), "waiting"),
}
NAME = "The bank's answer"
ROWS_MAX = 100_000


class UnableToReadAnswer(Exception):
    """A file that is no answer of a bank."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a file says of one payment, or with `message` alone of all payments of an order."""

    place: str
    says: Says
    reference: str = ""
    message: str = ""
    on: date | None = None
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """A place in a file that says nothing, and why."""

    place: str
    reference: str
    reason: str


def read_answer(*, content: bytes) -> list[Said | Unreadable]:
    """Read a file of either kind; XML is told by its first sign.

    Args:
        content: the file.

    Returns: in the order of the file. Days that the file does not name are None.
    Raises: UnableToReadAnswer if the whole of it is no such file.
    Source: ISO 20022, pain.002; docs/payouts.md for the CSV columns.

    >>> read_answer(content=b"reference,status,date,reason\\nS-2016-03-0001-1,paid,2016-04-07,\\n")[0].says
    'paid'
    """
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        return list(_read_xml(content))
    return list(_read_csv(content))


def _read_csv(content: bytes) -> Iterator[Said | Unreadable]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise UnableToReadAnswer(_("%(name)s is neither XML nor CSV in UTF-8; save it as one of them.") % {"name": NAME}) from fault
    if "\x00" in text:
        raise UnableToReadAnswer(_("%(name)s holds a zero byte, so it is no text; save it as CSV in UTF-8.") % {"name": NAME})
    delimiter = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    rows = _records(text, delimiter)
    head = [name.strip().lower() for name in next(rows, [])]
    if missing := [name for name in COLUMNS[:3] if name not in head]:
        raise UnableToReadAnswer(
            _("%(name)s has no column %(missing)s; its first row names %(columns)s.")
            % {"name": NAME, "missing": ", ".join(missing), "columns": ", ".join(COLUMNS)}
        )
    for number, cells in enumerate(rows, start=2):
        if number > ROWS_MAX:
            raise UnableToReadAnswer(_("%(name)s has more than %(rows_max)s rows; split it.") % {"name": NAME, "rows_max": f"{ROWS_MAX:,}"})
        if any(cell.strip() for cell in cells):
            yield _of_row(f"row {number}", {name: cell.strip() for name, cell in zip(head, cells, strict=False)})


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from records
    except csv.Error as fault:
        raise UnableToReadAnswer(
            _("%(name)s cannot be read in line %(line)s (%(fault)s); fetch it again, or repair that line.")
            % {"name": NAME, "line": records.line_num, "fault": fault}
        ) from fault


def _of_row(place: str, row: Mapping[str, str]) -> Said | Unreadable:
    reference, status = row.get("reference", ""), row.get("status", "")
    says = CSV_WORDS.get(status.lower()) or CODES.get(status.upper())
    if not reference:
        return Unreadable(place=place, reference="", reason="It names no reference.")
    if says is None:
        return Unreadable(place=place, reference=reference, reason=f'"{status}" is no status; write {", ".join(CSV_WORDS)}.')
    day = _day(row.get("date", ""))
    if day is None and says != "waiting":
        return Unreadable(place=place, reference=reference, reason=f'"{row.get("date", "")}" is no day; write it as 2016-04-07.')
    return Said(place=place, says=says, reference=reference, on=day, words=row.get("reason", ""))


@dataclass(kw_only=True)
class _Pain:
    """What was gathered of a pain.002 file: text by element, of the part that is open."""

    said: list[Said | Unreadable] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    parts: list[dict[str, str]] = field(default_factory=lambda: [{}])
    has_root: bool = False

    PARTS = ("OrgnlGrpInfAndSts", "OrgnlPmtInfAndSts", "TxInfAndSts")

    def start(self, tag: str, _: Mapping[str, str]) -> None:
        self.has_root = self.has_root or tag == "CstmrPmtStsRpt"
        self.path.append(tag)
        self.text.clear()
        if tag in self.PARTS:
            self.parts.append({})

    def characters(self, text: str) -> None:
        self.text.append(text)

    def end(self, tag: str) -> None:
        text, part = "".join(self.text).strip(), self.parts[-1]
        self.text.clear()
        self.path.pop()
        # What was ordered is repeated there, with days and codes of its own.
        if text and "OrgnlTxRef" not in self.path:
            part[tag] = f"{part[tag]} {text}" if tag in part and tag == "AddtlInf" else part.get(tag, text)
        if tag in self.PARTS:
            self._close(tag, self.parts.pop())

    def _close(self, tag: str, part: dict[str, str]) -> None:
        above = {name: value for outer in self.parts for name, value in outer.items()}
        if tag == "OrgnlGrpInfAndSts":
            self.parts[0] |= {"OrgnlMsgId": part.get("OrgnlMsgId", "")}
        status = {"OrgnlGrpInfAndSts": "GrpSts", "OrgnlPmtInfAndSts": "PmtInfSts", "TxInfAndSts": "TxSts"}[tag]
        code = part.get(status, "")
        if not code and tag != "TxInfAndSts":
            return
        place, reference = f"entry {len(self.said) + 1}", part.get("OrgnlEndToEndId", "")
        message = part.get("OrgnlMsgId") or part.get("OrgnlPmtInfId") or above.get("OrgnlMsgId", "")
        says = CODES.get(code)
        # Of a whole order only a refusal says something of each payment; the others are told one by one.
        if tag != "TxInfAndSts" and says != "returned":
            return
        if says is None or (tag == "TxInfAndSts" and not reference):
            reason = "It names no end-to-end reference." if says else f'"{code}" is no status code of ISO 20022 that is known here.'
            self.said.append(Unreadable(place=place, reference=reference, reason=reason))
            return
        day = _day((part.get("AccptncDtTm") or part.get("DtTm") or part.get("Dt") or above.get("CreDtTm", ""))[:10])
        words = " ".join(filter(None, (part.get("Cd") or part.get("Prtry"), part.get("AddtlInf"))))
        self.said.append(Said(place=place, says=says, reference=reference, message=message, on=day, words=words))


def _read_xml(content: bytes) -> list[Said | Unreadable]:
    found = _Pain()
    try:
        safe_xml.parse(name=NAME, content=content, start=found.start, end=found.end, text=found.characters, advance=lambda *_: None)
    except UnableToImport as fault:
        raise UnableToReadAnswer(str(fault)) from fault
    if not found.has_root:
        raise UnableToReadAnswer(_("%(name)s is XML, but no payment status report (pain.002); ask the bank for that one.") % {"name": NAME})
    return found.said


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
