"""One event as a program delivers it: the fields of the Events API, which webhooks are turned into as well."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Annotated, Any, Literal, NamedTuple

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
from contracts.rules import currencies

AGENT_SPACE = "agent"
SEPARATOR = "\x1f"
NOT_TOLD = "\x1e"
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


def _known_currency(value: str) -> str:
    if value not in currencies.CODES:
        raise ValueError("is no currency that ISO 4217 knows; write for example USD")
    return value


# PostgreSQL stores no zero character.
MICROS = 1_000_000
NO_ZERO = r"^[^\x00]*$"
Instant = Annotated[AwareDatetime, BeforeValidator(_only_text), AfterValidator(_plausible)]
Code = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9_./-]*$")]
Name = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200, pattern=NO_ZERO)]
CaseKey = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=120, pattern=NO_ZERO)]
Word = Annotated[str, StringConstraints(strict=True, max_length=32, pattern=NO_ZERO)]
# Money is text, never a binary number: at most six decimals, as it is stored.
Value = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9]{1,12}(\.[0-9]{1,6})?$")]
Currency = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Z]{3}$"), AfterValidator(_known_currency)]
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
    value: Value | None = None
    currency: Currency | None = None


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """Why a delivered document is no event: where in it, and what to do."""

    id: str | None
    path: str
    message: str


class Row(NamedTuple):
    """A delivered event as it is stored or held: the columns of agents.intake.events.INCOMING_SCHEMA, `occurred_at` in UTC as text.

    `row_number` is None for an event that stands in no present delivery.
    """

    row_number: int | None
    key: str
    body_hash: str
    case_key: str
    type: str
    occurred_at: str
    sequence: int
    space: str | None
    identity: str | None
    contract: str | None
    query_type: str | None
    channel: str | None
    customer_hash: str
    queue: str
    transfer_count: int | None
    code: str
    is_system: bool | None
    direction: str | None
    medium: str | None
    content: str | None
    is_qualified: bool | None
    is_appropriate: bool | None
    is_hostile: bool | None
    handle_seconds: int | None
    value_micros: int | None = None
    value_currency: str | None = None


# Where, in a row, what the body says begins to stand as it is hashed: behind the instant, which is written otherwise.
BODY_FIRST = Row._fields.index("sequence")
FIELDS = tuple(DeliveredEvent.__dataclass_fields__)
ADAPTER = TypeAdapter(DeliveredEvent)
ARRAY = TypeAdapter(list[DeliveredEvent])


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
        return reject(document=document, error=fault.errors(include_url=False, include_context=False)[0])
    return _need_code(event)


def read_array(*, content: bytes) -> list[DeliveredEvent | Rejection] | None:
    """Check a JSON array of events in one go.

    Args:
        content: JSON.

    Returns: the events, or None where something in the array is no event: then read_event says of each document what.

    >>> read_array(content=b'[{"source": "desk", "id": "1", "type": "closed", "case": "7"}]') is None
    True
    """
    try:
        return [_need_code(event) for event in ARRAY.validate_json(content)]
    except PydanticError:
        return None


def _need_code(event: DeliveredEvent) -> DeliveredEvent | Rejection:
    if event.type == "excluded" and not event.code:
        return Rejection(id=event.id, path="code", message="is missing; say why the case is excluded, for example spam")
    if (event.value is None) != (event.currency is None):
        path, other = ("currency", "value") if event.currency is None else ("value", "currency")
        return Rejection(id=event.id, path=path, message=f"is missing; a {other} needs it")
    return event


def reject(*, document: object, error: ErrorDetails) -> Rejection:
    """Return why a document is refused, in words.

    Args:
        document: as it came.
        error: what pydantic found first.
    """
    path = "/".join(str(part) for part in error["loc"])
    event_id = document.get("id") if isinstance(document, dict) else None
    if not isinstance(document, dict | DeliveredEvent):
        return Rejection(id=None, path="", message="is not a JSON object with the fields of an event")
    message = MESSAGES.get(error["type"]) or error["msg"].removeprefix("Value error, ")
    return Rejection(id=event_id[:200] if isinstance(event_id, str) else None, path=path, message=message)


def to_rows(*, delivered: Sequence[DeliveredEvent], row_numbers: Iterable[int], hash_key: bytes, customer_space: str) -> list[Row]:
    """Return events as rows, customers hashed, and each body hashed as it was delivered.

    Args:
        delivered: checked events of one source.
        row_numbers: where each stood in its delivery.
        hash_key: secret under which customers are hashed.
        customer_space: which name space the customers of the source belong to, the same as that of its files.

    Returns: one row per event; contract, query type and channel as delivered.
    """
    told = set(map(attrgetter("customer"), delivered)) - {None}
    known = {customer: customers.hash_customer(space=customer_space, value=customer, key=hash_key) for customer in told}
    return [_row(event, number, known.get(event.customer, "")) for event, number in zip(delivered, row_numbers, strict=True)]


def explain(*, row: Row, type: str, code: str) -> Row:
    """Return an event whose state is understood by now, hashed as if it had been delivered so.

    Args:
        row: as it was held.
        type: kind of event that the state means.
        code: that goes with it, or empty.
    """
    told = row._replace(type=type, code=code)
    at, names = row.occurred_at, list(events.TOLD_BY_DELIVERIES)
    body = (type, f"{at[:10]} {at[11:]}", *told[BODY_FIRST : BODY_FIRST + len(events.BODY) - 2])
    return told._replace(body_hash=_body_hash(body, told[-len(names) :]))


def _row(event: DeliveredEvent, number: int, customer_hash: str) -> Row:
    instant = event.occurred_at.astimezone(UTC).isoformat("T", "microseconds")
    is_system = event.automated or None
    space = None if event.agent is None else event.agent_space
    body = (
        event.type,
        f"{instant[:10]} {instant[11:]}",
        event.sequence,
        space,
        event.agent,
        event.contract,
        event.query_type,
        event.channel,
        customer_hash,
        event.queue,
        event.transfer_count,
        event.code,
    )
    further = (
        is_system,
        event.direction,
        event.medium,
        event.content,
        event.qualified,
        event.appropriate,
        event.hostile,
        event.handle_seconds,
        None if event.value is None else int(Decimal(event.value) * MICROS),
        event.currency,
    )
    return Row(number, event.id, _body_hash(body, further), event.case, body[0], instant, *body[2:], *further)


def _body_hash(body: tuple[Any, ...], further: tuple[Any, ...]) -> str:
    """Hash what an event says, as agents.intake.events.with_body_hash does with a frame."""
    said = [NOT_TOLD if value is None else str(value) for value in body]
    text = SEPARATOR.join(said)
    for name, value in zip(events.TOLD_BY_DELIVERIES, further, strict=True):
        if value is not None:
            text += f"{SEPARATOR}{name}={str(value).lower() if isinstance(value, bool) else value}"
    return hashlib.sha256(text.encode()).hexdigest()
