"""The resolution policy of a contract version: when a solved case counts, and for how much.

One policy with overrides per query type × channel; `effective_policy` resolves them to the one in force for a case.
"""

import dataclasses
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from contracts.rules import business_hours, errors

DeliveryModel = Literal["direct", "front_line_triage", "call_back", "electronic"]
VerifiedBy = Literal["customer_or_silence", "customer_only", "agent_close", "qa_sample", "client_approval"]
Clock = Literal["calendar", "business"]
Window = Literal["silence", "reopen", "repeat"]
ReopenEffect = Literal["void_before_billing", "deduct_later", "new_unit", "reduced_price"]
RepeatScope = Literal["any_channel", "own_channel", "off"]
UnitCap = Literal["once_per_case", "per_customer_per_day"]
PricedAsOf = Literal["resolution", "opening", "verification"]

BP = 10_000
WINDOWS: tuple[Window, ...] = get_args(Window)
# A window of business hours that would take longer than this is a slip of the pen, and would run off the calendar.
WEEKS_MAX = 260
EXCLUSIONS = frozenset(
    ("spam", "test", "internal", "duplicate", "merged", "abandoned", "wrong_queue", "client_outage", "greeting_only", "self_service")
)


class InvalidPolicy(errors.InvalidInput):
    """A resolution policy whose knobs contradict each other."""


@dataclass(frozen=True, kw_only=True)
class PolicyOverride:
    """Other knobs for one query type × channel; None keeps the policy's value, and a class part of None means any."""

    query_type: str | None = None
    channel: str | None = None
    delivery_model: DeliveryModel | None = None
    verified_by: VerifiedBy | None = None
    silence_window: timedelta | None = None
    silence_clock: Clock | None = None
    reopen_window: timedelta | None = None
    reopen_clock: Clock | None = None
    reopen_effect: ReopenEffect | None = None
    reduced_price_bp: int | None = None
    repeat_scope: RepeatScope | None = None
    repeat_window: timedelta | None = None
    repeat_clock: Clock | None = None
    unit_cap: UnitCap | None = None
    exclusions: frozenset[str] | None = None
    counts_no_further_action: bool | None = None
    priced_as_of: PricedAsOf | None = None


@dataclass(frozen=True, kw_only=True)
class ResolutionPolicy:
    """Every knob of design.md section 4, defaults first.

    Each window counts calendar time, or business time of `hours` where its clock says so; the silence window from the last
    agent message, the reopen and repeat windows from the resolution. `reduced_price_bp` is the part of the price that stays
    after a reopen (10,000 is all of it). `timezone` tells which day a resolution belongs to when customers are counted once a
    day. `unassisted_channels` are those that no person answers, of which FCR is never asked.

    Raises: InvalidPolicy if the knobs contradict each other.
    """

    delivery_model: DeliveryModel = "direct"
    verified_by: VerifiedBy = "customer_or_silence"
    silence_window: timedelta = timedelta(hours=72)
    silence_clock: Clock = "calendar"
    hours: business_hours.BusinessHours | None = None
    reopen_window: timedelta = timedelta(days=7)
    reopen_clock: Clock = "calendar"
    reopen_effect: ReopenEffect = "void_before_billing"
    reduced_price_bp: int | None = None
    repeat_scope: RepeatScope = "any_channel"
    repeat_window: timedelta = timedelta(days=7)
    repeat_clock: Clock = "calendar"
    unit_cap: UnitCap = "once_per_case"
    exclusions: frozenset[str] = EXCLUSIONS
    counts_no_further_action: bool = True
    priced_as_of: PricedAsOf = "resolution"
    timezone: str = "UTC"
    unassisted_channels: frozenset[str] = frozenset()
    overrides: tuple[PolicyOverride, ...] = ()

    def __post_init__(self) -> None:
        _check_knobs(self)
        seen: set[tuple[str | None, str | None]] = set()
        for position, override in enumerate(self.overrides):
            where = (override.query_type, override.channel)
            if where == (None, None):
                raise InvalidPolicy(
                    "An override names a query type, a channel or both; for everything else change the policy.",
                    path=("overrides", position),
                )
            if where in seen:
                raise InvalidPolicy(f"Two overrides name {_class_name(override)}; join them.", path=("overrides", position))
            seen.add(where)
            try:
                _apply(self, override)
            except InvalidPolicy as refused:
                raise refused.inside("overrides", position) from refused

    def length_of(self, window: Window) -> timedelta:
        """How long a window is, in the hours that it counts."""
        return {"silence": self.silence_window, "reopen": self.reopen_window, "repeat": self.repeat_window}[window]

    def hours_of(self, window: Window) -> business_hours.BusinessHours | None:
        """The hours that a window counts, or None if it counts every hour."""
        clock = {"silence": self.silence_clock, "reopen": self.reopen_clock, "repeat": self.repeat_clock}[window]
        return self.hours if clock == "business" else None

    def window_end(self, window: Window, start: datetime) -> datetime:
        """The first instant at which a window that opened at `start` has passed."""
        return business_hours.window_end(start=start, length=self.length_of(window), hours=self.hours_of(window))

    def settles_at(self, resolved_at: datetime) -> datetime:
        """When no return can reach a resolution any more: the later end of its reopen and repeat windows."""
        ends = [self.window_end("reopen", resolved_at)]
        return max(ends if self.repeat_scope == "off" else [*ends, self.window_end("repeat", resolved_at)])


