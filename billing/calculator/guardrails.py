"""`guardrails`: one decision per limit, from an agent's shifts and contacts."""

from datetime import datetime
from fractions import Fraction
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StrictBool

from agents.rules import load, load_words, worked_time
from billing.calculator import fields
from billing.rules import explain
from contracts.rules import exact, pay_plans

LIMIT_MAX = 100_000
HANDLE_SECONDS_MAX = 31 * 24 * 3600


def _check_limit(value: Fraction) -> Fraction:
    if value > LIMIT_MAX:
        raise ValueError(f"a limit is at most {LIMIT_MAX}; write null for none")
    return value


def _check_handling(value: Fraction) -> Fraction:
    if value > HANDLE_SECONDS_MAX:
        raise ValueError(f"a contact is handled for at most {HANDLE_SECONDS_MAX} seconds, a month")
    return value


Threshold = Annotated[fields.Positive, AfterValidator(_check_limit)]


class LimitField(fields.Document):
    """Where a limit warns and acts; a missing one has the default, null is none. `absolute` only for weekly_hours."""

    warn: Threshold | None = None
    act: Threshold | None = None
    absolute: Threshold | None = None

    def to_limit(self, code: str) -> pay_plans.Limit:
        """Return the limit with its defaults filled in; a default notice that would come after the action is dropped."""
        default = load.DEFAULT_LIMITS.get(code, pay_plans.Limit())
        act = self.act if "act" in self.model_fields_set else default.act
        if "warn" in self.model_fields_set:
            return pay_plans.Limit(warn=self.warn, act=act)
        is_late = act is not None and default.warn is not None and not load.warns_first(code=code, warn=default.warn, act=act)
        return pay_plans.Limit(warn=None if is_late else default.warn, act=act)


class BreakField(fields.Document):
    """A break inside a shift."""

    start: fields.Instant
    end: fields.Instant | None = None


class ShiftField(fields.Document):
    """Logged-in time."""

    start: fields.Instant
    end: fields.Instant | None = None
    breaks: tuple[BreakField, ...] = ()

    def to_shift(self) -> worked_time.Shift:
        """Return the shift in the words of the rules."""
        breaks = tuple(worked_time.Break(start=pause.start, end=pause.end) for pause in self.breaks)
        return worked_time.Shift(start=self.start, end=self.end, breaks=breaks)


class ContactField(fields.Document):
    """A handled contact, from when it began."""

    at: fields.Instant
    handle_seconds: Annotated[fields.NonNegative, AfterValidator(_check_handling)] = Fraction(0)
    hostile: StrictBool = False

    def to_contact(self) -> worked_time.Contact:
        """Return the contact in the words of the rules."""
        return worked_time.Contact(at=self.at, handle_seconds=self.handle_seconds, is_hostile=self.hostile)


class Document(fields.KindDocument):
    """An agent's time and contacts, the plan's limits, and the instant of the decision."""

    limits: dict[str, LimitField] = {}
    shifts: tuple[ShiftField, ...] = ()
    contacts: tuple[ContactField, ...] = ()
    units: tuple[fields.Instant, ...] | None = Field(
        default=None, description="when cases were resolved, for the pace; default: the contacts"
    )
    as_of: fields.Instant


def answer(document: Document) -> dict[str, Any]:
    """Decide the limits of a document."""
    try:
        decisions = load.check_load(
            shifts=[shift.to_shift() for shift in document.shifts],
            contacts=[contact.to_contact() for contact in document.contacts],
            as_of=document.as_of,
            limits=_read_limits(document.limits),
            units=document.units,
        )
    except worked_time.InvalidShifts as refused:
        raise refused.inside("shifts") from refused
    answered: dict[str, Any] = {"decisions": [_show_decision(decision) for decision in decisions]}
    if document.explain:
        answered["explanation"] = explain.show_steps(_explain(decision) for decision in decisions)
    return answered


def _read_limits(limits: dict[str, LimitField]) -> load.Limits:
    absolute: Fraction | None = load.WEEKLY_HOURS_ABSOLUTE
    for code, limit in limits.items():
        if "absolute" in limit.model_fields_set:
            if code != "weekly_hours":
                raise load.InvalidLimits("Only weekly_hours has an absolute limit.", path=("limits", code, "absolute"))
            absolute = limit.absolute
    return load.Limits(by_code={code: limit.to_limit(code) for code, limit in limits.items()}, weekly_hours_absolute=absolute)


def _show_decision(decision: load.Decision) -> dict[str, Any]:
    return {
        "limit": decision.limit,
        "value": exact.format_exact(value=decision.value),
        "threshold": None if decision.threshold is None else exact.format_exact(value=decision.threshold),
        "level": decision.level,
        "effect": decision.effect,
        "effects": list(decision.effects),
        "from": _show_instant(decision.from_at),
        "until": _show_instant(decision.until_at),
    }


def _show_instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _explain(decision: load.Decision) -> explain.Step:
    return explain.Step(
        rule=decision.limit,
        inputs={"value": decision.value, "threshold": decision.threshold},
        result=decision.level,
        words=load_words.LIMIT_WORDS[decision.limit],
    )
