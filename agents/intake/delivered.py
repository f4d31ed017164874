"""One event as a program delivers it: the fields of the Events API, which webhooks are turned into as well."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Annotated, Any, Literal

import polars as pl
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    TypeAdapter,
)
from pydantic import ValidationError as PydanticError
from pydantic_core import ErrorDetails

from agents.intake import customers, dates, events
from agents.rules.events import Content, Direction, Medium

AGENT_SPACE = "agent"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# What is derived, such as a repeat contact, is nobody's to deliver.
DeliveredType = Literal[
    "opened",
    "contact",
    "stage_time",
    "worked",
    "transferred",
    "escalated",
    "solution_offered",
    "closed",
    "customer_acknowledged",
    "qa_passed",
    "client_approved",
    "customer_returned",
    "reopened",
    "qa_failed",
    "client_declined",
    "merged",
    "excluded",
    "survey_answered",
]
SHORTEST_INSTANT = "2026-10-06T14:03Z"
UNKNOWN_FIELD = "is not a field of an event; remove it"
MESSAGES = {
    "missing": "is missing",
    "unexpected_keyword_argument": UNKNOWN_FIELD,
    "extra_forbidden": UNKNOWN_FIELD,
    "timezone_aware": "does not say its offset from UTC; write for example 2026-10-06T14:03:00-04:00",
}


def _only_text(value: object) -> object:
    """Let no number pass as an instant: nobody knows whether it counts seconds or milliseconds."""
    if isinstance(value, str) and (len(value) < len(SHORTEST_INSTANT) or value[4] != "-" or not value[:4].isdigit()):
        raise ValueError("is not an instant such as 2026-10-06T14:03:00-04:00")
    if not isinstance(value, str | datetime):
        raise ValueError("is not text such as 2026-10-06T14:03:00-04:00")
    return value


def _plausible(value: datetime) -> datetime:
    if not dates.YEAR_MIN <= value.year <= dates.YEAR_MAX:
        raise ValueError(f"is not between {dates.YEAR_MIN} and {dates.YEAR_MAX}")
    return value


# PostgreSQL stores no zero character.
NO_ZERO = r"^[^\x00]*$"
Instant = Annotated[AwareDatetime, BeforeValidator(_only_text), AfterValidator(_plausible)]
Code = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9_./-]*$")]
Name = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200, pattern=NO_ZERO)]
CaseKey = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=120, pattern=NO_ZERO)]
Word = Annotated[str, StringConstraints(strict=True, max_length=32, pattern=NO_ZERO)]
Queue = Annotated[str, StringConstraints(strict=True, max_length=120, pattern=NO_ZERO)]


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveredEvent:
    """Something that happened on a case, as delivered. `docs/events-api.md` tells every field.

    `query_type`, `channel` and `contract` are codes in the Events API, and the help desk's own words in a webhook.
    """

    __pydantic_config__ = ConfigDict(extra="forbid", revalidate_instances="always")

    source: Code
    id: Name
    type: DeliveredType
    case: CaseKey
    occurred_at: Instant
    sequence: Annotated[StrictInt, Field(ge=0, le=2**31 - 1)] = 0
    agent: Name | None = None
    agent_space: Code = AGENT_SPACE
    automated: StrictBool = False
    contract: Name | None = None
    query_type: Name | None = None
    channel: Name | None = None
    customer: Name | None = None
    queue: Queue = ""
    transfer_count: Annotated[StrictInt, Field(ge=0, le=2**15 - 1)] | None = None
    direction: Direction | None = None
    medium: Medium | None = None
    content: Content | None = None
    qualified: StrictBool | None = None
    appropriate: StrictBool | None = None
    hostile: StrictBool | None = None
    code: Word = ""
    handle_seconds: Annotated[StrictInt, Field(ge=0, le=7 * 24 * 3600)] | None = None


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """Why a delivered document is no event: where in it, and what to do."""

    id: str | None
    path: str
    message: str


FIELDS = tuple(DeliveredEvent.__dataclass_fields__)
ADAPTER = TypeAdapter(DeliveredEvent)


def read_event(*, document: object) -> DeliveredEvent | Rejection:
    """Check one document against the fields of an event.

    Args:
        document: what JSON gave, or an event that a translator of webhooks made.

    Returns: the event, or the first thing that is wrong with the document.

    >>> read_event(document={"source": "desk", "id": "1", "type": "closed", "case": "7", "occurred_at": "2026-10-06T14:03:00"}).path
    'occurred_at'
    """
    try:
        event = ADAPTER.validate_python(document)
    except PydanticError as fault:
        return _rejection(document, fault.errors(include_url=False, include_context=False)[0])
    if event.type == "excluded" and not event.code:
        return Rejection(id=event.id, path="code", message="is missing; say why the case is excluded, for example spam")
    return event


def _rejection(document: object, error: ErrorDetails) -> Rejection:
    path = "/".join(str(part) for part in error["loc"])
    event_id = document.get("id") if isinstance(document, dict) else None
    if not isinstance(document, dict | DeliveredEvent):
        return Rejection(id=None, path="", message="is not a JSON object with the fields of an event")
    message = MESSAGES.get(error["type"]) or error["msg"].removeprefix("Value error, ")
    return Rejection(id=event_id[:200] if isinstance(event_id, str) else None, path=path, message=message)


def to_frame(*, delivered: Sequence[DeliveredEvent], row_numbers: Iterable[int], hash_key: bytes) -> pl.DataFrame:
    """Return events as a frame, customers hashed, and each body hashed as it was delivered.

    Args:
        delivered: checked events of one source.
        row_numbers: where each stood in its delivery.
        hash_key: secret under which customers are hashed.

    Returns: one row per event, columns of agents.intake.events.INCOMING_SCHEMA; contract, query type and channel as delivered.
    """
    rows = list(map(attrgetter(*FIELDS), delivered))
    told = dict(zip(FIELDS, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(FIELDS, ())
    source = told["source"][0] if rows else ""
    has_agent = [agent is not None for agent in told["agent"]]
    columns: dict[str, Iterable[Any]] = {
        "row_number": list(row_numbers),
        "key": told["id"],
        "body_hash": [""] * len(rows),
        "case_key": told["case"],
        "occurred_at": [(instant - EPOCH) // MICROSECOND for instant in told["occurred_at"]],
        **{name: told[name] for name in ("type", "sequence", "contract", "query_type", "channel", "queue", "code")},
        "space": [space if named else None for space, named in zip(told["agent_space"], has_agent, strict=True)],
        "identity": told["agent"],
        "customer_hash": _hash_customers(told["customer"], source, hash_key),
        "is_system": [automated or None for automated in told["automated"]],
        "is_qualified": told["qualified"],
        "is_appropriate": told["appropriate"],
        "is_hostile": told["hostile"],
        **{name: told[name] for name in ("transfer_count", "direction", "medium", "content", "handle_seconds")},
    }
    schema = events.INCOMING_SCHEMA | {"occurred_at": pl.Int64()}
    frame = pl.DataFrame({name: columns[name] for name in schema}, schema=schema)
    return events.with_body_hash(events=frame.with_columns(pl.col("occurred_at").cast(events.INCOMING_SCHEMA["occurred_at"])))


def _hash_customers(values: Collection[str | None], source: str, hash_key: bytes) -> list[str]:
    known = {value: customers.hash_customer(space=source, value=value, key=hash_key) for value in set(values) if value is not None}
    return ["" if value is None else known[value] for value in values]
