"""Intercom: notifications about conversations and tickets, and both as its API gives them.

What closed a conversation is a part of it, and its author did it; the assignee may be somebody else. A conversation that an
agent starts arrives closed and is no resolution: nobody closed it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agents.intake.vendors import story
from agents.intake.vendors.story import Story, get, items, need, text, when

ADMIN_SPACE, TEAM_SPACE = "admin", "team"
CUSTOMERS = frozenset({"user", "contact", "lead"})
REOPENING = frozenset({"open", "assign_and_reopen"})
ASSIGNING = frozenset({"assignment", "assign_and_reopen", "default_assignment"})
Fields = dict[str, Any]


def translate(tale: Story) -> None:
    """Tell the events of an Intercom notification, or of a conversation or ticket."""
    document = tale.hook.document
    item = get(document, "data", "item") if get(document, "type") == "notification_event" else document
    kind = get(item, "type")
    if kind == "conversation":
        _tell_conversation(tale, item)
    elif kind == "ticket":
        _tell_ticket(tale, item)
    elif get(document, "type") == "notification_event" and isinstance(kind, str):
        tale.ignore(f'"{text(get(document, "topic"))}" is about {kind}, not about a case.')
    else:
        raise story.NotUnderstood("It is neither a notification nor a conversation nor a ticket.")


def _tell_conversation(tale: Story, item: Mapping[str, Any]) -> None:
    case, at = need(text(get(item, "id")), "a case"), when(get(item, "created_at"))
    first = get(item, "source") or get(item, "conversation_message")
    tale.tell(id=f"conversation/{case}/opened", type="opened", case=case, at=at, customer=_customer(item))
    _tell_message(tale, f"conversation/{case}/message", case, at, get(first, "author"))
    parts = list(items(get(item, "conversation_parts", "conversation_parts")))
    for part in parts:
        _tell_part(tale, case, part, _first_tag(item))
    if get(item, "state") == "closed" and not any(get(part, "part_type") == "close" for part in parts):
        tale.ignore("The conversation is closed, but no part says that somebody closed it.")
    _tell_rating(tale, case, get(item, "conversation_rating"))


def _tell_part(tale: Story, case: str, part: Mapping[str, Any], tag: str | None) -> None:
    kind, part_id = text(get(part, "part_type")) or "", need(text(get(part, "id")), "an id of a part")
    event_id, author = f"part/{case}/{part_id}", get(part, "author")
    if kind == "close":
        at = when(get(part, "created_at"))
        tale.tell(id=event_id, type="closed", case=case, at=at, query_type=tag, **_person(author))
    elif kind in REOPENING:
        tale.tell(id=event_id, type="reopened", case=case, at=when(get(part, "created_at")), **_person(author))
    elif kind == "comment":
        _tell_message(tale, event_id, case, when(get(part, "created_at")), author)
    elif kind in ASSIGNING and _is_transfer(author, get(part, "assigned_to")):
        tale.tell(id=event_id, type="transferred", case=case, at=when(get(part, "created_at")))
    else:
        tale.ignore(f'A part "{kind}" does not change the life of a case.')


def _tell_message(tale: Story, event_id: str, case: str, at: datetime, author: Any) -> None:
    kind = text(get(author, "type"))
    if kind in CUSTOMERS:
        tale.tell(id=event_id, type="contact", case=case, at=at, direction="in", medium="message")
    elif kind in ("admin", "bot"):
        tale.tell(id=event_id, type="contact", case=case, at=at, direction="out", medium="message", **_person(author))
    else:
        tale.ignore("A message of neither the customer nor an agent is no contact.")


def _tell_ticket(tale: Story, item: Mapping[str, Any]) -> None:
    case, query_type = need(text(get(item, "id")), "a case"), text(get(item, "ticket_type", "name"))
    at = when(get(item, "created_at"))
    tale.tell(id=f"ticket/{case}/opened", type="opened", case=case, at=at, customer=_customer(item), query_type=query_type)
    for part in items(get(item, "ticket_parts", "ticket_parts")):
        is_now, was = text(get(part, "ticket_state")), text(get(part, "previous_ticket_state"))
        event_id = f"part/{case}/{need(text(get(part, 'id')), 'an id of a part')}"
        if get(part, "part_type") == "comment":
            _tell_message(tale, event_id, case, when(get(part, "created_at")), get(part, "author"))
        elif is_now == "resolved" and was != "resolved":
            at = when(get(part, "created_at"))
            tale.tell(id=event_id, type="solution_offered", case=case, at=at, **_person(get(part, "author")))
        elif was == "resolved" and is_now not in (None, "resolved"):
            tale.tell(id=event_id, type="reopened", case=case, at=when(get(part, "created_at")), **_person(get(part, "author")))
        else:
            tale.ignore(f'A part "{text(get(part, "part_type"))}" does not change the life of a case.')


def _tell_rating(tale: Story, case: str, rating: Any) -> None:
    value = text(get(rating, "rating"))
    if value is None:
        return
    at = when(get(rating, "created_at"))
    rated = get(rating, "teammate") or get(rating, "admin")
    person = _person(rated) if get(rated, "type") else _person({"type": "admin", "id": get(rated, "id")})
    # It is dated by when the customer was asked, so another answer to the same question has the same id.
    tale.tell(id=f"rating/{case}/{story.mark(at)}", type="survey_answered", case=case, at=at, code=value[:32], **person)


def _is_transfer(author: Any, assigned_to: Any) -> bool:
    """Say whether an agent passed the case on: an agent who takes it, or a rule that hands it out first, passes nothing on."""
    is_agent = get(author, "type") == "admin"
    return (
        is_agent and get(assigned_to, "type") in ("admin", "team") and text(get(assigned_to, "id")) not in (None, text(get(author, "id")))
    )


def _customer(item: Mapping[str, Any]) -> str | None:
    return text(get(item, "user", "id")) or text(get(story.first(get(item, "contacts", "contacts")), "id"))


def _first_tag(item: Mapping[str, Any]) -> str | None:
    return text(get(story.first(get(item, "tags", "tags")), "name"))


def _person(author: Any) -> Fields:
    author_id = text(get(author, "id"))
    if author_id is None or get(author, "type") not in ("admin", "bot", "team"):
        return {}
    if get(author, "type") == "bot":
        return {"agent": author_id, "agent_space": "bot", "automated": True}
    return {"agent": author_id, "agent_space": TEAM_SPACE if get(author, "type") == "team" else ADMIN_SPACE}
