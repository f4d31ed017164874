"""Case events made of readable rows, with a key that tells them apart and a hash of what they say."""

import hashlib
import re

import polars as pl

from agents.intake import customers
from agents.intake.facts import word_targets
from agents.intake.frozen_mappings import NOTHING, SOLVED_TYPES, DatedEvent, FrozenMapping
from agents.intake.tables import ROW_NUMBER

KEY_CHARACTERS_MAX = 200
OPENED_SEQUENCE = -1
# How dated events of one instant follow each other, for no counter tells it.
ORDER_WITHIN_INSTANT = {"opened": OPENED_SEQUENCE, "solution_offered": 1, "closed": 2, "reopened": 3, "merged": 4, "excluded": 4}
NEVER_LATE = ("case", "state", "occurred_at", "opened_at", "customer")

SCHEMA: dict[str, pl.DataType] = {
    "row_number": pl.Int64(),
    "key": pl.String(),
    "body_hash": pl.String(),
    "case_key": pl.String(),
    "type": pl.String(),
    "occurred_at": pl.Datetime("us", "UTC"),
    "sequence": pl.Int32(),
    "space": pl.String(),
    "identity": pl.String(),
    "contract": pl.String(),
    "query_type": pl.String(),
    "channel": pl.String(),
    "customer_hash": pl.String(),
    "queue": pl.String(),
    "transfer_count": pl.Int32(),
    "code": pl.String(),
}
BODY = [name for name in SCHEMA if name not in ("row_number", "key", "body_hash", "case_key")]

# What only deliveries tell. A file says nothing of it, and what is not said is no part of a body's hash.
TOLD_BY_DELIVERIES: dict[str, pl.DataType] = {
    "is_system": pl.Boolean(),
    "direction": pl.String(),
    "medium": pl.String(),
    "content": pl.String(),
    "is_qualified": pl.Boolean(),
    "is_appropriate": pl.Boolean(),
    "is_hostile": pl.Boolean(),
    "handle_seconds": pl.Int32(),
    "value_micros": pl.Int64(),
    "value_currency": pl.String(),
}
INCOMING_SCHEMA = SCHEMA | TOLD_BY_DELIVERIES


def make_events(*, facts: pl.DataFrame, mapping: FrozenMapping, hash_key: bytes) -> pl.DataFrame:
    """Make the events of each readable row: one of its state, and one of each date that tells something of its own.

    Args:
        facts: readable rows, as agents.intake.facts reads them.
        mapping: how they were read.
        hash_key: secret under which customers are hashed.

    Returns: one row per event in the order of the file, columns of SCHEMA and those of TOLD_BY_DELIVERIES that the mapping reads.
    """
    hashed = facts.with_columns(
        customers.hash_customers(values=facts["customer"], space=mapping.customer_space or mapping.source_code, key=hash_key).alias(
            "customer_hash"
        ),
        *(pl.when(pl.col(target) != NOTHING).then(pl.col(target)).alias(target) for target in word_targets(mapping=mapping)),
    )
    made = [_select(_of_state(hashed, mapping), mapping)] if mapping.has_state or not mapping.dated else []
    for index, event in enumerate(mapping.dated):
        made.append(_select(_of_date(hashed, index, event), mapping))
    together = made[0] if len(made) == 1 else pl.concat(made).sort("row_number", maintain_order=True)
    return with_body_hash(events=together)


def _of_state(facts: pl.DataFrame, mapping: FrozenMapping) -> pl.DataFrame:
    code = pl.col("code").fill_null(pl.col("state_code")) if "code" in mapping.words else pl.col("state_code")
    seconds = pl.col("handle_time") if "handle_time" in mapping.columns else pl.lit(None)
    # Only dated events may say more than a row's own words do.
    silent = [pl.lit(None, dtype=pl.String).alias(target) for target in ("direction", "medium", "content") if target not in facts.columns]
    facts = facts.with_columns(silent)
    told = facts.filter(pl.col("type") != NOTHING) if NOTHING in {kind for kind, _ in mapping.states.values()} else facts
    return told.with_columns(event_key().alias("key"), code.alias("code"), seconds.alias("handle_seconds"))


