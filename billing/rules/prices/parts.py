"""What a price shape returns: one part per tier entered, exact, not rounded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from contracts.rules import errors

ZERO = Fraction(0)


class UnableToPrice(errors.InvalidInput):
    """A quantity that these terms give no price for."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A tier's share of a price.

    Args:
        quantity: what the unit amount multiplies: units, or started blocks or packages.
        units: the units that this part covers.
        unit_amount: amount of one `quantity`; None where events are priced one by one.
        flat_amount: amount added once.
        exact: the part's amount in the major unit.
        tier: position of the tier, from 0; None for a shape without tiers.
        words: why, as one sentence.
        inputs: what it was priced from, by name, where that is not `quantity` at `unit_amount`.
    """

    quantity: Fraction
    units: Fraction
    unit_amount: Fraction | None
    flat_amount: Fraction
    exact: Fraction
    tier: int | None
    words: str
    inputs: Mapping[str, Fraction] = field(default_factory=dict)


def sum_parts(parts: tuple[Part, ...]) -> Fraction:
    """Add up a shape's parts."""
    return sum((part.exact for part in parts), ZERO)


def count_started(*, units: Fraction, size: Fraction) -> Fraction:
    """Count the blocks of a size that some units start.

    Args:
        units: zero or more.
        size: units of one block, more than zero.

    Returns: whole blocks, the last one counted when started.
    Source: formats.md, `package` and `block_size`.

    >>> count_started(units=Fraction(101), size=Fraction(50))
    Fraction(3, 1)
    """
    return Fraction(-((-units) // size))
