"""How an address is written for its country: where the postcode stands, and the country's name below it."""

from dataclasses import dataclass
from typing import Literal

Place = Literal["before", "behind", "below"]

# Where the postcode stands, seen from the city. A country that is in neither list has it before the city, as most of Europe does.
BEHIND = frozenset(
    [
        "AS",
        "AU",
        "BD",
        "BH",
        "BN",
        "BT",
        "CA",
        "CC",
        "CN",
        "CO",
        "CX",
        "FM",
        "GU",
        "HM",
        "ID",
        "IL",
        "IN",
        "JO",
        "KH",
        "LB",
        "LS",
        "LV",
        "MH",
        "MM",
        "MN",
        "MP",
        "MT",
        "MV",
        "NF",
        "NG",
        "NP",
        "NZ",
        "PG",
        "PE",
        "PK",
        "PR",
        "PW",
        "SA",
        "SG",
        "TH",
        "TW",
        "UM",
        "US",
        "VC",
        "VE",
        "VI",
        "VN",
    ]
)
BELOW = frozenset(
    [
        "AC",
        "AF",
        "AI",
        "BR",
        "CR",
        "CU",
        "EG",
        "FK",
        "GB",
        "GG",
        "GI",
        "GS",
        "HN",
        "HU",
        "IE",
        "IM",
        "IO",
        "IQ",
        "IR",
        "JE",
        "JM",
        "JP",
        "KE",
        "KR",
        "LK",
        "NA",
        "PN",
        "RU",
        "SD",
        "SH",
        "SZ",
        "TA",
        "TC",
        "TZ",
        "UA",
        "VG",
        "ZA",
    ]
)


@dataclass(frozen=True, kw_only=True)
class Address:
    """The parts of an address; `city` has the state in it where the country has states, and `country_name` is in words."""

    street: str
    postcode: str
    city: str
    country: str
    country_name: str


def place_of_postcode(*, country: str) -> Place:
    """Return where a country writes the postcode.

    Args:
        country: two capital letters of ISO 3166.

    Returns: before the city, behind it, or in a line of its own below it.
    Source: the address formats of the countries as the Universal Postal Union and Google's address data (libaddressinput) give them.

    >>> place_of_postcode(country="DE"), place_of_postcode(country="US"), place_of_postcode(country="GB")
    ('before', 'behind', 'below')
    """
    if country in BEHIND:
        return "behind"
    return "below" if country in BELOW else "before"


def write_address(*, address: Address) -> tuple[str, ...]:
    """Write an address in the order of its country, a line each, without the lines that nothing is known for.

    Args:
        address: its parts; any may be empty.

    Returns: street, city with postcode, and the country's name.
    Source: as `place_of_postcode`.

    >>> parts = {"postcode": "78701", "city": "Austin, Texas", "country": "US", "country_name": "United States"}
    >>> write_address(address=Address(street="1 Mill Road", **parts))
    ('1 Mill Road', 'Austin, Texas 78701', 'United States')
    """
    place = place_of_postcode(country=address.country)
    if place == "below":
        town: tuple[str, ...] = (address.city, address.postcode)
    else:
        parts = (address.postcode, address.city) if place == "before" else (address.city, address.postcode)
        town = (" ".join(part for part in parts if part),)
    return tuple(line for line in (address.street, *town, address.country_name) if line)
