"""Surveys and QA reviews in a file: each row a document, read by what the person says of its columns and dates."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from django.utils.translation import gettext as _

from agents.intake import dates, delivered_quality
from agents.intake.delivered import Rejection
from agents.intake.delivered_quality import Judgment, Kind
from agents.intake.errors import UnableToImport
from agents.intake.tables import ROW_NUMBER, FileTable, find_misshapen

AT = {"survey": "answered_at", "qa_review": "reviewed_at"}
YES, NO = frozenset({"yes", "true", "1", "pass", "passed"}), frozenset({"no", "false", "0", "fail", "failed"})
WHOLE_NUMBER = re.compile(r"(\d{1,9})(\.0+)?")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a file of judgments is read: head of the column by field, date format and time zone, and the mark that passes."""

    columns: Mapping[str, str] = field(default_factory=dict)
    date_format: str = "iso"
    timezone: str = "UTC"
    pass_score: int | None = None


def read_judgments(*, table: FileTable, kind: Kind, source: str, reading: Reading) -> dict[int, Judgment | Rejection]:
    """Read the rows of a file.

    Args:
        table: the file, every cell as text.
        kind: surveys or QA reviews.
        source: code of the source that speaks.
        reading: how it is read.

    Returns: by row number a judgment, or why the row is none.
    Raises: UnableToImport if a column is missing or named wrongly.
    """
    heads = _find_heads(table, kind, reading)
    frame = table.frame.select(ROW_NUMBER, *(pl.col(head).alias(name) for name, head in heads.items()))
    told = pl.col(AT[kind]).str.strip_chars()
    frame = frame.with_columns(pl.when(told != "").then(told).alias(AT[kind]))
    instants = dates.read_instants(
        values=frame[AT[kind]], date_format=dates.compile_format(text=reading.date_format), timezone=reading.timezone, repeated_hour="hold"
    )
    misshapen = find_misshapen(table=table)
    found: dict[int, Judgment | Rejection] = {}
    for row, instant, fault in zip(frame.iter_rows(named=True), instants["instant"], instants["fault"], strict=True):
        number = row.pop(ROW_NUMBER)
        if number in misshapen:
            found[number] = Rejection(id=None, path="", message=f"{misshapen[number][1]}; correct it and import the file again")
        elif instant is None:
            written = dates.written_for_people(text=reading.date_format)
            message = f'"{row[AT[kind]] or ""}" is no date written as {written} ({fault or "missing"})'
            found[number] = Rejection(id=row["id"], path=AT[kind], message=message)
        else:
            document = _document(row | {AT[kind]: instant, "source": source}, reading)
            found[number] = delivered_quality.read_judgment(kind=kind, document=document, source=source)
    return found


def _find_heads(table: FileTable, kind: Kind, reading: Reading) -> dict[str, str]:
    fields = [name for name in delivered_quality.FIELDS[kind] if name != "source"]
    unknown = sorted(set(reading.columns) - set(fields))
    if unknown:
        raise UnableToImport(
            _('"%(unknown)s" is no field of a %(kind)s; there are %(fields)s.')
            % {"unknown": unknown[0], "kind": kind, "fields": ", ".join(fields)}
        )
    heads = {name: reading.columns.get(name, name) for name in fields}
    needed = {"id", "case", AT[kind], *(("answer",) if kind == "survey" else ("score",)), *reading.columns}
    needed |= {"passed"} if kind == "qa_review" and reading.pass_score is None else set()
    missing = [f'"{heads[name]}" ({name})' for name in fields if name in needed and heads[name] not in table.frame.columns]
    if missing:
        raise UnableToImport(
            _("%(name)s lacks the column %(missing)s; say which column holds it with --column FIELD=HEAD.")
            % {"name": table.name, "missing": ", ".join(missing)}
        )
    return {name: head for name, head in heads.items() if head in table.frame.columns}


def _document(row: dict[str, Any], reading: Reading) -> dict[str, Any]:
    """Turn the cells of a row into what a program would deliver; what cannot be read stays text, and is refused as that."""
    document = {name: value for name, value in row.items() if value not in (None, "")}
    number = WHOLE_NUMBER.fullmatch(str(document.get("score", "")).strip())
    if number:
        document["score"] = int(number[1])
    if "passed" in document:
        word = str(document["passed"]).strip().lower()
        document["passed"] = True if word in YES else False if word in NO else document["passed"]
    elif reading.pass_score is not None and number:
        document["passed"] = document["score"] >= reading.pass_score
    return document
