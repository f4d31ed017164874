"""What about one resolution would be unusual if it happened often: one mark for each kind of signal.

A mark says nothing about a person. Only an agent's many marks beside everybody else's can be a signal (`assess.py`).
`agents/rules/frames/signals.py` marks column by column; a property test holds the two equal.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal, get_args

Kind = Literal["premature_close", "splitting", "cherry_picking", "survey_steering", "period_end_spike", "self_created", "merge_farming"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Stratum = Literal["class_code", "team", "site"]

# A customer who is back this soon was hardly helped.
RETURN_WITHIN = timedelta(hours=24)
# Two cases of one customer about one thing, opened this close to each other, may be one problem.
SPLIT_WITHIN = timedelta(hours=24)
PERIOD_END = timedelta(hours=48)
# A class is short when its cases take at most this part of the usual handle time: one half.
SHORT_DIVISOR = 2

# Whom an agent is compared with: others on the same class, of the same team, or at the same site.
STRATA: Mapping[Kind, Stratum] = MappingProxyType(
    {
        "premature_close": "class_code",
        "splitting": "class_code",
        "cherry_picking": "team",
        "survey_steering": "class_code",
        "period_end_spike": "site",
        "self_created": "class_code",
        "merge_farming": "class_code",
    }
)
# Kinds whose marks doubt the unit itself, and not only the pattern: these may be held until a person decides.
HOLDING: tuple[Kind, ...] = ("splitting", "self_created", "merge_farming")


@dataclass(frozen=True, kw_only=True)
class Handling:
    """Handle time of some cases together: a whole number of seconds, and how many cases."""

    seconds: int = 0
    case_count: int = 0


@dataclass(frozen=True, kw_only=True)
class SignalUnit:
    """One resolution as the signals read it.

    `customer` is a keyed hash, empty if unknown; `handle_seconds` is of the whole case, None if the source does not tell.
    `class_handling`, `pool_handling` and
    `earlier_case_at` (when the same customer last opened another case about the same with this agent) come from `prepare`.
    """

    resolution_id: int
    case_id: int
    agent_id: int
    team: str
    site: str
    query_type: str
    class_code: str
    customer: str
    opened_at: datetime
    resolved_at: datetime
    reopened_at: datetime | None
    period_ends_at: datetime
    is_pending: bool
    is_void: bool
    is_first_contact: bool | None
    has_survey: bool
    is_opened_by_resolver: bool
    is_merged_by_resolver: bool
    handle_seconds: int | None = None
    class_handling: Handling = Handling()
    pool_handling: Handling = Handling()
    earlier_case_at: datetime | None = None


def prepare(*, units: Iterable[SignalUnit]) -> tuple[SignalUnit, ...]:
    """Add to each unit what is known from the others: usual handle times, and the customer's earlier case.

    Args:
        units: everybody's resolutions of the time that is looked at.

    Returns: the same units in the same order.
    Source: design.md section 8, "Gaming signals".
    """
    given = tuple(units)
    by_class: dict[str, Handling] = {}
    pool = Handling()
    opened: dict[tuple[int, str, str], dict[int, datetime]] = {}
    for unit in given:
        if unit.handle_seconds is not None:
            by_class[unit.class_code] = _add(by_class.get(unit.class_code, Handling()), unit.handle_seconds)
            pool = _add(pool, unit.handle_seconds)
        if unit.customer:
            opened.setdefault(_topic(unit), {})[unit.case_id] = unit.opened_at
    return tuple(
        replace(
            unit,
            class_handling=by_class.get(unit.class_code, Handling()),
            pool_handling=pool,
            earlier_case_at=_earlier(unit, opened.get(_topic(unit), {})),
        )
        for unit in given
    )


def mark(*, kind: Kind, unit: SignalUnit) -> bool | None:
    """Say whether a resolution carries the mark of a kind, or None if it cannot tell anything about it.

    Args:
        kind: the kind of signal.
        unit: a resolution, as `prepare` returns it.

    Returns: True, False, or None where the resolution is no observation of this kind.
    Source: design.md section 8, "Gaming signals".
    """
    return _MARKS[kind](unit)


def _mark_premature_close(unit: SignalUnit) -> bool | None:
    if unit.is_void or (unit.is_pending and unit.reopened_at is None):
        return None
    return unit.reopened_at is not None and unit.reopened_at - unit.resolved_at <= RETURN_WITHIN


def _mark_splitting(unit: SignalUnit) -> bool | None:
    if unit.is_void or not unit.customer:
        return None
    return unit.earlier_case_at is not None and unit.opened_at - unit.earlier_case_at <= SPLIT_WITHIN


def _mark_cherry_picking(unit: SignalUnit) -> bool | None:
    one, all_of_them = unit.class_handling, unit.pool_handling
    if unit.is_void or one.case_count == 0 or all_of_them.seconds == 0:
        return None
    return one.seconds * SHORT_DIVISOR * all_of_them.case_count <= all_of_them.seconds * one.case_count


def _mark_survey_steering(unit: SignalUnit) -> bool | None:
    """Look only at customers who had a reason to be unhappy: no first contact resolution, or back again."""
    is_unhappy = unit.reopened_at is not None or unit.is_first_contact is False
    return None if unit.is_void or not is_unhappy else not unit.has_survey


def _mark_period_end(unit: SignalUnit) -> bool | None:
    return None if unit.is_void else unit.period_ends_at - unit.resolved_at <= PERIOD_END


def _mark_self_created(unit: SignalUnit) -> bool | None:
    return None if unit.is_void else unit.is_opened_by_resolver


def _mark_merge_farming(unit: SignalUnit) -> bool | None:
    """A merged case is void under most policies, so void ones count here."""
    return unit.is_merged_by_resolver


_MARKS: Mapping[Kind, Callable[[SignalUnit], bool | None]] = MappingProxyType(
    {
        "premature_close": _mark_premature_close,
        "splitting": _mark_splitting,
        "cherry_picking": _mark_cherry_picking,
        "survey_steering": _mark_survey_steering,
        "period_end_spike": _mark_period_end,
        "self_created": _mark_self_created,
        "merge_farming": _mark_merge_farming,
    }
)


def _topic(unit: SignalUnit) -> tuple[int, str, str]:
    return unit.agent_id, unit.customer, unit.query_type


def _add(known: Handling, seconds: int) -> Handling:
    return Handling(seconds=known.seconds + seconds, case_count=known.case_count + 1)


def _earlier(unit: SignalUnit, opened: Mapping[int, datetime]) -> datetime | None:
    """Return when the case opened before this one was opened; of two opened at once, the lower number came first."""
    before = [at for case_id, at in opened.items() if (at, case_id) < (unit.opened_at, unit.case_id)]
    return max(before, default=None)
