"""Money: minor units by currency, and the one rounding to them; `allocation.py` splits it.

Stored lines hold integer micros (a millionth of the major unit). Rates and intermediate results are
exact `Fraction`s of the major unit until `to_minor` rounds a line once.
"""

import functools
from dataclasses import dataclass
from fractions import Fraction

from contracts.rules import currencies, errors, exact

MICROS = 1_000_000


class InvalidCurrency(errors.InvalidInput):
    """A currency code that is not three capital letters, or one whose decimals nobody said and nobody knows."""


@dataclass(frozen=True, kw_only=True)
class Round:
    """How one line is rounded: decimals to keep and which way a tie goes."""

    places: int
    mode: exact.Rounding = "half_up"

    def apply(self, value: Fraction) -> Fraction:
        """Round one amount of the major unit."""
        return exact.round_exact(value=value, places=self.places, mode=self.mode)

    def format(self, value: Fraction) -> str:
        """Round one amount and write it with the currency's decimals."""
        return exact.format_places(value=self.apply(value), places=max(self.places, 0))


def currency_places(*, currency: str) -> int:
    """Return the decimals of a currency's minor unit (ISO 4217).

    Raises: InvalidCurrency if the code is not three capital letters.

    >>> currency_places(currency="JPY"), currency_places(currency="USD")
    (0, 2)
    """
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()):
        raise InvalidCurrency(f'"{currency}" is not a currency code; write three capital letters such as "USD".')
    return currencies.PLACES.get(currency, currencies.PLACES_MOSTLY)


def known_places(*, currency: str) -> int:
    """Return the decimals of a document's currency, which are not guessed where nobody said them.

    Args:
        currency: a code as a person typed it.

    Raises: InvalidCurrency if ISO 4217 has no such code.

    >>> known_places(currency="KWD")
    3
    """
    if currency not in currencies.CODES:
        raise InvalidCurrency(
            f'The decimals of "{currency}" are not known; write a code of ISO 4217 such as "USD", "JPY" or "INR", or say them as "places".',
            path=("currency",),
        )
    return currency_places(currency=currency)


def to_minor(*, amount: Fraction, currency: str) -> int:
    """Round an exact amount once, half away from zero, to the currency's minor unit.

    Args:
        amount: exact amount in the major unit.
        currency: ISO 4217 code.

    Returns: whole minor units (cents for USD).
    Source: design.md section 6, step 11.

    >>> to_minor(amount=Fraction(19025, 1000), currency="USD")
    1903
    """
    places = currency_places(currency=currency)
    return int(exact.round_exact(value=amount, places=places) * 10**places)


def to_micros(*, amount: Fraction, currency: str) -> int:
    """Round an exact amount once to the minor unit and return it in micros, as stored lines hold it.

    Args:
        amount: in the major unit.
        currency: an ISO 4217 code.

    Returns: micros, a whole number of minor units, half away from zero.
    Raises: InvalidCurrency if the code is not three capital letters.
    Source: design.md section 6, step 11, and section 9.

    >>> to_micros(amount=Fraction(19025, 1000), currency="USD")
    19030000
    """
    return to_minor(amount=amount, currency=currency) * MICROS // int(10 ** currency_places(currency=currency))


@functools.lru_cache(maxsize=65_536)
def from_micros(*, micros: int) -> Fraction:
    """Return micros as an exact amount of the major unit.

    >>> from_micros(micros=1_500_000)
    Fraction(3, 2)
    """
    return Fraction(micros, MICROS)
