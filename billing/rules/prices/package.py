"""Started packages of what exceeds the free units."""

from fractions import Fraction

import polars as pl

from billing.rules.prices import micros, parts
from contracts.rules import exact, rate_cards


def price_package(*, price: rate_cards.Package, quantity: Fraction) -> tuple[parts.Part, ...]:
    """Price a quantity by the packages it starts beyond the free units.

    Args:
        price: the terms.
        quantity: units, zero or more.

    Returns: one part whose quantity is packages, in the major unit, not rounded.
    Source: contract clause "rate card", packages.

    >>> price = rate_cards.Package(package_size=Fraction(50), package_amount=Fraction(40), free_units=Fraction(10))
    >>> [int(price_package(price=price, quantity=Fraction(units))[0].exact) for units in (10, 11, 60, 61)]
    [0, 40, 40, 80]
    """
    billed = max(quantity - price.free_units, parts.ZERO)
    packages = parts.count_started(units=billed, size=price.package_size)
    shown = [exact.format_exact(value=value) for value in (quantity, price.free_units, packages, price.package_size, price.package_amount)]
    part = parts.Part(
        quantity=packages,
        units=quantity,
        unit_amount=price.package_amount,
        flat_amount=parts.ZERO,
        exact=packages * price.package_amount,
        tier=None,
        words="{} less {} free start {} packages of {} at {} each.".format(*shown),
    )
    return (part,)


def package_total(*, price: rate_cards.Package, count: pl.Expr) -> pl.Expr:
    """Price whole counts of a column by the packages they start.

    Args:
        price: the terms; the amount is whole micros, size and free units are whole.
        count: Int64 column, units so far, zero or more.

    Returns: Int64 micros, shape(count), exact.
    Raises: UnableToPriceFrame if a term is not whole.
    Source: contract clause "rate card", packages.
    """
    free = micros.to_whole(value=price.free_units, name="free_units", scale=1)
    size = micros.to_whole(value=price.package_size, name="package_size", scale=1)
    billed = (count - free).clip(lower_bound=0)
    return (billed + (size - 1)) // size * micros.to_whole(value=price.package_amount, name="package_amount")
