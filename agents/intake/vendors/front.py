"""Front: events of conversations, by rule or by application.

Archiving is the nearest that Front has to resolving. Who did it is the source of the event, not the assignee; a rule or the
API can be the source too.
"""

from collections.abc import Mapping
from typing import Any

from agents.intake.vendors import story
from agents.intake.vendors.story import Story, get, need, text, when

TEAMMATE_SPACE = "teammate"
STATES = {"archive": "closed", "reopen": "reopened", "conversations_merged": "merged", "trash": "excluded", "restore": "reopened"}
CONTACTS = {"inbound": "in", "outbound": "out", "out_reply": "out"}
CHANNELS = {"email": "email", "sms": "sms", "call": "phone", "intercom": "chat", "front_chat": "chat", "whatsapp": "social"}
Fields = dict[str, Any]


def translate(tale: Story) -> None:
    """Tell the event of a Front webhook."""
    document = tale.hook.document
    if get(document, "type") == "sync":
        tale.ignore("Front asks whether somebody is here.")
        return
    event = document["payload"] if isinstance(get(document, "payload"), Mapping) else document
    kind, conversation = text(get(event, "type")), get(event, "conversation")
    if kind is None or not get(conversation, "id") or not get(event, "id"):
        raise story.NotUnderstood("It is no event of a conversation.")
    case, event_id = need(text(get(conversation, "id")), "a case"), f"event/{text(get(event, 'id'))}"
    customer, tag = _customer(conversation), _first_tag(conversation)
    if get(conversation, "created_at"):
        at = when(get(conversation, "created_at"))
        tale.tell(id=f"conversation/{case}/opened", type="opened", case=case, at=at, customer=customer)
    if kind in STATES:
        code = "deleted" if kind == "trash" else None
        at = when(get(event, "emitted_at"))
        tale.tell(id=event_id, type=STATES[kind], case=case, at=at, code=code, query_type=tag, **_source(event))
    elif kind in CONTACTS:
        _tell_contact(tale, event, event_id, case)
    else:
        tale.ignore(f'"{kind[:40]}" does not change the life of a case.')


def _tell_contact(tale: Story, event: Any, event_id: str, case: str) -> None:
    message = get(event, "target", "data") or get(event, "conversation", "last_message")
    direction = CONTACTS[str(get(event, "type"))]
    channel = CHANNELS.get(str(get(message, "type")))
    person = _source(event) if direction == "out" else {}
    at = when(get(event, "emitted_at"))
    medium = "live" if channel == "phone" else "message"
    tale.tell(id=event_id, type="contact", case=case, at=at, direction=direction, medium=medium, channel=channel, **person)


def _source(event: Any) -> Fields:
    kind, data = text(get(event, "source", "_meta", "type")), get(event, "source", "data")
    if kind is None:
        raise story.NotUnderstood("It does not say who did it; let the rule send the full event, not a preview.")
    who = text(get(data, "id"))
    if kind == "teammate" and who is not None:
        return {"agent": who, "agent_space": TEAMMATE_SPACE}
    return {"agent": kind[:200], "agent_space": story.SYSTEM_SPACE, "automated": True}


def _customer(conversation: Any) -> str | None:
    """Name the customer by Front's own id of the contact, else by the address written to; only a keyed hash of it is stored."""
    contact = text(get(conversation, "recipient", "_links", "related", "contact"))
    return contact.rsplit("/", 1)[-1] if contact else text(get(conversation, "recipient", "handle"))


def _first_tag(conversation: Any) -> str | None:
    return text(get(story.first(get(conversation, "tags")), "name"))
