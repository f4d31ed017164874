"""Lint of tiers: what one unit more costs at a bound, tiers that nothing reaches, tiers that change nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from contracts.rules import rate_cards

ZERO, ONE = Fraction(0), Fraction(1)

# A tier that begins beyond this many times what was counted so far is taken as out of reach.
REACH = 10

# A step at a bound is a cliff where one unit more costs more than this many times its ordinary price.
ORDINARY = 2


@dataclass(frozen=True, kw_only=True)
class Step:
    """What happens at the bound of a tier: the total there, and the total of one unit more."""

    position: int
    bound: Fraction
    before: Fraction
    after: Fraction
    ordinary: Fraction

    @property
    def change(self) -> Fraction:
        """What one unit more adds; below zero where the total falls."""
        return self.after - self.before

    def is_cliff(self, *, limit: Fraction | None) -> bool:
        """Say whether one unit more adds more than the limit; without a limit, more than twice its ordinary price."""
        return self.change > (ORDINARY * self.ordinary if limit is None else limit)


def list_volume_steps(*, tiers: Sequence[rate_cards.Tier]) -> list[Step]:
    """Return the steps of tiers where the tier reached prices every unit.

    Args:
        tiers: ascending; the last may be without end.

    Returns: one step for each bound above zero that another tier follows; totals in the major unit, exact.
    Source: formats.md, `price`, volume. A test holds them equal to the totals of the rating engine.

    >>> tiers = (rate_cards.Tier(up_to=Fraction(1500), unit_amount=Fraction("2.40")), rate_cards.Tier(unit_amount=Fraction("2.20")))
    >>> list_volume_steps(tiers=tiers)[0].change
    Fraction(-1489, 5)
    """
    return [
        Step(
            position=position,
            bound=bound,
            before=slice_amount(tier=tier, count=bound),
            after=slice_amount(tier=beyond, count=bound + 1),
            ordinary=max(tier.unit_amount, beyond.unit_amount),
        )
        for position, bound, tier, beyond in _bounds(tiers)
    ]


def list_graduated_steps(*, tiers: Sequence[rate_cards.Tier]) -> list[Step]:
    """Return the steps of tiers where each unit is priced by its own tier.

    Args:
        tiers: ascending; the last may be without end.

    Returns: one step for each bound above zero that another tier follows; totals in the major unit, exact.
    Source: formats.md, `price`, graduated. A test holds them equal to the totals of the rating engine.

    >>> tiers = (rate_cards.Tier(up_to=Fraction(5), unit_amount=ONE), rate_cards.Tier(unit_amount=ONE, flat_amount=Fraction(50)))
    >>> list_graduated_steps(tiers=tiers)[0].change
    Fraction(51, 1)
    """
    return [
        Step(
            position=position,
            bound=bound,
            before=_graduated_total(tiers, bound),
            after=_graduated_total(tiers, bound + 1),
            ordinary=max(tier.unit_amount, beyond.unit_amount),
        )
        for position, bound, tier, beyond in _bounds(tiers)
    ]


def slice_amount(*, tier: rate_cards.Tier, count: Fraction) -> Fraction:
    """Return what so many units cost in one tier, its flat amount included; blocks count once started.

    Args:
        tier: its amounts are in the major unit.
        count: units that fall into this tier, zero or more; the flat amount is added for none too.

    Returns: the major unit, exact.
    Source: formats.md, `price`, graduated and `block_size`.

    >>> slice_amount(tier=rate_cards.Tier(unit_amount=Fraction(3), block_size=Fraction(10)), count=Fraction(11))
    Fraction(6, 1)
    """
    blocks = count if tier.block_size is None else Fraction(-floor(-count / tier.block_size))
    return blocks * tier.unit_amount + tier.flat_amount


def list_empty_tiers(*, bounds: Sequence[Fraction | None]) -> list[int]:
    """Return the positions of tiers that no whole unit falls into.

    Args:
        bounds: `up_to` of each tier, ascending; None for one without end.

    Source: design.md section 5: a tier covers (previous `up_to`, `up_to`].

    >>> list_empty_tiers(bounds=[ZERO, Fraction(10), Fraction(21, 2), None])
    [0, 2]
    """
    below = ZERO
    empty = []
    for position, bound in enumerate(bounds):
        if bound is not None:
            if floor(bound) <= floor(below):
                empty.append(position)
            below = bound
    return empty


def list_far_tiers(*, bounds: Sequence[Fraction | None], reached: Fraction) -> list[int]:
    """Return the positions of tiers that begin beyond `reached`.

    Args:
        bounds: `up_to` of each tier, ascending; None for one without end.
        reached: units; a tier that begins exactly there holds none of them.

    Source: design.md section 5: a tier covers (previous `up_to`, `up_to`].

    >>> list_far_tiers(bounds=[Fraction(100), Fraction(200), None], reached=Fraction(150))
    [2]
    """
    return [position for position in range(1, len(bounds)) if (starts := bounds[position - 1]) is not None and starts >= reached]


def tier_at(*, tiers: Sequence[rate_cards.Tier], count: Fraction) -> rate_cards.Tier | None:
    """Return the tier that a count falls into, or None beyond the last.

    Args:
        tiers: ascending by bound.
        count: units, zero or more; at a bound they are still in the tier that ends there.

    Source: design.md section 5: a tier covers (previous `up_to`, `up_to`].

    >>> tier_at(tiers=(rate_cards.Tier(up_to=ONE),), count=Fraction(2)) is None
    True
    """
    return next((tier for tier in tiers if tier.up_to is None or count <= tier.up_to), None)


def _bounds(tiers: Sequence[rate_cards.Tier]) -> list[tuple[int, Fraction, rate_cards.Tier, rate_cards.Tier]]:
    """Give each bound above zero with its tier and the tier of one unit more."""
    found = []
    for position, tier in enumerate(tiers):
        if tier.up_to is not None and tier.up_to > 0:
            beyond = tier_at(tiers=tiers, count=tier.up_to + 1)
            if beyond is not None:
                found.append((position, tier.up_to, tier, beyond))
    return found


def _graduated_total(tiers: Sequence[rate_cards.Tier], count: Fraction) -> Fraction:
    total, below = ZERO, ZERO
    for tier in tiers:
        if count <= below and below > 0:
            break
        top = count if tier.up_to is None else min(count, tier.up_to)
        total += slice_amount(tier=tier, count=top - below)
        if tier.up_to is None or count <= tier.up_to:
            break
        below = tier.up_to
    return total
