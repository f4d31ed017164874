"""The thirteenth month: a twelfth of the basic pay earned in a year."""

from collections.abc import Sequence
from fractions import Fraction

from contracts.rules import errors

MONTHS = 12


class InvalidBasicPay(errors.InvalidInput):
    """No basic pay to take a twelfth of."""


def find_thirteenth_month(*, basic: Sequence[Fraction]) -> Fraction:
    """Return the thirteenth-month pay: the year's basic pay ÷ 12, however many months were worked.

    Args:
        basic: basic pay earned in the year, in the major unit, one amount per pay period.

    Returns: exact amount in the major unit, not rounded.
    Raises: InvalidBasicPay if there is no amount.
    Source: Philippines, Presidential Decree 851; pay_rules.md section 6.

    >>> find_thirteenth_month(basic=[Fraction(18000)] * 6)
    Fraction(9000, 1)
    """
    if not basic:
        raise InvalidBasicPay("Give the basic pay earned in the year, one amount per pay period.", path=("basic",))
    return sum(basic, Fraction(0)) / MONTHS
