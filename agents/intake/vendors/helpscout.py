"""Help Scout: webhooks, whose body is a conversation and whose event is named in a header.

The one who closed it is an id without an object, in the same numbers as customers but in a space of its own.
"""

from collections.abc import Mapping
from typing import Any

from agents.intake.vendors import story
from agents.intake.vendors.story import Story, get, items, need, text, when

USER_SPACE = "user"
EVENT_HEADER = "x-helpscout-event"
REOPENING_STATES = frozenset({"active"})
CHANNELS = {"email": "email", "chat": "chat", "phone": "phone"}
THREADS = {"customer": "in", "message": "out", "chat": "out", "phone": "out"}
Fields = dict[str, Any]


def translate(tale: Story) -> None:
    """Tell the events of a Help Scout webhook."""
    document, name = tale.hook.document, (tale.hook.headers or {}).get(EVENT_HEADER, "")
    if name == "satisfaction.ratings" or (get(document, "rating") and get(document, "conversation", "id")):
        _tell_rating(tale, document)
    elif tale.hook.headers is None:
        raise story.NotUnderstood("What happened stood in the head of the webhook, which is not kept; look the case up in the help desk.")
    elif get(document, "id") and get(document, "createdAt") and get(document, "status"):
        _tell_conversation(tale, document, name)
    elif name and not name.startswith(("convo.", "satisfaction.")):
        tale.ignore(f'"{name[:40]}" is not about a case.')
    else:
        raise story.NotUnderstood("It is neither a conversation nor a rating.")


def _tell_conversation(tale: Story, document: Mapping[str, Any], name: str) -> None:
    case, state = need(text(get(document, "id")), "a case"), str(get(document, "status"))
    opened: Fields = {"customer": text(get(document, "primaryCustomer", "id")), "channel": CHANNELS.get(str(get(document, "type")))}
    tale.tell(id=f"conversation/{case}/opened", type="opened", case=case, at=when(get(document, "createdAt")), **opened)
    for thread in items(get(document, "_embedded", "threads")):
        _tell_thread(tale, case, thread)
    changed_at = get(document, "userUpdatedAt")
    if name == "convo.merged":
        tale.tell(id=f"conversation/{case}/merged", type="merged", case=case, at=when(changed_at))
    elif state == "closed":
        _tell_closed(tale, document, case)
    elif state == "spam":
        tale.tell(id=f"conversation/{case}/spam", type="excluded", case=case, at=when(changed_at), code="spam")
    elif name == "convo.status" and state in REOPENING_STATES:
        at = when(changed_at)
        tale.tell(id=f"conversation/{case}/reopened/{story.mark(at)}", type="reopened", case=case, at=at)
    elif state not in ("active", "pending", "open"):
        raise story.NotUnderstood(f'The state "{state[:40]}" is not known.', reason=story.UNKNOWN_STATE)


def _tell_closed(tale: Story, document: Mapping[str, Any], case: str) -> None:
    at, closer = when(get(document, "closedAt")), text(get(document, "closedBy"))
    person: Fields = {}
    if closer == "0":
        person = {"agent": "helpscout", "agent_space": story.SYSTEM_SPACE, "automated": True}
    elif closer is not None:
        person = {"agent": closer, "agent_space": USER_SPACE}
    event_id = f"conversation/{case}/closed/{story.mark(at)}"
    person |= {"query_type": _first_tag(document), "queue": text(get(document, "mailboxId"))}
    doubt = story.doubt_closing(closed_at=at, changed_at=story.instant(get(document, "userUpdatedAt")))
    tale.tell(id=event_id, type="closed", case=case, at=at, doubt=doubt, **person)


def _tell_thread(tale: Story, case: str, thread: Mapping[str, Any]) -> None:
    kind = str(get(thread, "type"))
    if kind not in THREADS or get(thread, "state") == "draft":
        tale.ignore("A note, a draft or a line of the log is no contact.")
        return
    is_customer = get(thread, "createdBy", "type") == "customer" or kind == "customer"
    who = text(get(thread, "createdBy", "id"))
    person: Fields = {} if is_customer or who is None else {"agent": who, "agent_space": USER_SPACE}
    tale.tell(
        id=f"thread/{need(text(get(thread, 'id')), 'an id')}",
        type="contact",
        case=case,
        at=when(get(thread, "createdAt")),
        direction="in" if is_customer else "out",
        medium="live" if kind == "phone" else "message",
        **person,
    )


def _tell_rating(tale: Story, document: Mapping[str, Any]) -> None:
    who, value = text(get(document, "user", "id")), need(text(get(document, "rating")), "a rating")
    person: Fields = {} if who is None else {"agent": who, "agent_space": USER_SPACE}
    tale.tell(
        id=f"rating/{need(text(get(document, 'id')), 'an id')}",
        type="survey_answered",
        case=get(document, "conversation", "id"),
        at=when(get(document, "modifiedAt"), get(document, "createdAt")),
        code=value[:32],
        **person,
    )


def _first_tag(document: Mapping[str, Any]) -> str | None:
    return text(get(story.first(get(document, "tags")), "tag"))
