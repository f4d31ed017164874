"""The lifecycle of a case, one event at a time: which state it enters, by which rule, on whose evidence.

Each offer of a solution starts an episode. An episode is pending until somebody who may verify it does, or silence has
passed; a return reopens it. `docs/resolution.md` tells the same in words, with every rule code used here.
"""

import dataclasses
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from agents.rules import events as case_events
from agents.rules.events import Event
from contracts.rules.resolution_policy import ResolutionPolicy, Window

State = Literal["open", "pending", "confirmed", "assumed", "reopened", "void"]

CONFIRMING_EVENT = {
    "customer_or_silence": "customer_acknowledged",
    "customer_only": "customer_acknowledged",
    "agent_close": "customer_acknowledged",
    "qa_sample": "qa_passed",
    "client_approval": "client_approved",
}
REFUSING_EVENT = {"qa_sample": "qa_failed", "client_approval": "client_declined"}
STARTING_RULE = {
    "solution_offered": "solution_offered",
    "closed": "closed_without_offer",
    "customer_acknowledged": "answer_acknowledged",
}
RETURN_EVENTS = ("customer_returned", "reopened", "worked")


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One step of a case: the state it entered, when, by which rule, and on which event's evidence (None: time passed).

    `detail` is the reopen effect of a return after verification, or the code of an exclusion.
    """

    state: State
    at: datetime
    rule: str
    event: str | None
    episode: int | None
    detail: str | None = None


@dataclass(kw_only=True)
class OpenEpisode:
    """An episode while the fold still writes it."""

    number: int
    offer: Event
    counts: bool
    state: State
    rule: str
    message_at: datetime
    verified_at: datetime | None = None
    reopened_at: datetime | None = None
    is_claimed: bool = True


@dataclass(kw_only=True)
class Fold:
    """The state of the fold between two events."""

    policy: ResolutionPolicy
    channel: str | None
    episodes: list[OpenEpisode] = field(default_factory=list)
    history: list[Transition] = field(default_factory=list)
    answer: Event | None = None
    void_event: Event | None = None

    @property
    def latest(self) -> OpenEpisode | None:
        return self.episodes[-1] if self.episodes else None

    @property
    def claimed(self) -> OpenEpisode | None:
        """The latest episode, while no return has ended its claim."""
        return self.latest if self.latest is not None and self.latest.is_claimed else None

    def silence_ends_at(self, episode: OpenEpisode) -> datetime | None:
        if self.policy.verified_by != "customer_or_silence":
            return None
        return self.policy.window_end("silence", episode.message_at)

    def pass_time(self, now: datetime) -> None:
        """Verify by silence if the window has ended by now."""
        episode = self.latest
        if episode is None or episode.state != "pending":
            return
        ends_at = self.silence_ends_at(episode)
        if ends_at is not None and ends_at <= now:
            self._verify(episode, "assumed", ends_at, "silence", None)

    def apply(self, event: Event) -> None:
        """Let one event act on the case."""
        if case_events.is_answer(event):
            self.answer = event
        if _exclusion_code(event) in self.policy.exclusions:
            self._void(event)
        elif case_events.is_claim(event):
            self._claim(event)
        elif self._is_return(event):
            self._return(event)
        elif event.type == "repeat_contact":
            self._repeat(event)
        elif self.claimed is None:
            self._acknowledge_answer(event)
        elif self.claimed.state == "pending":
            if case_events.is_agent_message(event):
                self.claimed.message_at = event.at
            elif event.type == CONFIRMING_EVENT[self.policy.verified_by]:
                self._verify(self.claimed, "confirmed", event.at, event.type, event)

    def _claim(self, event: Event) -> None:
        counts = self.policy.counts_no_further_action or not event.no_further_action
        if self.claimed is None or (not self.claimed.counts and counts and event.type == "solution_offered"):
            self._start(event, counts)
        is_close = event.type == "closed" and self.policy.verified_by == "agent_close"
        if is_close and self.claimed is not None and self.claimed.state == "pending":
            self._verify(self.claimed, "assumed", event.at, "agent_closed", event)

    def _acknowledge_answer(self, event: Event) -> None:
        """Start an episode where the customer says yes to an answer that nobody called a solution."""
        if self.answer is not None and event.type == CONFIRMING_EVENT[self.policy.verified_by] == "customer_acknowledged":
            offer = dataclasses.replace(event, agent=self.answer.agent, no_further_action=False)
            self._start(offer, True)
            self._verify(self.episodes[-1], "confirmed", event.at, event.type, event)

    def _start(self, event: Event, counts: bool) -> None:
        state: State = "pending" if counts else "void"
        rule = STARTING_RULE[event.type]
        if event.no_further_action:
            rule = "no_further_action" if counts else "no_further_action_excluded"
        number = len(self.episodes) + 1
        self.episodes.append(OpenEpisode(number=number, offer=event, counts=counts, state=state, rule=rule, message_at=event.at))
        self._record(state, event.at, rule, event, number)

    def _verify(self, episode: OpenEpisode, state: State, at: datetime, rule: str, event: Event | None) -> None:
        episode.state, episode.verified_at, episode.rule = state, at, rule
        self._record(state, at, rule, event, episode.number)

    def _is_return(self, event: Event) -> bool:
        return (
            event.type in RETURN_EVENTS
            or event.type == REFUSING_EVENT.get(self.policy.verified_by)
            or case_events.is_customer_request(event)
        )

    def _return(self, event: Event) -> None:
        self.answer = None
        episode = self.claimed
        if episode is None:
            return
        episode.is_claimed = False
        rule = "customer_contact" if event.type == "contact" else event.type
        if episode.state == "pending" or self._is_within(event, episode, "reopen"):
            self._reopen(episode, event, rule)
        elif episode.state in ("confirmed", "assumed"):
            self._record(episode.state, event.at, "returned_after_window", event, episode.number)

    def _repeat(self, event: Event) -> None:
        episode, scope = self.latest, self.policy.repeat_scope
        is_in_scope = scope == "any_channel" or (scope == "own_channel" and event.channel is not None and event.channel == self.channel)
        if episode is not None and is_in_scope and self._is_within(event, episode, "repeat"):
            self._reopen(episode, event, "repeat_contact")

    def _is_within(self, event: Event, episode: OpenEpisode, window: Window) -> bool:
        return event.at < self.policy.window_end(window, episode.offer.at)

    def _reopen(self, episode: OpenEpisode, event: Event, rule: str) -> None:
        if episode.state not in ("pending", "confirmed", "assumed"):
            return
        episode.state, episode.reopened_at, episode.rule = "reopened", event.at, rule
        detail = None if episode.verified_at is None else self.policy.reopen_effect
        self._record("reopened", event.at, rule, event, episode.number, detail)

    def _void(self, event: Event) -> None:
        self.void_event = event
        for episode in self.episodes:
            episode.state, episode.rule = "void", event.type
        self._record("void", event.at, event.type, event, self.latest.number if self.latest else None, _exclusion_code(event))

    def _record(self, state: State, at: datetime, rule: str, event: Event | None, episode: int | None, detail: str | None = None) -> None:
        self.history.append(Transition(state=state, at=at, rule=rule, event=event.id if event else None, episode=episode, detail=detail))


def _exclusion_code(event: Event) -> str | None:
    if event.type == "merged":
        return "merged"
    return event.code if event.type == "excluded" else None
