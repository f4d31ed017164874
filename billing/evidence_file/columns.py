"""How the cases of an evidence file are written as text, and read back exactly."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

Kind = Literal["text", "count", "day", "instant", "flag", "money", "percent"]
INSTANT = "%Y-%m-%dT%H:%M:%S%.6fZ"
MICROS = 1_000_000
BASIS_POINTS = 100
PATTERNS: Mapping[Kind, str] = {
    "count": r"^\d{1,18}$",
    "day": r"^\d{4}-\d{2}-\d{2}$",
    "instant": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$",
    "flag": r"^(yes|no)$",
    "money": r"^-?\d{1,12}\.\d{6}$",
    "percent": r"^\d{1,9}\.\d{2}$",
}


class InvalidColumns(ValueError):
    """A table of cases whose columns or values are not written as the format says."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: its name in the file, its name and kind in frames, and what it says."""

    name: str
    frame: str
    kind: Kind
    words: str


def _column(name: str, frame: str, kind: Kind, words: str) -> Column:
    return Column(name=name, frame=frame, kind=kind, words=words)


COLUMNS: tuple[Column, ...] = (
    _column("period_start", "period_start", "day", "First day of the billing period that the row is about."),
    _column("case", "case_key", "text", "Source and number of the case in the help desk."),
    _column("resolution", "number", "count", "First, second ... solution of the case; empty: nobody claimed a solution."),
    _column("opened_at", "opened_us", "instant", "When the customer came."),
    _column("resolved_at", "resolved_us", "instant", "When an agent claimed that it is solved."),
    _column("verified_at", "verified_us", "instant", "When the customer said yes, or the window had passed in silence."),
    _column("window_ends_at", "window_us", "instant", "When silence will have been long enough; for a solution that is pending."),
    _column("reopened_at", "reopened_us", "instant", "When the customer came back."),
    _column("state", "state", "text", "Where the solution stands; see codes.csv."),
    _column("rule", "rule", "text", "The rule that brought it there; see codes.csv."),
    _column("counted", "is_counted", "flag", "Whether this period counts it: yes or no."),
    _column("reason", "reason", "text", "Why it counts, or why not; see codes.csv."),
    _column("query_type", "query_type", "text", "What the case is about, as the price sees it."),
    _column("channel", "channel", "text", "The channel, as the price sees it."),
    _column("voice", "is_voice", "flag", "Whether the channel is voice; that has a price only where the terms say prices_voice."),
    _column("outcome", "outcome", "text", "confirmed or assumed: how it was verified, as the price sees it."),
    _column("value", "value_micros", "money", "What the case is worth, where the price is a percentage of it."),
    _column("price_part_percent", "price_bp", "percent", "The part of its price that counts; under 100.00 after a return that reduced it."),
    _column("version", "version_id", "count", "The version of the contract that prices it."),
    _column("row", "row_id", "count", "The row of that version's rate_card in terms.json that won; 1 is the first."),
    _column("position", "position", "count", "Its place among the counted ones of that row and period."),
    _column("price", "amount_micros", "money", "What it adds to the invoice's period, before the lines of the period are rounded."),
)
NAMES = tuple(column.name for column in COLUMNS)


def encode(*, frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame of cases as text, in the order of the file's columns; what is missing is empty."""
    return frame.select(_write(column) for column in COLUMNS)


def decode(*, table: pl.DataFrame) -> pl.DataFrame:
    """Return a table of text as a frame of cases.

    Raises: InvalidColumns with the column and the first row that is not written as the format says.
    """
    if tuple(table.columns) != NAMES:
        raise InvalidColumns(f"cases.csv must have exactly these columns, in this order: {', '.join(NAMES)}.")
    for column in COLUMNS:
        pattern = PATTERNS.get(column.kind)
        if pattern is not None:
            wrong = table.with_row_index("line", offset=2).filter(~pl.col(column.name).str.contains(pattern))
            if wrong.height:
                line, value = wrong.select("line", column.name).row(0)
                raise InvalidColumns(f'cases.csv, line {line}: "{value}" is no {column.kind} as {column.name} needs it.')
    try:
        return table.select(_read(column) for column in COLUMNS)
    except pl.exceptions.PolarsError as wrong:
        raise InvalidColumns(f"cases.csv holds a value that does not exist, such as February 30: {wrong}") from wrong


def _write(column: Column) -> pl.Expr:
    value = pl.col(column.frame)
    if column.kind == "instant":
        return pl.from_epoch(value, time_unit="us").dt.strftime(INSTANT).alias(column.name)
    if column.kind == "day":
        return value.dt.strftime("%Y-%m-%d").alias(column.name)
    if column.kind == "flag":
        return pl.when(value).then(pl.lit("yes")).when(~value).then(pl.lit("no")).otherwise(None).alias(column.name)
    if column.kind in ("money", "percent"):
        scale, width = (MICROS, 6) if column.kind == "money" else (BASIS_POINTS, 2)
        sign = pl.when(value < 0).then(pl.lit("-")).otherwise(pl.lit(""))
        whole, rest = (value.abs() // scale).cast(pl.String), (value.abs() % scale).cast(pl.String).str.zfill(width)
        return pl.concat_str(sign, whole, pl.lit("."), rest).alias(column.name)
    return value.cast(pl.String).alias(column.name)


def _read(column: Column) -> pl.Expr:
    text = pl.col(column.name)
    if column.kind == "instant":
        return text.str.to_datetime(INSTANT, time_unit="us").dt.epoch("us").alias(column.frame)
    if column.kind == "day":
        return text.str.to_date("%Y-%m-%d").alias(column.frame)
    if column.kind == "flag":
        return (text == "yes").alias(column.frame)
    if column.kind in ("money", "percent"):
        return text.str.replace(".", "", literal=True).cast(pl.Int64).alias(column.frame)
    return text.cast(pl.Int64 if column.kind == "count" else pl.String).alias(column.frame)
