"""Zammad: webhooks with ticket and article, and tickets and time accounting as its API gives them.

A state is a name in webhooks and a number in the API. What a number means is in the installation's own list of states, so it
waits until the source's mapping explains it. So does the unit of a time entry, which is a setting of the installation.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agents.intake.vendors import story
from agents.intake.vendors.story import Doubt, Story, get, need, text, when

USER_SPACE = "user"
SYSTEM_USER = "1"
SOLVED, OPEN = "closed", frozenset({"new", "open", "pending reminder", "pending close"})
STATES = {SOLVED: (SOLVED, ""), "merged": ("merged", ""), "removed": ("excluded", "deleted"), "deleted": ("excluded", "deleted")}
SENDERS = {"Customer": "in", "Agent": "out"}
UNKNOWN_STATE = "State {state} is a number of the installation's own list. Give it a meaning in the source's mapping, then try this again."
UNKNOWN_UNIT = (
    "Whether {value} counts minutes or hours is a setting in Zammad. Deliver the time as stage_time by the events API, in seconds."
)
Fields = dict[str, Any]


def translate(tale: Story) -> None:
    """Tell the events of a Zammad webhook, or of tickets and time accounting."""
    document = tale.hook.document
    if get(document, "ticket", "id"):
        _tell_ticket(tale, document["ticket"], get(document, "article"))
        return
    for item in story.documents(document):
        if get(item, "state_type_id"):
            tale.ignore("States of the help desk are no events of a case.")
        elif get(item, "time_unit") is not None and get(item, "ticket_id"):
            _tell_time(tale, item)
        elif get(item, "id") and get(item, "created_at") and (get(item, "state") or get(item, "state_id")):
            _tell_ticket(tale, item, None)
        else:
            raise story.NotUnderstood("It is neither a webhook with a ticket, nor a ticket or a time entry with its id.")


def _tell_ticket(tale: Story, ticket: Mapping[str, Any], article: Any) -> None:
    case = need(text(get(ticket, "id")), "a case")
    group = text(get(ticket, "group")) or text(get(ticket, "group", "name")) or text(get(ticket, "group_id"))
    # A ticket may move to another group, which only what happens then may tell: its opening stays what it was.
    place: Fields = {"query_type": group, "queue": group}
    opened_at = when(get(ticket, "created_at"))
    tale.tell(id=f"ticket/{case}/opened", type="opened", case=case, at=opened_at, customer=text(get(ticket, "customer_id")))
    if get(article, "id"):
        _tell_article(tale, case, article, place)
    _tell_state(tale, case, ticket, place)


def _tell_article(tale: Story, case: str, article: Mapping[str, Any], place: Fields) -> None:
    sender = text(get(article, "sender")) or text(get(article, "sender", "name"))
    if get(article, "internal") is not False or sender not in SENDERS:
        tale.ignore("An internal note or a notice of the system is no contact.")
        return
    person = _person(get(article, "created_by_id")) if sender == "Agent" else {}
    kind = text(get(article, "type")) or text(get(article, "type", "name"))
    tale.tell(
        id=f"article/{text(get(article, 'id'))}",
        type="contact",
        case=case,
        at=when(get(article, "created_at")),
        direction=SENDERS[sender],
        medium="live" if kind == "phone" else "message",
        channel=kind,
        **person,
        **place,
    )


def _tell_state(tale: Story, case: str, ticket: Mapping[str, Any], place: Fields) -> None:
    number = text(get(ticket, "state_id"))
    name = text(get(ticket, "state")) or text(get(ticket, "state", "name"))
    at = when(get(ticket, "updated_at"), get(ticket, "created_at"))
    closed_at = story.instant(get(ticket, "last_close_at")) or story.instant(get(ticket, "close_at"))
    kind, code = tale.hook.states.get(name or "") or tale.hook.states.get(number or "") or STATES.get(name or "", ("", ""))
    if kind == SOLVED:
        closed_at = closed_at or at
        place = place | _person(get(ticket, "updated_by_id"))
        _tell_change(tale, case, kind, closed_at, code, story.doubt_closing(closed_at=closed_at, changed_at=at), place)
    elif kind == "solution_offered":
        _tell_change(tale, case, kind, at, code, None, place | _person(get(ticket, "updated_by_id")))
    elif kind:
        _tell_change(tale, case, kind, at, code, None, place)
    elif name in OPEN and closed_at is not None:
        _tell_change(tale, case, "reopened", at, "", None, place)
    elif name is None:
        doubt = Doubt(reason=story.UNKNOWN_STATE, message=UNKNOWN_STATE.format(state=number))
        # It waits with its number as its code, so that a meaning given later makes of it what it is.
        place = place | _person(get(ticket, "updated_by_id"))
        _tell_change(tale, case, "worked", at, (number or "")[: story.CODE_CHARACTERS_MAX], doubt, place)
    elif name not in OPEN:
        raise story.NotUnderstood(f'The state "{name[:40]}" is not known; explain it in the source\'s mapping.', reason=story.UNKNOWN_STATE)


def _tell_change(tale: Story, case: str, kind: str, at: datetime, code: str, doubt: Doubt | None, facts: Fields) -> None:
    tale.tell(id=f"ticket/{case}/{kind}/{story.mark(at)}", type=kind, case=case, at=at, code=code, doubt=doubt, **facts)


def _tell_time(tale: Story, item: Mapping[str, Any]) -> None:
    doubt = Doubt(reason="unknown_time_unit", message=UNKNOWN_UNIT.format(value=text(get(item, "time_unit")) or get(item, "time_unit")))
    tale.tell(
        id=f"time_accounting/{need(text(get(item, 'id')), 'an id')}",
        type="stage_time",
        case=get(item, "ticket_id"),
        at=when(get(item, "created_at")),
        doubt=doubt,
        **_person(get(item, "created_by_id")),
    )


def _person(user_id: object) -> Fields:
    name = text(user_id)
    if name is None:
        return {}
    if name == SYSTEM_USER:
        return {"agent": "zammad", "agent_space": story.SYSTEM_SPACE, "automated": True}
    return {"agent": name, "agent_space": USER_SPACE}