def _of_date(facts: pl.DataFrame, index: int, event: DatedEvent) -> pl.DataFrame:
    """Take the rows that tell one of the mapping's dated events, as if it were all they told."""
    name = f"event_{index}"
    told = facts.filter(pl.col(name).is_not_null() & (pl.col(f"{name}_seconds").is_not_null() if event.time else pl.lit(value=True)))
    words = {target: getattr(event, target) or None for target in ("direction", "medium", "content")}
    return told.with_columns(
        dated_key(index=index, event=event).alias("key"),
        pl.lit(event.type).alias("type"),
        pl.lit(event.code).alias("code"),
        pl.col(name).alias("occurred_at"),
        pl.lit(ORDER_WITHIN_INSTANT.get(event.type, 0)).alias("sequence"),
        (pl.col(f"{name}_seconds") if event.time else pl.lit(None)).alias("handle_seconds"),
        *(pl.lit(word, dtype=pl.String).alias(target) for target, word in words.items()),
    )


def _select(facts: pl.DataFrame, mapping: FrozenMapping) -> pl.DataFrame:
    """Put what rows say into the columns of an event; what the end of a case tells stays out of the events before it."""
    late = [target for target, column in mapping.columns.items() if column.only_when_resolved and target in facts.columns]
    is_solved = pl.col("type").is_in(list(SOLVED_TYPES))
    facts = facts.with_columns(pl.when(is_solved).then(pl.col(target)).alias(target) for target in late if target not in NEVER_LATE)
    if "customer" in late:
        facts = facts.with_columns(pl.when(is_solved).then(pl.col("customer_hash")).otherwise(pl.lit("")).alias("customer_hash"))
    return facts.with_columns(*_identity(mapping)).select(
        pl.col(ROW_NUMBER).alias("row_number"),
        "key",
        pl.lit("").alias("body_hash"),
        pl.col("case").alias("case_key"),
        "type",
        "occurred_at",
        pl.col("sequence").fill_null(0).cast(pl.Int32),
        "space",
        "identity",
        "contract",
        "query_type",
        "channel",
        "customer_hash",
        pl.col("queue").fill_null(""),
        pl.col("transfer_count").cast(pl.Int32),
        "code",
        *_told(mapping),
    )


def _told(mapping: FrozenMapping) -> list[pl.Expr]:
    """Return what files tell only where their mapping reads it, with its own type."""
    words = word_targets(mapping=mapping)
    told: list[pl.Expr] = []
    if "automated" in words:
        told.append(pl.when(pl.col("automated") == "yes").then(pl.lit(value=True)).alias("is_system"))
    told += [
        pl.col(target).cast(pl.String)
        for target in ("direction", "medium", "content")
        if target in words or any(getattr(event, target) for event in mapping.dated)
    ]
    told += [(pl.col(target) == "yes").alias(f"is_{target}") for target in ("qualified", "appropriate", "hostile") if target in words]
    if "handle_time" in mapping.columns or any(event.time for event in mapping.dated):
        told.append(pl.col("handle_seconds").cast(pl.Int32))
    return told


def make_opened_events(*, facts: pl.DataFrame) -> pl.DataFrame:
    """Make the event that a case was opened, once for each opening that the rows tell.

    It carries only what every row of the case tells alike, so that it does not matter which row came first.

    Args:
        facts: readable rows, as agents.intake.rows reads them.

    Returns: one row per case and opening, columns of SCHEMA, row_number null: no single row of the file is this event.
    """
    openings = facts.filter(pl.col("opened_at").is_not_null()).unique(["case", "opened_at_local"], maintain_order=True)
    nothing = [
        pl.lit(None).alias(name) for name in ("row_number", "space", "identity", "contract", "query_type", "channel", "transfer_count")
    ]
    empty = [pl.lit("").alias(name) for name in ("body_hash", "customer_hash", "queue", "code")]
    opened = openings.select(
        pl.concat_str([pl.col("case"), pl.lit("opened"), _clock("opened_at_local")], separator="/").alias("key"),
        pl.col("case").alias("case_key"),
        pl.col("opened_at").alias("occurred_at"),
        pl.lit("opened").alias("type"),
        pl.lit(OPENED_SEQUENCE).alias("sequence"),
        *nothing,
        *empty,
    )
    return with_body_hash(events=opened.select(list(SCHEMA)))


