"""Where a period is heading: case files with both sides of each bound, and a range that real months fall into as often as it says."""

import pathlib
import random
from datetime import date, timedelta
from fractions import Fraction

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.rules import forecast

CASES = yaml.safe_load((pathlib.Path(__file__).parent / "cases" / "forecast.yaml").read_text(encoding="utf-8"))
FIRST, MONTH_DAYS = date(2026, 11, 1), 30


def days_of(pays):
    amounts = [Fraction(amount) for text in pays for amount in _times(text)]
    return {FIRST + timedelta(days=place): amount for place, amount in enumerate(amounts)}


def _times(text):
    amount, _, count = text.partition("*")
    return [amount] * int(count or 1)


def left_of(paid):
    return [FIRST + timedelta(days=place) for place in range(len(paid), MONTH_DAYS)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case):
    paid = days_of(case["pay"])
    asked = {
        "earned": Fraction(case["earned"]),
        "pay_by_day": paid,
        "days_left": left_of(paid),
        "today_pay": Fraction(case.get("today", 0)),
    }
    if "error" in case:
        with pytest.raises(forecast.InvalidForecast) as refused:
            forecast.forecast_period(**asked)
        assert str(refused.value) == case["error"]
        return
    found = forecast.forecast_period(**asked)
    if case["expect"] is None:
        assert found is None
        return
    assert {name: getattr(found, name) for name in case["expect"]} == {
        name: Fraction(value) if isinstance(value, str) else value for name, value in case["expect"].items()
    }
    if "half_square" in case:
        assert abs((found.high - found.middle) ** 2 - Fraction(case["half_square"])) < Fraction(1, 100)
        assert found.middle - found.low == found.high - found.middle


def test_a_day_is_over_or_left_and_never_both():
    paid = days_of(["100*21"])
    with pytest.raises(forecast.InvalidForecast, match="never both"):
        forecast.forecast_period(earned=Fraction(2100), pay_by_day=paid, days_left=list(paid))


@settings(max_examples=60)
@given(pays=st.lists(st.integers(0, 300), min_size=12, max_size=29), beside=st.integers(0, 200), today=st.integers(0, 300))
def test_the_range_holds_its_middle_and_is_never_below_what_is_earned(pays, beside, today):
    paid = days_of([str(pay) for pay in pays])
    earned = Fraction(sum(pays) + beside + today)
    found = forecast.forecast_period(earned=earned, pay_by_day=paid, days_left=left_of(paid), today_pay=Fraction(today))

    if found is None:
        assert sum(pays) == 0
    else:
        assert earned <= found.low <= found.middle <= found.high


def test_about_eight_of_ten_months_end_in_the_range():
    chance = random.Random(7)
    hits = 0
    for _ in range(400):
        month = [0 if (FIRST + timedelta(days=day)).weekday() > 4 else round(chance.gauss(110, 12)) for day in range(MONTH_DAYS)]
        paid = days_of([str(pay) for pay in month[:18]])
        found = forecast.forecast_period(earned=Fraction(sum(month[:18])), pay_by_day=paid, days_left=left_of(paid))
        assert found is not None
        hits += found.low <= sum(month) <= found.high
    assert 290 <= hits <= 350
