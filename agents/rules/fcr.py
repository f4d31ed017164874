"""First contact resolution: the one definition.

Of the assisted cases whose resolution is verified, the part resolved as a result of the initial interaction with a
qualified agent, with no reopen and no repeat in the window. It is asked once per case, of its first resolution.
"""

from dataclasses import dataclass
from typing import Literal

from agents.rules.events import Event
from contracts.rules.resolution_policy import DeliveryModel

Answer = Literal["yes", "no", "pending", "not_applicable"]
Reason = Literal[
    "initial_interaction",
    "first_message",
    "status_only",
    "reopened",
    "repeat_contact",
    "refused",
    "no_qualified_interaction",
    "information_requested",
    "further_contact",
    "transferred",
    "escalated",
    "other_agent",
    "unverified",
    "no_resolution",
    "not_assisted",
    "excluded",
    "escalated_appropriately",
    "later_episode",
]

REFUSALS = ("qa_failed", "client_declined")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The answer for one case, and why."""

    answer: Answer
    reason: Reason


def judge_resolution(
    *, events: tuple[Event, ...], offer: Event, state: str, rule: str, model: DeliveryModel, is_assisted: bool = True
) -> Verdict:
    """Answer whether the first resolution of a case came from the initial interaction.

    Args:
        events: all known events of the case, in order.
        offer: the event that claimed the solution, with the agent who is credited; `events` hold one with its id.
        state: the resolution's state now: pending, confirmed, assumed, reopened or void.
        rule: the rule that brought it there.
        model: the policy's delivery model, which says what the initial interaction is.
        is_assisted: whether people answer on the channel that the case came in on; self-service is never FCR.

    Returns: yes or no for a verified one, pending for an unverified one, not_applicable where it is not asked.
    Source: design.md section 4; ServiceXRG, "First Contact Resolution (FCR) Defined" (2019).

    >>> from datetime import UTC, datetime
    >>> talk = Event(type="contact", at=datetime(2026, 10, 6, 12, tzinfo=UTC), id="1", agent="A-1", direction="in", medium="live")
    >>> offer = Event(type="solution_offered", at=datetime(2026, 10, 6, 12, 9, tzinfo=UTC), id="2", agent="A-1")
    >>> judge_resolution(events=(talk, offer), offer=offer, state="confirmed", rule="customer_acknowledged", model="direct").reason
    'initial_interaction'
    """
    if state == "void":
        return Verdict(answer="not_applicable", reason="excluded")
    if not is_assisted:
        return Verdict(answer="not_applicable", reason="not_assisted")
    if state == "reopened":
        reason: Reason = "repeat_contact" if rule == "repeat_contact" else "refused" if rule in REFUSALS else "reopened"
        return Verdict(answer="no", reason=reason)
    if state == "pending":
        return Verdict(answer="pending", reason="unverified")
    position = next(index for index, event in enumerate(events) if event.id == offer.id)
    return _judge_interaction(before=events[:position], offer=offer, model=model)


def judge_unresolved(*, events: tuple[Event, ...], is_void: bool, is_answered: bool = False) -> Verdict:
    """Say why FCR is not asked of a case without a counted resolution.

    Args:
        events: all known events of the case.
        is_void: whether the case is excluded or merged.
        is_answered: whether an agent answered and the customer has not come back since.

    Returns: pending for an answer nobody acknowledged, else not_applicable; not_assisted where only a bot offered a solution.
    Source: design.md section 4, "FCR": offered but unverified is pending.

    >>> judge_unresolved(events=(), is_void=False).reason
    'no_resolution'
    """
    if is_void:
        return Verdict(answer="not_applicable", reason="excluded")
    if is_answered:
        return Verdict(answer="pending", reason="unverified")
    is_automated = any(event.automated and event.type in ("solution_offered", "closed") for event in events)
    return Verdict(answer="not_applicable", reason="not_assisted" if is_automated else "no_resolution")


def is_initial_interaction(*, event: Event, model: DeliveryModel) -> bool:
    """Say whether an event can be the initial interaction under a delivery model.

    Direct and front-line triage need a live conversation, call back a live outbound one, electronic an outbound message; none
    counts with somebody who only routes. What the source did not record is not held against the agent.

    Source: design.md section 4, "The clock starts at".

    >>> from datetime import UTC, datetime
    >>> left = Event(type="contact", at=datetime(2026, 10, 6, 12, tzinfo=UTC), id="1", direction="out", medium="voicemail")
    >>> is_initial_interaction(event=left, model="call_back")
    False
    """
    if event.type != "contact" or event.automated or event.qualified is False:
        return False
    if model == "electronic":
        return event.direction != "in" and event.medium != "voicemail"
    if model == "call_back" and event.direction == "in":
        return False
    return event.medium in (None, "live")


def _judge_interaction(*, before: tuple[Event, ...], offer: Event, model: DeliveryModel) -> Verdict:
    contacts = [event for event in before if event.type == "contact" and not event.automated]
    if not contacts:
        between = _after_triage(before) if model == "front_line_triage" else before
        return _excuse(_find_handover(between, offer, model) or "status_only", between)
    initial = _find_initial(before, contacts, model)
    if initial is None:
        reason: Reason = "first_message" if model == "electronic" else "no_qualified_interaction"
        return _excuse(reason, before)
    between = before[before.index(initial) + 1 :]
    found = _find_disqualifier(between)
    if _asks_for_information(initial, model):
        found = "information_requested"
    elif found is None and _differ(initial, offer):
        found = "other_agent"
    return _excuse(found or ("first_message" if model == "electronic" else "initial_interaction"), between)


def _find_initial(before: tuple[Event, ...], contacts: list[Event], model: DeliveryModel) -> Event | None:
    """Find the initial interaction among what may be it.

    Where triage routes, what comes before the first transfer is triage's, unless its agent is marked qualified; without a
    transfer, what comes before the first agent marked so.
    """
    possible = [event for event in contacts if is_initial_interaction(event=event, model=model)]
    answered = possible[1:] if _opens(possible[:2], before) else possible
    if model == "front_line_triage":
        handed_on = _after_triage(before)
        if handed_on == before and any(event.qualified for event in answered):
            handed_on = ()
        answered = [event for event in answered if event.qualified or event in handed_on] or answered
    return answered[0] if answered else None


def _opens(first_two: list[Event], before: tuple[Event, ...]) -> bool:
    """Say whether a customer began, and the next that happened was an agent's own contact: it was not answered before that."""
    if [event.direction for event in first_two] != ["in", "out"] or first_two[0].agent:
        return False
    first, second = (before.index(event) for event in first_two)
    return _find_disqualifier(before[first + 1 : second]) is None


