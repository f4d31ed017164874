"""Promises of prices: lines add up, corrections cancel, and a marginal price never jumps."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.rules import money
from billing.rules.prices import parts, shapes, steps
from contracts.rules import rate_cards

CENTS = money.Round(places=2)
AMOUNTS = st.fractions(0, 50, max_denominator=997)
COUNTS = st.integers(0, 60).map(Fraction)
STEPS = st.builds(
    rate_cards.PriceSteps,
    usage_discount=st.integers(0, 9).map(Fraction),
    percent_discount=st.integers(0, 100).map(Fraction),
    maximum=st.none() | AMOUNTS.map(lambda value: value * 9),
    minimum=st.none() | AMOUNTS,
)


@st.composite
def tiered_prices(draw):
    widths = draw(st.lists(st.integers(1, 20), max_size=3))
    bounds = [*(Fraction(sum(widths[: place + 1])) for place in range(len(widths))), None]
    tiers = tuple(rate_cards.Tier(up_to=bound, unit_amount=draw(AMOUNTS), flat_amount=draw(AMOUNTS)) for bound in bounds)
    return draw(st.sampled_from([rate_cards.Graduated, rate_cards.Volume]))(tiers=tiers)


@given(price=tiered_prices(), around=STEPS, booked=COUNTS, quantity=COUNTS, available=AMOUNTS)
@settings(max_examples=100, deadline=None)
def test_lines_add_up_rounded_and_exact(price, around, booked, quantity, available):
    rated = steps.rate_usage(
        price=price,
        quantity=quantity,
        rounding=CENTS,
        steps=around,
        booked=steps.Booked(quantity=booked),
        credits_available=available,
    )
    assert sum(line.amount for line in rated.lines) == rated.amount == CENTS.apply(rated.exact)
    assert sum(line.exact for line in rated.lines) == rated.exact


@given(price=tiered_prices(), around=STEPS, first=COUNTS, second=COUNTS)
@settings(max_examples=100, deadline=None)
def test_a_period_in_two_parts_costs_what_it_costs_in_one(price, around, first, second):
    whole = steps.rate_usage(price=price, quantity=first + second, rounding=CENTS, steps=around)
    early = steps.rate_usage(price=price, quantity=first, rounding=CENTS, steps=around, is_last_in_period=False)
    late = steps.rate_usage(
        price=price, quantity=second, rounding=CENTS, steps=around, booked=steps.Booked(quantity=first, amount=early.amount)
    )
    assert early.amount + late.exact == whole.exact


@given(price=tiered_prices(), around=STEPS, counts=st.lists(COUNTS, min_size=1, max_size=5))
@settings(max_examples=100, deadline=None)
def test_phases_end_where_one_calculation_of_the_last_count_ends(price, around, counts):
    history = steps.rate_phases(price=price, phases=counts, rounding=CENTS, steps=around)
    once = steps.rate_usage(price=price, quantity=counts[-1], rounding=CENTS, steps=around)
    assert (history.amount, history.exact) == (once.amount, once.exact)
    assert sum(line.amount for line in history.lines) == history.amount
    assert len(history.lines) == len(counts)


@given(price=tiered_prices(), around=STEPS, count=COUNTS)
@settings(max_examples=100, deadline=None)
def test_rating_the_same_count_twice_books_nothing_the_second_time(price, around, count):
    booked = steps.rate_usage(price=price, quantity=count, rounding=CENTS, steps=around)
    again = steps.rate_usage(
        price=price, quantity=Fraction(0), rounding=CENTS, steps=around, booked=steps.Booked(quantity=count, amount=booked.exact)
    )
    assert again.exact == 0


def test_a_quantity_below_zero_without_anything_booked_costs_nothing():
    rated = steps.rate_usage(price=rate_cards.PerUnit(unit_amount=Fraction(2)), quantity=Fraction(-3), rounding=CENTS)
    assert (rated.amount, rated.exact) == (0, 0)


def test_credits_below_zero_are_refused():
    with pytest.raises(parts.UnableToPrice, match="Credits are zero or more"):
        steps.rate_usage(
            price=rate_cards.PerUnit(unit_amount=Fraction(2)), quantity=Fraction(3), rounding=CENTS, credits_available=Fraction(-1)
        )


def test_a_shape_prices_half_units_exactly():
    tiers = (rate_cards.Tier(up_to=Fraction(1, 2), unit_amount=Fraction(1, 3)), rate_cards.Tier(unit_amount=Fraction(1, 7)))
    priced = shapes.price_shape(price=rate_cards.Graduated(tiers=tiers), quantity=Fraction(3, 2))
    assert parts.sum_parts(priced) == Fraction(1, 6) + Fraction(1, 7)