def effective_policy(*, policy: ResolutionPolicy, query_type: str | None, channel: str | None) -> ResolutionPolicy:
    """Return the one policy in force for a class, with its most specific override applied.

    Args:
        policy: the contract version's policy.
        query_type: such as "billing/refund"; an override for "billing" covers it.
        channel: such as "chat".

    Returns: a policy without overrides. The most specific query type wins, then a named channel.
    Source: design.md section 4; formats.md, `rate_card`.

    >>> mail = PolicyOverride(channel="email", delivery_model="electronic")
    >>> effective_policy(policy=ResolutionPolicy(overrides=(mail,)), query_type="billing", channel="email").delivery_model
    'electronic'
    """
    found = [override for override in policy.overrides if _covers(override, query_type, channel)]
    if not found:
        return dataclasses.replace(policy, overrides=())
    return _apply(policy, max(found, key=_specificity))


def _specificity(override: PolicyOverride) -> tuple[int, bool]:
    depth = len(override.query_type.split("/")) if override.query_type is not None else 0
    return depth, override.channel is not None


def _covers(override: PolicyOverride, query_type: str | None, channel: str | None) -> bool:
    if override.channel is not None and override.channel != channel:
        return False
    if override.query_type is None:
        return True
    return query_type is not None and (query_type == override.query_type or query_type.startswith(override.query_type + "/"))


def _apply(policy: ResolutionPolicy, override: PolicyOverride) -> ResolutionPolicy:
    changes = {
        field.name: getattr(override, field.name)
        for field in dataclasses.fields(override)
        if field.name not in ("query_type", "channel") and getattr(override, field.name) is not None
    }
    if changes.get("reopen_effect", "reduced_price") != "reduced_price":
        changes["reduced_price_bp"] = None
    return dataclasses.replace(policy, overrides=(), **changes)


def _check_knobs(policy: ResolutionPolicy) -> None:
    for window in WINDOWS:
        _check_window(policy, window)
    if policy.reopen_effect == "reduced_price":
        if policy.reduced_price_bp is None or not 0 <= policy.reduced_price_bp <= BP:
            raise InvalidPolicy("A reduced price needs the part that stays, 0 to 100 percent.", path=("reduced_price_bp",))
    elif policy.reduced_price_bp is not None:
        raise InvalidPolicy(
            f'A reduced price is given, but a reopen has the effect "{policy.reopen_effect}"; drop one of them.', path=("reduced_price_bp",)
        )
    try:
        business_hours.find_zone(name=policy.timezone)
    except business_hours.InvalidBusinessHours as refused:
        raise InvalidPolicy(refused.message, path=("timezone",)) from refused


def _check_window(policy: ResolutionPolicy, window: Window) -> None:
    length = policy.length_of(window)
    if length < timedelta(0):
        raise InvalidPolicy(f"The {window} window is negative; a window is 0 hours or more.", path=(f"{window}_window",))
    clock = {"silence": policy.silence_clock, "reopen": policy.reopen_clock, "repeat": policy.repeat_clock}[window]
    if clock == "business" and policy.hours is None:
        raise InvalidPolicy(f"The {window} window counts business hours, but the policy has none; add the client's hours.", path=("hours",))
    hours = policy.hours_of(window)
    if hours is not None and length > WEEKS_MAX * hours.open_time:
        raise InvalidPolicy(
            f"The {window} window would take more than {WEEKS_MAX} weeks of these business hours; shorten it, or open longer.",
            path=(f"{window}_window",),
        )


def _class_name(override: PolicyOverride) -> str:
    return f"{override.query_type or 'any query type'} on {override.channel or 'any channel'}"
