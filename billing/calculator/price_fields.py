"""The price, steps and booked parts of calculator documents, and their way into frozen terms."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, model_validator

from billing.calculator import fields
from billing.rules.prices import steps
from contracts.rules import errors, rate_cards

ZERO = Fraction(0)
NOTHING_BOOKED = steps.NOTHING_BOOKED


# Every field of every shape: whoever writes them all leaves null in those that the shape does not have.
SHAPE_FIELDS = frozenset(
    (
        *("unit_amount", "package_size", "package_amount", "free_units", "tiers", "zero_usage_flat", "rate_percent", "fixed_amount"),
        *("free_events", "free_amount", "per_event_min", "per_event_max", "flat_amount", "block_size"),
    )
)


class PartField(fields.Document):
    """A shape or a tier: a field of another shape may be written, if it is null."""

    @model_validator(mode="before")
    @classmethod
    def _leave_out_other_shapes(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        return {name: value for name, value in data.items() if value is not None or name in cls.model_fields or name not in SHAPE_FIELDS}


class TierField(PartField):
    """A tier: (previous up_to, up_to]; up_to null is without end."""

    up_to: fields.NonNegative | None = None
    unit_amount: fields.NonNegative | None = None
    flat_amount: fields.NonNegative | None = None
    block_size: fields.Positive | None = None

    def to_terms(self) -> rate_cards.Tier:
        """Return the frozen tier."""
        return rate_cards.Tier(
            up_to=self.up_to, unit_amount=self.unit_amount or ZERO, flat_amount=self.flat_amount or ZERO, block_size=self.block_size
        )


class PercentageTierField(PartField):
    """A tier of a sum of money, at a percentage."""

    up_to: fields.NonNegative | None = None
    rate_percent: fields.NonNegative | None = None
    flat_amount: fields.NonNegative | None = None

    def to_terms(self) -> rate_cards.PercentageTier:
        """Return the frozen tier."""
        return rate_cards.PercentageTier(up_to=self.up_to, rate_percent=self.rate_percent or ZERO, flat_amount=self.flat_amount or ZERO)


class ShapeField(fields.TermsField, PartField):
    """A price of one shape; only shapes with tiers have a flat amount for no usage."""

    zero_usage_flat: StrictBool = False


class PerUnitField(ShapeField):
    """Every unit costs the same."""

    shape: Literal["per_unit"]
    unit_amount: fields.NonNegative

    def to_terms(self) -> rate_cards.Price:
        """Return the frozen price."""
        return rate_cards.PerUnit(unit_amount=self.unit_amount)


class PackageField(ShapeField):
    """Started packages of what exceeds the free units."""

    shape: Literal["package"]
    package_size: fields.Positive
    package_amount: fields.NonNegative
    free_units: fields.NonNegative | None = None

    def to_terms(self) -> rate_cards.Price:
        """Return the frozen price."""
        return rate_cards.Package(package_size=self.package_size, package_amount=self.package_amount, free_units=self.free_units or ZERO)


class GraduatedField(ShapeField):
    """Each tier entered prices its own slice and adds its flat amount once."""

    shape: Literal["graduated"]
    tiers: list[TierField]

    def to_terms(self) -> rate_cards.Price:
        """Return the frozen price."""
        return rate_cards.Graduated(tiers=tuple(tier.to_terms() for tier in self.tiers), zero_usage_flat=self.zero_usage_flat)


class VolumeField(ShapeField):
    """The tier that contains the quantity prices all of it."""

    shape: Literal["volume"]
    tiers: list[TierField]

    def to_terms(self) -> rate_cards.Price:
        """Return the frozen price."""
        return rate_cards.Volume(tiers=tuple(tier.to_terms() for tier in self.tiers), zero_usage_flat=self.zero_usage_flat)


class GraduatedPercentageField(ShapeField):
    """Each slice of a sum of money at its tier's percentage."""

    shape: Literal["graduated_percentage"]
    tiers: list[PercentageTierField]

    def to_terms(self) -> rate_cards.Price:
        """Return the frozen price."""
        return rate_cards.GraduatedPercentage(tiers=tuple(tier.to_terms() for tier in self.tiers), zero_usage_flat=self.zero_usage_flat)


class PercentageField(ShapeField):
    """A percentage of each event's value."""

    shape: Literal["percentage"]
    rate_percent: fields.NonNegative | None = None
    fixed_amount: fields.NonNegative | None = None
    free_events: fields.NonNegative | None = None
    free_amount: fields.NonNegative | None = None
    per_event_min: fields.NonNegative | None = None
    per_event_max: fields.NonNegative | None = None

    def to_terms(self) -> rate_cards.Price:
        """Return the frozen price."""
        return rate_cards.Percentage(
            rate_percent=self.rate_percent or ZERO,
            fixed_amount=self.fixed_amount or ZERO,
            free_events=self.free_events,
            free_amount=self.free_amount,
            per_event_min=self.per_event_min,
            per_event_max=self.per_event_max,
        )


AnyShape = PerUnitField | PackageField | GraduatedField | VolumeField | GraduatedPercentageField | PercentageField
PriceField = Annotated[AnyShape, Field(discriminator="shape")]


class StepsField(fields.TermsField):
    """The steps around a price."""

    usage_discount: fields.NonNegative | None = None
    percent_discount: fields.NonNegative | None = None
    maximum: fields.NonNegative | None = None
    minimum: fields.NonNegative | None = None
    credits: fields.NonNegative | None = None
    last_in_period: StrictBool | None = None

    def to_terms(self) -> rate_cards.PriceSteps:
        """Return the frozen steps."""
        return rate_cards.PriceSteps(
            usage_discount=self.usage_discount or ZERO,
            percent_discount=self.percent_discount or ZERO,
            maximum=self.maximum,
            minimum=self.minimum,
        )

    def counts_minimum(self, *, last_in_period: bool | None) -> bool:
        """Say whether the minimum counts; the flag may stand here or beside the steps."""
        if self.last_in_period is not None and last_in_period is not None and self.last_in_period != last_in_period:
            raise errors.InvalidInput("last_in_period is said twice, differently; say it once.", path=("last_in_period",))
        said = last_in_period if self.last_in_period is None else self.last_in_period
        return said is not False


class BookedField(fields.Document):
    """What earlier parts of the period booked."""

    quantity: fields.NonNegative | None = None
    amount: fields.Exact | None = None

    def to_terms(self) -> steps.Booked:
        """Return the frozen booking."""
        return steps.Booked(quantity=self.quantity or ZERO, amount=self.amount)
