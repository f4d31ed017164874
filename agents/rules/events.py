"""Case events: what help desks recorded about a case, in the one order that counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from contracts.rules import errors

EventType = Literal[
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
    "repeat_contact",
    "merged",
    "excluded",
    "survey_answered",
]
Direction = Literal["in", "out"]
Medium = Literal["live", "message", "voicemail"]
Content = Literal["answer", "request", "other"]

EVENT_TYPES: tuple[EventType, ...] = get_args(EventType)


class InvalidEvents(errors.InvalidInput):
    """Events that contradict each other, such as one id with two bodies."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """One recorded fact about a case.

    `id` is the source's own id, never a number given on arrival: it breaks ties, so it must not depend on arrival.
    `automated` marks a bot or system user. `qualified` is False for somebody who only routes. `no_further_action` marks an
    offer that says nothing more can be done. `code` is the exclusion's code, or the coded reason of a transfer.
    """

    type: EventType
    at: datetime
    id: str
    sequence: int = 0
    case: str = ""
    agent: str | None = None
    channel: str | None = None
    direction: Direction | None = None
    medium: Medium | None = None
    content: Content | None = None
    qualified: bool | None = None
    appropriate: bool | None = None
    automated: bool = False
    no_further_action: bool = False
    code: str | None = None


def order_events(*, events: Iterable[Event], as_of: datetime) -> tuple[Event, ...]:
    """Return the events of one case known at an instant, each once, in the order that decides.

    Args:
        events: in any order, with any repeats.
        as_of: events later than this are not known yet; one at this very instant is.

    Returns: events by (at, sequence, id).
    Raises: InvalidEvents if one id comes with two different bodies.
    Source: design.md section 4.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 10, 6, 12, tzinfo=UTC)
    >>> late, early = Event(type="closed", at=noon, id="2", sequence=2), Event(type="opened", at=noon, id="1", sequence=1)
    >>> [event.type for event in order_events(events=[late, early, late], as_of=noon)]
    ['opened', 'closed']
    """
    known: dict[str, Event] = {}
    for event in events:
        if known.setdefault(event.id, event) != event:
            raise InvalidEvents(f'Event "{event.id}" of case "{event.case}" comes with two different bodies; keep one and hold the other.')
    return tuple(sorted((event for event in known.values() if event.at <= as_of), key=lambda event: (event.at, event.sequence, event.id)))


def is_claim(event: Event) -> bool:
    """Say whether a person claims with this event that the case is solved; a bot's closing is no claim.

    Source: design.md section 3, "Resolution" and "Assisted".

    >>> from datetime import UTC
    >>> is_claim(Event(type="closed", at=datetime(2026, 10, 6, tzinfo=UTC), id="1", automated=True))
    False
    """
    return event.type in ("solution_offered", "closed") and not event.automated


def is_agent_message(event: Event) -> bool:
    """Say whether a person wrote or spoke to the customer with this event; an automatic notice is no message.

    Source: design.md section 4, "silence window": it begins with the last agent message.

    >>> from datetime import UTC
    >>> is_agent_message(Event(type="contact", direction="out", at=datetime(2026, 10, 6, tzinfo=UTC), id="1"))
    True
    """
    return event.type == "contact" and event.direction == "out" and not event.automated


def is_answer(event: Event) -> bool:
    """Say whether a person answers the customer with this event, in a message or in a live conversation.

    Source: design.md section 4, "Answered is not resolved".

    >>> from datetime import UTC
    >>> is_answer(Event(type="contact", direction="out", content="answer", at=datetime(2026, 10, 6, tzinfo=UTC), id="1"))
    True
    """
    is_ours = event.direction == "out" or event.medium == "live"
    return event.type == "contact" and not event.automated and event.content == "answer" and is_ours


def is_customer_request(event: Event) -> bool:
    """Say whether the customer asks with this event: an inbound contact that is neither thanks nor an answer.

    Source: design.md section 4, "reopen window".

    >>> from datetime import UTC
    >>> is_customer_request(Event(type="contact", direction="in", content="other", at=datetime(2026, 10, 6, tzinfo=UTC), id="1"))
    False
    """
    return event.type == "contact" and event.direction == "in" and not event.automated and event.content in (None, "request")
