"""What makes a row unreadable: for each fault a stable code, and a sentence that names row, column, value and remedy."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from agents.intake import dates, privacy
from agents.intake.events import KEY_CHARACTERS_MAX, dated_key, event_key
from agents.intake.facts import word_targets
from agents.intake.frozen_mappings import NOTHING, Column, FrozenMapping
from agents.intake.numbers import SECONDS_MAX, UNIT_WORDS
from agents.intake.tables import CELL_COUNT, ROW_NUMBER, UNREADABLE

LOOKUP_WORDS = {
    "state": ("state", "missing_state", "unknown_state", True),
    "contract": ("contract", "missing_contract", "unknown_contract", True),
    "query_type": ("query type", "", "unknown_query_type", False),
    "channel": ("channel", "", "unknown_channel", False),
}
LENGTHS_MAX = {"case": 120, "agent": 200, "actor": 200, "queue": 120, "record": KEY_CHARACTERS_MAX}
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
    """A reason to hold rows: which rows, and what to say: the words before and after the value that is at fault.

    `target` is what of the mapping it is about: a target of a column, "event_0" for its first dated event, "event_0_seconds" for
    the time that goes with it, or "" for the row as a whole.
    """

    reason: str
    rows: pl.Expr
    target: str = ""
    before: str
    value: str | None = None
    after: str = ""

    @property
    def sentence(self) -> pl.Expr:
        """The words with the value of each row in their middle, without what would lead to a person: a sentence is kept and shown."""
        middle = pl.lit("")
        if self.value is not None:
            value = pl.col(self.value).cast(pl.String).str.slice(0, VALUE_CHARACTERS_SHOWN)
            middle = value.str.replace_all(f"{privacy.ADDRESS}|{privacy.LONG_NUMBER}", privacy.HIDDEN)
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
    # Of a record that cannot be taken apart, nothing else that is missing tells anybody anything.
    chosen = [(pl.col(f"fault_{index}") & (~pl.col("fault_0") | (index == 0)), fault) for index, fault in enumerate(faults)]
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
    yield Fault(reason="unreadable_record", rows=pl.col(CELL_COUNT) == UNREADABLE, before="it is no record whose fields can be told apart")
    yield Fault(
        reason="wrong_cell_count",
        rows=~pl.col(CELL_COUNT).is_in([column_count, UNREADABLE]),
        before="it has ",
        value=CELL_COUNT,
        after=f" cells where the head has {column_count}",
    )
    yield Fault(reason="missing_case", target="case", rows=pl.col("case").is_null(), before=f"{_case_words(mapping)} no case")
    for target in LOOKUP_WORDS:
        yield from _lookup_faults(mapping, target)
    for target in word_targets(mapping=mapping):
        yield _word_fault(mapping, target)
    if "occurred_at" in mapping.columns:
        yield from _date_faults(mapping, "occurred_at", mapping.columns["occurred_at"], is_required=True)
    if "opened_at" in mapping.columns:
        yield from _date_faults(mapping, "opened_at", mapping.columns["opened_at"], is_required=False)
    yield from _event_faults(mapping)
    for target in NUMBERS_MAX:
        if target in mapping.columns:
            yield from _number_faults(mapping, target)
    if "handle_time" in mapping.columns:
        yield _duration_fault(mapping.columns["handle_time"], "handle_time", _is_read(mapping, "handle_time"))
    for target, length in LENGTHS_MAX.items():
        if target in mapping.columns:
            yield Fault(
                reason="too_long",
                target=target,
                rows=(pl.col(target).str.len_chars() > length) & _is_read(mapping, target),
                before=f'column "{mapping.columns[target].name}" has more than {length} characters',
            )
    yield from _key_faults(mapping)


def _case_words(mapping: FrozenMapping) -> str:
    if mapping.case_columns:
        return "together, the columns " + ", ".join(f'"{head}"' for head in mapping.case_columns) + " tell"
    return f'column "{mapping.columns["case"].name}" names' if "case" in mapping.columns else "it names"


def _key_faults(mapping: FrozenMapping) -> Iterator[Fault]:
    if mapping.has_state:
        yield Fault(
            reason="too_long",
            rows=event_key().str.len_chars() > KEY_CHARACTERS_MAX,
            before=f"case, counter and state together have more than {KEY_CHARACTERS_MAX} characters",
        )
    for index, event in enumerate(mapping.dated):
        yield Fault(
            reason="too_long",
            rows=dated_key(index=index, event=event).str.len_chars() > KEY_CHARACTERS_MAX,
            before=f"case, kind of event and time together have more than {KEY_CHARACTERS_MAX} characters",
        )


def _is_read(mapping: FrozenMapping, target: str) -> pl.Expr:
    """Whether a row is asked for something: what only the end of a case tells is not read before it."""
    return pl.col("is_end") if mapping.columns[target].only_when_resolved else pl.lit(value=True)


def _lookup_faults(mapping: FrozenMapping, target: str) -> Iterator[Fault]:
    words, missing_reason, unknown_reason, is_required = LOOKUP_WORDS[target]
    if target not in mapping.columns:
        return
    column, understood = mapping.columns[target].name, pl.col("type" if target == "state" else target)
    is_missing, is_read = pl.col(f"is_missing_{target}"), _is_read(mapping, target)
    if is_required:
        yield Fault(
            reason=missing_reason,
            target=target,
            rows=understood.is_null() & is_missing & is_read,
            before=f'column "{column}" says "',
            value=f"raw_{target}",
            after=f'", so its {words} is not known',
        )
    yield Fault(
        reason=unknown_reason,
        target=target,
        rows=understood.is_null() & ~is_missing & is_read,
        before=f'column "{column}" says "',
        value=f"raw_{target}",
        after=f'", which is no {words} that {mapping.name} knows',
    )


def _word_fault(mapping: FrozenMapping, target: str) -> Fault:
    return Fault(
        reason="unknown_word",
        target=target,
        rows=pl.col(target).is_null() & ~pl.col(f"is_missing_{target}") & _is_read(mapping, target),
        before=f'column "{mapping.columns[target].name}" says "',
        value=f"raw_{target}",
        after=f'", of which {mapping.name} does not say what it means',
    )


def _event_faults(mapping: FrozenMapping) -> Iterator[Fault]:
    """Yield what can be wrong with dates that tell something of their own."""
    for index, event in enumerate(mapping.dated):
        yield from _date_faults(mapping, f"event_{index}", event.date, is_required=False)
        if event.time is not None:
            yield _duration_fault(event.time, f"event_{index}_seconds", pl.col(f"event_{index}").is_not_null())
    if mapping.dated:
        names = [f"event_{index}" for index in range(len(mapping.dated))]
        yield Fault(
            reason="missing_date",
            rows=pl.all_horizontal(
                pl.col("type").fill_null(NOTHING) == NOTHING if not mapping.has_state else pl.col("type") == NOTHING,
                *(pl.col(name).is_null() & pl.col(f"{name}_fault").is_null() for name in names),
            ),
            before="none of "
            + ", ".join(dict.fromkeys(f'"{event.date.name}"' for event in mapping.dated))
            + " holds a date, so it is not known when anything happened",
        )
    openings = [index for index, event in enumerate(mapping.dated) if event.type == "opened"]
    for index, event in enumerate(mapping.dated):
        for opening in openings:
            if event.type != "opened":
                yield Fault(
                    reason="before_opening",
                    target=f"event_{index}",
                    rows=pl.col(f"event_{index}") < pl.col(f"event_{opening}"),
                    before=f'column "{event.date.name}" says "',
                    value=f"raw_event_{index}",
                    after=f'", which is before column "{mapping.dated[opening].date.name}" says that the case was opened',
                )


def _duration_fault(column: Column, target: str, is_read: pl.Expr) -> Fault:
    return Fault(
        reason="unreadable_number",
        target=target,
        rows=is_read & ~pl.col(f"is_missing_{target}") & pl.col(target).is_null(),
        before=f'column "{column.name}" says "',
        value=f"raw_{target}",
        after=f'", which is no {UNIT_WORDS[column.unit or "seconds"]} of up to {SECONDS_MAX // 86_400} days',
    )


def _date_faults(mapping: FrozenMapping, target: str, column: Column, *, is_required: bool) -> Iterator[Fault]:
    name, raw, found = column.name, f"raw_{target}", pl.col(f"{target}_fault")
    if is_required:
        yield Fault(
            reason="missing_date",
            target=target,
            rows=pl.col(target).is_null() & found.is_null(),
            before=f'column "{name}" says "',
            value=raw,
            after='", so it is not known when this happened',
        )
    yield Fault(
        reason="unreadable_date",
        target=target,
        rows=found == "unreadable_date",
        before=f'column "{name}" says "',
        value=raw,
        after=f'", which is no date written as {dates.written_for_people(text=mapping.format_of(column).text)}',
    )
    for reason, words in DATE_WORDS.items():
        yield Fault(
            reason=reason,
            target=target,
            rows=found == reason,
            before=f'column "{name}" says "',
            value=raw,
            after=f'", {words.format(timezone=mapping.timezone)}',
        )


def _number_faults(mapping: FrozenMapping, target: str) -> Iterator[Fault]:
    is_read = ~pl.col(f"is_missing_{target}") & _is_read(mapping, target)
    yield Fault(
        reason="unreadable_number",
        target=target,
        rows=is_read & ~pl.col(target).is_between(0, NUMBERS_MAX[target]).fill_null(value=False),
        before=f'column "{mapping.columns[target].name}" says "',
        value=f"raw_{target}",
        after=f'", which is no whole number from 0 to {NUMBERS_MAX[target]}',
    )
    if target == "sequence":
        yield Fault(
            reason="missing_number",
            target=target,
            rows=pl.col("is_missing_sequence"),
            before=f'column "{mapping.columns[target].name}" says "',
            value="raw_sequence",
            after='", so the order of its changes is not known',
        )
