"""Whatever became known when, under every price shape and step: booked lines add up to the card applied to what counts now."""

from collections import defaultdict
from datetime import date
from fractions import Fraction
from math import floor

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.rules import booking, money
from billing.rules.prices import steps
from contracts.rules import rate_cards
from tests.billing.rules.test_booking import BOOKED, PAYABLE, Books, tier

PAYABLE_WITH_VALUE = {**PAYABLE, "value_micros": pl.Int64}
MARCH, APRIL = date(2016, 3, 1), date(2016, 4, 1)
CENT = 10_000
EXACTLY = money.Round(places=30)

PRICES = {
    1: rate_cards.PerUnit(unit_amount=Fraction("0.99")),
    2: rate_cards.Graduated(tiers=(tier(2, "3.00"), tier(4, "2.00", "0.50"), tier(None, "1.00"))),
    3: rate_cards.Volume(tiers=(tier(2, "3.00", "1.00"), tier(None, "2.00"))),
    4: rate_cards.Package(package_size=Fraction(3), package_amount=Fraction(5), free_units=Fraction(1)),
    5: rate_cards.Percentage(
        rate_percent=Fraction("2.125"), fixed_amount=Fraction("0.30"), free_events=Fraction(1), free_amount=Fraction(40)
    ),
    6: rate_cards.GraduatedPercentage(
        tiers=(
            rate_cards.PercentageTier(up_to=Fraction(50), rate_percent=Fraction("2.5")),
            rate_cards.PercentageTier(rate_percent=Fraction("1.125"), flat_amount=Fraction(2)),
        )
    ),
    # The same rows of a later version, which prices otherwise.
    11: rate_cards.Graduated(tiers=(tier(3, "2.80"), tier(None, "1.50"))),
    12: rate_cards.Volume(tiers=(rate_cards.Tier(up_to=Fraction(4), unit_amount=Fraction(4), block_size=Fraction(2)), tier(None, "1.00"))),
    13: rate_cards.Percentage(rate_percent=Fraction(10), per_event_min=Fraction("0.50"), per_event_max=Fraction(3)),
}
STEPS = {
    1: rate_cards.PriceSteps(usage_discount=Fraction(2), maximum=Fraction("2.50")),
    2: rate_cards.PriceSteps(percent_discount=Fraction("12.5"), maximum=Fraction(9)),
    3: rate_cards.PriceSteps(usage_discount=Fraction(1), percent_discount=Fraction("33.33")),
    4: rate_cards.PriceSteps(minimum=Fraction(100)),
    13: rate_cards.PriceSteps(maximum=Fraction(5)),
}


def resolution(number, row, *, period=MARCH, minute=None, cents=1_000):
    return {
        "resolution_id": number,
        "version_id": 2 if row > 10 else 1,
        "row_id": row,
        "period_start": period,
        "verified_us": number if minute is None else minute,
        "case_key": f"C{number:03}",
        "number": 1,
        "price_bp": 10_000,
        "value_micros": cents * CENT,
    }


class AllShapes(Books):
    """Booked lines under the card above."""

    def book(self, payable):
        frame = pl.DataFrame(payable, schema=PAYABLE_WITH_VALUE)
        rated = booking.rate_payable(payable=frame, prices=PRICES, steps=STEPS).rated
        new = booking.write_differences(rated=rated, booked=self.summed(payable)).to_dicts()
        self.lines += new
        return new


def card_micros(row, units):
    """Apply the card to what counts: the exact price of all units together, before the minimum."""
    price = PRICES[row]
    ordered = sorted(units, key=lambda unit: (unit["verified_us"], unit["case_key"]))
    values = [Fraction(unit["value_micros"], money.MICROS) for unit in ordered]
    is_summed = isinstance(price, rate_cards.GraduatedPercentage)
    rated = steps.rate_usage(
        price=price,
        quantity=sum(values, Fraction(0)) if is_summed else Fraction(len(units)),
        events=values if isinstance(price, rate_cards.Percentage) else None,
        rounding=EXACTLY,
        steps=STEPS.get(row, steps.NO_STEPS),
        is_last_in_period=False,
    )
    return rated.exact * money.MICROS


def assert_books_follow(books, payable):
    groups = defaultdict(list)
    for unit in payable:
        groups[unit["row_id"], unit["period_start"]].append(unit)
    booked = defaultdict(int)
    for line in books.lines:
        booked[line["row_id"], line["period_start"]] += line["amount_micros"]
    for key in {*groups, *booked}:
        assert booked[key] == (floor(card_micros(key[0], groups[key])) if groups[key] else 0), key


units = st.tuples(
    st.integers(1, 9),
    st.sampled_from(sorted(PRICES)),
    st.sampled_from([MARCH, APRIL]),
    st.integers(-3, 3),
    st.integers(0, 9_999),
)


