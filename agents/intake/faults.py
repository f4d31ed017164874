"""What makes a row unreadable: for each fault a stable code, and a sentence that names row, column, value and remedy."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from agents.intake import dates
from agents.intake.events import KEY_CHARACTERS_MAX, event_key
from agents.intake.files import CELL_COUNT, ROW_NUMBER
from agents.intake.mappings import SOLVED_TYPES, FrozenMapping

LOOKUP_WORDS = {
    "state": ("state", "missing_state", "unknown_state", True),
    "contract": ("contract", "missing_contract", "unknown_contract", True),
    "query_type": ("query type", "", "unknown_query_type", False),
    "channel": ("channel", "", "unknown_channel", False),
}
LENGTHS_MAX = {"case": 120, "agent": 200, "actor": 200, "queue": 120}
NUMBERS_MAX = {"sequence": 2**31 - 1, "transfer_count": 2**15 - 1}
DATE_WORDS = {
    "date_out_of_range": f"which is not between {dates.YEAR_MIN} and {dates.YEAR_MAX}",
    "skipped_time": "an hour that clocks skipped in {timezone}",
    "repeated_time": "an hour that clocks showed twice in {timezone}",
}
VALUE_CHARACTERS_SHOWN = 80
REMEDY = "Correct the row, or add a version of the mapping, and import the file again."

FAULT_SCHEMA = {ROW_NUMBER: pl.Int64(), "case_key": pl.String(), "reason": pl.String(), "message": pl.String()}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A reason to hold rows: which rows, and what to say: the words before and after the value that is at fault."""

    reason: str
    rows: pl.Expr
    before: str
    value: str | None = None
    after: str = ""

    @property
    def sentence(self) -> pl.Expr:
        """The words with the value of each row in their middle."""
        middle = pl.lit("") if self.value is None else pl.col(self.value).cast(pl.String).str.slice(0, VALUE_CHARACTERS_SHOWN)
        return pl.concat_str([pl.lit(self.before), middle, pl.lit(f"{self.after}.")])


def find_faults(*, facts: pl.DataFrame, mapping: FrozenMapping, column_count: int) -> pl.DataFrame:
    """Find the rows that cannot be read.

    Args:
        facts: one row per row of the file, as agents.intake.rows reads it.
        mapping: how it was read.
        column_count: cells that every row should have.

    Returns: one row per unreadable row, in file order: ROW_NUMBER, case_key ("" if unknown), reason (the first fault's
        code) and message (a sentence for each fault).
    """
    faults = list(list_faults(mapping=mapping, column_count=column_count))
    marked = facts.with_columns(faults_row.rows.fill_null(value=False).alias(f"fault_{index}") for index, faults_row in enumerate(faults))
    bad = marked.filter(pl.any_horizontal(f"fault_{index}" for index in range(len(faults))))
    if bad.is_empty():
        return pl.DataFrame(schema=FAULT_SCHEMA)
    chosen = [(pl.col(f"fault_{index}"), fault) for index, fault in enumerate(faults)]
    reason = pl.coalesce([pl.when(is_bad).then(pl.lit(fault.reason)) for is_bad, fault in chosen])
    sentences = [pl.when(is_bad).then(fault.sentence) for is_bad, fault in chosen]
    return bad.select(
        ROW_NUMBER,
        pl.col("case").fill_null("").str.slice(0, LENGTHS_MAX["case"]).alias("case_key"),
        reason.alias("reason"),
        pl.concat_str(
            [pl.concat_str([pl.lit("Row "), pl.col(ROW_NUMBER).cast(pl.String), pl.lit(":")]), *sentences, pl.lit(REMEDY)],
            separator=" ",
            ignore_nulls=True,
        ).alias("message"),
    )


