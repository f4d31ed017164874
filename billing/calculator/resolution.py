"""`resolution`: what became of a case, step by step, and whether it counts."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal, Self

from pydantic import StrictBool, StrictInt, model_validator

from agents.rules import events as case_events
from agents.rules import resolution_words, resolutions
from agents.rules.lifecycle import Transition
from billing.calculator import fields, policy_fields, policy_words
from billing.rules import explain
from contracts.rules import errors, resolution_policy


class EventField(fields.Document):
    """One event of the case, with what the source recorded about it."""

    type: case_events.EventType
    at: fields.Instant
    id: fields.Code = None
    sequence: StrictInt = 0
    case: str = ""
    agent: fields.Code = None
    channel: fields.Code = None
    query_type: fields.Code = None
    direction: case_events.Direction | None = None
    medium: case_events.Medium | None = None
    content: case_events.Content | None = None
    qualified: StrictBool | None = None
    appropriate: StrictBool | None = None
    hostile: StrictBool | None = None
    automated: StrictBool = False
    no_further_action: StrictBool = False
    code: str | None = None
    stage: Literal["discovery", "research", "collaboration", "capture", "resolve"] | None = None
    seconds: fields.NonNegative | None = None
    talk_seconds: fields.NonNegative | None = None
    hold_seconds: fields.NonNegative | None = None
    acw_seconds: fields.NonNegative | None = None

    @model_validator(mode="before")
    @classmethod
    def _read_words(cls, data: Any) -> Any:
        return policy_words.read_event(data)

    @model_validator(mode="after")
    def _name_exclusion(self) -> Self:
        if self.type == "excluded" and not (self.code or "").strip():
            raise errors.InvalidInput("An exclusion names its code, such as spam; without one it would change nothing.", path=("code",))
        return self

    def to_event(self) -> case_events.Event:
        """Return the event in the words of the rules.

        Without an id, what the event says is its identity, so a repeated event is one; events of one instant then follow
        the order in which a case lives through them.
        """
        rank = case_events.EVENT_TYPES.index(self.type)
        written = f"{rank:02d} {json.dumps(self.model_dump(mode='json', exclude_defaults=True), sort_keys=True)}"
        return case_events.Event(
            type=self.type,
            at=self.at,
            id=written if self.id is None else self.id,
            sequence=self.sequence,
            case=self.case,
            agent=self.agent,
            channel=self.channel,
            direction=self.direction,
            medium=self.medium,
            content=self.content,
            qualified=self.qualified,
            appropriate=self.appropriate,
            automated=self.automated,
            no_further_action=self.no_further_action,
            code=self.stage if self.code is None else self.code,
        )


class Document(fields.KindDocument):
    """The events of one case, the policy that judges them, and the instant of the judgment."""

    policy: policy_fields.PolicyField = policy_fields.PolicyField()
    query_type: fields.Code = None
    channel: fields.Code = None
    events: tuple[EventField, ...]
    as_of: fields.Instant


def answer(document: Document) -> dict[str, Any]:
    """Fold the events of a document."""
    _refuse_other_case(document)
    events = tuple(event.to_event() for event in document.events)
    try:
        known = case_events.order_events(events=events, as_of=document.as_of)
    except case_events.InvalidEvents as refused:
        raise refused.inside("events") from refused
    named = {event.id for event in document.events if event.id is not None}
    query_type = document.query_type if document.query_type is not None else _find_query_type(document, known)
    policy = _read_policy(document, known, query_type)
    about = _leave_out_other_matters(document, known, query_type)
    found = resolutions.fold_case(events=about, policy=policy, as_of=document.as_of, channel=document.channel)
    answered: dict[str, Any] = {
        "state": found.state,
        "verified_at": _show(found.verified_at),
        "payable": found.payable,
        "unit_count": sum(episode.payable for episode in found.episodes),
        "fcr": found.fcr,
        "fcr_reason": found.fcr_reason,
        "history": [_show_transition(step, named) for step in found.history],
        "episodes": [_show_episode(episode, named) for episode in found.episodes],
    }
    if document.explain:
        answered["explanation"] = explain.show_steps(_explain(found))
    return answered


def _read_policy(document: Document, known: tuple[case_events.Event, ...], query_type: str | None) -> resolution_policy.ResolutionPolicy:
    channel = document.channel if document.channel is not None else resolutions.case_channel(events=known)
    return resolution_policy.effective_policy(policy=document.policy.to_terms(), query_type=query_type, channel=channel)


def _refuse_other_case(document: Document) -> None:
    """Refuse the events of two cases, which would be folded as if one case had lived through both."""
    first = None
    for index, event in enumerate(document.events):
        if event.type in ("repeat_contact", "merged") or not event.case:
            continue
        first = first or event.case
        if event.case != first:
            message = f'A document is about one case, and this event is of another than "{first}". '
            advice = "Give each case its own; that the customer came back in another case is an event of type repeat_contact."
            raise errors.InvalidInput(message + advice, path=("events", str(index), "case"))


def _find_query_type(document: Document, known: tuple[case_events.Event, ...]) -> str | None:
    """Return the first query type that the case's own events name, in their order."""
    told = {event.to_event().id: event.query_type for event in document.events if event.type != "repeat_contact"}
    return next((told[event.id] for event in known if told.get(event.id) is not None), None)


def _leave_out_other_matters(
    document: Document, known: tuple[case_events.Event, ...], query_type: str | None
) -> tuple[case_events.Event, ...]:
    """Leave out what is no repeat: the customer came in another case about something else than this one."""
    if query_type is None:
        return known
    told = {event.to_event().id: event.query_type for event in document.events if event.type == "repeat_contact"}
    return tuple(event for event in known if told.get(event.id) in (None, query_type))


def _show(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _show_episode(episode: resolutions.Episode, named: set[str]) -> dict[str, Any]:
    """Show every field; an event that the document gave no id is named by nothing."""
    shown = {name: _show(value) for name, value in asdict(episode).items()}
    return shown if episode.event in named else {name: value for name, value in shown.items() if name != "event"}


def _show_transition(step: Transition, named: set[str]) -> dict[str, Any]:
    shown = {"state": step.state, "at": _show(step.at), "rule": step.rule, "episode": step.episode}
    if step.event in named:
        shown["event"] = step.event
    if step.detail is not None:
        shown["detail"] = step.detail
    return shown


def _explain(found: resolutions.CaseResolution) -> list[explain.Step]:
    steps = [
        explain.Step(
            rule=step.rule,
            inputs={"at": step.at.isoformat(), "episode": step.episode, "detail": step.detail},
            result=step.state,
            words=resolution_words.TRANSITION_WORDS[step.rule],
        )
        for step in found.history
    ]
    for episode in found.episodes:
        inputs = {"episode": episode.number, "state": episode.state, "correction": episode.correction}
        steps.append(explain.Step(rule="unit", inputs=inputs, result=episode.payable, words=resolution_words.UNIT_WORDS[episode.unit]))
    steps.append(explain.Step(rule="fcr", inputs={}, result=found.fcr, words=resolution_words.FCR_WORDS[found.fcr_reason]))
    return steps
