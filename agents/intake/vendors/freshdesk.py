"""Freshdesk: webhooks of its rules, and tickets, conversations and time entries as its API gives them.

A rule's webhook holds text only, and does not say when unless somebody adds that to it; then it waits for a person, because
what it says may take a resolution away.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agents.intake.vendors import story
from agents.intake.vendors.story import Doubt, Story, get, need, text, when

AGENT_SPACE = "agent"
RESOLVED, CLOSED = "4", "5"
SOLVED_STATES = {RESOLVED: "solution_offered", CLOSED: "closed"}
# Not JSON, though it looks like it.
TRIGGERED = re.compile(r"^\{\s*status\s*:\s*\{\s*from\s*:\s*(\w+)\s*,\s*to\s*:\s*(\w+)\s*\}\s*\}$")
HOURS_AND_MINUTES = re.compile(r"^([0-9]{1,3}):([0-5][0-9])$")
NO_TIME = (
    "The webhook does not say when this happened. Add ticket_updated_at to it in Freshdesk; try this again to let it count as received."
)
DISAGREES = "The ticket was resolved at {resolved}, but its state is {state} and nothing says when it was opened again. Look at the ticket."
Fields = dict[str, Any]


def translate(tale: Story) -> None:
    """Tell the events of a Freshdesk webhook, or of tickets, conversations and time entries."""
    document = tale.hook.document
    if get(document, "freshdesk_webhook"):
        _tell_webhook(tale, document["freshdesk_webhook"])
        return
    for item in story.documents(document):
        _tell_item(tale, item)


def _tell_item(tale: Story, item: Any) -> None:
    if get(item, "time_spent") is not None and get(item, "ticket_id"):
        _tell_time(tale, item)
    elif get(item, "incoming") is not None:
        _tell_conversation(tale, item)
    elif get(item, "requester_id") and get(item, "status") is not None:
        _tell_ticket(tale, item)
    elif get(item, "ticket_scope") or get(item, "auto_ticket_assign") is not None:
        tale.ignore("Agents and groups of the help desk are no events of a case.")
    else:
        raise story.NotUnderstood("It is neither a webhook of a rule, nor a ticket, a conversation or a time entry.")


def _tell_webhook(tale: Story, document: Mapping[str, Any]) -> None:
    case, triggered = need(text(get(document, "ticket_id")), "a case"), text(get(document, "triggered_event")) or ""
    found = TRIGGERED.match(triggered)
    if found is None:
        raise story.NotUnderstood(f'What triggered it, "{triggered[:60]}", is no change of status.')
    before, after = found.groups()
    kind = SOLVED_STATES.get(after) or ("reopened" if before in SOLVED_STATES else None)
    if kind is None:
        tale.ignore("A ticket that moves between open states is as open as before.")
        return
    told_at = get(document, "ticket_updated_at") or get(document, "ticket_modified_on")
    facts: Fields = {"query_type": text(get(document, "ticket_type"))}
    agent = text(get(document, "ticket_agent_id")) or text(get(document, "triggered_by_id"))
    if agent is not None and kind in SOLVED_STATES.values():
        facts |= {"agent": agent, "agent_space": AGENT_SPACE}
    if told_at:
        at = when(told_at)
        tale.tell(id=f"webhook/{case}/{before}-{after}/{story.mark(at)}", type=kind, case=case, at=at, **facts)
    else:
        event_id = f"webhook/{case}/{before}-{after}/{tale.hook.body_sha256[:32]}"
        doubt = Doubt(reason=story.MISSING_TIME, message=NO_TIME)
        tale.tell(id=event_id, type=kind, case=case, at=tale.hook.received_at, doubt=doubt, **facts)


def _tell_ticket(tale: Story, ticket: Mapping[str, Any]) -> None:
    case, state = need(text(get(ticket, "id")), "a case"), need(text(get(ticket, "status")), "a status")
    facts: Fields = {"customer": text(get(ticket, "requester_id"))}
    facts |= {"query_type": text(get(ticket, "type")) or text(get(ticket, "ticket_type")), "queue": text(get(ticket, "group_id"))}
    opened_at = when(get(ticket, "created_at"))
    tale.tell(id=f"ticket/{case}/opened", type="opened", case=case, at=opened_at, **facts)
    changed_at = when(get(ticket, "updated_at"), get(ticket, "created_at"))
    if get(ticket, "spam") is True or get(ticket, "deleted") is True:
        code = "spam" if get(ticket, "spam") is True else "deleted"
        tale.tell(id=f"ticket/{case}/{code}", type="excluded", case=case, at=opened_at, code=code)
        return
    stats = get(ticket, "stats")
    resolved_at = story.instant(get(stats, "resolved_at"))
    if state in SOLVED_STATES:
        closed_at = story.instant(get(stats, "closed_at")) if state == CLOSED else None
        at = closed_at or resolved_at or changed_at
        _tell_solved(tale, ticket, case, SOLVED_STATES[state], at, None)
    elif resolved_at is not None:
        reopened_at = story.instant(get(stats, "reopened_at"))
        is_told = reopened_at is not None and reopened_at >= resolved_at
        message = DISAGREES.format(resolved=story.mark(resolved_at), state=state)
        doubt = None if is_told else Doubt(reason=story.STATUS_DISAGREES, message=message)
        _tell_solved(tale, ticket, case, "solution_offered", resolved_at, doubt)
        if is_told and reopened_at is not None:
            tale.tell(id=f"ticket/{case}/reopened/{story.mark(reopened_at)}", type="reopened", case=case, at=reopened_at)


def _tell_solved(tale: Story, ticket: Mapping[str, Any], case: str, kind: str, at: datetime, doubt: Doubt | None) -> None:
    agent = text(get(ticket, "responder_id"))
    person: Fields = {} if agent is None else {"agent": agent, "agent_space": AGENT_SPACE}
    tale.tell(id=f"ticket/{case}/{kind}/{story.mark(at)}", type=kind, case=case, at=at, doubt=doubt, **person)


def _tell_conversation(tale: Story, item: Mapping[str, Any]) -> None:
    if get(item, "private") is True:
        tale.ignore("A private note is no contact.")
        return
    is_incoming, user = get(item, "incoming") is True, text(get(item, "user_id"))
    facts: Fields = {} if is_incoming or user is None else {"agent": user, "agent_space": AGENT_SPACE}
    tale.tell(
        id=f"conversation/{need(text(get(item, 'id')), 'an id')}",
        type="contact",
        case=get(item, "ticket_id"),
        at=when(get(item, "created_at")),
        direction="in" if is_incoming else "out",
        medium="message",
        **facts,
    )


def _tell_time(tale: Story, item: Mapping[str, Any]) -> None:
    """Tell a time entry: hours and minutes, never minutes and seconds, on a stage that Freshdesk does not name."""
    if get(item, "timer_running") is True:
        tale.ignore("A timer that still runs has measured nothing yet.")
        return
    written = text(get(item, "time_spent")) or ""
    found = HOURS_AND_MINUTES.match(written)
    if found is None:
        raise story.NotUnderstood(f'"{written[:20]}" is no time such as 00:15, hours and minutes.', reason="unreadable_number")
    hours, minutes = map(int, found.groups())
    agent = text(get(item, "agent_id"))
    person: Fields = {} if agent is None else {"agent": agent, "agent_space": AGENT_SPACE}
    tale.tell(
        id=f"time_entry/{need(text(get(item, 'id')), 'an id')}",
        type="stage_time",
        case=get(item, "ticket_id"),
        at=when(get(item, "executed_at"), get(item, "created_at")),
        handle_seconds=(hours * 60 + minutes) * 60,
        **person,
    )
