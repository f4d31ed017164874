"""HubSpot: webhooks about tickets, which come in lists, and tickets as its API gives them.

A stage of a pipeline is an opaque id; what it means is in the source's mapping. The date on which a ticket was closed says it
without one.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agents.intake.vendors import story
from agents.intake.vendors.story import Doubt, Story, get, need, text, when

USER_SPACE, OWNER_SPACE = "user", "owner"
TICKET_TYPE = "0-5"
STAGE, CLOSED_DATE = "hs_pipeline_stage", "closed_date"
UNKNOWN_STAGE = 'Stage "{stage}" is an id of the pipeline. Give it a meaning in the source\'s mapping, then try this again.'
CLOSED_TOO_EARLY = "The ticket was closed at {closed}, before it was opened at {opened}. Look at the ticket."
Fields = dict[str, Any]


def translate(tale: Story) -> None:
    """Tell the events of a HubSpot webhook, or of a ticket."""
    document = tale.hook.document
    for item in story.documents(document):
        if isinstance(get(item, "subscriptionType"), str):
            _tell_change(tale, item)
        elif get(item, "properties", "createdate"):
            _tell_ticket(tale, item)
        else:
            raise story.NotUnderstood("It is neither a change of a ticket nor a ticket.")


def _tell_change(tale: Story, item: Mapping[str, Any]) -> None:
    subject, _, kind = str(get(item, "subscriptionType")).partition(".")
    if subject != "ticket" and not (subject == "object" and get(item, "objectTypeId") == TICKET_TYPE):
        tale.ignore(f'"{subject[:40]}" is not about a ticket.')
        return
    case, at = need(text(get(item, "objectId")), "a case"), when(get(item, "occurredAt"))
    name, value = text(get(item, "propertyName")) or "", text(get(item, "propertyValue"))
    # HubSpot does not promise that its eventId is unique.
    event_id = f"{kind}/{case}/{name}/{story.mark(at)}/{text(get(item, 'eventId'))}"
    actor = _actor(item)
    if kind == "creation":
        tale.tell(id=event_id, type="opened", case=case, at=at)
    elif kind == "deletion":
        tale.tell(id=event_id, type="excluded", case=case, at=at, code="deleted")
    elif kind == "merge":
        tale.tell(id=event_id, type="merged", case=case, at=at)
    elif kind == "propertyChange" and name == STAGE:
        meaning = tale.hook.states.get(value or "")
        doubt = None if meaning else Doubt(reason=story.UNKNOWN_STATE, message=UNKNOWN_STAGE.format(stage=value))
        # It waits with its stage as its code, so that a meaning given later makes of it what it is.
        changed, code = meaning or ("worked", (value or "")[: story.CODE_CHARACTERS_MAX])
        tale.tell(id=event_id, type=changed, case=case, at=at, code=code, doubt=doubt, **actor)
    elif kind == "propertyChange" and name == CLOSED_DATE:
        tale.tell(id=event_id, type="closed" if value else "reopened", case=case, at=at, **actor)
    else:
        tale.ignore(f'A change of "{name[:40] or kind[:40]}" does not change the life of a case.')


def _tell_ticket(tale: Story, item: Mapping[str, Any]) -> None:
    case, told = need(text(get(item, "id")), "a case"), item["properties"]
    opened_at, closed_at = when(get(told, "createdate")), story.instant(get(told, CLOSED_DATE))
    query_type = text(get(told, "hs_ticket_category"))
    tale.tell(id=f"ticket/{case}/opened", type="opened", case=case, at=opened_at, query_type=query_type)
    if closed_at is not None:
        _tell_closed(tale, case, closed_at, opened_at, text(get(told, "hubspot_owner_id")))


def _tell_closed(tale: Story, case: str, closed_at: datetime, opened_at: datetime, owner: str | None) -> None:
    doubt = None
    if closed_at < opened_at:
        message = CLOSED_TOO_EARLY.format(closed=story.mark(closed_at), opened=story.mark(opened_at))
        doubt = Doubt(reason=story.STATUS_DISAGREES, message=message)
    person: Fields = {} if owner is None else {"agent": owner, "agent_space": OWNER_SPACE}
    tale.tell(id=f"ticket/{case}/closed/{story.mark(closed_at)}", type="closed", case=case, at=closed_at, doubt=doubt, **person)


def _actor(item: Mapping[str, Any]) -> Fields:
    """Name who changed it: a person, whom HubSpot names as userId:7, or whatever program it was."""
    source_id = text(get(item, "sourceId")) or ""
    if source_id.startswith("userId:") and source_id != "userId:":
        return {"agent": source_id.removeprefix("userId:"), "agent_space": USER_SPACE}
    program = (text(get(item, "changeSource")) or "unknown").lower()
    return {"agent": program[:200], "agent_space": story.SYSTEM_SPACE, "automated": True}
