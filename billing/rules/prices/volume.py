"""All units at the rate of the tier that contains the quantity."""

from fractions import Fraction

import polars as pl

from billing.rules.prices import micros, parts, tiers
from contracts.rules import rate_cards


def price_volume(*, price: rate_cards.Volume, quantity: Fraction) -> tuple[parts.Part, ...]:
    """Price a whole quantity at the tier that contains it.

    Args:
        price: the terms.
        quantity: units, zero or more.

    Returns: one part, in the major unit, not rounded.
    Raises: UnableToPrice if the quantity lies beyond a last tier that ends.
    Source: contract clause "rate card", volume mode.

    >>> tiers = (rate_cards.Tier(up_to=Fraction(80), unit_amount=Fraction("1.10")), rate_cards.Tier(unit_amount=Fraction("0.90")))
    >>> price_volume(price=rate_cards.Volume(tiers=tiers), quantity=Fraction(130))[0].exact
    Fraction(117, 1)
    """
    position = tiers.find_tier(bounds=[tier.up_to for tier in price.tiers], quantity=quantity)
    flat_due = quantity > 0 or price.zero_usage_flat
    return (tiers.price_tier(tier=price.tiers[position], position=position, units=quantity, flat_due=flat_due),)


def volume_total(*, price: rate_cards.Volume, count: pl.Expr) -> pl.Expr:
    """Price whole counts of a column, each at the tier that contains it.

    Args:
        price: the terms; amounts are whole micros, bounds and blocks whole units.
        count: Int64 column, units so far, zero or more.

    Returns: Int64 micros, shape(count), exact.
    Raises: UnableToPriceFrame if a term is not whole.
    Source: contract clause "rate card", volume mode.
    """
    entered = (count > 0) | pl.lit(price.zero_usage_flat)
    totals = [tiers.tier_total(tier=tier, units=count, entered=entered) for tier in price.tiers]
    total = totals[-1]
    for tier, tier_total in reversed(list(zip(price.tiers[:-1], totals[:-1], strict=True))):
        bound = micros.to_whole(value=tier.up_to if tier.up_to is not None else Fraction(0), name="up_to", scale=1)
        total = pl.when(count <= bound).then(tier_total).otherwise(total)
    return total
