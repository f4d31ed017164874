"""The frame rules give, to the micro, what the scalar rules give."""

import itertools
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.rules import money
from billing.rules.prices import frames, micros, parts, shapes
from contracts.rules import rate_cards

AMOUNTS = st.integers(0, 50_000_000).map(lambda value: Fraction(value, money.MICROS))
RATES = st.integers(0, 10_000).map(lambda value: Fraction(value, 100))
CENTS = st.integers(0, 100_000).map(lambda value: Fraction(value, 100))


@st.composite
def bounds(draw, unit=1):
    widths = draw(st.lists(st.integers(1, 12), min_size=0, max_size=3))
    return [*(Fraction(sum(widths[: place + 1])) * unit for place in range(len(widths))), None]


@st.composite
def counted_prices(draw):
    shape = draw(st.sampled_from(["per_unit", "package", "graduated", "volume"]))
    if shape == "per_unit":
        return rate_cards.PerUnit(unit_amount=draw(AMOUNTS))
    if shape == "package":
        size, free = draw(st.integers(1, 7)), draw(st.integers(0, 9))
        return rate_cards.Package(package_size=Fraction(size), package_amount=draw(AMOUNTS), free_units=Fraction(free))
    blocks = st.none() | st.integers(1, 5).map(Fraction)
    tiers = tuple(
        rate_cards.Tier(up_to=bound, unit_amount=draw(AMOUNTS), flat_amount=draw(AMOUNTS), block_size=draw(blocks))
        for bound in draw(bounds())
    )
    kind = rate_cards.Graduated if shape == "graduated" else rate_cards.Volume
    return kind(tiers=tiers, zero_usage_flat=draw(st.booleans()))


def total_micros(price, quantity, events=None):
    total = parts.sum_parts(shapes.price_shape(price=price, quantity=Fraction(quantity), events=events)) * money.MICROS
    assert total.denominator == 1
    return int(total)


@given(price=counted_prices(), count=st.integers(1, 40))
@settings(max_examples=100, deadline=None)
def test_each_unit_adds_the_difference_of_two_scalar_prices(price, count):
    frame = pl.DataFrame({"row_id": ["a"] * count, "position": range(1, count + 1)})
    found = frames.price_positions(frame=frame, prices={"a": price})["amount_micros"].to_list()
    totals = [0, *(total_micros(price, number) for number in range(1, count + 1))]
    assert found == [later - earlier for earlier, later in itertools.pairwise(totals)]
    assert sum(found) == total_micros(price, count)


@given(
    events=st.lists(CENTS, min_size=1, max_size=12),
    rate=RATES,
    fixed=CENTS,
    free=st.none() | st.integers(0, 5),
    allowance=st.none() | CENTS,
)
@settings(max_examples=100, deadline=None)
def test_each_event_costs_what_the_scalar_percentage_says(events, rate, fixed, free, allowance):
    price = rate_cards.Percentage(
        rate_percent=rate,
        fixed_amount=fixed,
        free_events=None if free is None else Fraction(free),
        free_amount=allowance,
        per_event_min=Fraction(1),
        per_event_max=Fraction(300),
    )
    found = frames.price_positions(frame=event_frame(events), prices={"a": price})["amount_micros"].to_list()
    assert sum(found) == total_micros(price, 0, events)
    totals = [0, *(total_micros(price, 0, events[: number + 1]) for number in range(len(events)))]
    assert found == [later - earlier for earlier, later in itertools.pairwise(totals)]


@given(values=st.lists(CENTS, min_size=1, max_size=12), data=st.data())
@settings(max_examples=100, deadline=None)
def test_each_value_adds_the_difference_of_two_graduated_percentages(values, data):
    bands = data.draw(bounds(unit=100))
    tiers = tuple(rate_cards.PercentageTier(up_to=bound, rate_percent=data.draw(RATES), flat_amount=data.draw(CENTS)) for bound in bands)
    price = rate_cards.GraduatedPercentage(tiers=tiers, zero_usage_flat=data.draw(st.booleans()))
    found = frames.price_positions(frame=event_frame(values), prices={"a": price})["amount_micros"].to_list()
    assert sum(found) == total_micros(price, sum(values, Fraction(0)))


def event_frame(values):
    value_micros = [int(value * money.MICROS) for value in values]
    running = [sum(value_micros[: place + 1]) for place in range(len(value_micros))]
    return pl.DataFrame(
        {"row_id": ["a"] * len(values), "position": range(1, len(values) + 1), "value_micros": value_micros, "running_micros": running}
    )


def test_rows_keep_their_order():
    frame = pl.DataFrame({"case": ["c1", "c2", "c3"], "row_id": ["b", "a", "b"], "position": [1, 1, 2]})
    tiers = (rate_cards.Tier(up_to=Fraction(1), unit_amount=Fraction(3)), rate_cards.Tier(unit_amount=Fraction(1)))
    prices = {"a": rate_cards.PerUnit(unit_amount=Fraction(2)), "b": rate_cards.Graduated(tiers=tiers)}
    priced = frames.price_positions(frame=frame, prices=prices)
    assert priced.rows() == [("c1", "b", 1, 3_000_000), ("c2", "a", 1, 2_000_000), ("c3", "b", 2, 1_000_000)]


def test_an_empty_frame_stays_empty():
    frame = pl.DataFrame(schema={"row_id": pl.String, "position": pl.Int64})
    assert frames.price_positions(frame=frame, prices={}).schema["amount_micros"] == pl.Int64


def test_a_million_units_are_exact():
    frame = pl.DataFrame({"row_id": ["a"], "position": [1_000_000_000_000]})
    tiers = (rate_cards.Tier(up_to=Fraction(10), unit_amount=Fraction("1.10")), rate_cards.Tier(unit_amount=Fraction("0.90")))
    assert frames.price_positions(frame=frame, prices={"a": rate_cards.Graduated(tiers=tiers)})["amount_micros"].to_list() == [900_000]


@pytest.mark.parametrize(
    ("price", "position"),
    [
        (rate_cards.PerUnit(unit_amount=Fraction("0.0000001")), 1),
        (rate_cards.PerUnit(unit_amount=Fraction(10)), 10**15),
        (rate_cards.Volume(tiers=(rate_cards.Tier(up_to=Fraction("2.5")), rate_cards.Tier())), 1),
        (rate_cards.Package(package_size=Fraction("0.5"), package_amount=Fraction(1)), 1),
    ],
)
def test_what_whole_micros_cannot_hold_is_refused(price, position):
    frame = pl.DataFrame({"row_id": ["a"], "position": [position]})
    with pytest.raises(micros.UnableToPriceFrame):
        frames.price_positions(frame=frame, prices={"a": price})


def test_a_percentage_finer_than_micros_is_refused():
    price = rate_cards.Percentage(rate_percent=Fraction("0.00005"))
    with pytest.raises(micros.UnableToPriceFrame, match="less than whole micros"):
        frames.price_positions(frame=event_frame([Fraction("0.01")]), prices={"a": price})


def test_a_position_beyond_the_last_tier_is_refused():
    price = rate_cards.Graduated(tiers=(rate_cards.Tier(up_to=Fraction(2), unit_amount=Fraction(1)),))
    with pytest.raises(parts.UnableToPrice, match="last tier ends at 2"):
        frames.price_positions(frame=pl.DataFrame({"row_id": ["a"], "position": [3]}), prices={"a": price})


def test_a_row_without_terms_is_refused():
    with pytest.raises(micros.UnableToPriceFrame, match="row b has no price"):
        frames.price_positions(frame=pl.DataFrame({"row_id": ["b"], "position": [1]}), prices={})
