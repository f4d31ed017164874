"""The books always follow the facts: whatever became known in which order, they add up to the card."""

from collections import defaultdict
from datetime import date
from fractions import Fraction

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.rules import booking
from billing.rules.prices import parts, shapes
from contracts.rules import rate_cards

MARCH = date(2016, 3, 1)
PAYABLE = {
    "resolution_id": pl.Int64,
    "version_id": pl.Int64,
    "row_id": pl.Int64,
    "period_start": pl.Date,
    "verified_us": pl.Int64,
    "case_key": pl.String,
    "number": pl.Int64,
    "price_bp": pl.Int64,
}
BOOKED = {
    "resolution_id": pl.Int64,
    "version_id": pl.Int64,
    "row_id": pl.Int64,
    "period_start": pl.Date,
    "amount_micros": pl.Int64,
    "list_micros": pl.Int64,
    "revision": pl.Int64,
    "reason": pl.String,
}


def tier(up_to, unit, flat="0"):
    return rate_cards.Tier(up_to=None if up_to is None else Fraction(up_to), unit_amount=Fraction(unit), flat_amount=Fraction(flat))


FLAT = rate_cards.PerUnit(unit_amount=Fraction("0.99"))
GRADUATED = rate_cards.Graduated(tiers=(tier(2, "3.00"), tier(4, "2.00", "0.50"), tier(None, "1.00")))
VOLUME = rate_cards.Volume(tiers=(tier(2, "3.00", "1.00"), tier(None, "2.00")))
CLOSED = rate_cards.Graduated(tiers=(tier(2, "3.00"),))
PRICES = {1: FLAT, 2: GRADUATED, 3: VOLUME}


class Books:
    """Booked lines, as the database keeps them."""

    def __init__(self):
        self.lines = []

    def summed(self, payable):
        totals, listed, revisions = defaultdict(int), {}, defaultdict(int)
        for line in self.lines:
            key = tuple(line[name] for name in booking.KEY)
            totals[key] += line["amount_micros"]
            listed[key] = line["list_micros"]
            revisions[line["resolution_id"]] = max(revisions[line["resolution_id"]], line["revision"])
        still = {row["resolution_id"] for row in payable}
        rows = [
            {
                **dict(zip(booking.KEY, key, strict=True)),
                "amount_micros": amount,
                "list_micros": listed[key],
                "revision": revisions[key[0]],
                "reason": "" if key[0] in still else "reopened",
            }
            for key, amount in totals.items()
        ]
        return pl.DataFrame(rows, schema=BOOKED)

    def book(self, payable, prices=PRICES):
        rated = booking.rate_payable(payable=pl.DataFrame(payable, schema=PAYABLE), prices=prices).rated
        new = booking.write_differences(rated=rated, booked=self.summed(payable)).to_dicts()
        self.lines += new
        return new


def resolution(number, row=2, minute=None, price_bp=10_000):
    return {
        "resolution_id": number,
        "version_id": 1,
        "row_id": row,
        "period_start": MARCH,
        "verified_us": number if minute is None else minute,
        "case_key": f"C{number:03}",
        "number": 1,
        "price_bp": price_bp,
    }


def amounts(lines):
    return [(line["resolution_id"], line["revision"], line["amount_micros"], line["reason"]) for line in lines]


def test_each_resolution_gets_the_price_of_its_place():
    lines = Books().book([resolution(number) for number in range(1, 6)])
    assert amounts(lines) == [
        (1, 1, 3_000_000, ""),
        (2, 1, 3_000_000, ""),
        (3, 1, 2_500_000, ""),
        (4, 1, 2_000_000, ""),
        (5, 1, 1_000_000, ""),
    ]
    assert {line["kind"] for line in lines} == {"resolution"}
    assert [line["list_micros"] for line in lines] == [3_000_000] * 5


def test_a_second_run_writes_nothing():
    books = Books()
    books.book([resolution(number) for number in range(1, 6)])
    assert books.book([resolution(number) for number in range(1, 6)]) == []


def test_a_fallen_resolution_gives_its_price_back_and_names_the_tier_effect():
    books = Books()
    books.book([resolution(number) for number in range(1, 6)])
    lines = books.book([resolution(number) for number in range(1, 6) if number != 2])
    assert amounts(lines) == [
        (2, 2, -3_000_000, "reopened"),
        (3, 2, 500_000, "tier_effect"),
        (4, 2, 500_000, "tier_effect"),
        (5, 2, 1_000_000, "tier_effect"),
    ]
    assert {line["kind"] for line in lines} == {"correction"}
    assert [line["position"] for line in lines] == [0, 2, 3, 4]


def test_a_resolution_that_comes_back_is_booked_again_at_its_place():
    books = Books()
    everyone = [resolution(number) for number in range(1, 4)]
    books.book(everyone)
    books.book(everyone[:2])
    assert amounts(books.book(everyone)) == [(3, 3, 2_500_000, "payable_again")]


