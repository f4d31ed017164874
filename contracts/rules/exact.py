"""Exact numbers: read from text, rounded once, written as text.

Every rate, quantity and intermediate amount of the rules is a `Fraction`. Only `round_exact` rounds.
"""

import functools
import re
from collections.abc import Iterable
from fractions import Fraction
from math import gcd, lcm
from typing import Literal

from contracts.rules import errors
from contracts.rules.sentences import sentence

Rounding = Literal["half_up", "half_even", "ceiling", "floor"]

DIGITS_MAX = 60
# Quotients that were written lately, each with its text.
WRITTEN_MAX = 2**15
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_RATIO = re.compile(r"[+-]?\d+/\d+", re.ASCII)


class InvalidNumber(errors.InvalidInput):
    """A text that is not a decimal and not a fraction."""


def parse_exact(*, text: str) -> Fraction:
    """Read a decimal or a fraction as an exact number.

    Args:
        text: a decimal such as "-1.10", or a fraction such as "7/12"; at most 60 characters, no exponent.

    Returns: the exact value.
    Raises: InvalidNumber if the text is neither, or divides by zero.
    Source: docs/calculator.md, "Arithmetic".

    >>> parse_exact(text="7/12") * 12
    Fraction(7, 1)
    """
    stripped = text.strip()
    if len(stripped) > DIGITS_MAX:
        begin = f'"{stripped[:12]}…"'
        raise InvalidNumber(
            sentence("{begin} has {count} characters; a number has at most {most}.", begin=begin, count=len(stripped), most=DIGITS_MAX)
        )
    if not (_NUMBER.fullmatch(stripped) or _RATIO.fullmatch(stripped)):
        raise InvalidNumber(
            sentence('{text} is not a number; write a decimal such as "1.10" or a fraction such as "7/12".', text=f'"{text}"')
        )
    try:
        return Fraction(stripped)
    except ZeroDivisionError as zero:
        raise InvalidNumber(sentence("{text} divides by zero.", text=f'"{text}"')) from zero


def format_exact(*, value: Fraction) -> str:
    """Write an exact number as the shortest decimal, or as "n/d" where decimals do not end.

    Args:
        value: any.

    Source: formats.md, "Calculator".

    >>> format_exact(value=Fraction(5, 4)), format_exact(value=Fraction(1, 3))
    ('1.25', '1/3')
    """
    return _write_quotient(value.numerator, value.denominator)


def format_ratio(*, numerator: int, denominator: int) -> str:
    """Write a quotient of whole numbers as `format_exact` does; columns hold quotients that are not reduced.

    Args:
        numerator, denominator: any, the denominator above zero.

    Source: formats.md, "Calculator".

    >>> format_ratio(numerator=10, denominator=8), format_ratio(numerator=2, denominator=6)
    ('1.25', '1/3')
    """
    return _write_quotient(numerator, denominator)


def format_places(*, value: Fraction, places: int) -> str:
    """Write a number that is already a multiple of 10**-places with exactly that many decimals.

    Args:
        value: an amount as it was rounded.
        places: decimals; below zero for tens, hundreds and so on.

    Raises: InvalidNumber if it has more.
    Source: formats.md, "Calculator".

    >>> format_places(value=Fraction(3, 2), places=2)
    '1.50'
    """
    scaled, rest = divmod(value.numerator * 10 ** max(places, 0), value.denominator * 10 ** max(-places, 0))
    if rest:
        raise InvalidNumber(sentence("{value} has more than {places} decimals; round it first.", value=str(value), places=places))
    if places <= 0:
        return str(int(value))
    return _write_decimal(scaled=scaled, places=places)


def round_exact(*, value: Fraction, places: int, mode: Rounding = "half_up") -> Fraction:
    """Round to a number of decimals; the only rounding in the product.

    Args:
        value: the exact number.
        places: decimals to keep; negative rounds to tens, hundreds and so on.
        mode: half_up (half away from zero), half_even, ceiling (toward +infinity) or floor (toward -infinity).

    Returns: the rounded number, still exact.
    Source: design.md section 6, step 11.

    >>> round_exact(value=Fraction(-5, 1000), places=2)
    Fraction(-1, 100)
    """
    up, down = 10 ** max(places, 0), 10 ** max(-places, 0)
    return Fraction(round_ratio(numerator=value.numerator * up, denominator=value.denominator * down, mode=mode) * down, up)


