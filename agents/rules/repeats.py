"""Repeat contacts: the same customer comes back about the same query type in another case.

A repeat is found from openings and claims alone, never from states, so it can be derived once and stored as an event of
the earlier case; the lifecycle then decides what it does there.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.rules.events import Event
from contracts.rules.resolution_policy import RepeatScope


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A case that a customer opened; one that is excluded (spam, client outage ...) is left out by the caller."""

    case: str
    customer: str
    query_type: str
    channel: str | None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Claim:
    """An episode's start: a case claimed solved, with the repeat terms of its policy."""

    case: str
    customer: str
    query_type: str
    channel: str | None
    at: datetime
    window: timedelta
    scope: RepeatScope


def find_repeat_contacts(*, openings: Iterable[Opening], claims: Iterable[Claim]) -> tuple[Event, ...]:
    """Find which openings are repeats of which earlier claim.

    An opening repeats the latest claim of the same customer and query type that was made before it and is in scope (any
    channel, or the own one), if that is another case's and its window is still open. One come-back touches one claim.

    Args:
        openings: cases as customers opened them.
        claims: claims of any cases; one out of scope "off" is never repeated.

    Returns: one repeat_contact event of the earlier case per repeat, by instant and id; its channel is that of the opening
        and its code names the case that was opened.
    Source: design.md section 4, "repeat contact".

    >>> from datetime import UTC
    >>> noon = datetime(2026, 10, 6, 12, tzinfo=UTC)
    >>> claim = Claim(case="C-1", customer="k", query_type="refund", channel="chat", at=noon, window=timedelta(days=7), scope="any_channel")
    >>> again = Opening(case="C-2", customer="k", query_type="refund", channel="email", at=noon + timedelta(days=2))
    >>> [(event.case, event.code) for event in find_repeat_contacts(openings=[again], claims=[claim])]
    [('C-1', 'C-2')]
    """
    by_class: dict[tuple[str, str], list[Claim]] = defaultdict(list)
    for claim in sorted(claims, key=lambda claim: (claim.at, claim.case)):
        by_class[(claim.customer, claim.query_type)].append(claim)
    found = []
    for opening in openings:
        earlier = [claim for claim in by_class[(opening.customer, opening.query_type)] if _is_repeatable(claim, opening)]
        if earlier and earlier[-1].case != opening.case and opening.at < earlier[-1].at + earlier[-1].window:
            found.append(
                Event(
                    type="repeat_contact",
                    at=opening.at,
                    id=repeat_id(case=opening.case),
                    case=earlier[-1].case,
                    channel=opening.channel,
                    code=opening.case,
                )
            )
    return tuple(sorted(found, key=lambda event: (event.at, event.id)))


def repeat_id(*, case: str) -> str:
    """Return the id of the repeat that opening a case makes, so that deriving it twice gives one event.

    Args:
        case: key of the later case, whose opening is the repeat.

    >>> repeat_id(case="C-2")
    'repeat:C-2'
    """
    return f"repeat:{case}"


def _is_repeatable(claim: Claim, opening: Opening) -> bool:
    is_in_scope = claim.scope == "any_channel" or (
        claim.scope == "own_channel" and opening.channel is not None and claim.channel == opening.channel
    )
    return is_in_scope and claim.at < opening.at
