"""What becomes of the events of a delivery, decided from what was known before: held, first of its id, known, or known otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from agents.intake import delivered_codes
from agents.intake.delivered import Row
from agents.intake.delivered_codes import Coded, HeldEvent
from agents.operations.deliveries.delivery_storage import Known

Status = Literal["accepted", "duplicate", "held", "rejected"]

CHANGED_MESSAGE = (
    "This event is known already with another content. The first one stays. Find out which is right; "
    "if it is this one, deliver it under an id of its own."
)


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Why a person has to look at an event before it counts."""

    reason: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one event of a delivery: `reason` and `message` of a held one, `path` and `message` of a rejected one."""

    status: Status
    id: str | None
    reason: str = ""
    path: str = ""
    message: str = ""


def number_of(*, row: Row) -> int:
    """Return where an event stands in its delivery, -1 for one that stands in none."""
    return -1 if row.row_number is None else row.row_number


def set_apart(*, rows: Sequence[Row], holds: Mapping[int, Hold], known: Known) -> tuple[list[HeldEvent], Sequence[Row], frozenset[int]]:
    """Return the events that are held whatever else is known, the others, and which of those were let in before.

    Args:
        rows: as delivered.
        holds: why the event at that position is held.
        known: before the delivery.
    """
    if not holds:
        return [], rows, frozenset()
    # Once somebody let an event in, a repetition of it is just that.
    settled = frozenset(number_of(row=row) for row in rows if number_of(row=row) in holds and row.key in known.events)
    held: list[HeldEvent] = []
    free: list[Row] = []
    for row in rows:
        hold = holds.get(number_of(row=row))
        if hold is None or number_of(row=row) in settled:
            free.append(row)
        else:
            held.append(delivered_codes.as_held(row=row, reason=hold.reason, message=hold.message, is_doubtful=True))
    return held, free, settled


def hold_without_contract(*, coded: Sequence[Coded], known: Known) -> tuple[list[Coded], list[HeldEvent]]:
    """Hold the events of cases of which nobody has said yet whose contract they fall under.

    Args:
        coded: events whose words are understood.
        known: before the delivery.

    Returns: the others, and those.
    """
    told = {event.row.case_key for event in coded if event.contract_id is not None} | known.cases.keys()
    good = [event for event in coded if event.row.case_key in told]
    reason, message = delivered_codes.MISSING_CONTRACT, delivered_codes.MISSING_CONTRACT_MESSAGE
    waiting = [event.row for event in coded if event.row.case_key not in told]
    return good, [delivered_codes.as_held(row=row, reason=reason, message=message) for row in waiting]


def first_of_each(*, events: Sequence[Coded], known: Known) -> dict[str, Coded]:
    """Return one event of each key that is new. Of two bodies the lower hash stays, so that their order does not matter.

    Args:
        events: that can be stored.
        known: before the delivery.
    """
    stored: dict[str, Coded] = {}
    for event in events:
        if event.row.key not in known.events:
            first = stored.setdefault(event.row.key, event)
            if (event.row.body_hash, event.row.case_key) < (first.row.body_hash, first.row.case_key):
                stored[event.row.key] = event
    return stored


def compare(*, good: Sequence[Coded], known: Known, stored: Mapping[str, Coded], settled: frozenset[int]) -> dict[int, Status]:
    """Say of each event by its number whether it is new, known, or known with another content.

    Args:
        good: that can be stored.
        known: before the delivery.
        stored: of these, the one of each new key that stays.
        settled: numbers of doubtful ones that somebody let in before.
    """
    statuses: dict[int, Status] = {}
    accepted: set[str] = set()
    for row, *_ in good:
        first = stored.get(row.key)
        body = (first.row.body_hash, first.row.case_key) if first else known.events[row.key]
        if number_of(row=row) in settled:
            status: Status = "duplicate"
        elif (row.body_hash, row.case_key) != body:
            status = "rejected"
        else:
            status = "duplicate" if first is None or row.key in accepted else "accepted"
            accepted.add(row.key)
        statuses[number_of(row=row)] = status
    return statuses


def list_outcomes(
    *, good: Sequence[Coded], statuses: Mapping[int, Status], held: Sequence[HeldEvent], keys: Mapping[int | None, str]
) -> dict[int, Outcome]:
    """Return what is answered of each event, by its number.

    Args:
        good: that could be stored.
        statuses: of these, by number.
        held: events that wait.
        keys: id of each event, by number.
    """
    outcomes: dict[int, Outcome] = {}
    for row, *_ in good:
        status = statuses[number_of(row=row)]
        if status == "rejected":
            outcomes[number_of(row=row)] = Outcome(status="rejected", id=row.key, path="id", message=CHANGED_MESSAGE)
        else:
            outcomes[number_of(row=row)] = Outcome(status=status, id=row.key)
    for event in held:
        outcomes[event.row_number] = Outcome(status="held", id=keys[event.row_number], reason=event.reason, message=event.message)
    return outcomes
