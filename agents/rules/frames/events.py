"""Case events as a frame: checked, each once, in order, with the flags that the lifecycle reads."""

from datetime import datetime

import polars as pl

from agents.rules import events as case_events
from agents.rules import lifecycle
from agents.rules.frames import terms

OPTIONAL = {
    "sequence": pl.lit(0, dtype=pl.Int64),
    "agent_id": pl.lit(None, dtype=pl.Int64),
    "channel": pl.lit(None, dtype=pl.String),
    "direction": pl.lit(None, dtype=pl.String),
    "medium": pl.lit(None, dtype=pl.String),
    "content": pl.lit(None, dtype=pl.String),
    "qualified": pl.lit(None, dtype=pl.Boolean),
    "appropriate": pl.lit(None, dtype=pl.Boolean),
    "automated": pl.lit(False),
    "no_further_action": pl.lit(False),
    "code": pl.lit(None, dtype=pl.String),
}
REQUIRED = ("case_id", "occurred_at", "event_id", "type")
ORDER = ("case_id", "at", "sequence", "event_id")


class InvalidEventFrame(case_events.InvalidEvents):
    """A frame of events that lacks a column, names a case without a policy, or has one id with two bodies."""


def order_event_frame(*, events: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Return the events known at an instant, each once, in the order that decides.

    Args:
        events: one row per event: case_id, occurred_at datetime[us, UTC], event_id, type str; sequence, agent_id, channel,
            direction, medium, content, qualified, appropriate, automated, no_further_action, code may be missing.
            event_id is the source's own id; it breaks ties, so it must not depend on arrival.
        as_of: events later than this are not known yet.

    Returns: the events by case_id, occurred_at, sequence, event_id, with at i64 (microseconds) for occurred_at.
    Raises: InvalidEventFrame.
    Source: design.md section 4; the twin of agents.rules.events.order_events.

    >>> noon = datetime(2026, 10, 6, 12, tzinfo=terms.UTC)
    >>> frame = pl.DataFrame({"case_id": [1, 1], "occurred_at": [noon, noon], "event_id": ["b", "a"], "type": ["closed", "opened"]})
    >>> order_event_frame(events=frame, as_of=noon)["type"].to_list()
    ['opened', 'closed']
    """
    missing = [name for name in REQUIRED if name not in events.columns]
    if missing:
        raise InvalidEventFrame(f"The events lack the columns {', '.join(missing)}; add them.")
    filled = events.select(
        *REQUIRED,
        *((pl.col(name) if name in events.columns else empty.alias(name)) for name, empty in OPTIONAL.items()),
    )
    unknown = filled.filter(~pl.col("type").is_in(case_events.EVENT_TYPES))["type"].unique().to_list()
    if unknown:
        raise InvalidEventFrame(f"There are no event types {', '.join(sorted(unknown))}; map them to known ones.")
    known = filled.with_columns(
        pl.col("automated", "no_further_action").fill_null(False),
        at=pl.col("occurred_at").cast(terms.INSTANT).dt.timestamp("us"),
    ).drop("occurred_at")
    ordered = known.sort(ORDER)
    is_repeat = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift(1)) for name in ordered.columns) & (pl.int_range(pl.len()) > 0)
    once = ordered.filter(~is_repeat)
    _refuse_two_bodies(once)
    return once.filter(pl.col("at") <= terms.to_us(as_of))


def add_event_flags(*, events: pl.DataFrame) -> pl.DataFrame:
    """Add what each event is to the lifecycle.

    Args:
        events: as `order_event_frame` returns it, with the columns of its case's policy.

    Returns: the frame with row u32 and the flags is_claim, is_counted, is_message, is_answer, is_return, is_confirming bool.
    Source: agents/rules/events.py and agents/rules/lifecycle.py, of which these are the column-wise twins.
    """
    is_type = pl.col("type")
    is_claim = is_type.is_in(["solution_offered", "closed"]) & ~pl.col("automated")
    is_person_contact = (is_type == "contact") & ~pl.col("automated")
    is_request = is_person_contact & (pl.col("direction") == "in") & (pl.col("content").is_null() | (pl.col("content") == "request"))
    is_ours = (pl.col("direction") == "out").fill_null(False) | (pl.col("medium") == "live").fill_null(False)
    return events.with_row_index("row").with_columns(
        is_claim=is_claim,
        is_counted=pl.col("counts_no_further_action") | ~pl.col("no_further_action"),
        is_message=(is_person_contact & (pl.col("direction") == "out")).fill_null(False),
        is_answer=(is_person_contact & (pl.col("content") == "answer") & is_ours).fill_null(False),
        is_return=(
            is_type.is_in(lifecycle.RETURN_EVENTS) | (is_type == pl.col("refusing_type")).fill_null(False) | is_request.fill_null(False)
        ),
        is_confirming=is_type == pl.col("confirming_type"),
    )


def _refuse_two_bodies(events: pl.DataFrame) -> None:
    twice = events.filter(pl.struct("case_id", "event_id").is_duplicated())
    if not twice.is_empty():
        case, event = twice.select("case_id", "event_id").row(0)
        raise InvalidEventFrame(f'Event "{event}" of case "{case}" comes with two different bodies; keep one and hold the other.')