def list_faults(*, mapping: FrozenMapping, column_count: int) -> Iterator[Fault]:
    """Yield everything that can be wrong with a row, in the order in which the first one names the reason."""
    yield Fault(
        reason="wrong_cell_count",
        rows=pl.col(CELL_COUNT) != column_count,
        before="it has ",
        value=CELL_COUNT,
        after=f" cells where the head has {column_count}",
    )
    yield Fault(reason="missing_case", rows=pl.col("case").is_null(), before=f'column "{mapping.columns["case"].name}" names no case')
    for target in LOOKUP_WORDS:
        yield from _lookup_faults(mapping, target)
    yield from _date_faults(mapping, "occurred_at", is_required=True)
    if "opened_at" in mapping.columns:
        yield from _date_faults(mapping, "opened_at", is_required=False)
    for target in NUMBERS_MAX:
        if target in mapping.columns:
            yield from _number_faults(mapping, target)
    for target, length in LENGTHS_MAX.items():
        if target in mapping.columns:
            yield Fault(
                reason="too_long",
                rows=pl.col(target).str.len_chars() > length,
                before=f'column "{mapping.columns[target].name}" has more than {length} characters',
            )
    yield Fault(
        reason="too_long",
        rows=event_key().str.len_chars() > KEY_CHARACTERS_MAX,
        before=f"case, counter and state together have more than {KEY_CHARACTERS_MAX} characters",
    )


def _lookup_faults(mapping: FrozenMapping, target: str) -> Iterator[Fault]:
    words, missing_reason, unknown_reason, is_required = LOOKUP_WORDS[target]
    if target not in mapping.columns:
        return
    column, understood = mapping.columns[target].name, pl.col("type" if target == "state" else target)
    is_missing, is_read = pl.col(f"is_missing_{target}"), pl.lit(value=True)
    if mapping.columns[target].only_when_resolved:
        is_read = pl.col("type").is_in(list(SOLVED_TYPES))
    if is_required:
        yield Fault(
            reason=missing_reason,
            rows=understood.is_null() & is_missing & is_read,
            before=f'column "{column}" says "',
            value=f"raw_{target}",
            after=f'", so its {words} is not known',
        )
    yield Fault(
        reason=unknown_reason,
        rows=understood.is_null() & ~is_missing & is_read,
        before=f'column "{column}" says "',
        value=f"raw_{target}",
        after=f'", which is no {words} that {mapping.name} knows',
    )


def _date_faults(mapping: FrozenMapping, target: str, *, is_required: bool) -> Iterator[Fault]:
    column, raw, found = mapping.columns[target].name, f"raw_{target}", pl.col(f"{target}_fault")
    if is_required:
        yield Fault(
            reason="missing_date",
            rows=pl.col(target).is_null() & found.is_null(),
            before=f'column "{column}" says "',
            value=raw,
            after='", so it is not known when this happened',
        )
    yield Fault(
        reason="unreadable_date",
        rows=found == "unreadable_date",
        before=f'column "{column}" says "',
        value=raw,
        after=f'", which is no date written as {mapping.date_format.text}',
    )
    for reason, words in DATE_WORDS.items():
        yield Fault(
            reason=reason,
            rows=found == reason,
            before=f'column "{column}" says "',
            value=raw,
            after=f'", {words.format(timezone=mapping.timezone)}',
        )


def _number_faults(mapping: FrozenMapping, target: str) -> Iterator[Fault]:
    is_read = ~pl.col(f"is_missing_{target}")
    yield Fault(
        reason="unreadable_number",
        rows=is_read & ~pl.col(target).is_between(0, NUMBERS_MAX[target]).fill_null(value=False),
        before=f'column "{mapping.columns[target].name}" says "',
        value=f"raw_{target}",
        after=f'", which is no whole number from 0 to {NUMBERS_MAX[target]}',
    )
    if target == "sequence":
        yield Fault(
            reason="missing_number",
            rows=pl.col("is_missing_sequence"),
            before=f'column "{mapping.columns[target].name}" says "',
            value="raw_sequence",
            after='", so the order of its changes is not known',
        )
