"""Addresses in the order of their country."""

import pytest

from billing.rules import addresses


def write(country: str, **parts: str) -> tuple[str, ...]:
    given = {"street": "Long Street 5", "postcode": "1234", "city": "Town", "country_name": "Land", **parts}
    return addresses.write_address(address=addresses.Address(country=country, **given))


@pytest.mark.parametrize(
    ("country", "town"),
    [
        ("DE", ("1234 Town",)),
        ("PH", ("1234 Town",)),
        ("XX", ("1234 Town",)),
        ("US", ("Town 1234",)),
        ("AU", ("Town 1234",)),
        ("GB", ("Town", "1234")),
        ("IE", ("Town", "1234")),
    ],
)
def test_the_postcode_stands_where_the_country_has_it(country: str, town: tuple[str, ...]) -> None:
    assert write(country) == ("Long Street 5", *town, "Land")


@pytest.mark.parametrize("country", ["DE", "US", "GB"])
def test_what_is_not_known_leaves_no_empty_line(country: str) -> None:
    assert write(country, street="", postcode="", country_name="") == ("Town",)


def test_no_country_writes_the_postcode_in_two_places() -> None:
    assert not addresses.BEHIND & addresses.BELOW
