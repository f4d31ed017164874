"""Rows of a file, read column-wise by a mapping: each becomes case events, or is held with a sentence that says why."""

from dataclasses import dataclass

import polars as pl

from agents.intake import events, faults, files, heads
from agents.intake.facts import read_facts
from agents.intake.frozen_mappings import FrozenMapping
from agents.intake.tables import ROW_NUMBER, FileTable


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a file says.

    `events` is one row or more per readable row of the file, `opened` one per case and opening that they tell (both with
    agents.intake.events.SCHEMA and what else the mapping reads); `held` one row per row that is held: row_number i64,
    case_key str, reason str, message str, row str (JSON), row_hash str; `cases` one row per row: ROW_NUMBER and case, null where
    it names none.
    """

    events: pl.DataFrame
    opened: pl.DataFrame
    held: pl.DataFrame
    cases: pl.DataFrame
    row_count: int
    case_count: int


def read_rows(*, table: FileTable, mapping: FrozenMapping, hash_key: bytes) -> Reading:
    """Read every row of a file.

    Args:
        table: the file as text.
        mapping: how it is read.
        hash_key: secret under which customers, and cases known by their content, are hashed.

    Returns: events and held rows; every row of the table is in exactly one of them.
    Raises: UnableToImport if the file lacks a column of the mapping.
    """
    mapping = heads.with_heads(mapping=mapping, columns=table.columns, file_name=table.name)
    facts = read_facts(frame=table.frame, mapping=mapping, hash_key=hash_key)
    found = faults.find_faults(facts=facts, mapping=mapping, column_count=len(table.columns))
    good = facts.join(found.select(ROW_NUMBER), on=ROW_NUMBER, how="anti", maintain_order="left")
    held = files.pick_rows(table=table, row_numbers=found[ROW_NUMBER])
    return Reading(
        events=events.make_events(facts=good, mapping=mapping, hash_key=hash_key),
        opened=events.make_opened_events(facts=good),
        held=pl.concat([found.rename({ROW_NUMBER: "row_number"}), held], how="horizontal"),
        cases=facts.select(ROW_NUMBER, "case"),
        row_count=facts.height,
        case_count=facts["case"].drop_nulls().n_unique(),
    )
