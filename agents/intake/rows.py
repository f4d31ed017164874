"""Rows of a file, read column-wise by a mapping: each becomes a case event, or is held with a sentence that says why."""

from dataclasses import dataclass

import polars as pl

from agents.intake import dates, events, faults, files
from agents.intake.files import CELL_COUNT, ROW_NUMBER, FileTable
from agents.intake.mappings import SOLVED_TYPES, FrozenMapping, check_columns

LOOKUPS = ("state", "contract", "query_type", "channel")
TEXTS = ("case", "agent", "actor", "customer", "queue")
NUMBERS = ("sequence", "transfer_count")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a file says.

    `events` is one row per readable row of the file, `opened` one per case and opening that they tell (both with
    agents.intake.events.SCHEMA); `held` one row per row that is held: row_number i64, case_key str, reason str,
    message str, row str (JSON), row_hash str.
    """

    events: pl.DataFrame
    opened: pl.DataFrame
    held: pl.DataFrame
    row_count: int
    case_count: int


def read_rows(*, table: FileTable, mapping: FrozenMapping, hash_key: bytes) -> Reading:
    """Read every row of a file.

    Args:
        table: the file as text.
        mapping: how it is read.
        hash_key: secret under which customers are hashed.

    Returns: events and held rows; every row of the table is in exactly one of them.
    Raises: UnableToImport if the file lacks a column of the mapping.
    """
    check_columns(mapping=mapping, columns=table.columns, file_name=table.name)
    facts = _facts(table.frame, mapping)
    found = faults.find_faults(facts=facts, mapping=mapping, column_count=len(table.columns))
    good = facts.join(found.select(ROW_NUMBER), on=ROW_NUMBER, how="anti", maintain_order="left")
    held = files.pick_rows(table=table, row_numbers=found[ROW_NUMBER])
    return Reading(
        events=events.make_events(facts=good, mapping=mapping, hash_key=hash_key),
        opened=events.make_opened_events(facts=good),
        held=pl.concat([found.rename({ROW_NUMBER: "row_number"}), held], how="horizontal"),
        row_count=facts.height,
        case_count=facts["case"].drop_nulls().n_unique(),
    )


def _facts(frame: pl.DataFrame, mapping: FrozenMapping) -> pl.DataFrame:
    """Add what each row says: raw text under "raw_*", what was understood under the target's own name, null where missing."""
    columns = mapping.columns
    missing = list(mapping.missing)
    raw = {target: pl.col(columns[target].name) if target in columns else pl.lit("") for target in (*LOOKUPS, *TEXTS, *NUMBERS)}
    raw |= {target: pl.col(columns[target].name) if target in columns else pl.lit("") for target in ("occurred_at", "opened_at")}
    facts = frame.select(ROW_NUMBER, CELL_COUNT, *(expression.alias(f"raw_{target}") for target, expression in raw.items()))
    tables = {
        "contract": mapping.contracts,
        "query_type": mapping.query_types,
        "channel": mapping.channels,
        "type": {value: kind for value, (kind, _) in mapping.states.items()},
        "code": {value: code for value, (_, code) in mapping.states.items()},
    }
    facts = facts.with_columns(
        *(_look_up(f"raw_{'state' if target in ('type', 'code') else target}", table).alias(target) for target, table in tables.items()),
        *(_known(f"raw_{target}", missing).alias(target) for target in TEXTS),
        *(_known(f"raw_{target}", missing).cast(pl.Int32, strict=False).alias(target) for target in NUMBERS),
        *(pl.col(f"raw_{target}").is_in(missing).alias(f"is_missing_{target}") for target in (*LOOKUPS, *NUMBERS)),
    )
    facts = facts.with_columns(
        _when_resolved(mapping, target) for target in columns if target in facts.columns and target not in ("case", "state")
    )
    if mapping.only_contract is not None:
        facts = facts.with_columns(contract=pl.lit(mapping.only_contract), is_missing_contract=pl.lit(value=False))
    for target in ("occurred_at", "opened_at"):
        facts = facts.hstack(_instants(facts, target, mapping))
    return facts


def _look_up(column: str, table: dict[str, str] | object) -> pl.Expr:
    return pl.col(column).replace_strict(dict(table), default=None, return_dtype=pl.String) if table else pl.lit(None, dtype=pl.String)  # type: ignore[call-overload]


def _known(column: str, missing: list[str]) -> pl.Expr:
    return pl.when(~pl.col(column).is_in(missing)).then(pl.col(column))


def _when_resolved(mapping: FrozenMapping, target: str) -> pl.Expr:
    """Keep a fact of the case's end out of the rows before it: the source joined it to all of them."""
    if not mapping.columns[target].only_when_resolved:
        return pl.col(target)
    return pl.when(pl.col("type").is_in(list(SOLVED_TYPES))).then(pl.col(target)).alias(target)


def _instants(facts: pl.DataFrame, target: str, mapping: FrozenMapping) -> pl.DataFrame:
    values = facts.select(_known(f"raw_{target}", list(mapping.missing)).alias("value"))["value"]
    read = dates.read_instants(
        values=values, date_format=mapping.date_format, timezone=mapping.timezone, repeated_hour=mapping.repeated_hour
    )
    return read.rename({"local": f"{target}_local", "instant": target, "fault": f"{target}_fault"})
