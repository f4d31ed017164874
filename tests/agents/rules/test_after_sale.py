"""Post-sale measures: case files with both sides of each bound, and revenue that adds up for any accounts."""

import pathlib
from datetime import date
from fractions import Fraction

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules import after_sale

CASES = yaml.safe_load((pathlib.Path(__file__).parent / "own_cases" / "after_sale.yaml").read_text(encoding="utf-8"))
MARCH = date(2016, 3, 1)


def row_of(document):
    told = {"month": MARCH, **document}
    if "recurring" in told:
        told["recurring"] = Fraction(told["recurring"])
    return after_sale.AccountMonth(**told)


def measure(case):
    first = date(2016, 4 - case.get("months", 1), 1)
    rows = [row_of(document) for document in case["rows"]]
    return after_sale.measure_after_sale(months=rows, first=first, last=MARCH, healthy_from=case.get("healthy_from", 70))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case):
    if "error" in case:
        with pytest.raises(after_sale.InvalidAccounts) as refused:
            measure(case)
        assert str(refused.value) == case["error"]
        return
    found = measure(case)
    by_code = {each.code: each for each in found.measures}

    assert tuple(by_code) == after_sale.CODES
    for code, rate in case["expect"].items():
        assert by_code[code].rate == (None if rate is None else Fraction(rate)), code
    for code, count in case.get("unknown", {}).items():
        assert by_code[code].unknown_count == count, code
    if "days_to_value" in case:
        assert found.days_to_value == Fraction(case["days_to_value"])
    for name, value in case.get("revenue", {}).items():
        assert getattr(found.revenue, name) == Fraction(value), name


@pytest.mark.parametrize("case", [case for case in CASES if "error" not in case], ids=lambda case: case["name"])
def test_rates_of_single_months_are_those_that_each_month_measures_alone(case):
    rows, healthy_from = [row_of(document) for document in case["rows"]], case.get("healthy_from", 70)
    year = [date(2015, 12, 1), *(date(2016, month, 1) for month in (1, 2, 3))]
    traced = after_sale.trace_rates(months=rows, over=year, healthy_from=healthy_from)
    for place, month in enumerate(year):
        alone = [row for row in rows if row.month == month]
        measured = after_sale.measure_after_sale(months=alone, first=month, last=month, healthy_from=healthy_from).measures
        assert {code: rates[place] for code, rates in traced.items()} == {one.code: one.rate for one in measured[:-1]}


AMOUNTS = st.one_of(st.none(), st.integers(0, 1000).map(Fraction), st.integers(0, 1000).map(lambda cents: Fraction(cents, 100)))


@settings(max_examples=80)
@given(st.lists(st.tuples(AMOUNTS, AMOUNTS, st.booleans()), max_size=12))
def test_revenue_adds_up_and_nobody_is_lost_from_sight(accounts):
    rows = []
    for place, (before, now, has_ended) in enumerate(accounts):
        rows.append(after_sale.AccountMonth(account=str(place), month=date(2015, 3, 1), recurring=before))
        rows.append(
            after_sale.AccountMonth(account=str(place), month=MARCH, recurring=now, ended_on=date(2016, 2, 1) if has_ended else None)
        )
    found = after_sale.measure_after_sale(months=rows, first=MARCH, last=MARCH, healthy_from=70)
    net = found.measures[-1]

    if found.revenue is not None:
        parts = found.revenue
        assert parts.base + parts.expansion - parts.contraction - parts.lost == parts.now
        assert min(parts.expansion, parts.contraction, parts.lost) >= 0
        kept = [(before, Fraction(0) if ended else now) for before, now, ended in accounts if before and (ended or now is not None)]
        assert (parts.base, parts.now) == (sum(before for before, _now in kept), sum(now for _before, now in kept))
    assert net.account_count + net.unknown_count == sum(1 for before, _now, _ended in accounts if before)
