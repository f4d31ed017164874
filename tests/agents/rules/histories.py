"""Random case histories, dense enough that windows, ties and returns meet."""

import dataclasses
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import strategies as st

from agents.rules import events as case_events
from agents.rules.events import Event
from contracts.rules import business_hours
from contracts.rules.resolution_policy import ResolutionPolicy

MONDAY = datetime(2026, 10, 5, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
OFFICE = business_hours.BusinessHours(
    timezone="America/New_York",
    weekly=tuple(business_hours.OpenHours(weekday=day, start_minute=9 * 60, end_minute=12 * 60) for day in range(5)),
    holidays=frozenset({date(2026, 10, 6)}),
)
# The types that move a resolution come up more often than those that only describe it.
TYPES = (*case_events.EVENT_TYPES, "solution_offered", "closed", "customer_acknowledged", "contact", "contact", "reopened", "worked")


@st.composite
def policies(draw: st.DrawFn) -> ResolutionPolicy:
    """Draw a policy with windows of a few hours."""
    effect = draw(st.sampled_from(["void_before_billing", "deduct_later", "new_unit", "reduced_price"]))
    return ResolutionPolicy(
        delivery_model=draw(st.sampled_from(["direct", "front_line_triage", "call_back", "electronic"])),
        verified_by=draw(
            st.sampled_from(["customer_or_silence", "customer_or_silence", "customer_only", "agent_close", "qa_sample", "client_approval"])
        ),
        silence_window=draw(st.integers(0, 9)) * HOUR,
        silence_clock=draw(st.sampled_from(["calendar", "calendar", "business"])),
        hours=OFFICE,
        reopen_window=draw(st.integers(0, 20)) * HOUR,
        reopen_clock=draw(st.sampled_from(["calendar", "calendar", "business"])),
        reopen_effect=effect,
        reduced_price_bp=6_250 if effect == "reduced_price" else None,
        repeat_scope=draw(st.sampled_from(["any_channel", "own_channel", "off"])),
        repeat_window=draw(st.integers(0, 30)) * HOUR,
        repeat_clock=draw(st.sampled_from(["calendar", "calendar", "business"])),
        unit_cap=draw(st.sampled_from(["once_per_case", "per_customer_per_day"])),
        exclusions=draw(st.sampled_from([frozenset({"spam", "merged"}), frozenset({"spam"})])),
        counts_no_further_action=draw(st.booleans()),
        priced_as_of=draw(st.sampled_from(["resolution", "opening", "verification"])),
        unassisted_channels=draw(st.sampled_from([frozenset(), frozenset(), frozenset({"chat"})])),
        timezone=draw(st.sampled_from(["UTC", "Asia/Tokyo"])),
    )


@st.composite
def case_histories(draw: st.DrawFn, *, case: str = "1", size: int = 14) -> tuple[Event, ...]:
    """Draw the events of one case on a grid of hours, with ties."""
    maybe = st.none() | st.booleans()
    return tuple(
        Event(
            type=draw(st.sampled_from(TYPES)),
            at=MONDAY + draw(st.integers(0, 60)) * HOUR,
            id=f"{case}-{position}",
            sequence=draw(st.integers(0, 2)),
            case=case,
            agent=draw(st.sampled_from([None, "1", "2"])),
            channel=draw(st.sampled_from([None, "chat", "email"])),
            direction=draw(st.sampled_from([None, "in", "out"])),
            medium=draw(st.sampled_from([None, "live", "message", "voicemail"])),
            content=draw(st.sampled_from([None, "answer", "request", "other"])),
            qualified=draw(maybe),
            appropriate=draw(maybe),
            automated=draw(st.integers(0, 5)) == 0,
            no_further_action=draw(st.integers(0, 3)) == 0,
            code=draw(st.sampled_from(["spam", "test", "missing_access", "policy", "research", "no_further_action"])),
        )
        for position in range(draw(st.integers(0, size)))
    )


def to_frame(events: list[Event]) -> pl.DataFrame:
    """Return events as the frame that a shell would read."""
    schema: dict[str, Any] = {
        "case_id": pl.Int64,
        "occurred_at": pl.Datetime("us", "UTC"),
        "sequence": pl.Int64,
        "event_id": pl.String,
        "type": pl.String,
        "agent_id": pl.Int64,
        "channel": pl.String,
        "direction": pl.String,
        "medium": pl.String,
        "content": pl.String,
        "qualified": pl.Boolean,
        "appropriate": pl.Boolean,
        "automated": pl.Boolean,
        "no_further_action": pl.Boolean,
        "code": pl.String,
    }
    rows = []
    for event in events:
        fields = dataclasses.asdict(event)
        agent = None if event.agent is None else int(event.agent)
        fields |= {"case_id": int(event.case), "occurred_at": event.at, "event_id": event.id, "agent_id": agent}
        rows.append([fields[name] for name in schema])
    return pl.DataFrame(rows, schema=schema, orient="row")