def event_key() -> pl.Expr:
    """Build the identity of a row within its source: the record's own number, else case, counter, state, and what the clock showed.

    The counter alone is not enough, for sources repeat it. The clock's own reading, not the instant, so that a corrected
    time zone gives a changed event and not a second one.
    """
    counter = pl.col("sequence").cast(pl.String).fill_null("")
    content = pl.concat_str([pl.col("case"), counter, pl.col("raw_state"), _clock("occurred_at_local")], separator="/")
    return pl.coalesce(pl.col("record"), content)


def dated_key(*, index: int, event: DatedEvent) -> pl.Expr:
    """Build the identity of a dated event within its source: case, kind of event, and what the clock showed."""
    kind = f"{event.type}/{event.code}" if event.code else event.type
    return pl.concat_str([pl.col("case"), pl.lit(kind), _clock(f"event_{index}_local")], separator="/")


def identity_space(*, column: str) -> str:
    """Return the name space of identities that a column holds.

    >>> identity_space(column="Resolved By")
    'resolved_by'
    """
    return re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_") or "agent"


def _clock(column: str) -> pl.Expr:
    return pl.col(column).dt.to_string("%Y-%m-%dT%H:%M:%S%.6f")


def with_body_hash(*, events: pl.DataFrame) -> pl.DataFrame:
    """Fill in the hash of what each event says; the key and where it stood in the file are no part of it."""
    told = [
        pl.when(pl.col(name).is_not_null())
        .then(pl.concat_str([pl.lit(f"\x1f{name}="), pl.col(name).cast(pl.String)]))
        .otherwise(pl.lit(""))
        for name in TOLD_BY_DELIVERIES
        if name in events.columns
    ]
    said = pl.concat_str([pl.col(name).cast(pl.String).fill_null("\x1e") for name in BODY], separator="\x1f")
    bodies = events.select(pl.concat_str([said, *told])).to_series()
    hashes = [hashlib.sha256(body.encode()).hexdigest() for body in bodies]
    schema = {name: kind for name, kind in INCOMING_SCHEMA.items() if name in events.columns}
    return events.with_columns(pl.Series("body_hash", hashes, dtype=pl.String)).cast(schema)  # type: ignore[arg-type]


def as_incoming(*, events: pl.DataFrame) -> pl.DataFrame:
    """Return events with every column of INCOMING_SCHEMA, empty where nothing tells it."""
    missing = [pl.lit(None, dtype=kind).alias(name) for name, kind in TOLD_BY_DELIVERIES.items() if name not in events.columns]
    return events.with_columns(missing).select(list(INCOMING_SCHEMA)).cast(INCOMING_SCHEMA)  # type: ignore[arg-type]


def _identity(mapping: FrozenMapping) -> list[pl.Expr]:
    """Name who is credited: on a solved row only the one whom the source names for it, else whoever made the change."""
    named = {target: mapping.columns[target] for target in ("agent", "actor") if target in mapping.columns}
    spaces = {target: column.space or identity_space(column=column.name) for target, column in named.items()}
    is_solved = pl.col("type").is_in(list(SOLVED_TYPES))
    is_actor = pl.col("agent").is_null() & ~is_solved if "agent" in spaces else pl.lit(value=True)
    identity = pl.when(is_actor).then("actor").otherwise("agent")
    space = pl.when(is_actor).then(pl.lit(spaces.get("actor"))).otherwise(pl.lit(spaces.get("agent")))
    return [identity.alias("identity"), pl.when(identity.is_not_null()).then(space).alias("space")]