@settings(max_examples=80, deadline=None)
@given(history=st.lists(st.lists(units, max_size=9), min_size=1, max_size=5))
def test_whatever_the_history_the_books_add_up_to_the_card_applied_to_the_final_counts(history):
    # Each step is what is payable then: late verification, reopening, other classes, periods, versions and values, all at once.
    books = AllShapes()
    for known in history:
        latest = {unit[0]: unit for unit in known}
        payable = [
            resolution(number, row, period=period, minute=minute, cents=cents) for number, row, period, minute, cents in latest.values()
        ]
        books.book(payable)
        assert_books_follow(books, payable)
        assert books.book(payable) == []


@pytest.mark.parametrize("row", sorted(PRICES))
def test_withdrawn_and_reinstated_leaves_the_books_as_they_were(row):
    books = AllShapes()
    everyone = [resolution(number, row, cents=777 * number) for number in range(1, 8)]
    books.book(everyone)
    before = {number: sum(line["amount_micros"] for line in books.lines if line["resolution_id"] == number) for number in range(1, 8)}
    books.book([unit for unit in everyone if unit["resolution_id"] not in (2, 5)])
    books.book(everyone)
    after = {number: sum(line["amount_micros"] for line in books.lines if line["resolution_id"] == number) for number in range(1, 8)}
    assert after == before
    assert_books_follow(books, everyone)


def test_a_usage_discount_leaves_the_first_ones_out_and_the_maximum_cuts_the_rest():
    books = AllShapes()
    lines = books.book([resolution(number, 1) for number in range(1, 7)])
    assert [line["amount_micros"] for line in lines] == [0, 0, 990_000, 990_000, 520_000, 0]
    assert [line["position"] for line in lines] == [1, 2, 3, 4, 5, 6]


def test_a_package_is_booked_on_the_case_that_starts_it():
    lines = AllShapes().book([resolution(number, 4) for number in range(1, 7)])
    assert [line["amount_micros"] for line in lines] == [0, 5_000_000, 0, 0, 5_000_000, 0]
    assert {line["list_micros"] for line in lines} == {1_666_666}


def test_a_percentage_is_booked_by_value_with_its_free_events_and_amount():
    lines = AllShapes().book([resolution(1, 5, cents=5_000), resolution(2, 5, cents=10_000)])
    # The first case is free up to 40.00: 10.00 of it is billed, 2.125 percent and 0.30.
    assert [line["amount_micros"] for line in lines] == [512_500, 2_425_000]
    assert [line["list_micros"] for line in lines] == [1_362_500, 2_425_000]


def test_a_graduated_percentage_counts_the_summed_value():
    lines = AllShapes().book([resolution(1, 6, cents=4_000), resolution(2, 6, cents=2_000)])
    assert [line["amount_micros"] for line in lines] == [1_000_000, 250_000 + 112_500 + 2_000_000]


def test_the_smallest_parts_are_cut_down_on_the_running_total_and_never_get_lost():
    lines = AllShapes().book([resolution(number, 13, cents=1) for number in range(1, 4)])
    assert [line["amount_micros"] for line in lines] == [500_000] * 3
    lines = AllShapes().book([resolution(number, 3) for number in range(1, 5)])
    # One is left out, three at 2.00 less 33.33 percent.
    assert sum(line["amount_micros"] for line in lines) == floor(Fraction(6) * Fraction("0.6667") * money.MICROS)


def test_a_value_that_nobody_told_has_no_price_and_takes_no_place():
    payable = [resolution(1, 5, cents=5_000), {**resolution(2, 5), "value_micros": None}, resolution(3, 5, cents=10_000)]
    rating = booking.rate_payable(payable=pl.DataFrame(payable, schema=PAYABLE_WITH_VALUE), prices=PRICES, steps=STEPS)
    assert rating.rated["resolution_id"].to_list() == [1, 3]
    assert rating.rated["position"].to_list() == [1, 2]
    assert rating.unvalued["resolution_id"].to_list() == [2]


def test_another_version_reverses_what_the_earlier_one_booked_and_says_so():
    books = AllShapes()
    books.book([resolution(number, 2) for number in (1, 2)])
    lines = books.book([resolution(number, 11) for number in (1, 2)])
    assert [(line["resolution_id"], line["version_id"], line["amount_micros"], line["reason"]) for line in lines] == [
        (1, 1, -2_625_000, "other_terms"),
        (1, 2, 2_800_000, "other_terms"),
        (2, 1, -2_625_000, "other_terms"),
        (2, 2, 2_800_000, "other_terms"),
    ]
    assert {line["period_start"] for line in lines} == {MARCH}


def test_late_verification_names_the_cases_that_it_moves():
    books = AllShapes()
    books.book([resolution(number, 11) for number in (2, 3, 4)])
    lines = books.book([resolution(number, 11) for number in (1, 2, 3, 4)])
    assert [(line["resolution_id"], line["amount_micros"], line["reason"]) for line in lines] == [
        (1, 2_800_000, ""),
        (4, -1_300_000, "tier_effect"),
    ]


def test_books_of_no_lines_have_the_declared_columns():
    assert booking.write_differences(
        rated=booking.rate_payable(payable=pl.DataFrame(schema=PAYABLE_WITH_VALUE), prices=PRICES, steps=STEPS).rated,
        booked=pl.DataFrame(schema=BOOKED),
    ).columns == list(booking.LINE_COLUMNS)
