"""Prices and commercial terms of a contract version in plain sentences, as a contract would say them."""

from decimal import Decimal
from typing import Any

from contracts import models as terms

CALENDARS = {"month": "calendar month", "half_month": "half month", "two_weeks": "two weeks", "week": "week"}


def describe_price(*, row: terms.RateCardRow) -> str:
    """Return the price of a rate-card row in words, with the steps around it, without the currency."""
    return _describe_shape(row) + "".join(f"; {step}" for step in _describe_steps(row))


def describe_commercials(*, version: terms.ContractVersion) -> list[str]:
    """Return what surrounds the rate card: period, floor, bands, commitment, service credits, prepaid credits, taxes."""
    currency = version.currency
    sentences = [f"Billed for each {CALENDARS[version.billing_calendar]}, counted in the time zone {version.contract.timezone}."]
    sentences += _describe_floor(version, currency)
    sentences += _describe_bands(version, currency)
    commitment = getattr(version, "commitment", None)
    if commitment is not None:
        beyond = (
            ""
            if commitment.overage_factor_bp == 10_000
            else f" What goes beyond it costs {percent(commitment.overage_factor_bp)} of its price."
        )
        sentences.append(
            f"The client pays at least {money(commitment.amount_micros)} {currency} for each period; "
            f"of a part of a period, the part by its days.{beyond}"
        )
    sentences += _describe_service_credits(version)
    if version.prepaid_expiry_months is not None:
        sentences.append(f"Prepaid credits can be used for {version.prepaid_expiry_months} months after they were granted.")
    taxes = [f"{tax.name} {rate(tax.rate_ppm)}" for tax in version.taxes.all()]
    if taxes:
        sentences.append(f"Added to the net amount: {', '.join(taxes)}.")
    return sentences


def money(micros: int | None) -> str:
    """Return micros as a decimal with at least cents."""
    amount = Decimal(micros or 0) / 1_000_000
    return f"{amount:,.2f}" if amount == round(amount, 2) else f"{amount.normalize():,f}"


def percent(part_bp: int | None) -> str:
    """Return basis points as a percentage."""
    return f"{Decimal(part_bp or 0) / 100:g}%"


def rate(part_ppm: int | None) -> str:
    """Return millionths as a percentage."""
    return f"{(Decimal(part_ppm or 0) / 10_000).normalize():f}%"


def _describe_shape(row: terms.RateCardRow) -> str:
    shapes = row.Shape
    if row.shape == shapes.PER_UNIT:
        return f"{money(row.unit_amount_micros)} each"
    if row.shape == shapes.PACKAGE:
        free = f" beyond the first {row.free_units:,}, which are free" if row.free_units else ""
        return f"{money(row.package_amount_micros)} for each started package of {row.package_size or 0:,}{free}"
    if row.shape == shapes.PERCENTAGE:
        return _describe_percentage(row)
    how = {
        shapes.GRADUATED: "each at its own tier",
        shapes.VOLUME: "all at the tier reached",
        shapes.GRADUATED_PERCENTAGE: "each part of the summed value at its own tier",
    }[shapes(row.shape)]
    steps, last = [], 0
    is_value = row.shape == shapes.GRADUATED_PERCENTAGE
    for tier in row.tiers.all():
        first = last if is_value else last + 1
        span = f"from {first:,} on" if tier.up_to is None else f"{first:,} to {tier.up_to:,}"
        flat = f" plus {money(tier.flat_amount_micros)} once" if tier.flat_amount_micros else ""
        block = f" for each started block of {tier.block_size:,}" if tier.block_size else ""
        steps.append(f"{span} {rate(tier.rate_ppm) if is_value else money(tier.unit_amount_micros)}{block}{flat}")
        last = tier.up_to or last
    return f"{', '.join(steps)} ({how})"


def _describe_percentage(row: terms.RateCardRow) -> str:
    fixed = f" plus {money(row.fixed_amount_micros)}" if row.fixed_amount_micros else ""
    told = f"{rate(row.rate_ppm)} of the value of each{fixed}"
    free = []
    if row.free_events is not None:
        free.append(f"the first {row.free_events:,}")
    if row.free_amount_micros is not None:
        free.append(f"up to a summed value of {money(row.free_amount_micros)}")
    if free:
        told += f", free {' and '.join(free)}"
    if row.per_event_min_micros is not None:
        told += f", at least {money(row.per_event_min_micros)} each"
    if row.per_event_max_micros is not None:
        told += f", at most {money(row.per_event_max_micros)} each"
    return told


def _describe_steps(row: terms.RateCardRow) -> list[str]:
    steps = []
    if row.usage_discount:
        steps.append(f"the first {row.usage_discount:,} of a period are not charged")
    if row.percent_discount_bp:
        steps.append(f"less {percent(row.percent_discount_bp)}")
    if row.maximum_micros is not None:
        steps.append(f"at most {money(row.maximum_micros)} a period")
    if row.minimum_micros is not None:
        steps.append(f"at least {money(row.minimum_micros)} a period")
    return steps


def _describe_floor(version: terms.ContractVersion, currency: str) -> list[str]:
    floor = getattr(version, "forecast_floor", None)
    if floor is None:
        return []
    forecasts = ", ".join(f"{one.count:,} from {one.period_start:%B %-d, %Y}" for one in version.forecasts.all())
    return [
        f"At least {percent(floor.floor_bp)} of the forecast is paid for; each resolution missing to it costs "
        f"{money(floor.unit_amount_micros)} {currency}. Forecast: {forecasts or 'none yet, so nothing is added'}."
    ]


def _describe_bands(version: terms.ContractVersion, currency: str) -> list[str]:
    baseline = getattr(version, "volume_baseline", None)
    if baseline is None:
        return []
    sentences = [
        f"The prices were made for {baseline.count:,} resolutions a period; nothing moves within {percent(baseline.dead_band_bp)} of that."
    ]
    for side, told in (("above", "adds"), ("below", "gives back")):
        begins = baseline.dead_band_bp
        for band in version.volume_bands.all():
            if band.side != side:
                continue
            span = f"more than {percent(begins)}" if band.up_to_bp is None else f"{percent(begins)} to {percent(band.up_to_bp)}"
            subject = "Each one" if side == "above" else "Each one missing"
            sentences.append(f"{subject} {span} {side} it {told} {money(band.unit_amount_micros)} {currency}.")
            begins = band.up_to_bp if band.up_to_bp is not None else begins
    return sentences


def _describe_service_credits(version: terms.ContractVersion) -> list[str]:
    agreed = getattr(version, "service_credits", None)
    if agreed is None:
        return []
    sentences = [f"Missed service levels are credited to the client, together at most {percent(agreed.at_risk_bp)} of a period's charges."]
    sentences += [_describe_level(level) for level in version.service_levels.all()]
    if agreed.earn_back_periods:
        periods = "the next period" if agreed.earn_back_periods == 1 else f"the next {agreed.earn_back_periods} periods"
        sentences.append(f"A credit comes back to us once its level was met in {periods}.")
    return sentences


def _describe_level(level: Any) -> str:
    return (
        f"{level.get_metric_display()} of at least {percent(level.target_bp)}: a miss takes {percent(level.allocation_bp)} of a pool of "
        f"{percent(level.pool_bp)} of that; with fewer than {level.count_min} results nothing is missed."
    )
