"""Cases and their events as frames, with what follows from other events: transfers and repeat contacts."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from agents.queries import frames
from agents.rules.frames import repeats

CASES: dict[str, pl.DataType] = {
    "case_id": pl.Int64(),
    "case": pl.String(),
    "source_id": pl.Int64(),
    "contract_id": pl.Int64(),
    "client_id": pl.Int64(),
    "customer_hash": pl.String(),
    "opened_at": frames.INSTANT,
    "version_id": pl.Int64(),
}
# What an event says of itself, as it is stored and as it is read.
SAID: dict[str, pl.DataType] = {
    "transfer_count": pl.Int32(),
    "queue": pl.String(),
    "direction": pl.String(),
    "medium": pl.String(),
    "content": pl.String(),
    "qualified": pl.Boolean(),
    "appropriate": pl.Boolean(),
    "code": pl.String(),
}
EVENTS: dict[str, pl.DataType] = {
    "case_id": pl.Int64(),
    "event_id": pl.Int64(),
    "id": pl.String(),
    "type": pl.String(),
    "at": frames.INSTANT,
    "sequence": pl.Int32(),
    "identity_id": pl.Int64(),
    "agent_id": pl.Int64(),
    "automated": pl.Boolean(),
    "query_type": pl.String(),
    "channel": pl.String(),
    **SAID,
}
ORDER = ("case_id", "at", "sequence", "id")
CLAIMS = ("solution_offered", "closed")
NO_FURTHER_ACTION = "no_further_action"

# A change of one case can reopen another of the same customer, so those are looked at too.
SCOPE = """
    SELECT id FROM agents_case WHERE id = ANY(%(case_ids)s)
    UNION
    SELECT other.id FROM agents_case given
    JOIN contracts_contract mine ON mine.id = given.contract_id
    JOIN contracts_contract same ON same.client_id = mine.client_id
    JOIN agents_case other ON other.customer_hash = given.customer_hash AND other.contract_id = same.id
    WHERE given.id = ANY(%(case_ids)s) AND given.customer_hash <> ''"""

# Only who is known by one customer of a contract can be the repeat of one of its cases.
NEAR_CONTRACT = """
    c.contract_id = %(contract)s OR (k.client_id = %(client)s AND c.customer_hash <> ''
        AND c.customer_hash IN (SELECT mine.customer_hash FROM agents_case mine WHERE mine.contract_id = %(contract)s))"""

LOAD_CASES = f"""
    SELECT c.id, c.key, c.source_id, c.contract_id, k.client_id, c.customer_hash, {frames.instant("c.opened_at")}, v.id
    FROM agents_case c
    JOIN contracts_contract k ON k.id = c.contract_id
    LEFT JOIN contracts_contractversion v ON v.contract_id = k.id AND v.status IN ('active', 'ended')
        AND daterange(v.effective_from, v.effective_to) @> (c.opened_at AT TIME ZONE k.timezone)::date
    {{where}}
    ORDER BY c.id"""  # noqa: S608 (our own text)

# As it is stored, one table; names are joined to the frame, which is far less to write and to read than names in every row.
LOAD_EVENTS = f"""
    SELECT e.case_id, e.id, e.source_id, e.key, e.type, {frames.instant("e.occurred_at")}, e.sequence, e.agent_identity_id,
        e.query_type_id, e.channel_id, e.transfer_count, nullif(e.queue, ''), nullif(e.direction, ''), nullif(e.medium, ''),
        nullif(e.content, ''), e.is_qualified, e.is_appropriate, nullif(e.code, '')
    FROM agents_caseevent e
    WHERE e.occurred_at <= %(as_of)s {{where}}"""  # noqa: S608 (our own text)
NEAR_IDS = f"SELECT c.id FROM agents_case c JOIN contracts_contract k ON k.id = c.contract_id WHERE {NEAR_CONTRACT}"  # noqa: S608
STORED_EVENTS: dict[str, pl.DataType] = {
    "case_id": pl.Int64(),
    "event_id": pl.Int64(),
    "source_id": pl.Int64(),
    "key": pl.String(),
    "type": pl.String(),
    "at": frames.INSTANT,
    "sequence": pl.Int32(),
    "identity_id": pl.Int64(),
    "query_type_id": pl.Int64(),
    "channel_id": pl.Int64(),
    **SAID,
}
NAMED = (("source", "agents_source"), ("query_type", "contracts_querytype"), ("channel", "contracts_channel"))
IDENTITIES = "SELECT id, agent_id, is_system FROM agents_sourceidentity"


@dataclass(frozen=True, kw_only=True)
class NearContract:
    """The cases of a contract, and those of its client that a customer of the contract opened elsewhere."""

    contract_id: int
    client_id: int


def load_cases(*, case_ids: Collection[int] | None, near: NearContract | None = None) -> pl.DataFrame:
    """Return cases as frame, one row per case, columns of CASES; with their neighbors of the same customer and client.

    `version_id` is the contract version in force when the case opened, null if none was. Without ids it is every case, or
    with a contract every case of it and its neighbors.
    """
    where = f"WHERE c.id IN ({SCOPE})" if case_ids is not None else "" if near is None else f"WHERE {NEAR_CONTRACT}"
    return frames.query_frame(sql=LOAD_CASES.format(where=where), parameters=_parameters(case_ids, near), schema=CASES)


def load_events(*, case_ids: Collection[int] | None, as_of: datetime, near: NearContract | None = None) -> pl.DataFrame:
    """Return what happened on cases, or on the cases of a contract and their neighbors, up to an instant, in the order that decides.

    Returns: one row per event, columns of EVENTS and: known_query_type, known_channel and known_queue (the last ones told so far),
        first_query_type and first_channel (of the case).
    """
    where = "AND e.case_id = ANY(%(case_ids)s)" if case_ids is not None else "" if near is None else f"AND e.case_id IN ({NEAR_IDS})"
    parameters = {"as_of": as_of, **_parameters(case_ids, near)}
    stored = frames.query_frame(sql=LOAD_EVENTS.format(where=where), parameters=parameters, schema=STORED_EVENTS)
    return add_known(events=_add_names(stored))


def _parameters(case_ids: Collection[int] | None, near: NearContract | None) -> dict[str, object]:
    of_near = {} if near is None else {"contract": near.contract_id, "client": near.client_id}
    return {"case_ids": sorted(case_ids or ()), **of_near}


def _add_names(stored: pl.DataFrame) -> pl.DataFrame:
    """Write the codes of sources, query types and channels, and whom an identity is, in the place of their numbers."""
    named = stored
    for name, table in NAMED:
        codes = frames.query_frame(sql=f"SELECT id, code FROM {table}", schema={f"{name}_id": pl.Int64(), name: pl.String()})  # noqa: S608
        named = named.join(codes, on=f"{name}_id", how="left")
    identities = frames.query_frame(sql=IDENTITIES, schema={"identity_id": pl.Int64(), "agent_id": pl.Int64(), "automated": pl.Boolean()})
    return (
        named.join(identities, on="identity_id", how="left")
        .with_columns(pl.col("automated").fill_null(value=False), id=pl.concat_str([pl.col("source"), pl.lit("/"), pl.col("key")]))
        .select(list(EVENTS))
    )


def add_known(*, events: pl.DataFrame) -> pl.DataFrame:
    """Order events and add what was known with each: known_query_type, known_channel, known_queue, and the first of the case.

    Args:
        events: one row per event, columns of EVENTS, in any order.
    """
    events = events.sort(ORDER)
    return events.with_columns(
        *(pl.col(name).forward_fill().over("case_id").alias(f"known_{name}") for name in ("query_type", "channel", "queue")),
        *(pl.col(name).drop_nulls().first().over("case_id").alias(f"first_{name}") for name in ("query_type", "channel")),
    )


def derive_transfers(*, events: pl.DataFrame) -> pl.DataFrame:
    """Return a transfer for each event at which the source's own count of them grew.

    Args:
        events: as load_events returns them.

    Returns: one row per transfer, columns of EVENTS; it comes just before the event that shows it, which is its evidence.
    """
    before = pl.col("transfer_count").cum_max().shift(1).over("case_id").fill_null(0)
    grown = events.filter(pl.col("transfer_count").is_not_null()).filter(pl.col("transfer_count") > before)
    return grown.select(
        *(pl.lit("transferred").alias(name) if name == "type" else pl.col(name) for name in EVENTS),
    ).with_columns(
        pl.concat_str([pl.lit(" transferred/"), pl.col("id")]).alias("id"),
        *(pl.lit(None, dtype=EVENTS[name]).alias(name) for name in ("identity_id", "agent_id", "code", "direction", "medium", "content")),
    )


def derive_repeats(*, cases: pl.DataFrame, events: pl.DataFrame, claims: pl.DataFrame) -> pl.DataFrame:
    """Return the repeat contacts: the same customer opens another case of the client about the same query type.

    Args:
        cases: as load_cases returns them, customer_hash being unlike for other clients.
        events: as load_events returns them.
        claims: one row per episode, as agents.rules.frames.repeats takes them.

    Returns: one row per repeat, columns of EVENTS; its evidence is the first event of the other case. An excluded case is
        no contact, and one of which no query type is known repeats nothing.
    """
    excluded = events.filter(pl.col("type") == "excluded").select("case_id").unique()
    first = events.group_by("case_id", maintain_order=True).first().select("case_id", "event_id", "first_query_type", "first_channel")
    opened = cases.filter(pl.col("customer_hash") != "").join(first, on="case_id").join(excluded, on="case_id", how="anti")
    openings = opened.filter(pl.col("first_query_type").is_not_null()).select(
        "case_id", "customer_hash", "opened_at", query_type="first_query_type", channel="first_channel"
    )
    found = repeats.find_repeat_contacts_frame(openings=openings, claims=claims)
    named = found.join(opened.select("event_id", "source_id", "case", repeat_case_id="case_id"), on="repeat_case_id").select(
        "case_id",
        "event_id",
        "channel",
        pl.concat_str([pl.lit("repeat:"), pl.col("source_id").cast(pl.String), pl.lit("/"), pl.col("case")]).alias("id"),
        pl.lit("repeat_contact").alias("type"),
        pl.col("occurred_at").alias("at"),
        pl.lit(0).alias("sequence"),
        pl.lit(value=False).alias("automated"),
    )
    missing = [pl.lit(None, dtype=kind).alias(name) for name, kind in EVENTS.items() if name not in named.columns]
    return named.with_columns(missing).select(list(EVENTS)).cast(EVENTS)  # type: ignore[arg-type]
