"""Inhibitors: what kept a case from being resolved at first contact, and which of them weigh most."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Literal, get_args

from agents.rules.events import Event
from agents.rules.fcr import Verdict

Inhibitor = Literal["transfer", "missing_knowledge", "missing_access", "information_requested", "product_defect", "policy", "unknown"]
INHIBITORS: tuple[Inhibitor, ...] = get_args(Inhibitor)

# A coded reason may stand on any event that says that more was needed.
CARRIERS = ("contact", "transferred", "escalated", "worked", "customer_returned", "reopened", "qa_failed", "client_declined")
CODED = tuple(name for name in INHIBITORS if name != "unknown")
SEARCHING_STAGES = ("research", "collaboration")
CAME_BACK = ("reopened", "repeat_contact", "refused")
BY_REASON: Mapping[str, Inhibitor] = MappingProxyType(
    {
        "transferred": "transfer",
        "escalated": "transfer",
        "other_agent": "transfer",
        "information_requested": "information_requested",
    }
)


@dataclass(frozen=True, kw_only=True)
class ParetoRow:
    """One inhibitor: how many cases, their share of all that were not resolved at first contact, and the share so far."""

    inhibitor: str
    count: int
    share: Fraction
    cumulative: Fraction


def find_inhibitor(*, events: tuple[Event, ...], verdict: Verdict, claim: str, next_claim: str | None) -> Inhibitor | None:
    """Say what kept a case from first contact resolution.

    The first coded reason of the case decides, up to the claim; where the customer came back, up to the claim after that,
    which is when it was known. Without a code, a handover is a transfer and a question a request for information; a further
    contact after time spent on research or with colleagues is missing knowledge. Everything else is unknown.

    Args:
        events: all known events of the case, in order.
        verdict: FCR of the case.
        claim: id of the event that claimed the solution.
        next_claim: id of the event that claimed the next one, or None.

    Returns: the inhibitor, or None unless FCR is no.
    Source: design.md section 4, "inhibitors"; docs/resolution.md.

    >>> from datetime import UTC, datetime
    >>> moved = Event(type="transferred", at=datetime(2026, 10, 6, 12, tzinfo=UTC), id="1", code="missing_access")
    >>> offer = Event(type="solution_offered", at=datetime(2026, 10, 6, 13, tzinfo=UTC), id="2")
    >>> find_inhibitor(events=(moved, offer), verdict=Verdict(answer="no", reason="transferred"), claim="2", next_claim=None)
    'missing_access'
    """
    if verdict.answer != "no":
        return None
    last = next_claim if verdict.reason in CAME_BACK else claim
    end = next((place for place, event in enumerate(events) if event.id == last), len(events))
    coded = next((name for event in events[:end] if event.type in CARRIERS for name in CODED if event.code == name), None)
    if coded is not None:
        return coded
    searched = any(event.type == "stage_time" and event.code in SEARCHING_STAGES for event in events[:end])
    if verdict.reason == "further_contact" and searched:
        return "missing_knowledge"
    return BY_REASON.get(verdict.reason, "unknown")


def list_pareto(*, counts: Mapping[str, int]) -> tuple[ParetoRow, ...]:
    """Order inhibitors by how many cases each explains, with shares and running shares.

    Args:
        counts: cases by inhibitor, each zero or more.

    Returns: one row per inhibitor that occurs, the most frequent first, unknown always last; shares are of all of them, so
        that the last running share is one.
    Source: design.md section 4, "inhibitors behind it (Pareto)".

    >>> [(row.inhibitor, str(row.cumulative)) for row in list_pareto(counts={"policy": 1, "transfer": 3, "unknown": 4})]
    [('transfer', '3/8'), ('policy', '1/2'), ('unknown', '1')]
    """
    total = sum(counts.values())
    ordered = sorted(((name, count) for name, count in counts.items() if count), key=lambda item: (item[0] == "unknown", -item[1], item[0]))
    rows, running = [], 0
    for name, count in ordered:
        running += count
        rows.append(ParetoRow(inhibitor=name, count=count, share=Fraction(count, total), cumulative=Fraction(running, total)))
    return tuple(rows)
