"""Each step from their amount to ours has its cause, and the steps add up to the difference, whatever the lines are."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.rules import shadow
from billing.rules.shadow import Ours, Theirs
from contracts.rules import rate_cards

TIERS = (rate_cards.Tier(up_to=Fraction(2), unit_amount=Fraction(3)), rate_cards.Tier(unit_amount=Fraction(2)))
GRADUATED = rate_cards.RateCardRow(price=rate_cards.Graduated(tiers=TIERS))
VOLUME = rate_cards.RateCardRow(price=rate_cards.Volume(tiers=TIERS))
EACH = rate_cards.RateCardRow(price=rate_cards.PerUnit(unit_amount=Fraction(5)))


def of_class(row: rate_cards.RateCardRow, count: int, amount: str) -> Ours:
    return Ours(amount=Fraction(amount), count=Fraction(count), price=Fraction(amount) / count if count else None, row=row)


def of_case(row: rate_cards.RateCardRow | None, amount: str, **more: object) -> Ours:
    return Ours(amount=Fraction(amount), count=Fraction(1), price=Fraction(amount), kind="case", row=row, is_unit=True, **more)  # type: ignore[arg-type]


def explain(theirs: Theirs, ours: Ours, **more: object) -> list[tuple[str, str]]:
    found = shadow.explain_pair(theirs=theirs, ours=ours, places=2, **more)  # type: ignore[arg-type]
    assert sum((cause.amount for cause in found), Fraction(0)) == ours.amount - theirs.amount
    return [(cause.code, str(cause.amount)) for cause in found]


@pytest.mark.parametrize(
    ("theirs", "ours", "causes"),
    [
        # Three at 3.00, 3.00, 2.00 are 8.00: the same, told with and without a count.
        (Theirs(amount=Fraction(8)), of_class(GRADUATED, 3, "8"), []),
        (Theirs(amount=Fraction(8), count=Fraction(3)), of_class(GRADUATED, 3, "8"), []),
        # One more or less: what the tiers make of it is in the count.
        (Theirs(amount=Fraction(10), count=Fraction(4)), of_class(GRADUATED, 3, "8"), [("count", "-2")]),
        (Theirs(amount=Fraction(6), count=Fraction(2)), of_class(GRADUATED, 3, "8"), [("count", "2")]),
        # All at the first price, all at the last, and at none of them.
        (Theirs(amount=Fraction(9), count=Fraction(3)), of_class(GRADUATED, 3, "8"), [("tier", "-1")]),
        (Theirs(amount=Fraction(6), count=Fraction(3)), of_class(GRADUATED, 3, "8"), [("tier", "2")]),
        (Theirs(amount=Fraction(12), count=Fraction(3)), of_class(GRADUATED, 3, "8"), [("price", "-4")]),
        # Both at once.
        (Theirs(amount=Fraction(12), count=Fraction(4)), of_class(GRADUATED, 3, "8"), [("tier", "-2"), ("count", "-2")]),
        # A single price has no tiers that could be mistaken.
        (Theirs(amount=Fraction(12), count=Fraction(3)), of_class(EACH, 3, "15"), [("price", "3")]),
        # At the bound of a volume price: two at 3.00, three at 2.00 each.
        (Theirs(amount=Fraction(6), count=Fraction(2)), of_class(VOLUME, 3, "6"), []),
        (Theirs(amount=Fraction(9), count=Fraction(3)), of_class(VOLUME, 3, "6"), [("tier", "-3")]),
        # Their own line: 3 × 3.00 is not 9.50; a cent less than half is rounding.
        (
            Theirs(amount=Fraction("9.5"), count=Fraction(3), price=Fraction(3)),
            of_class(GRADUATED, 3, "8"),
            [("their_sum", "-1/2"), ("tier", "-1")],
        ),
        # A price without a count: the whole number that leads to their amount is their count; where none does, nothing is made up.
        (Theirs(amount=Fraction(20), price=Fraction(5)), of_class(EACH, 3, "15"), [("count", "-5")]),
        (Theirs(amount=Fraction(12), price=Fraction(3)), of_class(GRADUATED, 3, "8"), [("tier", "-2"), ("count", "-2")]),
        (Theirs(amount=Fraction("12.5"), price=Fraction(5)), of_class(EACH, 3, "15"), [("other", "5/2")]),
        (Theirs(amount=Fraction(7)), Ours(amount=Fraction(0), count=Fraction(0), price=Fraction(5)), [("other", "-7")]),
        (Theirs(amount=Fraction("8.01"), count=Fraction(3)), of_class(GRADUATED, 3, "8"), [("price", "-1/100")]),
        (Theirs(amount=Fraction("8.004"), count=Fraction(3)), of_class(GRADUATED, 3, "8"), [("rounding", "-1/250")]),
    ],
)
def test_a_line_of_a_class_is_walked_by_price_then_by_count(theirs: Theirs, ours: Ours, causes: list[tuple[str, str]]) -> None:
    assert explain(theirs, ours) == causes


@pytest.mark.parametrize(
    ("theirs", "ours", "their_row", "causes"),
    [
        (Theirs(amount=Fraction(3)), of_case(GRADUATED, "2"), None, [("tier", "-1")]),
        (Theirs(amount=Fraction("2.5")), of_case(GRADUATED, "2"), None, [("price", "-1/2")]),
        (Theirs(amount=Fraction(5)), of_case(GRADUATED, "2"), EACH, [("class", "-2"), ("tier", "-1")]),
        (Theirs(amount=Fraction(4), count=Fraction(2)), of_case(GRADUATED, "2"), None, [("count", "-2")]),
        (Theirs(amount=Fraction(2)), of_case(GRADUATED, "2"), GRADUATED, []),
    ],
)
def test_a_single_case_is_told_by_class_tier_and_price(
    theirs: Theirs, ours: Ours, their_row: rate_cards.RateCardRow | None, causes: list[tuple[str, str]]
) -> None:
    assert explain(theirs, ours, their_row=their_row) == causes


@pytest.mark.parametrize(
    ("amount", "causes"),
    [
        ("5", [("tier", "1"), ("multiplier", "3/5"), ("guardrail", "-2/5")]),
        ("6", [("multiplier", "3/5"), ("guardrail", "-2/5")]),
        ("6.6", [("guardrail", "-2/5")]),
        ("6.2", []),
        ("6.203", [("rounding", "-3/1000")]),
        ("4.9", [("price", "13/10")]),
    ],
)
def test_pay_of_a_case_is_told_by_the_parts_that_theirs_leaves_out(amount: str, causes: list[tuple[str, str]]) -> None:
    parts = {"tier": Fraction(1), "multiplier": Fraction("0.6"), "guardrail": Fraction("-0.4")}
    assert explain(Theirs(amount=Fraction(amount)), of_case(None, "6.2", parts=parts)) == causes


def test_the_multiplier_is_told_apart_from_what_it_multiplies() -> None:
    ours = Ours(amount=Fraction(12), count=Fraction(120), price=Fraction("0.1"), kind="quality")
    theirs = Theirs(amount=Fraction(5), count=Fraction(100), price=Fraction("0.05"), kind="quality")
    assert explain(theirs, ours) == [("basis", "1"), ("multiplier", "6")]


def test_hours_and_their_rate_have_names_of_their_own() -> None:
    ours = Ours(amount=Fraction(300), count=Fraction(40), price=Fraction("7.5"), kind="base")
    assert explain(Theirs(amount=Fraction(294), count=Fraction(42), price=Fraction(7)), ours) == [("hours", "-14"), ("rate", "20")]


def test_a_sum_without_a_count_says_no_more_than_it_knows() -> None:
    assert explain(Theirs(amount=Fraction(90)), Ours(amount=Fraction(100), kind="total")) == [("other", "10")]


def test_a_count_of_nothing_beside_a_line_without_a_price_is_one_sum() -> None:
    ours = Ours(amount=Fraction(3), count=Fraction(1), row=EACH)
    assert explain(Theirs(amount=Fraction(0), count=Fraction(0)), ours) == [("other", "3")]


def test_what_one_side_lacks_is_the_whole_of_the_other() -> None:
    assert [(one.code, one.amount) for one in shadow.explain_lacking(ours=of_class(EACH, 3, "15"))] == [("missing_there", 15)]
    assert [(one.code, one.amount) for one in shadow.explain_lacking(ours=Ours(amount=Fraction(4), kind="tier_uplift"))] == [("tier", 4)]
    assert [one.amount for one in shadow.explain_surplus(theirs=Theirs(amount=Fraction(7)), code="reopened")] == [-7]
    assert shadow.explain_surplus(theirs=Theirs(amount=Fraction(0)), code="reopened") == ()


amounts = st.integers(-(10**9), 10**9).map(lambda micros: Fraction(micros, 10**4))
counts = st.one_of(st.none(), st.integers(0, 10**6).map(lambda hundredths: Fraction(hundredths, 100)))
prices = st.one_of(st.none(), st.integers(1, 10**6).map(lambda value: Fraction(value, 300)))
KINDS = ("", "case", "unit", "quality", "base", "tier_uplift")


@settings(max_examples=150, deadline=None)
@given(
    theirs=st.builds(Theirs, amount=amounts, count=counts, price=prices),
    amount=amounts,
    count=counts,
    price=prices,
    kind=st.sampled_from(KINDS),
    rows=st.tuples(st.sampled_from((None, GRADUATED, VOLUME, EACH)), st.sampled_from((None, GRADUATED, EACH))),
    is_unit=st.booleans(),
    parts=st.dictionaries(st.sampled_from(("tier", "multiplier", "guardrail")), amounts),
)
def test_causes_always_add_up_to_the_difference_in_whole_micros(theirs, amount, count, price, kind, rows, is_unit, parts) -> None:  # type: ignore[no-untyped-def]
    ours = Ours(amount=amount, count=count, price=price, kind=kind, row=rows[0], is_unit=is_unit, parts=parts)

    found = shadow.explain_pair(theirs=theirs, ours=ours, places=2, their_row=rows[1])

    assert sum((cause.amount for cause in found), Fraction(0)) == ours.amount - theirs.amount
    assert all(cause.amount and (cause.amount * 10**6).denominator == 1 for cause in found)
    assert len({cause.code for cause in found}) == len(found)


@settings(max_examples=150, deadline=None)
@given(theirs=st.builds(Theirs, amount=amounts, count=counts, price=prices), count=st.integers(0, 1000), price=prices.filter(bool))
def test_rounding_is_never_more_than_roundings(theirs: Theirs, count: int, price: Fraction) -> None:
    ours = Ours(amount=count * price, count=Fraction(count), price=price)

    found = shadow.explain_pair(theirs=theirs, ours=ours, places=2)

    # Theirs, ours and their own sum are each rounded once.
    assert all(abs(cause.amount) < 3 * Fraction(1, 100) for cause in found if cause.code == "rounding")
