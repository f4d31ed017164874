"""Each unit at the rate of the tier it falls in; every tier entered adds its flat amount once."""

from fractions import Fraction

import polars as pl

from billing.rules.prices import micros, parts, tiers
from contracts.rules import rate_cards


def price_graduated(*, price: rate_cards.Graduated, quantity: Fraction) -> tuple[parts.Part, ...]:
    """Price a quantity slice by slice, each slice at its own tier's rate.

    Args:
        price: the terms.
        quantity: units, zero or more.

    Returns: one part per tier entered, in the major unit, not rounded.
    Raises: UnableToPrice if the quantity lies beyond a last tier that ends.
    Source: contract clause "rate card", graduated mode.

    >>> tiers = (rate_cards.Tier(up_to=Fraction(80), unit_amount=Fraction("1.10")), rate_cards.Tier(unit_amount=Fraction("0.90")))
    >>> [str(part.exact) for part in price_graduated(price=rate_cards.Graduated(tiers=tiers), quantity=Fraction(130))]
    ['88', '45']
    """
    bounds = [tier.up_to for tier in price.tiers]
    tiers.find_tier(bounds=bounds, quantity=quantity)
    slices = tiers.slice_quantity(bounds=bounds, quantity=quantity)
    flat_due = quantity > 0 or price.zero_usage_flat
    return tuple(
        tiers.price_tier(tier=price.tiers[position], position=position, units=units, flat_due=flat_due)
        for position, units in enumerate(slices)
    )


def graduated_total(*, price: rate_cards.Graduated, count: pl.Expr) -> pl.Expr:
    """Price whole counts of a column, each slice at its own tier's rate.

    Args:
        price: the terms; amounts are whole micros, bounds and blocks whole units.
        count: Int64 column, units so far, zero or more.

    Returns: Int64 micros, shape(count), exact.
    Raises: UnableToPriceFrame if a term is not whole.
    Source: contract clause "rate card", graduated mode.
    """
    total = pl.lit(0, dtype=pl.Int64)
    previous = 0
    for position, tier in enumerate(price.tiers):
        bound = None if tier.up_to is None else micros.to_whole(value=tier.up_to, name="up_to", scale=1)
        units = count.clip(upper_bound=bound) - previous if bound is not None else count - previous
        entered = (count > previous) | (pl.lit(price.zero_usage_flat) & (count == 0) & (position == 0))
        total = total + tiers.tier_total(tier=tier, units=units.clip(lower_bound=0), entered=entered)
        previous = bound if bound is not None else previous
    return total
