"""What a simulation counts, compares and shares, and another rate of reopening: evenly over time, and exactly as many."""

from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.rules import money, simulation

CENTS = money.Round(places=2)
SCHEMA = {
    "case_id": pl.Int64,
    "number": pl.Int64,
    "case_key": pl.String,
    "state": pl.String,
    "reason": pl.String,
    "is_payable": pl.Boolean,
    "outcome": pl.String,
    "price_bp": pl.Int64,
    "resolved_us": pl.Int64,
    "verified_us": pl.Int64,
    "reopened_us": pl.Int64,
}


def make_units(*, counted: int, fallen: int) -> pl.DataFrame:
    """Resolutions of a case each, claimed one after the other: first those that count, then those that fell."""
    rows = [(n, 1, f"C{n}", "assumed", "counted", True, "assumed", 10_000, n, n + 5, None) for n in range(counted)]
    rows += [(n, 1, f"C{n}", "reopened", "reopened", False, None, 10_000, n, None, n + 3) for n in range(counted, counted + fallen)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def test_nothing_claimed_is_counted_as_nothing() -> None:
    assert simulation.count_states(units=make_units(counted=0, fallen=0)).total == 0


def test_no_change_of_the_rate_leaves_everything() -> None:
    units = make_units(counted=4, fallen=4)

    assert simulation.change_reopens(units=units, part=Fraction(0)).equals(units)
    # A quarter of three returns is less than one.
    three = make_units(counted=4, fallen=3)
    assert simulation.change_reopens(units=three, part=Fraction(1, 4)).equals(three)


def test_half_the_returns_less_lets_every_second_stand_from_when_the_customer_came_back() -> None:
    found = simulation.change_reopens(units=make_units(counted=1, fallen=4), part=Fraction(-1, 2))
    standing = found.filter(pl.col("is_payable") & (pl.col("case_id") > 0))

    assert standing["case_id"].to_list() == [2, 4]
    assert standing["verified_us"].to_list() == [5, 7]
    assert standing["outcome"].to_list() == ["assumed", "assumed"]


def test_a_later_resolution_of_the_case_does_not_count_beside_the_one_that_stands() -> None:
    first = make_units(counted=0, fallen=1)
    later = make_units(counted=1, fallen=0).with_columns(number=pl.lit(2, dtype=pl.Int64), resolved_us=pl.lit(9, dtype=pl.Int64))
    found = simulation.change_reopens(units=pl.concat([first, later]), part=Fraction(-1))

    assert found.select("number", "is_payable", "reason").rows() == [(1, True, "counted"), (2, False, "cap_once_per_case")]


def test_half_as_many_returns_again_take_counted_resolutions_evenly() -> None:
    found = simulation.change_reopens(units=make_units(counted=6, fallen=4), part=Fraction(1, 2))
    fallen = found.filter((pl.col("state") == "reopened") & (pl.col("case_id") < 6))

    assert fallen["case_id"].to_list() == [2, 5]
    assert fallen["is_payable"].to_list() == [False, False]


@settings(max_examples=60, deadline=None)
@given(counted=st.integers(0, 30), fallen=st.integers(0, 30), percent=st.integers(-100, 100))
def test_exactly_the_part_of_the_returns_changes(counted: int, fallen: int, percent: int) -> None:
    part = Fraction(percent, 100)
    found = simulation.count_states(units=simulation.change_reopens(units=make_units(counted=counted, fallen=fallen), part=part))
    change = min(int(part * fallen), counted)

    assert (found.verified, found.reopened, found.total) == (counted - change, fallen + change, counted + fallen)


def test_classes_stand_side_by_side_with_what_differs_most_first() -> None:
    now = pl.DataFrame({"query_type": ["a", "b", None], "channel": ["chat", "chat", None], "amount_micros": [1_000_000, 2_000_000, 5]})
    then = pl.DataFrame({"query_type": ["b", "c"], "channel": ["chat", "chat"], "amount_micros": [2_500_000, 9_000_000]})
    rows = simulation.compare_classes(now=now, then=then)

    assert [(row.code, row.now_count, row.then_count, row.difference) for row in rows] == [
        ("c/chat", 0, 1, 9),
        ("a/chat", 1, 0, -1),
        ("b/chat", 1, 1, Fraction(1, 2)),
        ("any/any", 1, 0, -Fraction(5, 1_000_000)),
    ]


def test_pay_is_shared_without_losing_a_cent_and_nothing_is_shared_by_nothing() -> None:
    thirds = {code: Fraction(1) for code in "abc"}

    assert sum(simulation.share_pay(rated=thirds, pay=Fraction(100), rounding=CENTS).values()) == 100
    assert simulation.share_pay(rated=dict.fromkeys("ab", Fraction(0)), pay=Fraction(1), rounding=CENTS) == {}


@pytest.mark.parametrize(("state", "is_payable", "name"), [
    ("confirmed", True, "verified"), ("assumed", True, "verified"), ("assumed", False, "capped"), ("pending", False, "pending"),
    ("reopened", False, "reopened"), ("reopened", True, "kept"), ("void", False, "void"),
])  # fmt: skip
def test_each_resolution_is_counted_once(state: str, is_payable: bool, name: str) -> None:
    units = make_units(counted=1, fallen=0).with_columns(state=pl.lit(state), is_payable=pl.lit(is_payable))
    found = simulation.count_states(units=units)

    assert getattr(found, name) == 1
    assert found.total == found.verified + found.capped + found.pending + found.reopened + found.kept + found.void == 1
