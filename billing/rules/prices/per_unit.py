"""Every unit costs the same."""

from fractions import Fraction

import polars as pl

from billing.rules.prices import micros, parts
from contracts.rules import exact, rate_cards


def price_per_unit(*, price: rate_cards.PerUnit, quantity: Fraction) -> tuple[parts.Part, ...]:
    """Price a quantity at one amount per unit.

    Args:
        price: the terms.
        quantity: units, zero or more.

    Returns: one part, in the major unit, not rounded.
    Source: contract clause "rate card", per unit.

    >>> price_per_unit(price=rate_cards.PerUnit(unit_amount=Fraction("0.99")), quantity=Fraction(3))[0].exact
    Fraction(297, 100)
    """
    each, units = exact.format_exact(value=price.unit_amount), exact.format_exact(value=quantity)
    part = parts.Part(
        quantity=quantity,
        units=quantity,
        unit_amount=price.unit_amount,
        flat_amount=parts.ZERO,
        exact=quantity * price.unit_amount,
        tier=None,
        words=f"{units} at {each} each.",
    )
    return (part,)


def per_unit_total(*, price: rate_cards.PerUnit, count: pl.Expr) -> pl.Expr:
    """Price whole counts of a column at one amount per unit.

    Args:
        price: the terms; its amount is a whole number of micros.
        count: Int64 column, units so far, zero or more.

    Returns: Int64 micros, shape(count), exact.
    Raises: UnableToPriceFrame if the amount is not whole micros.
    Source: contract clause "rate card", per unit.
    """
    return count * micros.to_whole(value=price.unit_amount, name="unit_amount")
