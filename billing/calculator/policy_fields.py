"""The resolution policy as calculator documents write it."""

from datetime import timedelta
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, StrictBool, WithJsonSchema, model_validator

from billing.calculator import fields, policy_words
from contracts.rules import business_hours, errors
from contracts.rules import resolution_policy as terms

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOUR_SECONDS = 3600
WINDOW_HOURS_MAX = 24 * 36_600


def _check_window(value: Fraction) -> Fraction:
    if value > WINDOW_HOURS_MAX:
        raise ValueError(f"a window is at most {WINDOW_HOURS_MAX} hours long, a hundred years")
    if (value * HOUR_SECONDS * 1_000_000).denominator != 1:
        raise ValueError("a window is a whole number of microseconds long")
    return value


def _read_minute(value: Any) -> int:
    text = str(value)
    hours, colon, minutes = text.partition(":")
    is_time = len(text) == 5 and colon == ":" and (hours + minutes).isdigit()
    if not is_time or int(minutes) > 59 or int(hours) * 60 + int(minutes) > business_hours.MINUTES_OF_DAY:
        raise ValueError('write a time of day as "09:00", up to "24:00"')
    return int(hours) * 60 + int(minutes)


Hours = Annotated[fields.NonNegative, AfterValidator(_check_window)]
Minute = Annotated[
    int,
    BeforeValidator(_read_minute),
    WithJsonSchema({"type": "string", "pattern": r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$", "examples": ["09:00"]}),
]


class OpenField(fields.Document):
    """Hours of one weekday."""

    day: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    start: Minute
    end: Minute


class BusinessHoursField(fields.Document):
    """When the client is open."""

    timezone: str = "UTC"
    weekly: tuple[OpenField, ...]
    holidays: tuple[fields.Day, ...] = ()

    def to_terms(self) -> business_hours.BusinessHours:
        """Return the hours in the words of the rules."""
        return business_hours.BusinessHours(
            timezone=self.timezone,
            weekly=tuple(
                business_hours.OpenHours(weekday=DAYS.index(part.day), start_minute=part.start, end_minute=part.end) for part in self.weekly
            ),
            holidays=frozenset(self.holidays),
        )


class KnobsField(fields.Document):
    """The knobs that a policy and its overrides share; what is missing keeps its default, or the policy's value."""

    delivery_model: terms.DeliveryModel | None = None
    verified_by: terms.VerifiedBy | None = None
    silence_window_hours: Hours | None = None
    silence_clock: terms.Clock | None = None
    reopen_window_hours: Hours | None = None
    reopen_clock: terms.Clock | None = None
    reopen_effect: terms.ReopenEffect | None = None
    reduced_price_percent: fields.NonNegative | None = None
    repeat_scope: terms.RepeatScope | None = None
    repeat_window_hours: Hours | None = None
    repeat_clock: terms.Clock | None = None
    unit_cap: terms.UnitCap | None = None
    exclusions: tuple[str, ...] | None = None
    counts_no_further_action: StrictBool | None = None
    priced_as_of: terms.PricedAsOf | None = None

    @model_validator(mode="before")
    @classmethod
    def _read_words(cls, data: Any) -> Any:
        return policy_words.read_knobs(data)

    def to_knobs(self) -> dict[str, Any]:
        """Return the knobs that are set, in the words of the rules."""
        knobs: dict[str, Any] = {}
        for name in KnobsField.model_fields:
            value = getattr(self, name)
            if value is None:
                continue
            if name.endswith("_hours"):
                knobs[name.removesuffix("_hours")] = timedelta(microseconds=int(value * HOUR_SECONDS * 1_000_000))
            elif name == "reduced_price_percent":
                knobs["reduced_price_bp"] = _to_bp(value)
            else:
                knobs[name] = frozenset(value) if name == "exclusions" else value
        return knobs


class OverrideField(KnobsField):
    """Other knobs for one query type × channel."""

    query_type: fields.Code = None
    channel: fields.Code = None


class PolicyField(KnobsField, fields.TermsField):
    """A resolution policy with its overrides."""

    business_hours: BusinessHoursField | None = None
    timezone: str = "UTC"
    unassisted_channels: tuple[str, ...] = ()
    overrides: tuple[OverrideField, ...] = ()

    def to_terms(self) -> terms.ResolutionPolicy:
        """Return the policy in the words of the rules.

        Raises: InvalidInput with the place of the fault inside the policy.
        """
        try:
            hours = self.business_hours.to_terms() if self.business_hours else None
        except business_hours.InvalidBusinessHours as refused:
            raise refused.inside("business_hours") from refused
        try:
            overrides = tuple(
                terms.PolicyOverride(query_type=part.query_type, channel=part.channel, **part.to_knobs()) for part in self.overrides
            )
            return terms.ResolutionPolicy(
                hours=hours,
                timezone=self.timezone,
                unassisted_channels=frozenset(self.unassisted_channels),
                overrides=overrides,
                **self.to_knobs(),
            )
        except terms.InvalidPolicy as refused:
            raise terms.InvalidPolicy(refused.message, path=tuple(_WRITTEN.get(part, part) for part in refused.path)) from refused


_WRITTEN: dict[errors.PathPart, str] = {
    "hours": "business_hours",
    "reduced_price_bp": "reduced_price_percent",
    "silence_window": "silence_window_hours",
    "reopen_window": "reopen_window_hours",
    "repeat_window": "repeat_window_hours",
}


def _to_bp(percent: Fraction) -> int:
    share = percent * terms.BP / 100
    if share.denominator != 1:
        raise terms.InvalidPolicy("A reduced price is a percentage with at most two decimals.", path=("reduced_price_bp",))
    return int(share)
