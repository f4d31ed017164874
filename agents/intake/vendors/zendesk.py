"""Zendesk: event webhooks, and tickets, audits, calls and ratings as its API gives them.

Ids are text in event webhooks and numbers in the API, states capitals there and small letters here; both are one.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agents.intake.vendors import story
from agents.intake.vendors.story import Story, get, items, need, text, when

EVENT_START = "zen:event-type:ticket."
USER_SPACE = "user"
# Zendesk's own user, who carries out rules.
SYSTEM_USER = "-1"
OPEN_STATES = frozenset({"new", "open", "pending", "hold"})
SOLVED_STATES = {"solved": "solution_offered", "closed": "closed"}
SETTINGS = ("groups", "organizations", "users", "sla_policies", "webhook", "webhooks", "brands", "schedules", "group", "user")
Fields = dict[str, Any]


def translate(tale: Story) -> None:
    """Tell the events of a Zendesk webhook."""
    document = tale.hook.document
    if str(get(document, "type")).startswith(EVENT_START):
        _tell_event(tale, document)
    elif get(document, "audit") or get(document, "audits"):
        for audit in items(get(document, "audits") or [get(document, "audit")]):
            _tell_audit(tale, audit)
    elif get(document, "ticket") or get(document, "tickets"):
        for ticket in items(get(document, "tickets") or [get(document, "ticket")]):
            _tell_ticket(tale, ticket)
    elif get(document, "talk_time") is not None:
        _tell_call(tale, document)
    elif get(document, "reply_time_in_minutes") is not None:
        tale.ignore("Ticket metrics count minutes and returns, but do not say who resolved the case.")
    elif get(document, "score") is not None and get(document, "ticket_id"):
        _tell_rating(tale, document)
    elif get(document, "requester_id") and get(document, "status"):
        _tell_ticket(tale, document)
    elif isinstance(document, Mapping) and any(name in document for name in SETTINGS):
        tale.ignore("Settings and people of the help desk are no events of a case.")
    elif str(get(document, "type")).startswith("zen:event-type:"):
        tale.ignore("It is about something other than a ticket.")
    else:
        raise story.NotUnderstood("It is neither an event of a ticket nor a ticket.")


def _tell_event(tale: Story, document: Any) -> None:
    """Tell what one event webhook says; Zendesk gives it an id, which stays the same when it is delivered again."""
    kind, detail = str(document["type"]).removeprefix(EVENT_START), get(document, "detail")
    case, at = get(detail, "id"), when(get(document, "time"))
    event_id = f"event/{need(text(get(document, 'id')), 'an id')}"
    customer = text(get(detail, "requester_id"))
    facts: Fields = {"customer": customer, "channel": text(get(detail, "via", "channel")), "query_type": text(get(detail, "form_id"))}
    facts |= {"queue": text(get(detail, "group_id"))}
    before, after = (text(get(document, "event", name)) for name in ("previous", "current"))
    actor = _person(text(get(detail, "actor_id")), customer)
    if kind == "created":
        tale.tell(id=event_id, type="opened", case=case, at=when(get(detail, "created_at"), get(document, "time")), **facts)
    elif kind == "status_changed":
        _tell_state(tale, event_id, case, at, before, after, actor | facts)
    elif kind == "comment_added":
        comment = get(document, "event", "comment")
        author = text(get(comment, "author", "id")) or text(get(detail, "actor_id"))
        is_staff = get(comment, "author", "is_staff")
        _tell_comment(tale, event_id, case, at, author, customer, get(comment, "is_public"), is_staff, facts)
    elif kind in ("agent_assignment_changed", "group_assignment_changed"):
        if before and after and before != after:
            tale.tell(id=event_id, type="transferred", case=case, at=at, **facts)
        else:
            tale.ignore("The first assignment of a ticket is no transfer.")
    elif kind == "merged":
        tale.tell(id=event_id, type="merged", case=case, at=at)
    elif kind in ("marked_as_spam", "soft_deleted", "permanently_deleted"):
        tale.tell(id=event_id, type="excluded", case=case, at=at, code="spam" if kind == "marked_as_spam" else "deleted")
    else:
        tale.ignore(f'"{kind}" does not change the life of a case.')


def _tell_state(tale: Story, event_id: str, case: Any, at: datetime, before: str | None, after: str | None, facts: Fields) -> None:
    was, is_now = (before or "").lower(), (after or "").lower()
    if is_now in SOLVED_STATES:
        tale.tell(id=event_id, type=SOLVED_STATES[is_now], case=case, at=at, **facts)
    elif is_now in OPEN_STATES:
        if was in SOLVED_STATES:
            tale.tell(id=event_id, type="reopened", case=case, at=at, **facts)
        else:
            tale.ignore("A ticket that moves between open states is as open as before.")
    elif is_now == "deleted":
        tale.tell(id=event_id, type="excluded", case=case, at=at, code="deleted")
    else:
        raise story.NotUnderstood(f'The state "{is_now[:40]}" is not known.', reason=story.UNKNOWN_STATE)


def _tell_comment(
    tale: Story,
    event_id: str,
    case: Any,
    at: datetime,
    author: str | None,
    customer: str | None,
    is_public: Any,
    is_staff: Any,
    facts: Fields,
) -> None:
    if is_public is not True:
        tale.ignore("A private note is no contact.")
    elif is_staff is False or (is_staff is None and author is not None and author == customer):
        tale.tell(id=event_id, type="contact", case=case, at=at, direction="in", medium="message", **facts)
    else:
        tale.tell(id=event_id, type="contact", case=case, at=at, direction="out", medium="message", **_person(author, None) | facts)


def _tell_audit(tale: Story, audit: Mapping[str, Any]) -> None:
    """Tell what one entry of a ticket's audit says. A change that a rule made names the rule, not the author of the audit."""
    case, at = get(audit, "ticket_id"), when(get(audit, "created_at"))
    author = text(get(audit, "author_id"))
    for change in items(get(audit, "events")):
        event_id = f"audit/{need(text(get(change, 'id')), 'an id')}"
        is_rule = get(change, "via", "channel") == "rule"
        actor = {"agent": "rule", "agent_space": story.SYSTEM_SPACE, "automated": True} if is_rule else _person(author, None)
        if get(change, "type") == "Comment":
            _tell_comment(tale, event_id, case, at, author, None, get(change, "public"), None, {})
        elif get(change, "type") == "Change" and get(change, "field_name") == "status":
            _tell_state(tale, event_id, case, at, text(get(change, "previous_value")), text(get(change, "value")), actor)
        else:
            tale.ignore(f'"{text(get(change, "type"))}" does not change the life of a case.')