def write_rounded(*, value: Fraction, places: int) -> str:
    """Round a number half away from zero, and write it with exactly so many decimals.

    Args:
        value: the exact number.
        places: decimals to keep, zero or more.

    Source: design.md section 6, step 11.

    >>> write_rounded(value=Fraction(2, 3), places=2)
    '0.67'
    """
    return format_places(value=round_exact(value=value, places=places), places=places)


def round_ratio(*, numerator: int, denominator: int, mode: Rounding = "half_up") -> int:
    """Round a quotient of whole numbers to a whole number, as `round_exact` does.

    Args:
        numerator, denominator: any, the denominator above zero.
        mode: as in `round_exact`.

    Source: design.md section 6, step 11.

    >>> round_ratio(numerator=-5, denominator=2), round_ratio(numerator=-5, denominator=2, mode="ceiling")
    (-3, -2)
    """
    whole, rest = divmod(numerator, denominator)
    if rest == 0 or mode == "floor":
        return whole
    if mode == "ceiling":
        return whole + 1
    twice = 2 * rest - denominator
    breaks_tie = whole % 2 == 1 if mode == "half_even" else numerator > 0
    return whole + (twice > 0 or (twice == 0 and breaks_tie))


def total(*, values: Iterable[Fraction]) -> Fraction:
    """Add exact numbers up; reduced once at the end, several times faster than one by one.

    Args:
        values: any, also none, which add up to zero.

    Returns: the exact sum, in the unit of the values.
    Source: design.md section 9, "intermediate results stay exact".

    >>> total(values=[Fraction(1, 3), Fraction(1, 6), Fraction(2)])
    Fraction(5, 2)
    """
    numerator, denominator = 0, 1
    for value in values:
        above, below = value.as_integer_ratio()
        if below == denominator:
            numerator += above
        elif denominator % below == 0:
            numerator += above * (denominator // below)
        else:
            common = lcm(denominator, below)
            numerator = numerator * (common // denominator) + above * (common // below)
            denominator = common
    return Fraction(numerator, denominator)


def common_denominator(*, values: Iterable[Fraction]) -> int:
    """Return the least whole number that makes all of some exact numbers whole.

    Args:
        values: any, also none, for which it is one.

    Source: design.md section 9, "intermediate results stay exact".

    >>> common_denominator(values=[Fraction(1, 4), Fraction(5, 6)])
    12
    """
    return lcm(*(value.denominator for value in values))


@functools.lru_cache(maxsize=WRITTEN_MAX)
def _write_quotient(numerator: int, denominator: int) -> str:
    """Write a quotient; rates, hours and counts come again and again in a month of pay, so what was written lately is kept."""
    common = gcd(numerator, denominator)
    numerator, denominator = numerator // common, denominator // common
    if denominator == 1:
        return str(numerator)
    places, factor = _scale_of(denominator)
    return _write_decimal(scaled=numerator * factor, places=places) if factor else f"{numerator}/{denominator}"


@functools.lru_cache(maxsize=WRITTEN_MAX)
def _scale_of(denominator: int) -> tuple[int, int]:
    """Return how many decimals the parts of a whole above one have, and by what they come to whole numbers; 0 where they never end."""
    # The powers of two come off at once: the lowest bit that is set counts them.
    rest, fives = denominator, 0
    twos = (rest & -rest).bit_length() - 1
    rest >>= twos
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    places = max(twos, fives)
    return places, 10**places // denominator if rest == 1 else 0


def _write_decimal(*, scaled: int, places: int) -> str:
    """Write a count of 10**-places, one place or more."""
    digits = str(abs(scaled)).zfill(places + 1)
    sign = "-" if scaled < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}"
