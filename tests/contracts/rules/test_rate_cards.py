"""Price terms check themselves, and the most specific row wins."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.rules import rate_cards

ONE = rate_cards.PerUnit(unit_amount=Fraction(1))
QUERY_TYPES = st.none() | st.sampled_from(["billing", "billing/refund", "billing/refund/card", "login"])
CHANNELS = st.none() | st.sampled_from(["chat", "mail"])
OUTCOMES = st.none() | st.sampled_from(["verified", "assisted"])


@given(
    keys=st.lists(st.tuples(QUERY_TYPES, CHANNELS, OUTCOMES), unique=True, max_size=12),
    wanted=st.tuples(QUERY_TYPES, CHANNELS, OUTCOMES),
)
@settings(max_examples=150, deadline=None)
def test_the_winner_is_the_most_specific_of_all_rows_that_cover(keys, wanted):
    card = rate_cards.RateCard(
        rows=tuple(
            rate_cards.RateCardRow(query_type=query, channel=channel, outcome=outcome, price=ONE) for query, channel, outcome in keys
        )
    )
    covering = [place for place, key in enumerate(keys) if covers(key, wanted)]
    best = max(covering, key=lambda place: specificity(keys[place]), default=None)
    assert card.find_row(query_type=wanted[0], channel=wanted[1], outcome=wanted[2]) == best


def covers(key, wanted):
    query, channel, outcome = key
    query_fits = query is None or (wanted[0] is not None and f"{wanted[0]}/".startswith(f"{query}/"))
    return query_fits and channel in (None, wanted[1]) and outcome in (None, wanted[2])


def specificity(key):
    query, channel, outcome = key
    return (0 if query is None else query.count("/") + 1, channel is not None, outcome is not None)


def test_two_rows_for_the_same_resolutions_are_refused():
    row = rate_cards.RateCardRow(query_type="billing", price=ONE)
    with pytest.raises(rate_cards.InvalidRateCard, match="Row 1 is for the same resolutions as row 0") as refused:
        rate_cards.RateCard(rows=(row, row))
    assert refused.value.path == ("rows", 1)


@pytest.mark.parametrize(
    ("bounds", "place"),
    [([], None), ([5, 5, None], 1), ([5, 4], 1), ([None, 5], 0), ([None, None], 0), ([-1, None], 0)],
)
def test_tiers_with_a_hole_or_an_overlap_are_refused(bounds, place):
    with pytest.raises(rate_cards.InvalidTiers) as refused:
        rate_cards.check_bounds(bounds=[None if bound is None else Fraction(bound) for bound in bounds])
    assert refused.value.path == (("tiers",) if place is None else ("tiers", place, "up_to"))


@pytest.mark.parametrize("bounds", [[None], [5], [5, 6], [0, None], [Fraction(1, 2), 1, None]])
def test_ascending_bounds_pass(bounds):
    rate_cards.check_bounds(bounds=[None if bound is None else Fraction(bound) for bound in bounds])


@pytest.mark.parametrize(
    ("build", "path"),
    [
        (lambda: rate_cards.PerUnit(unit_amount=Fraction(-1)), ("unit_amount",)),
        (lambda: rate_cards.Package(package_size=Fraction(0), package_amount=Fraction(1)), ("package_size",)),
        (lambda: rate_cards.Package(package_size=Fraction(1), package_amount=Fraction(1), free_units=Fraction(-1)), ("free_units",)),
        (lambda: rate_cards.Tier(block_size=Fraction(0)), ("block_size",)),
        (lambda: rate_cards.Tier(flat_amount=Fraction(-1)), ("flat_amount",)),
        (lambda: rate_cards.PercentageTier(rate_percent=Fraction(-1)), ("rate_percent",)),
        (lambda: rate_cards.Percentage(free_amount=Fraction(-1)), ("free_amount",)),
        (lambda: rate_cards.PriceSteps(percent_discount=Fraction(101)), ("percent_discount",)),
        (lambda: rate_cards.PriceSteps(minimum=Fraction(-1)), ("minimum",)),
    ],
)
def test_numbers_that_make_no_sense_cannot_be_terms(build, path):
    with pytest.raises(rate_cards.InvalidPrice) as refused:
        build()
    assert refused.value.path == path