def _tell_ticket(tale: Story, ticket: Mapping[str, Any]) -> None:
    """Tell what a ticket says of itself: when it was opened and, if it is solved, that its assignee solved it by its last change."""
    case, state = need(text(get(ticket, "id")), "a case"), (text(get(ticket, "status")) or "").lower()
    facts: Fields = {"customer": text(get(ticket, "requester_id")), "channel": text(get(ticket, "via", "channel"))}
    facts |= {"query_type": text(get(ticket, "ticket_form_id"))}
    tale.tell(id=f"ticket/{case}/opened", type="opened", case=case, at=when(get(ticket, "created_at")), **facts)
    at = when(get(ticket, "updated_at"), get(ticket, "created_at"))
    event_id = f"ticket/{case}/{state}/{story.mark(at)}"
    if state in SOLVED_STATES:
        assignee = _person(text(get(ticket, "assignee_id")), None)
        tale.tell(id=event_id, type=SOLVED_STATES[state], case=case, at=at, queue=text(get(ticket, "group_id")), **assignee)
    elif state == "deleted":
        tale.tell(id=event_id, type="excluded", case=case, at=at, code="deleted")
    elif state not in OPEN_STATES:
        raise story.NotUnderstood(f'The state "{state[:40]}" is not known.', reason=story.UNKNOWN_STATE)


def _tell_call(tale: Story, call: Mapping[str, Any]) -> None:
    """Tell a call of Zendesk Talk. Its duration counts the waiting too, so handle time is talk, hold and wrap-up."""
    parts = [get(call, name) for name in ("talk_time", "hold_time", "wrap_up_time")]
    seconds = sum(part for part in parts if isinstance(part, int) and not isinstance(part, bool))
    tale.tell(
        id=f"call/{need(text(get(call, 'id')), 'an id')}",
        type="contact",
        case=get(call, "ticket_id"),
        at=when(get(call, "created_at")),
        direction="out" if get(call, "direction") == "outbound" else "in",
        medium="voicemail" if get(call, "voicemail") is True else "live",
        customer=text(get(call, "customer_id")),
        channel="phone",
        handle_seconds=seconds,
        **_person(text(get(call, "agent_id")), None),
    )


def _tell_rating(tale: Story, rating: Mapping[str, Any]) -> None:
    score = text(get(rating, "score")) or ""
    if score == "offered":
        tale.ignore("A survey that was offered is not answered yet.")
        return
    tale.tell(
        id=f"rating/{need(text(get(rating, 'id')), 'an id')}",
        type="survey_answered",
        case=get(rating, "ticket_id"),
        at=when(get(rating, "updated_at"), get(rating, "created_at")),
        code=score[:32],
        **_person(text(get(rating, "assignee_id")), None),
    )


def _person(user_id: str | None, customer: str | None) -> Fields:
    """Name who did it: an agent, Zendesk itself, or nobody where it was the customer."""
    if user_id is None or user_id == customer:
        return {}
    if user_id == SYSTEM_USER:
        return {"agent": "zendesk", "agent_space": story.SYSTEM_SPACE, "automated": True}
    return {"agent": user_id, "agent_space": USER_SPACE}
