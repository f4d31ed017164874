"""Minor units by currency, and the one rounding to them."""

from fractions import Fraction

import pytest

from billing.rules import money
from contracts.rules import currencies


@pytest.mark.parametrize(
    ("currency", "places"), [("USD", 2), ("EUR", 2), ("PHP", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("BHD", 3), ("CLF", 4), ("CLP", 0)]
)
def test_a_currency_has_the_decimals_of_its_minor_unit(currency, places):
    assert money.currency_places(currency=currency) == places


@pytest.mark.parametrize("currency", ["usd", "US", "USDT", "U$D", "", "ÜSD"])
def test_what_is_no_currency_code_is_refused(currency):
    with pytest.raises(money.InvalidCurrency):
        money.currency_places(currency=currency)


@pytest.mark.parametrize("currency", ["XYZ", "JYP", "UDS", "usd", "XAU", "XDR"])
def test_a_mistyped_currency_is_refused_before_its_decimals_are_guessed(currency):
    with pytest.raises(money.InvalidCurrency):
        money.known_places(currency=currency)


def test_every_currency_with_decimals_of_its_own_is_a_currency():
    for currency in (*currencies.PLACES, "USD", "XTS", "HRK"):
        assert money.known_places(currency=currency) == money.currency_places(currency=currency)


@pytest.mark.parametrize(
    ("amount", "currency", "minor", "micros"),
    [
        ("1.005", "USD", 101, 1_010_000),
        ("-1.005", "USD", -101, -1_010_000),
        ("1.00499", "USD", 100, 1_000_000),
        ("0.5", "JPY", 1, 1_000_000),
        ("-0.4999", "JPY", 0, 0),
        ("1.2345", "KWD", 1235, 1_235_000),
    ],
)
def test_a_line_is_rounded_once_half_away_from_zero(amount, currency, minor, micros):
    assert money.to_minor(amount=Fraction(amount), currency=currency) == minor
    assert money.to_micros(amount=Fraction(amount), currency=currency) == micros
    assert money.from_micros(micros=micros) == Fraction(micros, 1_000_000)


@pytest.mark.parametrize(("places", "shown"), [(2, "1234.57"), (0, "1235"), (-2, "1200"), (-4, "0"), (6, "1234.565000")])
def test_an_amount_is_written_with_its_decimals(places, shown):
    assert money.Round(places=places).format(Fraction("1234.565")) == shown
