"""What a mapping makes of the first rows of a file: each cell as it stands, what it means, or what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from agents.intake import faults, heads
from agents.intake.facts import DATES, LOOKUPS, NUMBERS, TEXTS, read_facts, word_targets
from agents.intake.frozen_mappings import FrozenMapping
from agents.intake.tables import CELL_COUNT, ROW_NUMBER, FileTable

ROWS_SHOWN = 20
UNKNOWN_SHOWN = 10_000
INSTANT = "%Y-%m-%d %H:%M:%S%.3f %Z"


@dataclass(frozen=True, kw_only=True)
class PreviewColumn:
    """A column that the mapping reads: a target, or "event_0" for its first dated event and "event_0_seconds" for its time."""

    target: str
    head: str
    meaning: str


@dataclass(frozen=True, kw_only=True)
class PreviewCell:
    """A cell: as it stands, as it is understood ("" where it is missing or not understood), and what is wrong with it ("" for nothing)."""

    target: str
    raw: str
    parsed: str
    fault: str


@dataclass(frozen=True, kw_only=True)
class PreviewRow:
    """A row: its cells in the order of the preview's columns, and what is wrong with the row as a whole."""

    number: int
    cells: tuple[PreviewCell, ...]
    fault: str


@dataclass(frozen=True, kw_only=True)
class UnknownValue:
    """A value of a column that has no meaning yet, and how many rows of the file have it."""

    value: str
    row_count: int


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a mapping makes of a file.

    `heads` and `samples` are the file itself: its columns, and the first rows as they stand, also where nothing is mapped yet.
    `missing_heads` are columns of the mapping that the file lacks. `unknown` lists, by target, the values without a meaning over
    the whole file, most frequent first. `held_by_reason` counts the rows of the whole file that would be held, `readable_count`
    the others.
    """

    file_name: str
    row_count: int
    heads: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]
    missing_heads: tuple[str, ...]
    columns: tuple[PreviewColumn, ...]
    rows: tuple[PreviewRow, ...]
    unknown: Mapping[str, tuple[UnknownValue, ...]]
    held_by_reason: Mapping[str, int]
    readable_count: int


def preview_table(*, table: FileTable, mapping: FrozenMapping, limit: int = ROWS_SHOWN, hash_key: bytes = b"") -> Preview:
    """Read the first rows of a file cell by cell, and count over all of them what would be held.

    Args:
        table: the file, as agents.intake.files reads it with the mapping's layout.
        mapping: frozen with is_strict=False, however much of it is there yet.
        limit: how many rows to show, 1 or more.
        hash_key: secret under which cases known by their content are hashed; without it they show another hash than they will have.

    Returns: cells, faults as sentences, and the values that have no meaning yet.
    """
    found, missing, _doubled = heads.resolve_heads(mapping=mapping, columns=table.columns)
    facts = read_facts(frame=table.frame, mapping=found, hash_key=hash_key)
    listed = list(faults.list_faults(mapping=found, column_count=len(table.columns)))
    held = faults.find_faults(facts=facts, mapping=found, column_count=len(table.columns))
    columns = _columns(found)
    first = table.frame.head(limit)
    return Preview(
        file_name=table.name,
        row_count=table.frame.height,
        heads=table.columns,
        samples=tuple(first.drop(CELL_COUNT, ROW_NUMBER).iter_rows()),
        missing_heads=tuple(missing),
        columns=columns,
        rows=_rows(facts.head(limit), found, columns, listed),
        unknown=_unknown_values(facts, found),
        held_by_reason=dict(held.group_by("reason").len().sort(["len", "reason"], descending=[True, False]).iter_rows()),
        readable_count=facts.height - held.height,
    )


def _columns(mapping: FrozenMapping) -> tuple[PreviewColumn, ...]:
    own = [PreviewColumn(target=target, head=column.name, meaning="") for target, column in mapping.columns.items()]
    for index, event in enumerate(mapping.dated):
        meaning = f"{event.type}/{event.code}" if event.code else event.type
        own.append(PreviewColumn(target=f"event_{index}", head=event.date.name, meaning=meaning))
        if event.time is not None:
            own.append(PreviewColumn(target=f"event_{index}_seconds", head=event.time.name, meaning=meaning))
    return tuple(own)


def _rows(
    facts: pl.DataFrame, mapping: FrozenMapping, columns: tuple[PreviewColumn, ...], listed: list[faults.Fault]
) -> tuple[PreviewRow, ...]:
    shown = facts.select(
        ROW_NUMBER,
        *(pl.col(f"raw_{column.target}").alias(f"raw {column.target}") for column in columns),
        *(_parsed(column.target, mapping).alias(f"parsed {column.target}") for column in columns),
        *(_sentence(listed, column.target).alias(f"fault {column.target}") for column in columns),
        _sentence(listed, "", among={column.target for column in columns}).alias("fault"),
    )
    return tuple(
        PreviewRow(
            number=row[ROW_NUMBER],
            cells=tuple(
                PreviewCell(
                    target=column.target,
                    raw=row[f"raw {column.target}"],
                    parsed=row[f"parsed {column.target}"],
                    fault=row[f"fault {column.target}"],
                )
                for column in columns
            ),
            fault=row["fault"],
        )
        for row in shown.iter_rows(named=True)
    )


def _parsed(target: str, mapping: FrozenMapping) -> pl.Expr:
    """Write what was understood: an instant in UTC, a kind of event, a code, a number, seconds, or the text itself."""
    if target in DATES or (target.startswith("event_") and not target.endswith("_seconds")):
        written = pl.col(target).dt.to_string(INSTANT)
    elif target == "state":
        has_code = pl.col("state_code").fill_null("") != ""
        written = pl.when(has_code).then(pl.concat_str(["type", "state_code"], separator="/")).otherwise(pl.col("type"))
    elif target in LOOKUPS or target in NUMBERS or target in word_targets(mapping=mapping) or target.endswith("_seconds"):
        written = pl.col(target).cast(pl.String)
    elif target == "handle_time":
        written = pl.concat_str([pl.col(target).cast(pl.String), pl.lit(" s")])
    else:
        written = pl.col(target) if target in TEXTS else pl.lit("")
    return written.fill_null("")


def _sentence(listed: list[faults.Fault], target: str, among: set[str] | None = None) -> pl.Expr:
    """Join what is wrong with one cell; with `among`, with the row as a whole: everything that is about none of those cells."""
    chosen = [fault for fault in listed if (fault.target == target if among is None else fault.target not in among)]
    if not chosen:
        return pl.lit("")
    said = [pl.when(fault.rows.fill_null(value=False)).then(fault.sentence) for fault in chosen]
    return pl.concat_str(said, separator=" ", ignore_nulls=True)


def _unknown_values(facts: pl.DataFrame, mapping: FrozenMapping) -> dict[str, tuple[UnknownValue, ...]]:
    found: dict[str, tuple[UnknownValue, ...]] = {}
    for target in (*LOOKUPS, *word_targets(mapping=mapping)):
        if target not in mapping.columns:
            continue
        understood = "type" if target == "state" else target
        rows = facts.filter(pl.col(understood).is_null() & ~pl.col(f"is_missing_{target}"))
        if mapping.columns[target].only_when_resolved:
            rows = rows.filter("is_end")
        counted = rows.group_by(f"raw_{target}").len().sort(["len", f"raw_{target}"], descending=[True, False]).head(UNKNOWN_SHOWN)
        if counted.height:
            found[target] = tuple(UnknownValue(value=value, row_count=count) for value, count in counted.iter_rows())
    return found