def test_a_resolution_of_another_class_moves_to_its_row():
    books = Books()
    books.book([resolution(1, row=1)])
    assert amounts(books.book([resolution(1, row=2)])) == [(1, 2, -990_000, "rated_elsewhere"), (1, 3, 3_000_000, "rated_here_now")]


def test_a_volume_price_moves_all_units_when_the_next_tier_is_reached():
    books = Books()
    first = books.book([resolution(number, row=3) for number in (1, 2)])
    assert amounts(first) == [(1, 1, 4_000_000, ""), (2, 1, 3_000_000, "")]
    second = books.book([resolution(number, row=3) for number in (1, 2, 3)])
    assert amounts(second) == [(1, 2, -2_000_000, "tier_effect"), (2, 2, -1_000_000, "tier_effect"), (3, 1, 2_000_000, "")]


def test_a_reduced_price_still_counts_toward_the_tiers():
    books = Books()
    books.book([resolution(number) for number in range(1, 5)])
    lines = books.book([resolution(number, price_bp=5_000 if number == 2 else 10_000) for number in range(1, 5)])
    assert amounts(lines) == [(2, 2, -1_500_000, "reduced_price")]


def test_beyond_a_last_tier_nothing_is_free():
    rating = booking.rate_payable(
        payable=pl.DataFrame([resolution(number, row=4) for number in (1, 2, 3)], schema=PAYABLE), prices={4: CLOSED}
    )
    assert rating.rated["resolution_id"].to_list() == [1, 2]
    assert rating.beyond["resolution_id"].to_list() == [3]


def test_a_price_of_zero_is_booked_once():
    free = {1: rate_cards.PerUnit(unit_amount=Fraction(0))}
    books = Books()
    assert amounts(books.book([resolution(1, row=1)], free)) == [(1, 1, 0, "")]
    assert books.book([resolution(1, row=1)], free) == []


def test_nothing_payable_gives_no_line():
    assert Books().book([]) == []


histories = st.lists(st.sets(st.tuples(st.integers(1, 9), st.integers(1, 3)), max_size=9), min_size=1, max_size=5)


@settings(max_examples=50)
@given(history=histories)
def test_booked_lines_add_up_to_the_card_applied_to_the_count(history):
    books = Books()
    for known in history:
        payable = [resolution(number, row=row, minute=-number) for number, row in dict(known).items()]
        books.book(payable)
        for row_id, price in PRICES.items():
            count = sum(row["row_id"] == row_id for row in payable)
            booked = sum(line["amount_micros"] for line in books.lines if line["row_id"] == row_id)
            expected = parts.sum_parts(shapes.price_shape(price=price, quantity=Fraction(count))) if count else 0
            assert Fraction(booked, 1_000_000) == expected
        assert books.book(payable) == []
    revisions = defaultdict(list)
    for line in books.lines:
        revisions[line["resolution_id"]].append(line["revision"])
    assert all(found == list(range(1, len(found) + 1)) for found in revisions.values())


@settings(max_examples=50)
@given(numbers=st.permutations(range(1, 8)))
def test_the_order_in_which_things_became_known_changes_no_price(numbers):
    at_once, one_by_one = Books(), Books()
    at_once.book([resolution(number) for number in numbers])
    for count in range(1, len(numbers) + 1):
        one_by_one.book([resolution(number) for number in numbers[:count]])
    for number in numbers:
        total = sum(line["amount_micros"] for line in one_by_one.lines if line["resolution_id"] == number)
        assert total == next(line["amount_micros"] for line in at_once.lines if line["resolution_id"] == number)


@given(
    units=st.lists(
        st.tuples(
            st.integers(1, 3),
            st.sampled_from([date(2016, 2, 1), date(2016, 3, 1), date(9999, 1, 1)]),
            st.sampled_from([0, 1, 2, 10**15, 2**62]),
            st.sampled_from(["A", "B", "C"]),
            st.integers(1, 2),
        ),
        min_size=1,
        max_size=30,
    )
)
@settings(max_examples=60, deadline=None)
def test_places_follow_row_period_instant_case_and_number_however_many_are_tied(units: list[tuple[int, date, int, str, int]]) -> None:
    names = ["row_id", "period_start", "verified_us", "case_key", "number"]
    columns = [*zip(*units, strict=True)]
    frame = pl.DataFrame(dict(zip(names, columns, strict=True))).with_columns(
        resolution_id=pl.int_range(pl.len(), dtype=pl.Int64), version_id=pl.lit(1, dtype=pl.Int64), price_bp=pl.lit(10_000, dtype=pl.Int64)
    )
    prices = {row_id: rate_cards.PerUnit(unit_amount=Fraction(row_id)) for row_id in (1, 2, 3)}
    rated = booking.rate_payable(payable=frame, prices=prices).rated
    seen: dict[tuple[int, date], int] = {}
    expected = []
    for unit in sorted(units):
        seen[unit[:2]] = seen.get(unit[:2], 0) + 1
        expected.append((*unit, seen[unit[:2]]))

    assert rated.select(*names, "position").rows() == expected
