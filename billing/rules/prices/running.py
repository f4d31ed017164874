"""What one piece of a row and period hands on to the next, when there are too many resolutions in it to be rated at once."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Carried:
    """The running numbers of a row and period where a piece of it begins, and how many follow the piece.

    Args:
        count: resolutions placed before the piece.
        value_micros: the sum of their values, where the price is taken of them.
        rest: what the cut to whole micros has left of their running price, in the parts that a percentage is counted in.
        amount_micros: their price before discount and maximum.
        later_count: resolutions that come after the piece; the rate of a volume price is that of all of them together.
    """

    count: int = 0
    value_micros: int = 0
    rest: int = 0
    amount_micros: int = 0
    later_count: int = 0
