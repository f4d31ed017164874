"""Frozen commercial terms of a contract version: what surrounds its rate card over a billing period.

Amounts are exact `Fraction`s of the major unit, parts are fractions of one. What could not be applied cannot be built.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

from contracts.rules import errors

ZERO, ONE = Fraction(0), Fraction(1)

Calendar = Literal["month", "half_month", "two_weeks", "week"]


class InvalidCommercialTerms(errors.InvalidInput):
    """Terms that contradict themselves, such as bands that leave a hole."""


@dataclass(frozen=True, kw_only=True)
class Commitment:
    """A minimum per billing period; what goes beyond it costs `overage_factor` times its price."""

    amount: Fraction
    overage_factor: Fraction = ONE

    def __post_init__(self) -> None:
        _refuse_negative(self, "amount", "overage_factor")


@dataclass(frozen=True, kw_only=True)
class ForecastFloor:
    """The part of the client's forecast that is paid for at least, and the price of each resolution missing to it.

    Args:
        share: part of the forecast, zero to one.
        unit_amount: major unit.
        counts: the forecast of each billing period by its first day.
    """

    share: Fraction
    unit_amount: Fraction
    counts: Mapping[date, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _refuse_negative(self, "share", "unit_amount")
        if self.share > ONE:
            raise InvalidCommercialTerms("A floor is at most the whole forecast.", path=("share",))


@dataclass(frozen=True, kw_only=True)
class VolumeBand:
    """What each unit of a band adds or gives back: up to `up_to` away from the baseline, as a part of it; None is without end."""

    up_to: Fraction | None = None
    unit_amount: Fraction = ZERO

    def __post_init__(self) -> None:
        _refuse_negative(self, "unit_amount")


@dataclass(frozen=True, kw_only=True)
class VolumeBands:
    """A baseline count with a dead band around it; beyond that each unit is charged (above) or credited (below).

    Args:
        baseline: units of a whole billing period, more than zero.
        dead_band: part of the baseline, zero to one, within which nothing moves.
        above: bands of additional units, nearest first.
        below: bands of missing units, nearest first.
    """

    baseline: Fraction
    dead_band: Fraction = ZERO
    above: tuple[VolumeBand, ...] = ()
    below: tuple[VolumeBand, ...] = ()

    def __post_init__(self) -> None:
        if self.baseline <= 0:
            raise InvalidCommercialTerms("A baseline is more than zero.", path=("baseline",))
        if not ZERO <= self.dead_band <= ONE:
            raise InvalidCommercialTerms("A dead band is a part of the baseline, 0 to 100 percent.", path=("dead_band",))
        for side in ("above", "below"):
            _check_bands(getattr(self, side), self.dead_band, side)


@dataclass(frozen=True, kw_only=True)
class ServiceLevel:
    """A promised rate of one metric; a miss takes `allocation` of `pool` of the amount at risk. All are parts of one."""

    metric: str
    target: Fraction
    pool: Fraction
    allocation: Fraction
    count_min: int = 0

    def __post_init__(self) -> None:
        _refuse_negative(self, "target", "pool", "allocation")


@dataclass(frozen=True, kw_only=True)
class ServiceCredits:
    """The part of a period's charges at risk, the levels, and after how many periods met in a row a credit comes back."""

    at_risk: Fraction
    levels: tuple[ServiceLevel, ...] = ()
    earn_back_periods: int | None = None

    def __post_init__(self) -> None:
        if not ZERO <= self.at_risk <= ONE:
            raise InvalidCommercialTerms("What is at risk is a part of the charges, 0 to 100 percent.", path=("at_risk",))
        if self.earn_back_periods is not None and self.earn_back_periods < 1:
            raise InvalidCommercialTerms("A credit is earned back after at least one period.", path=("earn_back_periods",))


@dataclass(frozen=True, kw_only=True)
class Tax:
    """A tax on everything that is charged, as a part of one."""

    name: str
    rate: Fraction

    def __post_init__(self) -> None:
        _refuse_negative(self, "rate")


@dataclass(frozen=True, kw_only=True)
class CommercialTerms:
    """Everything around the rate card of one version; what is None or empty is not agreed."""

    commitment: Commitment | None = None
    forecast_floor: ForecastFloor | None = None
    volume_bands: VolumeBands | None = None
    service_credits: ServiceCredits | None = None
    taxes: tuple[Tax, ...] = ()
    calendar: Calendar = "month"
    anchor: date | None = None
    prepaid_expiry_months: int | None = None


NOTHING_AGREED = CommercialTerms()


def _check_bands(bands: tuple[VolumeBand, ...], dead_band: Fraction, side: str) -> None:
    previous = dead_band
    for place, band in enumerate(bands):
        path = ("volume_bands", side, place, "up_to")
        if band.up_to is None:
            if place != len(bands) - 1:
                raise InvalidCommercialTerms("Only the last band may be without end; give this one an end.", path=path)
        elif band.up_to <= previous:
            raise InvalidCommercialTerms("Bands ascend and begin outside the dead band; this one ends before it begins.", path=path)
        previous = band.up_to if band.up_to is not None else previous
    if side == "above" and bands and bands[-1].up_to is not None:
        raise InvalidCommercialTerms(
            "The last band above the baseline has an end, so a higher count would have no price; leave its end empty.",
            path=("volume_bands", side, len(bands) - 1, "up_to"),
        )


def _refuse_negative(terms: object, *names: str) -> None:
    for name in names:
        if getattr(terms, name) < 0:
            raise InvalidCommercialTerms(f"{name.replace('_', ' ').capitalize()} is zero or more.", path=(name,))
