"""Resolutions that are rated piece by piece cost what they cost when all of them are rated at once, wherever the cuts fall."""

from dataclasses import replace
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.rules import booking, booking_order
from billing.rules.prices import running
from contracts.rules import rate_cards
from tests.billing.rules.test_booking import tier
from tests.billing.rules.test_booking_shapes import APRIL, MARCH, PAYABLE_WITH_VALUE, PRICES, STEPS, resolution

# The card of all shapes, and such whose last tier ends.
ENDING = {
    21: rate_cards.Graduated(tiers=(tier(2, "3.00"), tier(5, "2.00"))),
    22: rate_cards.Volume(tiers=(tier(3, "3.00", "1.00"), tier(6, "2.50", "0.75"))),
    23: rate_cards.GraduatedPercentage(
        tiers=(
            rate_cards.PercentageTier(up_to=Fraction(30), rate_percent=Fraction("2.125")),
            rate_cards.PercentageTier(up_to=Fraction(60), rate_percent=Fraction("1.3333")),
        )
    ),
    24: rate_cards.Volume(tiers=(rate_cards.Tier(up_to=Fraction(4), unit_amount=Fraction(4), block_size=Fraction(3)), tier(None, "1.25"))),
}
CARD = {**PRICES, **ENDING}
AROUND = {
    **STEPS,
    22: rate_cards.PriceSteps(usage_discount=Fraction(1), percent_discount=Fraction("33.33"), maximum=Fraction(11)),
    5: rate_cards.PriceSteps(percent_discount=Fraction("12.5")),
    6: rate_cards.PriceSteps(maximum=Fraction("2.50")),
}
PRICED = ("resolution_id", "row_id", "period_start", "position", "amount_micros", "list_micros")


def rate_at_once(payable):
    rating = booking.rate_payable(payable=payable, prices=CARD, steps=AROUND)
    return told([rating])


def rate_in_pieces(payable, at_once):
    order = booking_order.order_units(units=payable)
    ratings, before = [], None
    for piece in booking_order.cut_pieces(units=payable, order=order, at_once=at_once):
        taken = payable[order.slice(piece.start, piece.count)]
        ordered = booking_order.settle_ties(ordered=taken, tied=booking_order.find_tied(ordered=taken))
        start = running.Carried() if piece.is_first or before is None else before
        before = replace(start, later_count=piece.later_count) if piece.is_part else None
        ratings.append(booking.rate_ordered(ordered=ordered, prices=CARD, steps=AROUND, before=before))
        before = ratings[-1].carried
    return told(ratings)


def told(ratings):
    rated = sorted(row for rating in ratings for row in rating.rated.select(*PRICED).rows())
    beyond = sorted(row for rating in ratings for row in rating.beyond.select("resolution_id", "position").rows())
    return rated, beyond, sorted(number for rating in ratings for number in rating.unvalued["resolution_id"])


def frame_of(units):
    return pl.DataFrame(units, schema=PAYABLE_WITH_VALUE)


units = st.tuples(
    st.sampled_from(sorted(CARD)),
    st.sampled_from([MARCH, MARCH, MARCH, APRIL]),
    st.integers(0, 6),
    st.one_of(st.none(), st.integers(0, 3_333)),
    st.sampled_from([10_000, 10_000, 2_500]),
)


@settings(max_examples=120, deadline=None)
@given(known=st.lists(units, min_size=1, max_size=24), at_once=st.integers(1, 8), only=st.sampled_from([None, *sorted(CARD)]))
def test_pieces_of_any_size_cost_what_all_at_once_costs(known, at_once, only):
    # Often all of them are of one row, so that it is cut more than once.
    payable = frame_of(
        {
            **resolution(number, only or row, period=period, minute=minute, cents=cents or 0),
            "price_bp": price_bp,
            "case_key": f"C{100 - number:03}",
            "value_micros": None if cents is None else cents * 10_000,
        }
        for number, (row, period, minute, cents, price_bp) in enumerate(known, start=1)
    )
    assert rate_in_pieces(payable, at_once) == rate_at_once(payable)


@pytest.mark.parametrize("row", sorted(CARD))
@pytest.mark.parametrize("at_once", range(1, 9))
def test_cuts_before_at_and_behind_each_tier_bound_change_nothing(row, at_once):
    payable = frame_of(resolution(number, row, cents=1_111) for number in range(1, 9))
    assert rate_in_pieces(payable, at_once) == rate_at_once(payable)


def test_a_volume_price_takes_its_rate_from_all_pieces_and_its_flat_amount_in_the_first():
    payable = frame_of(resolution(number, 24) for number in range(1, 8))
    rated, _, _ = rate_in_pieces(payable, 2)
    assert [row[4] for row in rated] == [1_250_000] * 7
    rated, beyond, _ = rate_in_pieces(frame_of(resolution(number, 22) for number in range(1, 9)), 3)
    # Eight with one left out: six at 2.50 and 0.75 flat, a third off, and 11.00 at most; the eighth lies beyond.
    assert [row[4] for row in rated] == [0, 2_166_775, 1_666_750, 1_666_750, 1_666_750, 1_666_750, 1_666_750]
    assert beyond == [(8, 8)]


def test_a_piece_ends_behind_those_of_one_instant_and_holds_whole_rows_where_they_fit():
    minutes = [1, 2, 2, 2, 3, 4]
    payable = frame_of(
        [
            *(resolution(number, 2, minute=minute) for number, minute in enumerate(minutes, start=1)),
            *(resolution(number, 11, minute=number) for number in (11, 12)),
            resolution(13, 12),
        ]
    )
    order = booking_order.order_units(units=payable)
    pieces = list(booking_order.cut_pieces(units=payable, order=order, at_once=3))
    assert [(piece.start, piece.count, piece.is_first, piece.later_count) for piece in pieces] == [
        (0, 4, True, 2),
        (4, 2, False, 0),
        (6, 3, True, 0),
    ]
    assert [piece.is_part for piece in pieces] == [True, True, False]


def test_nothing_is_cut_into_no_pieces():
    payable = frame_of([])
    assert list(booking_order.cut_pieces(units=payable, order=booking_order.order_units(units=payable), at_once=1)) == []


@pytest.mark.parametrize("instant", [2**62, -(2**62)])
def test_instants_that_no_number_holds_with_row_and_day_are_ordered_all_the_same(instant):
    payable = frame_of([resolution(1, 2, minute=abs(instant)), resolution(2, 2, minute=instant), resolution(3, 2, minute=0)])
    assert booking_order.order_units(units=payable).to_list() == sorted(range(3), key=lambda place: payable["verified_us"][place])
