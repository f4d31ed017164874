"""What a webhook tells: events that a translator made of it, what in it is doubtful, and what in it is no matter of ours."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from agents.intake import dates, delivered
from agents.intake.delivered import DeliveredEvent, Rejection
from agents.intake.frozen_mappings import NOTHING

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CODE_CHARACTERS_MAX = 32
SECONDS_MAX = Decimal(10) ** 11
SYSTEM_SPACE = "system"
# Who changes a closed case later than this may not be who closed it.
CLOSING = timedelta(minutes=1)
CHANGED_SINCE = (
    "The case was closed at {closed} and changed at {changed}; this does not say who closed it, and nothing that does has come yet. "
    "If it was who changed it, try this again."
)
STATUS_DISAGREES = "status_disagrees"
MISSING_TIME = "missing_time"
UNKNOWN_STATE = "unknown_state"
CHANGED_SINCE_CLOSED = "changed_since_closed"


class NotUnderstood(Exception):
    """A webhook that is kept as it came, for somebody to look at; `reason` is a stable code."""

    def __init__(self, message: str, *, reason: str = "not_understood") -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """Why an event that could be read does not count before somebody looked at it."""

    reason: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Hook:
    """A webhook whose sender is proven. `states` are the meanings that the source's mapping gives to values of state.

    `headers` are None of one that was kept, whose head was not; `received_at` is when it came.
    """

    source: str
    document: Any
    headers: Mapping[str, str] | None
    received_at: datetime
    body_sha256: str
    states: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(kw_only=True)
class Story:
    """The events of a webhook as a translator tells them, in any order."""

    hook: Hook
    events: list[DeliveredEvent] = field(default_factory=list)
    doubts: dict[int, Doubt] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    _by_id: dict[str, list[DeliveredEvent]] = field(default_factory=dict, repr=False)

    def tell(self, *, id: str, type: str, case: object, at: datetime, doubt: Doubt | None = None, **fields: Any) -> None:
        """Add an event. Its id follows from what the help desk says, so that the same thing told twice is one event.

        Told twice with two contents it is two, of which one is held.

        Raises: NotUnderstood if the help desk's values do not fit an event.
        """
        if type == NOTHING:
            self.ignore("The source's mapping says that this state tells nothing.")
            return
        told = {name: value for name, value in fields.items() if value is not None}
        document = {"source": self.hook.source, "id": id, "type": type, "case": need(text(case), "a case"), "occurred_at": at, **told}
        event = delivered.read_event(document=document)
        if isinstance(event, Rejection):
            raise NotUnderstood(f"What it says does not fit an event: {event.path} {event.message}.")
        told_before = self._by_id.setdefault(event.id, [])
        if event in told_before:
            return
        told_before.append(event)
        if doubt is not None:
            self.doubts[len(self.events)] = doubt
        self.events.append(event)

    def ignore(self, reason: str) -> None:
        """Say what in the webhook is no matter of ours, and why."""
        self.ignored.append(reason)


def get(document: object, *path: str) -> Any:
    """Return what stands at a path, or None where anything on the way is missing or is no object."""
    for name in path:
        document = document.get(name) if isinstance(document, Mapping) else None
    return document


def items(value: object) -> Iterator[Mapping[str, Any]]:
    """Return the objects of a list, none where there is no list.

    Raises: NotUnderstood if something else stands there or among them: it may be what counts.
    """
    found = [] if value is None else value
    if not isinstance(found, list) or not all(isinstance(item, Mapping) for item in found):
        raise NotUnderstood("Something else stands where a list of objects is expected.")
    return iter(found)


def first(value: object) -> Mapping[str, Any]:
    """Return the first object of a list that says no more than one word of a case, or an empty one."""
    return next((item for item in value if isinstance(item, Mapping)), {}) if isinstance(value, list) else {}


def documents(body: Any) -> list[Mapping[str, Any]]:
    """Return the documents of a body that is a list, or the one that came alone.

    Raises: NotUnderstood if there is none.
    """
    found = list(items(body)) if isinstance(body, list) else [body]
    if not found:
        raise NotUnderstood("It is an empty list.")
    return found


def text(value: object) -> str | None:
    """Return an id or word as text, None where there is none; ids are numbers here and text there, and both are the same id."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).strip() or None


def need(value: str | None, what: str) -> str:
    """Return the value.

    Raises: NotUnderstood if there is none.
    """
    if value is None:
        raise NotUnderstood(f"It names no {what.removeprefix('a ')}, so nothing can be made of it.")
    return value


def instant(value: object) -> datetime | None:
    """Read an instant with an offset, or seconds since 1970 (with a fraction, or as milliseconds); None where there is none.

    Raises: NotUnderstood if something stands there that is no instant.

    >>> instant(1518307966.678).isoformat()
    '2018-02-11T00:12:46.678000+00:00'
    """
    if value is None or value == "" or isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        seconds = Decimal(str(value))
        seconds = seconds / 1000 if abs(seconds) >= SECONDS_MAX else seconds
        if not seconds.is_finite() or not 0 < seconds < SECONDS_MAX:
            raise NotUnderstood(f"{value} is no time.")
        return EPOCH + timedelta(microseconds=int(seconds * 1_000_000))
    try:
        read = datetime.fromisoformat(_microseconds(str(value)))
    except ValueError as fault:
        raise NotUnderstood(f'"{str(value)[:40]}" is no time such as 2025-01-08T12:15:45Z.') from fault
    if read.tzinfo is None:
        raise NotUnderstood(f'"{str(value)[:40]}" does not say its offset from UTC.')
    if not dates.YEAR_MIN <= read.year <= dates.YEAR_MAX:
        raise NotUnderstood(f'"{str(value)[:40]}" is not between {dates.YEAR_MIN} and {dates.YEAR_MAX}.')
    return read


def when(*values: object) -> datetime:
    """Return the first instant that is there.

    Raises: NotUnderstood if none is.
    """
    for value in values:
        found = instant(value)
        if found is not None:
            return found
    raise NotUnderstood("It does not say when this happened.", reason=MISSING_TIME)


def _microseconds(value: str) -> str:
    """Cut nanoseconds, which some help desks write, to the microseconds that are stored."""
    head, dot, tail = value.partition(".")
    digits = tail[: len(tail) - len(tail.lstrip("0123456789"))]
    return f"{head}.{digits[:6]}{tail[len(digits) :]}" if dot and digits else value


def doubt_closing(*, closed_at: datetime, changed_at: datetime | None) -> Doubt | None:
    """Return the doubt in a closing that is told again by a later change: it names who made that change, as the case now is.

    Where the closing is known already, such an event is a repetition; where it comes later, it releases this one.
    """
    if changed_at is None or changed_at - closed_at <= CLOSING:
        return None
    return Doubt(reason=CHANGED_SINCE_CLOSED, message=CHANGED_SINCE.format(closed=mark(closed_at), changed=mark(changed_at)))


def mark(at: datetime) -> str:
    """Write an instant as part of an event's id.

    >>> mark(datetime(2025, 1, 8, 12, 15, 45, tzinfo=UTC))
    '2025-01-08T12:15:45Z'
    """
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
