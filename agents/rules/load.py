"""Guardrails against overload: one decision per limit, from shifts and contacts alone.

A guardrail stops assignment before it stops pay, and resting costs nothing. Missing data is never held against an agent.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from agents.rules import load_measures, worked_time
from agents.rules.load_measures import Facts, Measure
from contracts.rules import errors, exact
from contracts.rules.pay_plans import Limit

Level = Literal["ok", "warn", "act"]
Effect = Literal["prompt", "stop_assignment", "premium_suspended", "paid_recovery"]

DEFAULT_LIMITS: Mapping[str, Limit] = MappingProxyType(
    {
        "weekly_hours": Limit(warn=Fraction(44), act=Fraction(48)),
        "daily_rest": Limit(act=Fraction(11)),
        "weekly_rest": Limit(act=Fraction(35)),
        "consecutive_days": Limit(warn=Fraction(6), act=Fraction(7)),
        "shift_length": Limit(act=Fraction(12)),
        "break_after": Limit(act=Fraction(6)),
        "occupancy": Limit(warn=Fraction(85, 100), act=Fraction(90, 100)),
        "hostile_contacts": Limit(act=Fraction(3)),
        "pace": Limit(),
    }
)
WEEKLY_HOURS_ABSOLUTE = Fraction(55)
RESTS = ("daily_rest", "weekly_rest")
# A rest is looked for within a day, or within a week: no longer one can be asked for.
REST_HOURS_MAX: Mapping[str, Fraction] = MappingProxyType({"daily_rest": Fraction(24), "weekly_rest": Fraction(168)})

# What a guardrail does when it acts; with a warning every limit only prompts.
ACT_EFFECTS: Mapping[str, tuple[Effect, ...]] = MappingProxyType(
    {
        "weekly_hours": ("stop_assignment", "premium_suspended"),
        "daily_rest": ("stop_assignment",),
        "weekly_rest": ("stop_assignment",),
        "consecutive_days": ("stop_assignment",),
        "shift_length": ("stop_assignment",),
        "break_after": ("prompt",),
        "occupancy": ("paid_recovery",),
        "hostile_contacts": ("paid_recovery",),
        "pace": ("premium_suspended",),
    }
)

_MEASURES: Mapping[str, Callable[[Facts, Fraction], Measure]] = MappingProxyType(
    {
        "weekly_hours": load_measures.measure_weekly_hours,
        "daily_rest": load_measures.measure_daily_rest,
        "weekly_rest": load_measures.measure_weekly_rest,
        "consecutive_days": load_measures.measure_consecutive_days,
        "shift_length": load_measures.measure_shift_length,
        "break_after": load_measures.measure_time_since_break,
        "occupancy": load_measures.measure_occupancy,
        "hostile_contacts": load_measures.measure_hostile_contacts,
        "pace": load_measures.measure_pace,
    }
)


class InvalidLimits(errors.InvalidInput):
    """A limit that does not exist, is negative or beyond what can be, or warns beyond where it acts."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """A plan's limits; a missing one has the default. `weekly_hours_absolute` is per 7 days, whatever the average.

    Raises: InvalidLimits.
    """

    by_code: Mapping[str, Limit] = field(default_factory=dict)
    weekly_hours_absolute: Fraction | None = WEEKLY_HOURS_ABSOLUTE

    def __post_init__(self) -> None:
        for code, limit in self.by_code.items():
            if code not in DEFAULT_LIMITS:
                raise InvalidLimits(f'There is no limit "{code}"; choose one of {", ".join(DEFAULT_LIMITS)}.', path=("limits", code))
            _check_limit(code, limit)

    def limit_of(self, code: str) -> Limit:
        """Return the plan's limit, or the default."""
        return self.by_code.get(code, DEFAULT_LIMITS[code])


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What one guardrail decided: what it measured, against what, and what follows from when until when.

    `effect` is the first of `effects`; both are empty while the level is ok. `until_at` is None where only the agent's next
    break or shift ends it.
    """

    limit: str
    value: Fraction
    threshold: Fraction | None
    level: Level
    effect: Effect | None
    effects: tuple[Effect, ...]
    from_at: datetime | None
    until_at: datetime | None


def check_load(
    *,
    shifts: Iterable[worked_time.Shift],
    contacts: Iterable[worked_time.Contact],
    as_of: datetime,
    limits: Limits | None = None,
    units: Iterable[datetime] | None = None,
) -> tuple[Decision, ...]:
    """Decide every limit for one agent at an instant.

    Args:
        shifts: logged-in time with breaks; what starts later is not known yet.
        contacts: handled contacts; what begins later is not known yet.
        as_of: the instant of the decision; its offset tells which day it is.
        limits: the plan's limits; None means the defaults.
        units: when the agent resolved cases, for the pace; None takes the contacts.

    Returns: one decision per limit, in the order of design.md section 8.
    Raises: InvalidShifts, InvalidLimits.
    Source: design.md section 8; Directive 2003/88/EC articles 3 to 6.

    >>> from datetime import UTC, timedelta
    >>> nine = datetime(2026, 10, 5, 9, tzinfo=UTC)
    >>> shift = worked_time.Shift(start=nine, end=nine + timedelta(hours=12))
    >>> decisions = check_load(shifts=[shift], contacts=[], as_of=nine + timedelta(hours=12))
    >>> [decision.limit for decision in decisions if decision.level == "act"]
    ['shift_length', 'break_after']
    """
    asked = limits or Limits()
    zone, as_of = as_of.tzinfo, worked_time.pin(as_of)
    pinned = (replace(contact, at=worked_time.pin(contact.at)) for contact in contacts)
    known = tuple(sorted((contact for contact in pinned if contact.at <= as_of), key=lambda contact: contact.at))
    resolved = (
        tuple(contact.at for contact in known) if units is None else tuple(sorted(at for at in map(worked_time.pin, units) if at <= as_of))
    )
    facts = Facts(
        timeline=worked_time.build_timeline(shifts=shifts, as_of=as_of),
        zone=zone,
        contacts=known,
        units=resolved,
        as_of=as_of,
        daily_rest_hours=asked.limit_of("daily_rest").act or Fraction(0),
    )
    return tuple(_decide(code, asked, facts) for code in DEFAULT_LIMITS)


def warns_first(*, code: str, warn: Fraction, act: Fraction) -> bool:
    """Say whether a notice comes no later than the action; of rest, less is worse.

    Args:
        code: a limit.
        warn, act: its thresholds, in the unit that it measures.

    Source: design.md section 8.

    >>> warns_first(code="daily_rest", warn=Fraction(12), act=Fraction(11))
    True
    """
    return warn >= act if code in RESTS else warn <= act


def _decide(code: str, limits: Limits, facts: Facts) -> Decision:
    limit = limits.limit_of(code)
    if code == "weekly_hours" and limits.weekly_hours_absolute is not None:
        measured = load_measures.measure_last_week(facts, limits.weekly_hours_absolute)
        if measured.value >= limits.weekly_hours_absolute:
            return _conclude(code, measured, limits.weekly_hours_absolute, "act")
    measure = _MEASURES[code]
    for level, threshold in (("act", limit.act), ("warn", limit.warn)):
        if threshold is not None:
            measured = measure(facts, threshold)
            is_reached = measured.value < threshold if code in RESTS else measured.value >= threshold
            if is_reached:
                return _conclude(code, measured, threshold, "act" if level == "act" else "warn")
    nearest = limit.warn if limit.warn is not None else limit.act
    return _conclude(code, measure(facts, nearest or Fraction(0)), nearest, "ok")


def _conclude(code: str, measured: Measure, threshold: Fraction | None, level: Level) -> Decision:
    effects: tuple[Effect, ...] = ACT_EFFECTS[code] if level == "act" else ("prompt",) if level == "warn" else ()
    return Decision(
        limit=code,
        value=measured.value,
        threshold=threshold,
        level=level,
        effect=effects[0] if effects else None,
        effects=effects,
        from_at=None if level == "ok" else measured.from_at,
        until_at=None if level == "ok" else measured.until_at,
    )


def _check_limit(code: str, limit: Limit) -> None:
    for name, value in (("warn", limit.warn), ("act", limit.act)):
        if value is not None and value <= 0:
            raise InvalidLimits(f"The {name} of {code} must be more than zero.", path=("limits", code, name))
        if value is not None and value > REST_HOURS_MAX.get(code, value):
            most = exact.format_exact(value=REST_HOURS_MAX[code])
            raise InvalidLimits(f"The {name} of {code} is at most {most} hours: it is looked for within them.", path=("limits", code, name))
    if limit.warn is None or limit.act is None:
        return
    if not warns_first(code=code, warn=limit.warn, act=limit.act):
        raise InvalidLimits(
            f"{code} warns at {exact.format_exact(value=limit.warn)}, after it has acted at {exact.format_exact(value=limit.act)}; "
            "warn first.",
            path=("limits", code, "warn"),
        )
