"""Tiers: which one contains a quantity, how it is sliced between them, and what one of them costs."""

from collections.abc import Sequence
from fractions import Fraction

import polars as pl

from billing.rules.prices import micros, parts
from contracts.rules import exact, rate_cards


def find_tier(*, bounds: Sequence[Fraction | None], quantity: Fraction) -> int:
    """Find the tier that contains a quantity: (previous up_to, up_to], the first one with zero.

    Args:
        bounds: the `up_to` of each tier, ascending; None is without end.
        quantity: units, zero or more.

    Returns: the tier's position, from 0.
    Raises: UnableToPrice if the quantity lies beyond a last bound: it is never free.
    Source: design.md section 5.

    >>> [find_tier(bounds=[Fraction(80), None], quantity=Fraction(units)) for units in (0, 80, 81)]
    [0, 0, 1]
    """
    for position, bound in enumerate(bounds):
        if bound is None or quantity <= bound:
            return position
    last = bounds[-1]
    shown = exact.format_exact(value=last) if last is not None else ""
    raise parts.UnableToPrice(
        f"The last tier ends at {shown}, but {exact.format_exact(value=quantity)} is to be priced; "
        "add a tier with up_to null, or one that reaches that far.",
        path=("tiers", len(bounds) - 1, "up_to"),
    )


def slice_quantity(*, bounds: Sequence[Fraction | None], quantity: Fraction) -> tuple[Fraction, ...]:
    """Cut a quantity into the slices that fall into each tier entered.

    Args:
        bounds: the `up_to` of each tier, ascending; None is without end.
        quantity: units, zero or more, within the last bound.

    Returns: units in each tier entered, in order; they add up to the quantity. The first tier is always entered.
    Source: design.md section 5.

    >>> slice_quantity(bounds=[Fraction(80), None], quantity=Fraction(130))
    (Fraction(80, 1), Fraction(50, 1))
    """
    slices = []
    previous = Fraction(0)
    for position, bound in enumerate(bounds):
        if position and quantity <= previous:
            break
        upper = quantity if bound is None else min(quantity, bound)
        slices.append(upper - previous)
        previous = upper
    return tuple(slices)


def price_tier(*, tier: rate_cards.Tier, position: int, units: Fraction, flat_due: bool) -> parts.Part:
    """Price the units that one tier is given, by started blocks where it has a block size.

    Args:
        tier: the tier's terms.
        position: the tier's place, from 0.
        units: the units it prices, zero or more.
        flat_due: whether its flat amount is added.

    Returns: the part, in the major unit, not rounded.
    Source: formats.md, `block_size`.

    >>> tier = rate_cards.Tier(unit_amount=Fraction(5), block_size=Fraction(10))
    >>> price_tier(tier=tier, position=0, units=Fraction(11), flat_due=False).exact
    Fraction(10, 1)
    """
    quantity = units if tier.block_size is None else parts.count_started(units=units, size=tier.block_size)
    flat = tier.flat_amount if flat_due else parts.ZERO
    amount = quantity * tier.unit_amount + flat
    return parts.Part(
        quantity=quantity,
        units=units,
        unit_amount=tier.unit_amount,
        flat_amount=flat,
        exact=amount,
        tier=position,
        words=_tell(tier=tier, position=position, units=units, quantity=quantity, flat=flat),
    )


def tier_total(*, tier: rate_cards.Tier, units: pl.Expr, entered: pl.Expr) -> pl.Expr:
    """Price the units that one tier is given, for a column.

    Args:
        tier: the tier's terms; amounts are whole micros, a block is whole units.
        units: Int64 column, the units in this tier, zero or more.
        entered: Boolean column, whether the flat amount is added.

    Returns: Int64 micros, exact.
    Raises: UnableToPriceFrame if a term is not whole.
    Source: formats.md, `price` and `block_size`.
    """
    unit_micros = micros.to_whole(value=tier.unit_amount, name="unit_amount")
    flat_micros = micros.to_whole(value=tier.flat_amount, name="flat_amount")
    quantity = units
    if tier.block_size is not None:
        size = micros.to_whole(value=tier.block_size, name="block_size", scale=1)
        quantity = (units + (size - 1)) // size
    return quantity * unit_micros + entered.cast(pl.Int64) * flat_micros


def _tell(*, tier: rate_cards.Tier, position: int, units: Fraction, quantity: Fraction, flat: Fraction) -> str:
    counted = exact.format_exact(value=units)
    if tier.block_size is not None:
        counted = f"{counted} in {exact.format_exact(value=quantity)} started blocks of {exact.format_exact(value=tier.block_size)}"
    reach = "without end" if tier.up_to is None else f"up to {exact.format_exact(value=tier.up_to)}"
    added = f", plus {exact.format_exact(value=flat)} flat" if flat else ""
    return f"Tier {position + 1} ({reach}): {counted} at {exact.format_exact(value=tier.unit_amount)} each{added}."
