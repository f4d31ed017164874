"""Lines of an invoice taken apart: both sides of a tier bound, steps, volume, and what cannot be taken apart."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.rules import invoice_split, money
from contracts.rules import rate_cards

TIERS = (rate_cards.Tier(up_to=Fraction(1500), unit_amount=Fraction("2.40")), rate_cards.Tier(unit_amount=Fraction("2.20")))
GRADUATED = rate_cards.RateCardRow(price=rate_cards.Graduated(tiers=TIERS))
VOLUME = rate_cards.RateCardRow(price=rate_cards.Volume(tiers=TIERS))
FLAT = rate_cards.RateCardRow(price=rate_cards.PerUnit(unit_amount=Fraction("2.10")))


def split(row, quantity, amount=None):
    priced = invoice_split.price_of(row=row, quantity=Fraction(quantity))
    amount = priced if amount is None else Fraction(amount)
    parts = invoice_split.split_line(row=row, quantity=Fraction(quantity), exact_amount=priced, amount=amount)
    return [(part.quantity, part.unit_amount, part.amount, part.words) for part in parts]


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        (0, [(0, Fraction("2.40"), 0, "the first 1,500")]),
        (1500, [(1500, Fraction("2.40"), 3600, "the first 1,500")]),
        (1501, [(1500, Fraction("2.40"), 3600, "the first 1,500"), (1, Fraction("2.20"), Fraction("2.20"), "above 1,500")]),
    ],
)
def test_each_tier_is_a_part(quantity, expected):
    assert split(GRADUATED, quantity) == expected


def test_a_volume_price_says_why_all_cost_the_same():
    assert split(VOLUME, 1501) == [(1501, Fraction("2.20"), Fraction("3302.20"), "all of them, because the count is above 1,500")]
    assert split(VOLUME, 1500)[0][3] == "all of them, up to 1,500"


def test_a_price_without_tiers_is_one_part_without_words():
    assert split(FLAT, 402) == [(402, Fraction("2.10"), Fraction("844.20"), "")]


def test_the_last_part_takes_the_rounding_of_the_invoice():
    assert [amount for *_, amount, _ in split(GRADUATED, 1501, "3602.19")] == [3600, Fraction("2.19")]


@pytest.mark.parametrize(
    ("places", "amount", "expected"),
    [
        # 3 at 33.50 are 100.50, and 2 at 30.25 are 60.50: parts of whole yen, of cents, and of thousandths.
        (0, "161", ["101", "60"]),
        (2, "161", ["100.5", "60.5"]),
        (3, "161", ["100.5", "60.5"]),
    ],
)
def test_parts_are_shown_in_the_units_of_the_currency_and_add_up(places, amount, expected):
    tiers = (rate_cards.Tier(up_to=Fraction(3), unit_amount=Fraction("33.5")), rate_cards.Tier(unit_amount=Fraction("30.25")))
    row = rate_cards.RateCardRow(price=rate_cards.Graduated(tiers=tiers))
    parts = invoice_split.split_line(
        row=row, quantity=Fraction(5), exact_amount=Fraction(161), amount=Fraction(amount), rounding=money.Round(places=places)
    )
    assert [part.amount for part in parts] == [Fraction(one) for one in expected]


def test_thousandths_of_a_dinar_stay_with_their_tier():
    tiers = (rate_cards.Tier(up_to=Fraction(3), unit_amount=Fraction("0.4115")), rate_cards.Tier(unit_amount=Fraction("0.25")))
    row = rate_cards.RateCardRow(price=rate_cards.Graduated(tiers=tiers))
    parts = invoice_split.split_line(
        row=row, quantity=Fraction(4), exact_amount=Fraction("1.4845"), amount=Fraction("1.485"), rounding=money.Round(places=3)
    )
    assert [part.amount for part in parts] == [Fraction("1.235"), Fraction("0.250")]


def test_a_discount_is_a_part_of_its_own():
    row = rate_cards.RateCardRow(price=FLAT.price, steps=rate_cards.PriceSteps(percent_discount=Fraction(10)))

    assert split(row, 10) == [(10, Fraction("2.10"), 21, ""), (None, None, Fraction("-2.10"), "10 percent off 21.")]


def test_what_was_booked_otherwise_is_not_taken_apart():
    parts = invoice_split.split_line(row=FLAT, quantity=Fraction(2), exact_amount=Fraction("3.15"), amount=Fraction("3.15"))
    fallen = invoice_split.split_line(row=FLAT, quantity=Fraction(-1), exact_amount=Fraction("-2.10"), amount=Fraction("-2.10"))
    valued = rate_cards.RateCardRow(price=rate_cards.Percentage(rate_percent=Fraction(5)))

    assert parts == fallen == ()
    assert invoice_split.price_of(row=valued, quantity=Fraction(3)) is None
    assert invoice_split.describe_price(row=valued, quantity=Fraction(3)) == ""
    assert invoice_split.split_line(row=valued, quantity=Fraction(3), exact_amount=Fraction(1), amount=Fraction(1)) == ()


@pytest.mark.parametrize(("count", "words"), [(1611, "1,500 × 2.40 and 111 × 2.20"), (1500, "1,500 × 2.40"), (0, "")])
def test_a_count_is_priced_in_figures(count, words):
    assert invoice_split.describe_price(row=GRADUATED, quantity=Fraction(count)) == words


@settings(max_examples=60)
@given(st.integers(0, 4000), st.sampled_from([GRADUATED, VOLUME, FLAT]))
def test_parts_add_up_to_the_line(quantity, row):
    assert sum(part[2] for part in split(row, quantity)) == invoice_split.price_of(row=row, quantity=Fraction(quantity))
