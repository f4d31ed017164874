"""A billing period: case files for each term at both sides of its bound, sums that add up, and column twins."""

import pathlib
from datetime import date, timedelta
from fractions import Fraction

import polars as pl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from billing.rules import contract_period, earn_back, forecast_floor, money, periods, volume_bands
from contracts.rules import commercials

CASES = yaml.safe_load((pathlib.Path(__file__).parent / "cases" / "contract_period.yaml").read_text(encoding="utf-8"))
CENTS = money.Round(places=2)


def exact(values):
    """Read numbers written as text, and leave names, counts and places as they are."""
    return {name: Fraction(value) if isinstance(value, str) and name not in ("metric", "name") else value for name, value in values.items()}


def terms_of(content):
    made = {}
    if "commitment" in content:
        made["commitment"] = commercials.Commitment(**exact(content["commitment"]))
    if "forecast_floor" in content:
        made["forecast_floor"] = commercials.ForecastFloor(**exact(content["forecast_floor"]))
    if "volume_bands" in content:
        bands = content["volume_bands"]
        sides = {side: tuple(commercials.VolumeBand(**exact(band)) for band in bands.get(side, ())) for side in ("above", "below")}
        made["volume_bands"] = commercials.VolumeBands(
            baseline=Fraction(bands["baseline"]), dead_band=Fraction(bands["dead_band"]), **sides
        )
    if "service_credits" in content:
        agreed = content["service_credits"]
        made["service_credits"] = commercials.ServiceCredits(
            at_risk=Fraction(agreed["at_risk"]),
            levels=tuple(commercials.ServiceLevel(**exact(level)) for level in agreed["levels"]),
            earn_back_periods=agreed.get("earn_back_periods"),
        )
    made["taxes"] = tuple(commercials.Tax(**exact(tax)) for tax in content.get("taxes", ()))
    return commercials.CommercialTerms(**made)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case):
    facts = contract_period.PeriodFacts(
        share=Fraction(case.get("share", 1)),
        forecast=case.get("forecast"),
        attained={
            metric: contract_period.Attained(successes=successes, count=count)
            for metric, (successes, count) in case.get("attained", {}).items()
        },
        credits_before=tuple(
            earn_back.LevelCredit(level=level, amount=Fraction(amount)) for level, amount in case.get("credits_before", {}).items()
        ),
        met_since=case.get("met_since", {}),
    )
    charges = [contract_period.Charge(row=place, **exact_charge(charge)) for place, charge in enumerate(case["charges"])]
    stated = contract_period.state_period(charges=charges, terms=terms_of(case.get("terms", {})), rounding=CENTS, facts=facts)
    assert [[line.kind, CENTS.format(line.amount)] for line in stated.lines] == case["lines"]
    assert stated.total == sum(line.amount for line in stated.lines)
    assert all(line.words for line in stated.lines)


def exact_charge(charge):
    amounts = {name: Fraction(charge[name]) for name in ("amount", "minimum") if name in charge}
    return {"label": charge["label"], "count": charge["count"], **amounts}


@given(amounts=st.lists(st.integers(-(10**9), 10**9), max_size=6), minimum=st.integers(0, 10**9), rate=st.integers(0, 400_000))
def test_lines_add_up_to_the_rounded_sums(amounts, minimum, rate):
    charges = [
        contract_period.Charge(row=place, label="any", count=1, amount=Fraction(amount, 10**6)) for place, amount in enumerate(amounts)
    ]
    terms = commercials.CommercialTerms(
        commitment=commercials.Commitment(amount=Fraction(minimum, 10**6)), taxes=(commercials.Tax(name="VAT", rate=Fraction(rate, 10**6)),)
    )
    stated = contract_period.state_period(charges=charges, terms=terms, rounding=CENTS)
    net = max(sum(charge.amount for charge in charges), Fraction(minimum, 10**6))
    assert stated.net == CENTS.apply(net)
    assert stated.tax == CENTS.apply(stated.net * Fraction(rate, 10**6))
    assert sum(line.amount for line in stated.lines) == stated.total


@given(
    day=st.dates(date(1999, 1, 1), date(2040, 1, 1)),
    calendar=st.sampled_from(["week", "two_weeks", "half_month", "month"]),
    into=st.integers(-400, 400),
)
def test_the_period_of_a_column_is_that_of_each_day(day, calendar, into):
    anchor = date(2016, 2, 29) + timedelta(days=into)
    column = periods.period_starts(day=pl.col("day"), calendar=calendar, anchor=anchor)
    found = pl.DataFrame({"day": [day]}).select(start=column)["start"].item()
    assert found == periods.period_of_day(day=day, calendar=calendar, anchor=anchor).start_date


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: commercials.Commitment(amount=Fraction(-1)), "zero or more"),
        (lambda: commercials.ForecastFloor(share=Fraction(2), unit_amount=Fraction(1)), "at most the whole forecast"),
        (lambda: commercials.VolumeBands(baseline=Fraction(0)), "more than zero"),
        (
            lambda: commercials.VolumeBands(
                baseline=Fraction(1), dead_band=Fraction(1, 10), above=(commercials.VolumeBand(up_to=Fraction(1, 10)),)
            ),
            "ends before it begins",
        ),
        (lambda: commercials.VolumeBands(baseline=Fraction(1), above=(commercials.VolumeBand(up_to=Fraction(1)),)), "leave its end empty"),
        (lambda: commercials.ServiceCredits(at_risk=Fraction(2)), "0 to 100 percent"),
        (lambda: commercials.ServiceCredits(at_risk=Fraction(1), earn_back_periods=0), "at least one period"),
        (lambda: volume_bands.apply_bands(terms=commercials.VolumeBands(baseline=Fraction(1)), count=Fraction(-1)), "zero or more"),
        (lambda: earn_back.earn_back(credits_given=[], met_since={}, periods=0), "at least one period"),
        (lambda: forecast_floor.count_missing(count=Fraction(-1), forecast=Fraction(1), share=Fraction(1)), "zero or more"),
    ],
)
def test_terms_and_facts_out_of_range_are_refused(make, said):
    with pytest.raises(commercials.errors.InvalidInput, match=said):
        make()
