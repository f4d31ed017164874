"""A present invoice or payslip file, read as a comparison says: the readers of imports give the cells, here they become lines."""

import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from agents.intake import file_bytes, files, numbers
from agents.intake.tables import CELL_COUNT, ROW_NUMBER, UNREADABLE, FileTable, Layout
from billing.models import ShadowRun
from billing.rules import money

KEYS = ("case", "query_type", "channel", "label", "agent", "kind")
FIGURES = ("count", "price", "amount")
# What a case, a class or an agent is found by, for each way in which a file is cut.
KEYS_OF = {
    ShadowRun.Grain.CASE: ("case", "label"),
    ShadowRun.Grain.CLASS: ("query_type", "channel", "label"),
    ShadowRun.Grain.LINE: ("agent", "kind"),
    ShadowRun.Grain.AGENT: ("agent",),
    ShadowRun.Grain.TOTAL: (),
}
# How heads are often written, to suggest columns; the first that stands in the file is taken.
OFTEN = {
    "case": ("case", "case id", "case number", "ticket", "ticket id", "ticket number", "conversation id", "case key", "number"),
    "query_type": ("query type", "topic", "query", "type", "category", "class", "reason"),
    "channel": ("channel", "medium"),
    "label": ("description", "item", "service", "line", "position", "label"),
    "agent": ("agent", "agent id", "employee", "employee id", "employee number", "name", "worker"),
    "kind": ("kind", "pay element", "pay code", "element", "wage type", "earning", "component", "label", "description"),
    "count": ("count", "quantity", "qty", "units", "cases", "hours", "number of cases"),
    "price": ("price", "unit price", "rate", "unit amount"),
    "amount": ("amount", "net amount", "net", "line total", "total", "sum", "gross", "fee"),
    "currency": ("currency", "currency code"),
}
SIGNS = {"USD": "$", "EUR": "€", "GBP": "£", "INR": "₹", "PHP": "₱", "JPY": "¥"}
TOTAL_WORDS = ("total", "sum", "subtotal", "grand total", "net total", "summe", "suma", "total general")
DECIMAL_COMMA, DECIMAL_POINT = r"\d,\d{1,2}\s*[^\d.,]*$", r"\d\.\d{1,2}\s*[^\d.,]*$"
ZERO = Fraction(0)


@dataclass(frozen=True, kw_only=True)
class Definition:
    """How a file is read.

    Args:
        grain: one of ShadowRun.Grain.
        columns: head by what it holds: KEYS, FIGURES and currency; only those that the file has.
        amounts: kind of pay by head, where a row has one amount column for each kind.
        meanings: what their labels mean here, by label; see `match`.
        decimal_mark, grouping_mark: how numbers are written.
        sheet, lines_before_head: where the rows stand.
    """

    grain: str
    columns: Mapping[str, str] = field(default_factory=dict)
    amounts: Mapping[str, str] = field(default_factory=dict)
    meanings: Mapping[str, str] = field(default_factory=dict)
    decimal_mark: str = "."
    grouping_mark: str = ","
    sheet: str = ""
    lines_before_head: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class FileLine:
    """One line of theirs: its row, the texts that say what it is about, and its figures."""

    place: int
    keys: Mapping[str, str]
    amount: Fraction
    count: Fraction | None
    price: Fraction | None


@dataclass(frozen=True, kw_only=True)
class HeldLine:
    """A row that cannot be read, and why."""

    place: int
    label: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReadLines:
    """What stands in a file; `sum_places` are rows that only add up others."""

    lines: tuple[FileLine, ...]
    held: tuple[HeldLine, ...]
    sum_places: tuple[int, ...]


