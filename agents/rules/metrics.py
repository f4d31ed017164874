"""Rates and how sure we are of them: Wilson intervals, and occupancy.

Nothing here is a float: an interval is a square root, rounded exactly once.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt, lcm

from contracts.rules import errors, exact

Z_DEFAULT = Fraction(196, 100)
INTERVAL_PLACES = 6
HALVES = 2 * 10**INTERVAL_PLACES


class UnableToMeasure(errors.InvalidInput):
    """Counts from which no rate can be taken."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """The rates a true rate may really have, both ends between 0 and 1, to 6 places."""

    low: Fraction
    high: Fraction


def rate(*, successes: Fraction, n: Fraction) -> Fraction:
    """Return the observed rate.

    Args:
        successes: favorable observations, 0 to n.
        n: observations, more than 0.

    Returns: exact rate between 0 and 1.
    Raises: UnableToMeasure if there are no observations, or more successes than observations.

    >>> rate(successes=Fraction(18), n=Fraction(20))
    Fraction(9, 10)
    """
    _check_counts(successes=successes, n=n)
    return successes / n


def wilson_interval(*, successes: Fraction, n: Fraction, z: Fraction = Z_DEFAULT) -> Interval:
    """Return the Wilson score interval of a rate.

    Args:
        successes: favorable observations, 0 to n.
        n: observations, more than 0.
        z: standard normal quantile, 0 or more; 1.96 is 95 %.

    Returns: both ends rounded half up to 6 places, exactly: the square root is never a float.
    Raises: UnableToMeasure if there are no observations, more successes than observations, or z is below zero.
    Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927) 209-212, without continuity correction.

    >>> found = wilson_interval(successes=Fraction(9), n=Fraction(10))
    >>> float(found.low), float(found.high)
    (0.595844, 0.982124)
    """
    _check_counts(successes=successes, n=n)
    if z < 0:
        raise UnableToMeasure(f"z is {exact.format_exact(value=z)}, but must be zero or more; 1.96 gives a 95 % interval.", path=("z",))
    # Everything is written in whole numbers over one denominator, so that only the root is not exact.
    parts = lcm(successes.denominator, n.denominator)
    good, count = int(successes * parts), int(n * parts)
    above, below = (z * z).as_integer_ratio()
    square, scale = above * parts, 2 * (count * below + above * parts) * count
    middle = HALVES * (2 * good * below + square) * count
    root = HALVES * HALVES * square * (square * count + 4 * below * good * (count - good)) * count
    return Interval(low=_round_root(middle, root, scale, sign=-1), high=_round_root(middle, root, scale, sign=1))


def occupancy(*, handle_seconds: Fraction, available_seconds: Fraction) -> Fraction | None:
    """Return handle time over handle plus available time.

    Args:
        handle_seconds: talk + hold + ACW, 0 or more.
        available_seconds: logged in, not on a break, not handling; 0 or more.

    Returns: exact share between 0 and 1, or None if there was no time at all.
    Source: style.md, "Words".

    >>> occupancy(handle_seconds=Fraction(3060), available_seconds=Fraction(540))
    Fraction(17, 20)
    """
    total = handle_seconds + available_seconds
    return handle_seconds / total if total > 0 else None


def _check_counts(*, successes: Fraction, n: Fraction) -> None:
    if n <= 0:
        raise UnableToMeasure("There are no observations, so there is no rate; show it as missing.", path=("n",))
    if not 0 <= successes <= n:
        raise UnableToMeasure(
            f"{exact.format_exact(value=successes)} successes of {exact.format_exact(value=n)} observations cannot be; "
            "successes are between 0 and n.",
            path=("successes",),
        )


def _round_root(middle: int, radicand: int, divisor: int, *, sign: int) -> Fraction:
    """Round (middle ± √radicand) / divisor, which counts half units of the last place and is zero or more.

    Cutting at half units of the last place keeps the side of every tie, so rounding the cut value rounds the root.
    """
    distance = isqrt(radicand)
    if sign < 0 and distance * distance < radicand:
        distance += 1
    cut = (middle + sign * distance) // divisor
    return Fraction(exact.round_ratio(numerator=cut, denominator=2), 10**INTERVAL_PLACES)
