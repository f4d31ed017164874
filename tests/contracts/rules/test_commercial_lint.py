"""Lint of commercial terms: promises that never take effect, and amounts that would surprise."""

from datetime import date
from fractions import Fraction

import pytest
from django.utils import translation

from contracts import lint_sentences
from contracts.rules import commercials
from contracts.rules.lint.commercials import lint_commercials

FLOOR = commercials.ForecastFloor(share=Fraction(4, 5), unit_amount=Fraction(2))


def level(metric, allocation, target="0.7"):
    return commercials.ServiceLevel(metric=metric, target=Fraction(target), pool=Fraction(1), allocation=Fraction(allocation))


@pytest.mark.parametrize(
    ("terms", "more", "found"),
    [
        ({}, {}, []),
        ({}, {"unused": {"volume_bands": 2}}, [("never_applied", "error")]),
        ({}, {"unused": {"service_levels": 0}}, []),
        ({"forecast_floor": FLOOR}, {}, [("forecast_missing", "warning")]),
        ({"forecast_floor": FLOOR}, {"forecasts": [date(2026, 7, 1)]}, []),
        ({"forecast_floor": FLOOR}, {"forecasts": [date(2026, 7, 2)]}, [("forecast_between_periods", "error")]),
        ({"forecast_floor": FLOOR, "calendar": "half_month"}, {"forecasts": [date(2026, 7, 16)]}, []),
        (
            {"forecast_floor": FLOOR, "calendar": "week"},
            {"forecasts": [date(2026, 7, 6), date(2026, 7, 7)]},
            [("forecast_between_periods", "error")],
        ),
        ({"forecast_floor": FLOOR, "calendar": "two_weeks", "anchor": date(2026, 7, 6)}, {"forecasts": [date(2026, 7, 20)]}, []),
        ({"commitment": commercials.Commitment(amount=Fraction(100), overage_factor=Fraction(1))}, {}, []),
        (
            {"commitment": commercials.Commitment(amount=Fraction(100), overage_factor=Fraction("0.9"))},
            {},
            [("overage_below_price", "warning")],
        ),
        ({"service_credits": commercials.ServiceCredits(at_risk=Fraction("0.1"))}, {}, [("never_applied", "warning")]),
        ({"service_credits": commercials.ServiceCredits(at_risk=Fraction("0.1"), levels=(level("fcr", 1),))}, {}, []),
        (
            {"service_credits": commercials.ServiceCredits(at_risk=Fraction("0.1"), levels=(level("fcr", 1), level("csat", "0.5", "0")))},
            {},
            [("credits_over_cap", "warning"), ("level_never_missed", "warning")],
        ),
    ],
)
def test_findings(terms, more, found):
    told = lint_commercials(terms=commercials.CommercialTerms(**terms), **more)
    assert [(one.code, one.severity) for one in told] == found
    assert all(one.what.endswith(".") and one.remedy for one in told)
    with translation.override("es"):
        assert not [one for one in told for text in (one.what, one.remedy) if lint_sentences.tell(text) == text]


def test_amounts_at_stake_are_exact():
    overage = commercials.Commitment(amount=Fraction(100), overage_factor=Fraction("0.9"))
    assert lint_commercials(terms=commercials.CommercialTerms(commitment=overage))[0].amount == 10
