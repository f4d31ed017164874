"""Names of countries in the languages of the portal, as the Unicode CLDR has them, and addresses as they stand on papers."""

import re
from functools import cache

from babel import Locale
from django.conf import settings

from billing.rules import addresses
from contracts import reading


@cache
def _names(language: str) -> dict[str, str]:
    return {code: name for code, name in Locale.parse(language).territories.items() if len(code) == 2 and code.isalpha()}


@cache
def _codes() -> dict[str, str]:
    """Return the country of each name in the portal's own language, in which papers are issued."""
    return {name: code for code, name in _names(_own_language()).items()}


def _own_language() -> str:
    return str(settings.LANGUAGE_CODE).partition("-")[0]


def name_of(*, code: str, language: str = "") -> str:
    """Return the name of a country; a code that nobody knows stays as it is.

    Args:
        code: two capital letters of ISO 3166.
        language: empty for the portal's own, in which papers are issued.

    >>> name_of(code="US"), name_of(code="DE", language="es"), name_of(code="??")
    ('United States', 'Alemania', '??')
    """
    return _names(language or _own_language()).get(code, code)


def write_address(*, legal_name: str, street: str, postcode: str, city: str, country: str) -> str:
    """Write who somebody is on a paper, in the order of their country and in the portal's own language, a line each."""
    found = addresses.write_address(
        address=addresses.Address(street=street, postcode=postcode, city=city, country=country, country_name=name_of(code=country))
    )
    return "\n".join((legal_name, *found))


def tell(words: str) -> str:
    """Tell an address as it was stored, with the name of its country in the reader's language."""
    rest, line_break, last = words.rpartition("\n")
    code = _codes().get(last, last)
    return f"{rest}{line_break}{name_of(code=code, language=reading.language())}" if code in _names(_own_language()) else words


def is_same(one: str, other: str) -> bool:
    """Whether two addresses have the same words, in whatever order: how one is written says nothing of where it is.

    >>> is_same("Alder Home\\n78701 Austin, Texas\\nUS", "Alder Home\\nAustin, Texas 78701\\nUnited States")
    True
    """
    return _parts(one) == _parts(other)


def _parts(words: str) -> tuple[list[str], str]:
    rest, _break, last = words.rpartition("\n")
    return sorted(re.findall(r"[^\s,]+", rest)), _codes().get(last, last)
