"""Rates and Wilson intervals against published tables and against high-precision decimals."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules import metrics

# R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3, to four places.
NEWCOMBE = [(81, 263, "0.2553", "0.3662"), (15, 148, "0.0624", "0.1605"), (0, 20, "0.0000", "0.1611"), (1, 29, "0.0061", "0.1718")]


@pytest.mark.parametrize(("successes", "n", "low", "high"), NEWCOMBE)
def test_published_intervals(successes: int, n: int, low: str, high: str) -> None:
    found = metrics.wilson_interval(successes=Fraction(successes), n=Fraction(n), z=Fraction("1.959964"))
    assert abs(found.low - Fraction(low)) <= Fraction(1, 20000)
    assert abs(found.high - Fraction(high)) <= Fraction(1, 20000)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (9, 10, "0.595844", "0.982124"),
        (2, 3, "0.207655", "0.938510"),
        (0, 1, "0", "0.793457"),
        (1, 1, "0.206543", "1"),
        (6, 6, "0.609657", "1"),
    ],
)
def test_intervals_to_six_places(successes: int, n: int, low: str, high: str) -> None:
    found = metrics.wilson_interval(successes=Fraction(successes), n=Fraction(n))
    assert (found.low, found.high) == (Fraction(low), Fraction(high))


def test_z_zero_is_the_rate_itself() -> None:
    found = metrics.wilson_interval(successes=Fraction(1), n=Fraction(8), z=Fraction(0))
    assert (found.low, found.high) == (Fraction(1, 8), Fraction(1, 8))


def test_a_rational_root_at_a_tie_rounds_up() -> None:
    # With z = 0 the interval is the rate, and 1 in 2,000,000 is exactly half a unit of the last place.
    found = metrics.wilson_interval(successes=Fraction(1), n=Fraction(2_000_000), z=Fraction(0))
    assert found.low == Fraction(1, 1_000_000)


@given(n=st.integers(1, 5000), part=st.fractions(0, 1, max_denominator=50), z=st.fractions(0, 5, max_denominator=1000))
@settings(max_examples=100)
def test_rounds_the_exact_root_once(n: int, part: Fraction, z: Fraction) -> None:
    successes = n * part
    found = metrics.wilson_interval(successes=successes, n=Fraction(n), z=z)
    with localcontext(prec=80, rounding=ROUND_HALF_UP):
        count, good, square = Decimal(n), Decimal(successes.numerator) / successes.denominator, (Decimal(z.numerator) / z.denominator) ** 2
        root = (square * (square + 4 * good * (count - good) / count)).sqrt()
        low, high = (((2 * good + square) + sign * root) / (2 * (count + square)) for sign in (-1, 1))
        assert abs(Decimal(found.low.numerator) / found.low.denominator - low) <= Decimal("0.0000005") + Decimal("1e-60")
        assert abs(Decimal(found.high.numerator) / found.high.denominator - high) <= Decimal("0.0000005") + Decimal("1e-60")
    assert 0 <= found.low <= found.high <= 1


@pytest.mark.parametrize(("successes", "n", "path"), [(0, 0, "n"), (2, 1, "successes"), (-1, 1, "successes")])
def test_refuses_counts_that_cannot_be(successes: int, n: int, path: str) -> None:
    with pytest.raises(metrics.UnableToMeasure) as refused:
        metrics.wilson_interval(successes=Fraction(successes), n=Fraction(n))
    assert refused.value.path == (path,)


def test_refuses_a_negative_z() -> None:
    with pytest.raises(metrics.UnableToMeasure) as refused:
        metrics.wilson_interval(successes=Fraction(1), n=Fraction(2), z=Fraction(-1))
    assert refused.value.path == ("z",)


def test_no_time_has_no_occupancy() -> None:
    assert metrics.occupancy(handle_seconds=Fraction(0), available_seconds=Fraction(0)) is None
