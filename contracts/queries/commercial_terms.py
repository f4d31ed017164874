"""Stored commercial terms of a contract version as the frozen terms that rules read. Nothing is rounded on the way."""

from fractions import Fraction
from typing import Any

from django.db.models import QuerySet

from contracts import models
from contracts.rules import commercials

MICROS = 1_000_000
PPM = 1_000_000
BASIS_POINTS = 10_000
ONLY = ("commitment", "forecast_floor", "volume_baseline", "service_credits")
MANY = ("forecasts", "volume_bands", "service_levels", "taxes")


def with_commercials(versions: QuerySet[models.ContractVersion]) -> QuerySet[models.ContractVersion]:
    """Read contract versions together with all commercial terms, in a fixed number of queries."""
    return versions.select_related("contract__client", *ONLY).prefetch_related(*MANY)


def freeze_commercials(*, version: models.ContractVersion) -> commercials.CommercialTerms:
    """Read the stored commercial terms of one version.

    Raises: InvalidCommercialTerms if they contradict each other.
    """
    commitment = _only(version, "commitment")
    return commercials.CommercialTerms(
        commitment=None
        if commitment is None
        else commercials.Commitment(
            amount=Fraction(commitment.amount_micros, MICROS), overage_factor=Fraction(commitment.overage_factor_bp, BASIS_POINTS)
        ),
        forecast_floor=_forecast_floor(version),
        volume_bands=_volume_bands(version),
        service_credits=_service_credits(version),
        taxes=tuple(commercials.Tax(name=tax.name, rate=Fraction(tax.rate_ppm, PPM)) for tax in version.taxes.all()),
        calendar=version.billing_calendar,  # type: ignore[arg-type]
        anchor=version.billing_anchor,
        prepaid_expiry_months=version.prepaid_expiry_months,
    )


def _forecast_floor(version: models.ContractVersion) -> commercials.ForecastFloor | None:
    floor = _only(version, "forecast_floor")
    if floor is None:
        return None
    return commercials.ForecastFloor(
        share=Fraction(floor.floor_bp, BASIS_POINTS),
        unit_amount=Fraction(floor.unit_amount_micros, MICROS),
        counts={forecast.period_start: forecast.count for forecast in version.forecasts.all()},
    )


def _volume_bands(version: models.ContractVersion) -> commercials.VolumeBands | None:
    baseline = _only(version, "volume_baseline")
    if baseline is None:
        return None
    bands = sorted(version.volume_bands.all(), key=lambda band: (band.up_to_bp is None, band.up_to_bp or 0))
    sides = {side: tuple(_band(band) for band in bands if band.side == side) for side in ("above", "below")}
    return commercials.VolumeBands(baseline=Fraction(baseline.count), dead_band=Fraction(baseline.dead_band_bp, BASIS_POINTS), **sides)


def _band(band: models.VolumeBand) -> commercials.VolumeBand:
    return commercials.VolumeBand(
        up_to=None if band.up_to_bp is None else Fraction(band.up_to_bp, BASIS_POINTS),
        unit_amount=Fraction(band.unit_amount_micros, MICROS),
    )


def _service_credits(version: models.ContractVersion) -> commercials.ServiceCredits | None:
    terms = _only(version, "service_credits")
    if terms is None:
        return None
    levels = tuple(
        commercials.ServiceLevel(
            metric=level.metric,
            target=Fraction(level.target_bp, BASIS_POINTS),
            pool=Fraction(level.pool_bp, BASIS_POINTS),
            allocation=Fraction(level.allocation_bp, BASIS_POINTS),
            count_min=level.count_min,
        )
        for level in version.service_levels.all()
    )
    return commercials.ServiceCredits(
        at_risk=Fraction(terms.at_risk_bp, BASIS_POINTS), levels=levels, earn_back_periods=terms.earn_back_periods
    )


def _only(version: models.ContractVersion, name: str) -> Any:
    """Return what a version has one or none of."""
    return getattr(version, name, None)