def read_table(*, name: str, content: bytes, layout: Layout | None = None) -> FileTable:
    """Read a file's cells by the readers of imports.

    Raises: UnableToImport if it is no table.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        return files.read_file(path=path, layout=layout, name=name, bytes_max=file_bytes.UPLOADED_MAX)


def suggest(*, table: FileTable, side: str) -> Definition:
    """Suggest how a file is read, from its heads and the look of its numbers.

    Args:
        table: the file.
        side: of the comparison, `bill` or `pay`.
    """
    heads = {head.strip().lower().replace("_", " ").replace("-", " "): head for head in reversed(table.columns)}
    wanted = ("case", "query_type", "channel", "label") if side == ShadowRun.Side.BILL else ("case", "agent", "kind")
    columns: dict[str, str] = {}
    for name in (*wanted, *FIGURES, "currency"):
        head = next((heads[word] for word in OFTEN[name] if word in heads and heads[word] not in columns.values()), None)
        if head is not None:
            columns[name] = head
    numbers_shown = [table.frame[columns[name]] for name in FIGURES if name in columns]
    commas, points = (sum(values.str.contains(mark).sum() for values in numbers_shown) for mark in (DECIMAL_COMMA, DECIMAL_POINT))
    has_comma = commas > points
    return Definition(
        grain=_grain(side, columns), columns=columns, decimal_mark="," if has_comma else ".", grouping_mark="." if has_comma else ","
    )


def read_lines(*, table: FileTable, definition: Definition, currency: str) -> ReadLines:
    """Read the lines of a file; every row becomes a line, a held row with its reason, or a row that adds others up.

    Args:
        table: the file.
        definition: how it is read; its columns stand in the file.
        currency: of the comparison; a row in another one is held.
    """
    heads = {*definition.columns.values(), *definition.amounts}
    cells = {head: table.frame[head].str.strip_chars().to_list() for head in heads}
    figured = {*(definition.columns[name] for name in FIGURES if name in definition.columns), *definition.amounts}
    figures = {head: _numbers(table.frame[head], definition, currency) for head in figured}
    reader = _Reader(definition=definition, currency=currency)
    width = len(table.columns)
    for index, (place, count) in enumerate(table.frame.select(ROW_NUMBER, CELL_COUNT).iter_rows()):
        row = {head: values[index] for head, values in cells.items()}
        # Rows of sums often end early; of one that goes on, nobody knows which cell is which.
        if count == UNREADABLE or count > width:
            label = ", ".join(row[head] for name, head in definition.columns.items() if name in KEYS and row[head])
            reason = _("It has more cells than the head, so that nobody knows which is which.")
            reader.held.append(HeldLine(place=place, label=label, reason=reason))
        else:
            reader.take(place, row, {head: values[index] for head, values in figures.items()})
    return ReadLines(lines=tuple(reader.lines), held=tuple(reader.held), sum_places=tuple(reader.sums))


def label_of(*, keys: Mapping[str, str], grain: str) -> str:
    """Write what a line of theirs is called: query type and channel, or the kind of pay.

    >>> label_of(keys={"query_type": "Refund", "channel": "Chat"}, grain="class")
    'Refund, Chat'
    """
    if grain == ShadowRun.Grain.LINE:
        return keys.get("kind", "")
    return ", ".join(keys[name] for name in ("query_type", "channel", "label") if keys.get(name))


@dataclass(kw_only=True)
class _Reader:
    """The lines of a file while they are read."""

    definition: Definition
    currency: str
    lines: list[FileLine] = field(default_factory=list)
    held: list[HeldLine] = field(default_factory=list)
    sums: list[int] = field(default_factory=list)
    total: Fraction = ZERO

    def take(self, place: int, row: Mapping[str, str], told: Mapping[str, Fraction | None]) -> None:
        """Make of a row a line, lines, a held row, or a row that adds others up."""
        columns = self.definition.columns
        keys = {name: row[columns[name]] for name in KEYS if name in columns}
        figures = {name: told[columns[name]] for name in FIGURES if name in columns}
        amount = self._amount(figures)
        if amount is not None and self.lines and amount == self.total and self._adds_up(keys):
            self.sums.append(place)
            return
        fault = self._fault(row, keys, told)
        if not fault and self.definition.amounts:
            for head, kind in self.definition.amounts.items():
                self._add(place, {**keys, "kind": kind}, told[head], None, None)
        elif not fault and amount is not None:
            self._add(place, keys, amount, figures.get("count"), figures.get("price"))
        else:
            label = ", ".join(text for text in keys.values() if text)
            self.held.append(HeldLine(place=place, label=label, reason=fault or _("It has no amount.")))

    def _add(self, place: int, keys: Mapping[str, str], amount: Fraction | None, count: Fraction | None, price: Fraction | None) -> None:
        if amount is not None:
            self.lines.append(FileLine(place=place, keys=keys, amount=amount, count=count, price=price))
            self.total += amount

    def _amount(self, figures: Mapping[str, Fraction | None]) -> Fraction | None:
        """Return the amount; where the file has no such column, what count and price give."""
        if "amount" in self.definition.columns:
            return figures["amount"]
        count, price = figures.get("count"), figures.get("price")
        if count is None or price is None:
            return None
        return money.from_micros(micros=money.to_micros(amount=count * price, currency=self.currency))

    def _adds_up(self, keys: Mapping[str, str]) -> bool:
        """Tell a row that adds others up by what it says, or does not say, where others name what they are about."""
        said = [text.lower().strip(" :") for text in keys.values() if text]
        return bool(keys) and all(text in TOTAL_WORDS for text in said)

    def _fault(self, row: Mapping[str, str], keys: Mapping[str, str], told: Mapping[str, Fraction | None]) -> str:
        head = self.definition.columns.get("currency")
        if head and row[head] and row[head].upper() != self.currency:
            return _('It is in "%(currency)s", and %(own)s is compared.') % {"currency": row[head], "own": self.currency}
        wrong = next((head for head, value in told.items() if value is None and row[head]), None)
        if wrong is not None:
            words = _('"%(text)s" in "%(column)s" is no number as it was said that numbers are written.')
            return words % {"text": row[wrong][:40], "column": wrong}
        amounts = (self.definition.columns.get("amount"), *self.definition.amounts)
        long = next((head for head, value in told.items() if head in amounts and value and (value * money.MICROS).denominator != 1), None)
        if long is not None:
            return _('"%(text)s" in "%(column)s" has more than six decimals.') % {"text": row[long][:40], "column": long}
        needed = [name for name in KEYS_OF[ShadowRun.Grain(self.definition.grain)] if name in keys]
        if needed and not any(keys[name] for name in needed):
            return _("It does not say what it is about.")
        return ""


def _grain(side: str, columns: Mapping[str, str]) -> str:
    if "case" in columns:
        return ShadowRun.Grain.CASE
    if side == ShadowRun.Side.BILL:
        return ShadowRun.Grain.CLASS if columns.keys() & {"query_type", "label"} else ShadowRun.Grain.TOTAL
    return ShadowRun.Grain.LINE if columns.keys() >= {"agent", "kind"} else ShadowRun.Grain.AGENT


def _numbers(values: pl.Series, definition: Definition, currency: str) -> list[Fraction | None]:
    """Read a column of figures: a sign of the currency is left out, and an amount in brackets is below zero."""
    text = values.str.replace_all("[\u2212\u2013]", "-").str.replace_all("[\\s\u00a0\u202f]", "")
    for sign in (currency, SIGNS.get(currency, currency)):
        text = text.str.replace_all(sign, "", literal=True)
    text = text.str.replace(r"^\((.+)\)$", "-$1").str.replace("^([^-].*)-$", "-$1")
    grouping = definition.grouping_mark.strip()
    read = numbers.read_decimals(values=text.replace("", None), decimal_mark=definition.decimal_mark, grouping_mark=grouping)
    return [None if value is None else Fraction(value) for value in read]
