"""Exact terms as Int64 for frames: amounts in micros, counts in units; what does not fit is refused, never rounded."""

from fractions import Fraction

from billing.rules import money
from contracts.rules import errors, exact

INT64_MAX = 2**63 - 1


class UnableToPriceFrame(errors.InvalidInput):
    """Terms or quantities that whole micros cannot hold; the scalar rule prices them exactly."""


def to_whole(*, value: Fraction, name: str, scale: int = money.MICROS) -> int:
    """Write an exact amount as a whole number of micros, or refuse.

    Args:
        value: amount in the major unit, or units with scale 1.
        name: the term's name, for the message.
        scale: parts of one; 1,000,000 for money, 1 for counts.

    Returns: value × scale.
    Raises: UnableToPriceFrame if that is not a whole number.

    >>> to_whole(value=Fraction("0.99"), name="unit_amount")
    990000
    """
    scaled = value * scale
    if scaled.denominator != 1:
        shown = exact.format_exact(value=value)
        raise UnableToPriceFrame(f"{name} {shown} is not a whole number of parts of {scale}; price these rows one by one.", path=(name,))
    return check_fits(value=scaled.numerator, name=name)


def check_fits(*, value: int, name: str) -> int:
    """Refuse a number that an Int64 column cannot hold.

    Raises: UnableToPriceFrame naming it.

    >>> check_fits(value=7, name="count")
    7
    """
    if abs(value) > INT64_MAX:
        raise UnableToPriceFrame(f"{name} {value} is more than a 64-bit column holds; price these rows one by one.", path=(name,))
    return value
