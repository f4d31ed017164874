"""Frozen pay terms: what one version of a pay plan promises an agent.

Amounts and rates are exact `Fraction`s of the major unit. Whatever is None or empty is no such rule. Terms that could
not pay something check themselves and raise with the place of the fault.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Literal, get_args

from contracts.rules import errors, quality_curve, rate_cards

Basis = Literal["booked", "list", "fixed"]
Measure = Literal["count", "amount"]
Mode = Literal["marginal", "whole", "interpolated"]
Accumulate = Literal["period", "transaction", "year"]
RateKind = Literal["share", "unit_amount", "amount"]
SalaryPer = Literal["week", "two_weeks", "half_month", "month"]
Category = Literal[
    "productive",
    "after_contact_work",
    "available_waiting",
    "nonproductive",
    "system_boot",
    "training",
    "rest_break",
    "meal_unpaid",
    "off",
]

CATEGORIES: tuple[str, ...] = get_args(Category)
UNPAID = ("meal_unpaid", "off")
ZERO, ONE = Fraction(0), Fraction(1)

# The part of a salary that one workweek earns.
WEEKS_OF_SALARY: Mapping[str, Fraction] = MappingProxyType(
    {"week": ONE, "two_weeks": Fraction(1, 2), "half_month": Fraction(24, 52), "month": Fraction(12, 52)}
)


class InvalidPayPlan(errors.InvalidInput):
    """Terms that cannot be paid, such as a share of more than everything held back."""


@dataclass(frozen=True, kw_only=True)
class PayTier:
    """A band of the agent's own count or amount: above the previous bound, up to and including `up_to`; None is without end."""

    up_to: Fraction | None
    rate: Fraction


@dataclass(frozen=True, kw_only=True)
class UnitTerms:
    """What one credited resolution earns.

    `rate_kind` says what the rates of the tiers are: a share of basis × credit, a unit_amount for each credit, or the
    amount that a filled tier is worth (interpolated only). A plain rate is one tier without end.
    """

    rate_kind: RateKind
    tiers: tuple[PayTier, ...]
    is_tiered: bool = True
    basis: Basis = "booked"
    measure: Measure = "count"
    mode: Mode = "marginal"
    accumulate: Accumulate = "period"
    amounts: Mapping[str, Fraction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rate_cards.check_bounds(bounds=[tier.up_to for tier in self.tiers])
        is_interpolated = self.is_tiered and self.mode == "interpolated"
        for position, tier in enumerate(self.tiers):
            path = ("tiers", position, self.rate_kind) if self.is_tiered else (self.rate_kind,)
            if tier.rate < 0:
                raise InvalidPayPlan(f"{self.rate_kind} is zero or more.", path=path)
        if is_interpolated and self.rate_kind == "unit_amount":
            raise InvalidPayPlan("An interpolated tier has an amount or a share, earned in proportion as it fills.", path=("tiers", 0))
        if is_interpolated and self.tiers[0].up_to == 0:
            raise InvalidPayPlan("An interpolated tier ends above where it begins.", path=("tiers", 0, "up_to"))
        if not is_interpolated and self.rate_kind == "amount":
            raise InvalidPayPlan(
                "Only interpolated tiers have an amount; write unit_amount or share, or set mode to interpolated.", path=("tiers", 0)
            )
        if self.basis == "fixed" and not self.amounts and self.needs_basis:
            raise InvalidPayPlan('Basis "fixed" needs the amount of each class in unit.amounts.', path=("amounts",))

    @property
    def is_interpolated(self) -> bool:
        """Whether a tier is worth what part of it is filled."""
        return self.is_tiered and self.mode == "interpolated"

    @property
    def needs_basis(self) -> bool:
        """Whether the price of a resolution moves its pay."""
        return self.rate_kind == "share" or (self.is_tiered and self.measure == "amount")


@dataclass(frozen=True, kw_only=True)
class QualityTerms:
    """How quality moves unit pay: the curve, and how little evidence is too little."""

    curve: quality_curve.Curve
    n_min: Fraction = quality_curve.N_MIN_DEFAULT
    prior_strength: Fraction = quality_curve.PRIOR_STRENGTH_DEFAULT
    weights: Mapping[str, Fraction] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Salary:
    """A fixed amount for a stretch of time; with `hours`, it covers that many hours of each workweek."""

    amount: Fraction
    per: SalaryPer = "week"
    hours: Fraction | None = None

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise InvalidPayPlan("A salary is zero or more.", path=("amount",))
        if self.hours is not None and self.hours <= 0:
            raise InvalidPayPlan("A salary covers more than zero hours; leave hours out if it covers all.", path=("hours",))

    @property
    def weekly(self) -> Fraction:
        """What one workweek earns."""
        return self.amount * WEEKS_OF_SALARY[self.per]


@dataclass(frozen=True, kw_only=True)
class Draw:
    """Money ahead of earnings: a total below `minimum` is lifted to it; a recoverable draw is repaid from later excess."""

    minimum: Fraction
    recoverable: bool = False
    recovery_share: Fraction = ONE

    def __post_init__(self) -> None:
        if self.minimum < 0:
            raise InvalidPayPlan("A draw's minimum is zero or more.", path=("minimum",))
        _check_part(self.recovery_share, "recovery_share")


@dataclass(frozen=True, kw_only=True)
class Limit:
    """Where a guardrail warns and where it acts."""

    warn: Fraction | None = None
    act: Fraction | None = None


@dataclass(frozen=True, kw_only=True)
class PayTerms:
    """One version of a pay plan, as it pays one agent.

    Hourly rates and amounts are in the major unit of the pay currency. `version` is printed on every line.
    """

    version: str = ""
    base_hourly: Fraction | None = None
    salary: Salary | None = None
    guaranteed_hourly: Fraction | None = None
    category_rates: Mapping[str, Fraction] = field(default_factory=dict)
    unit: UnitTerms | None = None
    quality: QualityTerms | None = None
    holdback_share: Fraction | None = None
    cap_amount: Fraction | None = None
    draw: Draw | None = None
    clawback_share: Fraction | None = None
    guardrails: Mapping[str, Limit] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("base_hourly", "guaranteed_hourly"):
            value = getattr(self, name)
            if value is not None and value < 0:
                raise InvalidPayPlan(f"{name} is zero or more.", path=(name,))
        for category, rate in self.category_rates.items():
            _check_category(category, rate)
        if self.salary is not None and self.base_hourly is not None:
            raise InvalidPayPlan("A plan pays base hours by a salary or by base_hourly, not by both; leave one out.", path=("salary",))
        if self.cap_amount is not None and self.cap_amount < 0:
            raise InvalidPayPlan("A cap is zero or more.", path=("cap", "amount"))
        for name, share in (("holdback", self.holdback_share), ("clawback", self.clawback_share)):
            if share is not None:
                _check_part(share, name, "share")


def _check_part(value: Fraction, *path: str) -> None:
    if not 0 <= value <= 1:
        raise InvalidPayPlan(f"{path[-1]} is a part of the whole, from 0 to 1.", path=path)


def _check_category(category: str, rate: Fraction) -> None:
    path = ("category_rates", category)
    if category not in CATEGORIES:
        raise InvalidPayPlan(f'There is no time category "{category}"; choose one of {", ".join(CATEGORIES)}.', path=path)
    if category in UNPAID:
        raise InvalidPayPlan(f"{category} is not hours worked and has no rate; leave it out.", path=path)
    if rate < 0:
        raise InvalidPayPlan("An hourly rate is zero or more.", path=path)
