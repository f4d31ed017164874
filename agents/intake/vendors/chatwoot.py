"""Chatwoot: webhooks about conversations and messages.

Neither a delivery's id nor an account is in a body, so an event is known by conversation, name and time. The name says what
happened and the status what is the case; where the two disagree about a solution, a person looks.
"""

from typing import Any

from agents.intake.vendors import story
from agents.intake.vendors.story import Doubt, Story, get, need, text, when

USER_SPACE = "user"
INCOMING, OUTGOING = ("incoming", 0), ("outgoing", 1)
CHANNELS = {
    "Channel::WebWidget": "chat",
    "Channel::Email": "email",
    "Channel::Sms": "sms",
    "Channel::TwilioSms": "sms",
    "Channel::Whatsapp": "social",
    "Channel::FacebookPage": "social",
    "Channel::Telegram": "social",
    "Channel::Line": "social",
    "Channel::Api": "chat",
}
Fields = dict[str, Any]


def translate(tale: Story) -> None:
    """Tell the event of a Chatwoot webhook."""
    document = tale.hook.document
    name = text(get(document, "event"))
    if name is None:
        raise story.NotUnderstood("It names no event.")
    if name == "conversation_created":
        _tell_state(tale, document, name, "opened", None)
    elif name == "conversation_resolved":
        _tell_state(tale, document, name, "solution_offered", "resolved")
    elif name == "conversation_opened":
        _tell_state(tale, document, name, "reopened", "open")
    elif name == "conversation_status_changed":
        kind = {"resolved": "solution_offered", "open": "reopened"}.get(str(get(document, "status")))
        if kind is None:
            tale.ignore("A conversation that waits or sleeps is as open as before.")
        else:
            _tell_state(tale, document, name, kind, None)
    elif name == "message_created":
        _tell_message(tale, document)
    else:
        tale.ignore(f'"{name}" does not change the life of a case.')


def _tell_state(tale: Story, document: Any, name: str, kind: str, status: str | None) -> None:
    case, at = need(text(get(document, "id")), "a case"), when(get(document, "timestamp"), get(document, "created_at"))
    told = text(get(document, "status"))
    doubt = None
    if status is not None and told != status:
        doubt = Doubt(
            reason=story.STATUS_DISAGREES,
            message=f'The webhook is named {name}, but its status is "{told}". If it was {status} then, try this again.',
        )
    assignee = text(get(document, "meta", "assignee", "id"))
    facts: Fields = {"customer": text(get(document, "meta", "sender", "id")), "channel": CHANNELS.get(str(get(document, "channel")))}
    facts |= {"queue": text(get(document, "inbox_id")), "query_type": _first_label(document)}
    if assignee is not None and kind == "solution_offered":
        facts |= {"agent": assignee, "agent_space": USER_SPACE}
    tale.tell(id=f"conversation/{case}/{name}/{kind}/{story.mark(at)}", type=kind, case=case, at=at, doubt=doubt, **facts)


def _tell_message(tale: Story, document: Any) -> None:
    conversation, kind = get(document, "conversation"), get(document, "message_type")
    if get(document, "private") is True:
        tale.ignore("A private note is no contact.")
        return
    if kind not in INCOMING + OUTGOING or isinstance(kind, bool):
        tale.ignore("A notice of the system is no contact.")
        return
    facts: Fields = {"customer": text(get(conversation, "meta", "sender", "id"))}
    facts |= {"channel": CHANNELS.get(str(get(conversation, "channel"))), "queue": text(get(conversation, "inbox_id"))}
    if kind in OUTGOING:
        sender = get(document, "sender")
        if text(get(sender, "id")) is not None:
            is_bot = get(sender, "type") == "agent_bot"
            facts |= {"agent": text(get(sender, "id")), "agent_space": "bot" if is_bot else USER_SPACE, "automated": is_bot}
    tale.tell(
        id=f"message/{need(text(get(document, 'id')), 'an id')}",
        type="contact",
        case=get(conversation, "id"),
        at=when(get(document, "created_at")),
        direction="in" if kind in INCOMING else "out",
        medium="message",
        **facts,
    )


def _first_label(document: Any) -> str | None:
    labels = get(document, "labels")
    return text(labels[0]) if isinstance(labels, list) and labels else None
