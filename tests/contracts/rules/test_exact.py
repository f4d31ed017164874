"""Exact numbers are read, rounded and written without losing a digit."""

import decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.rules import exact

MODES = {
    "half_up": decimal.ROUND_HALF_UP,
    "half_even": decimal.ROUND_HALF_EVEN,
    "ceiling": decimal.ROUND_CEILING,
    "floor": decimal.ROUND_FLOOR,
}


@given(value=st.fractions())
@settings(max_examples=100, deadline=None)
def test_what_is_written_reads_back_the_same(value):
    written = exact.format_exact(value=value)
    if len(written) <= exact.DIGITS_MAX:
        assert exact.parse_exact(text=written) == value


@given(value=st.decimals(-(10**6), 10**6, places=4), places=st.integers(-3, 5), mode=st.sampled_from(sorted(MODES)))
@settings(max_examples=150, deadline=None)
def test_rounding_agrees_with_decimal_arithmetic(value, places, mode):
    expected = value.quantize(decimal.Decimal(1).scaleb(-places), rounding=MODES[mode], context=decimal.Context(prec=40))
    assert exact.round_exact(value=Fraction(value), places=places, mode=mode) == Fraction(expected)


@pytest.mark.parametrize(
    ("text", "value"), [("7/12", Fraction(7, 12)), ("-1.10", Fraction(-11, 10)), (".5", Fraction(1, 2)), ("5.", Fraction(5))]
)
def test_decimals_and_fractions_are_read(text, value):
    assert exact.parse_exact(text=text) == value


@pytest.mark.parametrize("text", ["", "x", "1e5", "1,0", "1 0", "1/0", "1/2/3", "1.5/2", "NaN", "Infinity", "٣", "0" * 61])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(exact.InvalidNumber):
        exact.parse_exact(text=text)


def test_a_number_that_was_not_rounded_is_not_written_with_fewer_decimals():
    with pytest.raises(exact.InvalidNumber, match="round it first"):
        exact.format_places(value=Fraction("1.005"), places=2)
