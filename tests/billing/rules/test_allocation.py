"""Splits lose nothing, in scalar and in frames."""

from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.rules import allocation, money

WEIGHTS = st.lists(st.integers(0, 5000), min_size=1, max_size=6).filter(any)
MICRO = money.Round(places=6)


@given(
    amount=st.fractions(-1000, 1000, max_denominator=997),
    weights=WEIGHTS,
    mode=st.sampled_from(["half_up", "half_even", "ceiling", "floor"]),
)
@settings(max_examples=100, deadline=None)
def test_parts_add_up_to_the_rounded_amount_and_stay_within_a_unit_of_their_share(amount, weights, mode):
    rounding = money.Round(places=2, mode=mode)
    split = allocation.allocate_amount(amount=amount, weights=[Fraction(weight) for weight in weights], rounding=rounding)
    assert sum(split.parts) == rounding.apply(amount)
    assert sum(split.exact_parts) == amount
    assert all(abs(part - share) < Fraction(1, 100) for part, share in zip(split.parts, split.exact_parts, strict=True))
    assert all(part == 0 for part, weight in zip(split.parts, weights, strict=True) if weight == 0)


@given(amount_micros=st.integers(-(10**9), 10**9), weights=WEIGHTS, data=st.data())
@settings(max_examples=100, deadline=None)
def test_the_frame_splits_like_the_scalar_rule(amount_micros, weights, data):
    keys = data.draw(st.lists(st.sampled_from(["a", "b", "c"]), min_size=len(weights), max_size=len(weights)))
    split = allocation.allocate_amount(
        amount=Fraction(amount_micros, money.MICROS), weights=[Fraction(weight) for weight in weights], rounding=MICRO, keys=keys
    )
    frame = pl.DataFrame({"id": "r", "amount_micros": amount_micros, "weight": weights, "key": keys}, schema_overrides={"weight": pl.Int64})
    found = allocation.allocate_frame(frame=frame, group="id")["part_micros"].to_list()
    assert found == [part * money.MICROS for part in split.parts]


def test_groups_are_split_by_themselves_and_keep_their_order():
    frame = pl.DataFrame(
        {"id": ["r2", "r1", "r2"], "amount_micros": [1_000_000, -30_000, 1_000_000], "weight": [1, 7, 2], "key": ["A-1", "A-1", "A-2"]}
    )
    found = allocation.allocate_frame(frame=frame, group="id", unit_micros=10_000)
    assert found.columns == ["id", "amount_micros", "weight", "key", "part_micros"]
    assert found["part_micros"].to_list() == [330_000, -30_000, 670_000]


def test_an_empty_frame_has_no_parts():
    frame = pl.DataFrame(schema={"id": pl.String, "amount_micros": pl.Int64, "weight": pl.Int64, "key": pl.String})
    assert allocation.allocate_frame(frame=frame, group="id").schema["part_micros"] == pl.Int64


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"weight": [0, 0]}, "all weights are zero"),
        ({"weight": [1, -1]}, "below zero"),
        ({"weight": [1, None]}, "missing"),
        ({"amount_micros": [10, 11]}, "differs"),
        ({"amount_micros": [15, 15]}, "no multiple of 10 micros"),
        ({"amount_micros": [10**18, 10**18], "weight": [10**4, 1]}, "64 bits"),
    ],
)
def test_what_cannot_be_split_is_refused(columns, message):
    frame = pl.DataFrame({"id": ["r", "r"], "amount_micros": [10, 10], "weight": [1, 1], "key": ["a", "b"], **columns})
    with pytest.raises(allocation.UnableToAllocate, match=message):
        allocation.allocate_frame(frame=frame, group="id", unit_micros=10)
