"""Each slice of a sum of money at its own tier's percentage."""

from fractions import Fraction

import polars as pl

from billing.rules.prices import micros, parts, tiers
from contracts.rules import exact, rate_cards

HUNDRED = 100


def price_graduated_percentage(*, price: rate_cards.GraduatedPercentage, quantity: Fraction) -> tuple[parts.Part, ...]:
    """Price a sum of money slice by slice, each at its own tier's percentage.

    Args:
        price: the terms.
        quantity: the sum in the major unit, zero or more.

    Returns: one part per tier entered; its unit amount is the rate as a fraction of one.
    Raises: UnableToPrice if the sum lies beyond a last tier that ends.
    Source: contract clause "rate card", percentage of value in tiers.

    >>> low = rate_cards.PercentageTier(up_to=Fraction(100), rate_percent=Fraction(2))
    >>> price = rate_cards.GraduatedPercentage(tiers=(low, rate_cards.PercentageTier(rate_percent=Fraction(1))))
    >>> [str(part.exact) for part in price_graduated_percentage(price=price, quantity=Fraction(150))]
    ['2', '1/2']
    """
    bounds = [tier.up_to for tier in price.tiers]
    tiers.find_tier(bounds=bounds, quantity=quantity)
    slices = tiers.slice_quantity(bounds=bounds, quantity=quantity)
    flat_due = quantity > 0 or price.zero_usage_flat
    return tuple(_price_slice(tier=price.tiers[place], place=place, units=units, flat_due=flat_due) for place, units in enumerate(slices))


def graduated_percentage_total(*, price: rate_cards.GraduatedPercentage, sum_micros: pl.Expr) -> pl.Expr:
    """Price running sums of a column, each slice at its own tier's percentage, times `rate_scale(price)`.

    Args:
        price: the terms; bounds and flat amounts are whole micros.
        sum_micros: Int64 column, the running sum in micros, zero or more.

    Returns: Int64, shape(sum) in micros times `rate_scale(price)`; the caller divides and refuses a remainder.
    Raises: UnableToPriceFrame if a term is not whole.
    Source: contract clause "rate card", percentage of value in tiers.
    """
    scale = rate_scale(price=price)
    total = pl.lit(0, dtype=pl.Int64)
    previous = 0
    for place, tier in enumerate(price.tiers):
        bound = None if tier.up_to is None else micros.to_whole(value=tier.up_to, name="up_to")
        capped = sum_micros if bound is None else sum_micros.clip(upper_bound=bound)
        entered = (sum_micros > previous) | (pl.lit(price.zero_usage_flat) & (sum_micros == 0) & (place == 0))
        flat = micros.to_whole(value=tier.flat_amount, name="flat_amount")
        rate = micros.to_whole(value=tier.rate_percent / HUNDRED, name="rate_percent", scale=scale)
        total = total + (capped - previous).clip(lower_bound=0) * rate + entered.cast(pl.Int64) * (flat * scale)
        previous = previous if bound is None else bound
    return total


def rate_scale(*, price: rate_cards.GraduatedPercentage) -> int:
    """Return the smallest whole number that makes every tier's rate whole.

    >>> rate_scale(price=rate_cards.GraduatedPercentage(tiers=(rate_cards.PercentageTier(rate_percent=Fraction("2.5")),)))
    40
    """
    scale = 1
    for tier in price.tiers:
        rate = tier.rate_percent / HUNDRED * scale
        scale *= rate.denominator
    return scale


def _price_slice(*, tier: rate_cards.PercentageTier, place: int, units: Fraction, flat_due: bool) -> parts.Part:
    rate = tier.rate_percent / HUNDRED
    flat = tier.flat_amount if flat_due else parts.ZERO
    reach = "without end" if tier.up_to is None else f"up to {exact.format_exact(value=tier.up_to)}"
    added = f", plus {exact.format_exact(value=flat)} flat" if flat else ""
    percent = exact.format_exact(value=tier.rate_percent)
    return parts.Part(
        quantity=units,
        units=units,
        unit_amount=rate,
        flat_amount=flat,
        exact=units * rate + flat,
        tier=place,
        words=f"Tier {place + 1} ({reach}): {percent} percent of {exact.format_exact(value=units)}{added}.",
    )