def _find_disqualifier(between: tuple[Event, ...]) -> Reason | None:
    for event in between:
        if event.type == "contact" and not event.automated and event.content != "other":
            return "information_requested" if event.direction == "out" and event.content == "request" else "further_contact"
        found = _handover(event)
        if found is not None:
            return found
    return None


def _find_handover(between: tuple[Event, ...], offer: Event, model: DeliveryModel) -> Reason | None:
    """Look for a handover in a source that records status changes but no contacts."""
    for event in between:
        found = _handover(event)
        if found is None and event.type in ("worked", "stage_time") and _differ(event, offer):
            found = "other_agent"
        if found is not None and (model != "electronic" or found == "further_contact"):
            return found
    return None


def _handover(event: Event) -> Reason | None:
    if event.type in ("customer_returned", "reopened"):
        return "further_contact"
    if event.type == "transferred":
        return "transferred"
    if event.type == "escalated" and event.appropriate is not True:
        return "escalated"
    return None


def _excuse(reason: Reason, between: tuple[Event, ...]) -> Verdict:
    """An escalation marked appropriate never hurts: instead of a no, the case is an exception, counted apart."""
    if reason in ("initial_interaction", "first_message", "status_only"):
        return Verdict(answer="yes", reason=reason)
    if any(event.type == "escalated" and event.appropriate is True for event in between):
        return Verdict(answer="not_applicable", reason="escalated_appropriately")
    return Verdict(answer="no", reason=reason)


def _asks_for_information(initial: Event, model: DeliveryModel) -> bool:
    is_ours = initial.direction == "out" or (initial.direction is None and model in ("call_back", "electronic"))
    return is_ours and initial.content == "request"


def _after_triage(before: tuple[Event, ...]) -> tuple[Event, ...]:
    """Drop everything up to the first transfer, which is how triage hands a case to a qualified agent."""
    position = next((index for index, event in enumerate(before) if event.type == "transferred"), None)
    return before if position is None else before[position + 1 :]


def _differ(event: Event, offer: Event) -> bool:
    return event.agent is not None and offer.agent is not None and event.agent != offer.agent
