"""A forecast floor: the part of the client's own forecast that is paid for even if the cases do not come."""

from fractions import Fraction

from contracts.rules import errors

ZERO = Fraction(0)


class InvalidForecast(errors.InvalidInput):
    """A count or a forecast below zero."""


def count_missing(*, count: Fraction, forecast: Fraction, share: Fraction) -> Fraction:
    """Return the resolutions that are missing to the promised part of a forecast.

    Args:
        count: resolutions of the period, zero or more.
        forecast: what the client expected, zero or more.
        share: the part that is paid for at least, zero to one.

    Returns: forecast × share − count, at least zero, exact; it may be a fraction of a resolution.
    Raises: InvalidForecast if a number is below zero.
    Source: design.md section 5, "forecast floor".

    >>> [str(count_missing(count=Fraction(n), forecast=Fraction(1000), share=Fraction(4, 5))) for n in (799, 800, 801)]
    ['1', '0', '0']
    """
    for name, value in (("count", count), ("forecast", forecast), ("share", share)):
        if value < 0:
            raise InvalidForecast(f"A {name} is zero or more.", path=(name,))
    return max(forecast * share - count, ZERO)


def floor_amount(*, count: Fraction, forecast: Fraction, share: Fraction, unit_amount: Fraction) -> Fraction:
    """Price what is missing to the promised part of a forecast.

    Args:
        count: resolutions of the period, zero or more.
        forecast: what the client expected, zero or more.
        share: the part that is paid for at least, zero to one.
        unit_amount: price of a missing resolution, major unit.

    Returns: major unit, not rounded.
    Raises: InvalidForecast if a number is below zero.
    Source: design.md section 5, "forecast floor".

    >>> str(floor_amount(count=Fraction(700), forecast=Fraction(1000), share=Fraction(4, 5), unit_amount=Fraction(2)))
    '200'
    """
    return count_missing(count=count, forecast=forecast, share=share) * unit_amount
