"""Which file prices which shape; a new shape is one line here."""

from collections.abc import Sequence
from fractions import Fraction

from billing.rules.prices import graduated, graduated_percentage, package, parts, per_unit, percentage, volume
from contracts.rules import rate_cards


def price_shape(*, price: rate_cards.Price, quantity: Fraction, events: Sequence[Fraction] | None = None) -> tuple[parts.Part, ...]:
    """Price a quantity, or events, by the shape alone: no step around it.

    Args:
        price: the terms.
        quantity: units, zero or more; for graduated_percentage a sum in the major unit. Ignored for percentage.
        events: values in the major unit, in order; needed for percentage and refused for other shapes.

    Returns: one part per tier entered, in the major unit, not rounded; a shape without tiers is one part.
    Raises: UnableToPrice if events are missing or out of place, or the quantity lies beyond the last tier.
    Source: design.md section 5, "Shapes".

    >>> price_shape(price=rate_cards.PerUnit(unit_amount=Fraction(2)), quantity=Fraction(3))[0].exact
    Fraction(6, 1)
    """
    if isinstance(price, rate_cards.Percentage):
        if events is None:
            raise parts.UnableToPrice("A percentage price needs events, the values in order, instead of a quantity.", path=("events",))
        return percentage.price_percentage(price=price, events=events)
    if events is not None:
        raise parts.UnableToPrice("Only a percentage price takes events; give the quantity instead.", path=("events",))
    if isinstance(price, rate_cards.PerUnit):
        return per_unit.price_per_unit(price=price, quantity=quantity)
    if isinstance(price, rate_cards.Package):
        return package.price_package(price=price, quantity=quantity)
    if isinstance(price, rate_cards.Graduated):
        return graduated.price_graduated(price=price, quantity=quantity)
    if isinstance(price, rate_cards.Volume):
        return volume.price_volume(price=price, quantity=quantity)
    return graduated_percentage.price_graduated_percentage(price=price, quantity=quantity)
