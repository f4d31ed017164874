"""Tiers of an agent's own count or amount: which tier a quantity is in, and how a stretch splits at the bounds."""

from fractions import Fraction

from contracts.rules import errors, exact, pay_plans

ZERO = Fraction(0)


class UnableToFindTier(errors.InvalidInput):
    """A quantity beyond the last bound, or an open tier that cannot be partly filled."""


def find_tier(*, tiers: tuple[pay_plans.PayTier, ...], quantity: Fraction) -> int:
    """Return the position of the tier that holds a quantity.

    Args:
        tiers: ascending; each covers (previous `up_to`, `up_to`], the first includes zero.
        quantity: zero or more, in the plan's measure.

    Returns: position from 0.
    Raises: UnableToFindTier beyond a last bound that is a number.
    Source: formats.md, "pay" and "price".

    >>> bands = (pay_plans.PayTier(up_to=Fraction(3), rate=ZERO), pay_plans.PayTier(up_to=None, rate=ZERO))
    >>> find_tier(tiers=bands, quantity=Fraction(3)), find_tier(tiers=bands, quantity=Fraction(31, 10))
    (0, 1)
    """
    for position, tier in enumerate(tiers):
        if tier.up_to is None or quantity <= tier.up_to:
            return position
    raise _beyond(tiers, quantity)


def split_stretch(*, tiers: tuple[pay_plans.PayTier, ...], start: Fraction, width: Fraction) -> tuple[tuple[int, Fraction], ...]:
    """Split the stretch from `start` to `start + width` at the bounds of tiers.

    Args:
        tiers: ascending.
        start: where the stretch begins, zero or more.
        width: its length, zero or more.

    Returns: (position of the tier, part of the width), in order; the parts add up to the width. A stretch without width
        lies in the tier that holds `start`.
    Raises: UnableToFindTier beyond a last bound that is a number.
    Source: formats.md, "pay", mode marginal.

    >>> bands = (pay_plans.PayTier(up_to=Fraction(3), rate=ZERO), pay_plans.PayTier(up_to=None, rate=ZERO))
    >>> split_stretch(tiers=bands, start=Fraction(5, 2), width=Fraction(1))
    ((0, Fraction(1, 2)), (1, Fraction(1, 2)))
    """
    end = start + width
    position = find_tier(tiers=tiers, quantity=start)
    parts: list[tuple[int, Fraction]] = []
    while position < len(tiers):
        up_to = tiers[position].up_to
        reached = end if up_to is None else min(end, up_to)
        if reached > start or start == end:
            parts.append((position, reached - start))
        if reached == end:
            return tuple(parts)
        start, position = reached, position + 1
    raise _beyond(tiers, end)


def tier_width(*, tiers: tuple[pay_plans.PayTier, ...], position: int) -> Fraction | None:
    """Return how much fills a tier, or None if it is without end.

    Args:
        tiers: ascending by bound.
        position: of the tier, from 0.

    Returns: units or the pay currency, as the plan measures.
    Source: formats.md, "pay", "Unit" and mode interpolated.

    >>> tier_width(tiers=(pay_plans.PayTier(up_to=Fraction(3), rate=ZERO),), position=0)
    Fraction(3, 1)
    """
    up_to = tiers[position].up_to
    if up_to is None:
        return None
    return up_to - ((tiers[position - 1].up_to or ZERO) if position else ZERO)


def fill_tier(*, tiers: tuple[pay_plans.PayTier, ...], position: int, quantity: Fraction) -> Fraction:
    """Return which part of a tier a quantity fills.

    Args:
        tiers: ascending.
        position: the tier.
        quantity: what lies in that tier, at most its width.

    Returns: exact part, 0 to 1.
    Raises: UnableToFindTier if the tier is without end and worth something: it could never be full.
    Source: formats.md, "pay", mode interpolated.

    >>> fill_tier(tiers=(pay_plans.PayTier(up_to=Fraction(4), rate=ZERO),), position=0, quantity=Fraction(1))
    Fraction(1, 4)
    """
    width = tier_width(tiers=tiers, position=position)
    if width is not None:
        return quantity / width
    if quantity > 0 and tiers[position].rate > 0:
        raise UnableToFindTier(
            "An interpolated tier without end can never be filled; give it an up_to.", path=("plan", "unit", "tiers", position, "up_to")
        )
    return ZERO


def _beyond(tiers: tuple[pay_plans.PayTier, ...], quantity: Fraction) -> UnableToFindTier:
    last = tiers[-1].up_to or ZERO
    return UnableToFindTier(
        f"{exact.format_exact(value=quantity)} lies beyond the last tier, which ends at {exact.format_exact(value=last)}; "
        "add a tier with up_to null, so that no resolution is free.",
        path=("plan", "unit", "tiers", len(tiers) - 1, "up_to"),
    )
