"""Rows of delivered events: what they say is hashed exactly as the rows of a file are."""

import dataclasses
from datetime import UTC, datetime, timedelta, timezone
from typing import get_args

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.intake import delivered, events
from agents.intake.delivered import DeliveredEvent, DeliveredType, Row

WORDS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1, max_size=12)
COUNTS = st.integers(0, 30_000)
MAYBE = st.none() | st.booleans()
START = datetime(1970, 1, 1, tzinfo=UTC)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=-5, minutes=30))])
INSTANTS = st.builds(
    lambda passed, zone: (START + timedelta(microseconds=passed)).astimezone(zone), st.integers(0, 2_000_000_000_000_000), ZONES
)
EVENTS = st.builds(
    DeliveredEvent,
    source=st.just("desk"),
    id=WORDS,
    type=st.sampled_from(get_args(DeliveredType)),
    case=WORDS,
    occurred_at=INSTANTS,
    sequence=COUNTS,
    agent=st.none() | WORDS,
    automated=st.booleans(),
    contract=st.none() | WORDS,
    query_type=st.none() | WORDS,
    channel=st.none() | WORDS,
    customer=st.none() | WORDS,
    queue=st.just("") | WORDS,
    transfer_count=st.none() | COUNTS,
    direction=st.sampled_from([None, "in", "out"]),
    medium=st.sampled_from([None, "live", "message", "voicemail"]),
    content=st.sampled_from([None, "answer", "request", "other"]),
    qualified=MAYBE,
    appropriate=MAYBE,
    hostile=MAYBE,
    code=st.just("") | WORDS,
    handle_seconds=st.none() | COUNTS,
    value=st.none() | st.just("80.25"),
    currency=st.none() | st.just("USD"),
)


def test_a_row_has_the_columns_of_what_files_bring() -> None:
    assert list(Row._fields) == list(events.INCOMING_SCHEMA)


@settings(max_examples=150)
@given(told=EVENTS)
def test_a_row_is_hashed_as_its_frame_would_be(told: DeliveredEvent) -> None:
    (row,) = delivered.to_rows(delivered=[told], row_numbers=[3], hash_key=b"k", customer_space="desk")
    frame = pl.DataFrame([row._asdict()], schema=events.INCOMING_SCHEMA | {"occurred_at": pl.String()})
    instant = pl.col("occurred_at").str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", time_unit="us", time_zone="UTC")

    hashed = events.with_body_hash(events=frame.with_columns(instant))

    assert hashed["body_hash"].to_list() == [row.body_hash]
    assert hashed["occurred_at"].to_list() == [told.occurred_at]


@given(told=EVENTS, kind=st.sampled_from(get_args(DeliveredType)), code=st.just("") | WORDS)
def test_an_event_that_is_explained_later_is_as_if_it_had_been_delivered_so(told: DeliveredEvent, kind: DeliveredType, code: str) -> None:
    (held, meant) = delivered.to_rows(
        delivered=[told, dataclasses.replace(told, type=kind, code=code)], row_numbers=[3, 3], hash_key=b"k", customer_space="desk"
    )

    assert delivered.explain(row=held, type=kind, code=code) == meant


def event_of(**told: str) -> DeliveredEvent | delivered.Rejection:
    return delivered.read_event(
        document={"source": "desk", "id": "1", "type": "closed", "case": "7", "occurred_at": "2026-10-06T14:03:00-04:00", **told}
    )


def test_the_value_of_a_case_is_exact_and_comes_with_its_currency() -> None:
    event = event_of(value="80.250001", currency="USD")
    assert isinstance(event, DeliveredEvent)
    (row,) = delivered.to_rows(delivered=[event], row_numbers=[0], hash_key=b"k", customer_space="desk")
    assert (row.value_micros, row.value_currency) == (80_250_001, "USD")


def test_half_a_value_is_refused_with_its_place() -> None:
    for told, path in (({"value": "80"}, "currency"), ({"currency": "USD"}, "value"), ({"value": "-1", "currency": "USD"}, "value")):
        refused = event_of(**told)
        assert isinstance(refused, delivered.Rejection)
        assert refused.path == path
