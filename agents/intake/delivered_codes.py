"""Contract, query type and channel of delivered events: a code that exists, or a held event with a sentence that says why."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from agents import models
from agents.intake import events
from contracts.models import Channel, Contract, QueryType

TARGETS: dict[str, str] = {"contract": "contract", "query_type": "query type", "channel": "channel"}
HELD_SCHEMA: dict[str, pl.DataType] = {
    "row_number": pl.Int64(),
    "case_key": pl.String(),
    "reason": pl.String(),
    "message": pl.String(),
    "row": pl.String(),
    "row_hash": pl.String(),
}
MISSING_CONTRACT = "missing_contract"
VALUE_CHARACTERS_SHOWN = 80


@dataclass(frozen=True, kw_only=True)
class CodeTables:
    """What delivered words mean. Of a target in `optional`, a word without a meaning says nothing; of another it holds the event."""

    meanings: Mapping[str, Mapping[str, str]]
    optional: frozenset[str]
    only_contract: str | None


def load_code_tables(*, source: models.Source, told: Mapping[str, frozenset[str]], are_codes: bool) -> CodeTables:
    """Load what words of a delivery mean.

    Args:
        source: where the events come from.
        told: the words of each target.
        are_codes: True for the Events API, whose words are our codes; False for help desks, whose words the newest mapping of
            the source explains. Where it explains none of a target, only those that happen to be a channel's code say something.
    """
    explained = {} if are_codes else _explained(source)
    meanings: dict[str, Mapping[str, str]] = {}
    for target, model in (("contract", Contract), ("query_type", QueryType), ("channel", Channel)):
        if explained.get(target):
            meanings[target] = explained[target]
        elif are_codes or target == "channel":
            codes = model.objects.filter(code__in=told.get(target, frozenset())).values_list("code", flat=True)
            meanings[target] = {code: code for code in codes}
        else:
            meanings[target] = {}
    optional = frozenset() if are_codes else frozenset(target for target in TARGETS if not explained.get(target))
    found = list(Contract.objects.filter(client=source.client).values_list("code", flat=True)[:2]) if source.client_id else []
    return CodeTables(meanings=meanings, optional=optional, only_contract=found[0] if len(found) == 1 else None)


def _explained(source: models.Source) -> dict[str, dict[str, str]]:
    mapping = source.mappings.order_by("-number").first()
    explained: dict[str, dict[str, str]] = {}
    if mapping is not None:
        for target, value, meaning in mapping.values.values_list("target", "value", "meaning"):
            explained.setdefault(target, {})[value] = meaning
    return explained


def words_of(*, frame: pl.DataFrame) -> dict[str, frozenset[str]]:
    """Return the words that events use for each target."""
    return {target: frozenset(frame[target].drop_nulls().unique().to_list()) for target in TARGETS}


def read_codes(*, frame: pl.DataFrame, tables: CodeTables) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Put codes in the place of words.

    Args:
        frame: events as delivered, columns of agents.intake.events.INCOMING_SCHEMA.
        tables: what the words mean.

    Returns: the events whose words are understood, with codes; and the others as held rows (HELD_SCHEMA).
    """
    wide = frame.with_columns(
        pl.col(target).replace_strict(dict(table), default=None, return_dtype=pl.String).alias(f"code_of_{target}")
        if table
        else pl.lit(None, dtype=pl.String).alias(f"code_of_{target}")
        for target, table in tables.meanings.items()
    )
    is_unknown = {
        target: pl.col(target).is_not_null() & pl.col(f"code_of_{target}").is_null() for target in TARGETS if target not in tables.optional
    }
    reason = pl.coalesce([*(pl.when(unknown).then(pl.lit(f"unknown_{target}")) for target, unknown in is_unknown.items()), pl.lit(None)])
    sentences = [
        pl.when(unknown).then(
            pl.concat_str([pl.lit(f'It says {TARGETS[target]} "'), pl.col(target).str.slice(0, VALUE_CHARACTERS_SHOWN), pl.lit('".')])
        )
        for target, unknown in is_unknown.items()
    ]
    marked = wide.with_columns(
        reason=reason.cast(pl.String),
        message=pl.concat_str(
            [*sentences, pl.lit("Nobody here knows that; add it, or explain it in the source's mapping, and try the event again.")],
            separator=" ",
            ignore_nulls=True,
        ),
    )
    held = marked.filter(pl.col("reason").is_not_null())
    good = marked.filter(pl.col("reason").is_null())
    coded = good.with_columns(pl.col(f"code_of_{target}").alias(target) for target in TARGETS)
    if tables.only_contract is not None:
        coded = coded.with_columns(pl.col("contract").fill_null(tables.only_contract))
    return coded.select(list(frame.columns)), as_held(frame=held)


def as_held(*, frame: pl.DataFrame) -> pl.DataFrame:
    """Return events as held rows.

    Args:
        frame: events as delivered, with the columns reason and message.

    Returns: one row per event, columns of HELD_SCHEMA. The row is what is needed to try it again; no customer is in it by name.
    """
    kept = [name for name in events.INCOMING_SCHEMA if name != "row_number"]
    plain = frame.select(pl.col(name).dt.to_string("%Y-%m-%dT%H:%M:%S%.6f%:z") if name == "occurred_at" else pl.col(name) for name in kept)
    written = [json.dumps(row, sort_keys=True) for row in plain.iter_rows(named=True)]
    hashes = row_hashes(frame=frame)
    told = frame.select("row_number", "case_key", "reason", "message")
    return told.with_columns(pl.Series("row", written, dtype=pl.String), pl.Series("row_hash", hashes, dtype=pl.String)).cast(HELD_SCHEMA)  # type: ignore[arg-type]


def doubt_hashes(*, frame: pl.DataFrame) -> list[str]:
    """Return the hash under which each doubtful event is held: it may be dated by its arrival, so its body is not always the same."""
    said = frame.select(pl.concat_str(["key", "case_key"], separator="\x1f")).to_series()
    return [hashlib.sha256(text.encode()).hexdigest() for text in said]


def row_hashes(*, frame: pl.DataFrame) -> list[str]:
    """Return the hash under which each event would be held: of what was delivered, whatever its words mean by now."""
    said = frame.select(pl.concat_str(["key", "case_key", "body_hash"], separator="\x1f")).to_series()
    return [hashlib.sha256(text.encode()).hexdigest() for text in said]


def hold_without_contract(*, frame: pl.DataFrame, known_cases: frozenset[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Hold the events of cases of which nobody has said yet whose contract they fall under.

    Args:
        frame: events with codes.
        known_cases: cases that exist.

    Returns: the events that can be stored, and the others as held rows (HELD_SCHEMA).
    """
    told = frame.filter(pl.col("contract").is_not_null())["case_key"].unique().to_list()
    can_store = pl.col("case_key").is_in([*told, *known_cases])
    message = (
        "Nothing tells the contract of this case yet. It waits for an event that does; "
        "or give the source a client with exactly one contract, and try it again."
    )
    held = frame.filter(~can_store).with_columns(reason=pl.lit(MISSING_CONTRACT), message=pl.lit(message))
    return frame.filter(can_store), as_held(frame=held)
