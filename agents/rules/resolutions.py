"""The resolution of a case: a fold over its events, its units, and FCR.

`agents/rules/lifecycle.py` moves the states; here its episodes are counted, judged and frozen.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from agents.rules import events as case_events
from agents.rules import fcr as first_contact
from agents.rules import inhibitors, lifecycle, units
from agents.rules.events import Event
from contracts.rules.resolution_policy import ResolutionPolicy


@dataclass(frozen=True, kw_only=True)
class Episode:
    """One claim that the case is solved, by one agent at one instant, and what became of it; `event` made the claim.

    `verified_at` stays what it was when a later return reopens the episode. `window_ends_at` is when silence would
    verify a pending one. `payable` counts the policy's cap within the case; `unit` says why. `correction` is set on a unit
    that stays counted although the customer returned. Until `repeat_ends_at` another
    case of the customer repeats it (None: the policy asks for no repeats); `fcr_final_at` is when no return can change FCR.
    """

    number: int
    state: lifecycle.State
    rule: str
    agent: str | None
    event: str
    resolved_at: datetime
    verified_at: datetime | None
    window_ends_at: datetime | None
    reopened_at: datetime | None
    payable: bool
    unit: units.UnitReason
    price_bp: int
    correction: units.Correction | None
    priced_at: datetime | None
    fcr: first_contact.Answer
    fcr_reason: first_contact.Reason
    inhibitor: inhibitors.Inhibitor | None
    repeat_ends_at: datetime | None
    fcr_final_at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseResolution:
    """What is known of one case at an instant: its last episode's state, and FCR of its first.

    `payable` is whether the case pays as it stands: its last claim counts, or is verified and an earlier one counts instead of it.
    """

    state: lifecycle.State
    verified_at: datetime | None
    payable: bool
    fcr: first_contact.Answer
    fcr_reason: first_contact.Reason
    history: tuple[lifecycle.Transition, ...]
    episodes: tuple[Episode, ...]


def fold_case(*, events: Iterable[Event], policy: ResolutionPolicy, as_of: datetime, channel: str | None = None) -> CaseResolution:
    """Decide what became of a case from its events.

    Args:
        events: of one case, in any order and with any repeats.
        policy: the one in force for the case's class, overrides applied.
        as_of: what happened later is not known; a window that ends at this instant has passed.
        channel: the one that the case came in on; None is the first that its opening or a contact names.

    Returns: state, history and episodes of the case.
    Raises: InvalidEvents if one event id comes with two bodies.
    Source: design.md section 4; docs/resolution.md.

    >>> from datetime import UTC, timedelta
    >>> noon = datetime(2026, 10, 6, 12, tzinfo=UTC)
    >>> offer = Event(type="solution_offered", at=noon, id="1", agent="A-1")
    >>> fold_case(events=[offer], policy=ResolutionPolicy(), as_of=noon + timedelta(hours=72)).state
    'assumed'
    """
    known = case_events.order_events(events=events, as_of=as_of)
    fold = lifecycle.Fold(policy=policy, channel=case_channel(events=known) if channel is None else channel)
    for event in known:
        fold.pass_time(event.at)
        fold.apply(event)
        if fold.void_event is not None:
            break
    else:
        fold.pass_time(as_of)
    return _conclude(fold, known)


def case_channel(*, events: tuple[Event, ...]) -> str | None:
    """Return the channel a case came in on: the first one that its opening or a contact names.

    Args:
        events: of one case, in the order that counts.

    Source: design.md section 4: windows and overrides are per channel, repeats may be "own channel only".

    >>> from datetime import UTC
    >>> case_channel(events=(Event(type="opened", at=datetime(2026, 10, 6, tzinfo=UTC), id="1", channel="chat"),))
    'chat'
    """
    return next((event.channel for event in events if event.type in ("opened", "contact") and event.channel is not None), None)


def _conclude(fold: lifecycle.Fold, known: tuple[Event, ...]) -> CaseResolution:
    """Count the units, judge FCR, and freeze the episodes."""
    claims = tuple(
        units.Claim(state=episode.state, resolved_at=episode.offer.at, verified_at=episode.verified_at) for episode in fold.episodes
    )
    counted = units.count_units(claims=claims, policy=fold.policy)
    asked = next((episode for episode in fold.episodes if episode.counts), None)
    verdict = _judge_case(fold, known, asked)
    inhibitor = _find_inhibitor(fold, known, asked, verdict)
    opened_at = next((event.at for event in known if event.type == "opened"), known[0].at if known else None)
    episodes = tuple(
        _freeze(fold, episode, unit, _judge_episode(episode, asked, verdict), opened_at, inhibitor if episode is asked else None)
        for episode, unit in zip(fold.episodes, counted, strict=True)
    )
    last = episodes[-1] if episodes else None
    unclaimed: lifecycle.State = "void" if fold.void_event is not None else "open" if fold.answer is None else "pending"
    return CaseResolution(
        state=last.state if last else unclaimed,
        verified_at=last.verified_at if last else None,
        payable=last is not None and (last.payable or (last.state in ("confirmed", "assumed") and any(one.payable for one in episodes))),
        fcr=verdict.answer,
        fcr_reason=verdict.reason,
        history=tuple(fold.history),
        episodes=episodes,
    )


def _judge_case(fold: lifecycle.Fold, known: tuple[Event, ...], asked: lifecycle.OpenEpisode | None) -> first_contact.Verdict:
    if asked is None:
        is_void = fold.void_event is not None or bool(fold.episodes)
        return first_contact.judge_unresolved(events=known, is_void=is_void, is_answered=fold.answer is not None)
    return first_contact.judge_resolution(
        events=known,
        offer=asked.offer,
        state=asked.state,
        rule=asked.rule,
        model=fold.policy.delivery_model,
        is_assisted=fold.channel not in fold.policy.unassisted_channels,
    )


def _find_inhibitor(
    fold: lifecycle.Fold, known: tuple[Event, ...], asked: lifecycle.OpenEpisode | None, verdict: first_contact.Verdict
) -> inhibitors.Inhibitor | None:
    if asked is None:
        return None
    following = next((episode.offer.id for episode in fold.episodes if episode.number == asked.number + 1), None)
    return inhibitors.find_inhibitor(events=known, verdict=verdict, claim=asked.offer.id, next_claim=following)


def _judge_episode(
    episode: lifecycle.OpenEpisode, asked: lifecycle.OpenEpisode | None, verdict: first_contact.Verdict
) -> first_contact.Verdict:
    if episode is asked:
        return verdict
    is_void = episode.state == "void"
    return first_contact.Verdict(answer="not_applicable", reason="excluded" if is_void else "later_episode")


def _freeze(
    fold: lifecycle.Fold,
    episode: lifecycle.OpenEpisode,
    unit: units.Unit,
    verdict: first_contact.Verdict,
    opened_at: datetime | None,
    inhibitor: inhibitors.Inhibitor | None,
) -> Episode:
    resolved_at = episode.offer.at
    priced_at = {"resolution": resolved_at, "opening": opened_at, "verification": episode.verified_at}[fold.policy.priced_as_of]
    return Episode(
        number=episode.number,
        state=episode.state,
        rule=episode.rule,
        agent=episode.offer.agent,
        event=episode.offer.id,
        resolved_at=resolved_at,
        verified_at=episode.verified_at,
        window_ends_at=fold.silence_ends_at(episode) if episode.state == "pending" else None,
        reopened_at=episode.reopened_at,
        payable=unit.payable,
        unit=unit.reason,
        price_bp=unit.price_bp,
        correction=unit.correction,
        priced_at=priced_at,
        fcr=verdict.answer,
        fcr_reason=verdict.reason,
        inhibitor=inhibitor,
        repeat_ends_at=None if fold.policy.repeat_scope == "off" else fold.policy.window_end("repeat", resolved_at),
        fcr_final_at=fold.policy.settles_at(resolved_at),
    )
