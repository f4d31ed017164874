"""What the cells of a file say by a mapping, column-wise: raw text beside what was understood."""

import hashlib
import hmac
from collections.abc import Mapping

import polars as pl

from agents.intake import dates, numbers
from agents.intake.frozen_mappings import SOLVED_TYPES, WORDS, Column, FrozenMapping
from agents.intake.tables import CELL_COUNT, ROW_NUMBER

LOOKUPS = ("state", "contract", "query_type", "channel")
TEXTS = ("case", "agent", "actor", "customer", "queue", "record")
NUMBERS = ("sequence", "transfer_count")
DATES = ("occurred_at", "opened_at")
CASE_HEX_DIGITS = 32


def read_facts(*, frame: pl.DataFrame, mapping: FrozenMapping, hash_key: bytes) -> pl.DataFrame:
    """Say what each row says.

    Args:
        frame: the rows of a file, as agents.intake.tables gives them.
        mapping: how they are read, with the heads of this file; what it does not read is null.
        hash_key: secret under which cases known by their content are hashed.

    Returns: one row per row: raw text under "raw_*"; what was understood under the target's own name, null where it is
        missing; dates with "*_local" and "*_fault"; the date and seconds of the mapping's dated event number N under
        "event_N" and "event_N_seconds"; and "is_end": whether the row tells the end of its case.
    """
    missing = list(mapping.missing)
    wanted = [*LOOKUPS, *TEXTS, *NUMBERS, *DATES, *mapping.words]
    wanted += ["handle_time"] if "handle_time" in mapping.columns else []
    raws = [_raw(mapping.columns.get(target), f"raw_{target}") for target in wanted]
    facts = frame.select(ROW_NUMBER, CELL_COUNT, *raws, *_raws(mapping))
    facts = facts.with_columns(
        *(_look_up(f"raw_{_raw_of(target)}", table).alias(target) for target, table in _tables(mapping).items()),
        *(_known(f"raw_{target}", missing).alias(target) for target in TEXTS),
        *(pl.col(f"raw_{target}").is_in(missing).alias(f"is_missing_{target}") for target in (*LOOKUPS, *NUMBERS, *mapping.words)),
    )
    if mapping.only_contract is not None:
        facts = facts.with_columns(contract=pl.lit(mapping.only_contract), is_missing_contract=pl.lit(value=False))
    if mapping.case_columns:
        facts = facts.with_columns(_case_of_content(frame, mapping, hash_key))
    facts = facts.with_columns(_whole_numbers(facts, target, mapping) for target in NUMBERS)
    for target in DATES:
        facts = facts.hstack(_instants(facts, target, mapping.columns.get(target), mapping))
    facts = _with_durations(facts, mapping)
    for index, event in enumerate(mapping.dated):
        facts = facts.hstack(_instants(facts, f"event_{index}", event.date, mapping))
    return facts.with_columns(_is_end(mapping).alias("is_end"))


def word_targets(*, mapping: FrozenMapping) -> tuple[str, ...]:
    """List what the mapping looks up word by word, besides the codes."""
    return tuple(target for target in WORDS if target in mapping.words and target in mapping.columns)


def _raw(column: Column | None, name: str) -> pl.Expr:
    return (pl.col(column.name) if column else pl.lit("")).alias(name)


def _raws(mapping: FrozenMapping) -> list[pl.Expr]:
    dates_of = [pl.col(event.date.name).alias(f"raw_event_{index}") for index, event in enumerate(mapping.dated)]
    times_of = [pl.col(event.time.name).alias(f"raw_event_{index}_seconds") for index, event in enumerate(mapping.dated) if event.time]
    return dates_of + times_of


def _tables(mapping: FrozenMapping) -> dict[str, Mapping[str, str]]:
    return {
        "contract": mapping.contracts,
        "query_type": mapping.query_types,
        "channel": mapping.channels,
        "type": {value: kind for value, (kind, _) in mapping.states.items()},
        "state_code": {value: code for value, (_, code) in mapping.states.items()},
        **{target: mapping.words[target] for target in word_targets(mapping=mapping)},
    }


def _raw_of(target: str) -> str:
    return "state" if target in ("type", "state_code") else target


def _look_up(column: str, table: Mapping[str, str]) -> pl.Expr:
    return pl.col(column).replace_strict(dict(table), default=None, return_dtype=pl.String) if table else pl.lit(None, dtype=pl.String)


def _known(column: str, missing: list[str]) -> pl.Expr:
    return pl.when(~pl.col(column).is_in(missing)).then(pl.col(column))


def _case_of_content(frame: pl.DataFrame, mapping: FrozenMapping, hash_key: bytes) -> pl.Series:
    """Name each case by the keyed hash of the columns that tell it apart; it may be shown, for nobody can guess them back."""
    missing = mapping.missing
    keys: list[str | None] = []
    for cells in frame.select(mapping.case_columns).iter_rows():
        if all(cell in missing for cell in cells):
            keys.append(None)
            continue
        told = "\x1f".join(cells).encode()
        keys.append(hmac.new(hash_key, b"case\x1f" + told, hashlib.sha256).hexdigest()[:CASE_HEX_DIGITS])
    return pl.Series("case", keys, dtype=pl.String)


def _whole_numbers(facts: pl.DataFrame, target: str, mapping: FrozenMapping) -> pl.Series:
    values = facts.select(_known(f"raw_{target}", list(mapping.missing)).alias("value"))["value"]
    read = numbers.read_whole_numbers(values=values, decimal_mark=mapping.decimal_mark, grouping_mark=mapping.grouping_mark)
    return read.alias(target)


def _with_durations(facts: pl.DataFrame, mapping: FrozenMapping) -> pl.DataFrame:
    timed = {f"event_{index}_seconds": event.time for index, event in enumerate(mapping.dated) if event.time}
    if "handle_time" in mapping.columns:
        timed["handle_time"] = mapping.columns["handle_time"]
    added = []
    for name, column in timed.items():
        values = facts.select(_known(f"raw_{name}", list(mapping.missing)).alias("value"))["value"]
        seconds = numbers.read_seconds(
            values=values, unit=column.unit or "seconds", decimal_mark=mapping.decimal_mark, grouping_mark=mapping.grouping_mark
        )
        added += [seconds.alias(name), values.is_null().alias(f"is_missing_{name}")]
    return facts.with_columns(added)


def _instants(facts: pl.DataFrame, target: str, column: Column | None, mapping: FrozenMapping) -> pl.DataFrame:
    values = facts.select(_known(f"raw_{target}", list(mapping.missing)).alias("value"))["value"]
    date_format = mapping.format_of(column) if column else mapping.date_format
    read = dates.read_instants(values=values, date_format=date_format, timezone=mapping.timezone, repeated_hour=mapping.repeated_hour)
    return read.rename({"local": f"{target}_local", "instant": target, "fault": f"{target}_fault"})


def _is_end(mapping: FrozenMapping) -> pl.Expr:
    """Whether a row tells that its case is solved, by its state or by the date of a solution."""
    by_state = pl.col("type").is_in(list(SOLVED_TYPES)).fill_null(value=False)
    by_date = [pl.col(f"event_{index}").is_not_null() for index, event in enumerate(mapping.dated) if event.type in SOLVED_TYPES]
    return pl.any_horizontal(by_state, *by_date)
