"""Lint of commercial terms: promises that never take effect, and amounts that would surprise."""

from datetime import date
from fractions import Fraction

import pytest
from django.utils import translation

from contracts import lint_sentences
from contracts.rules import commercials
from contracts.rules.lint.commercials import lint_calendar_change, lint_commercials

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


@pytest.mark.parametrize(
    ("before", "terms", "ended_on", "day", "is_cut"),
    [
        ({}, {}, None, date(2016, 4, 6), False),
        ({"calendar": "week"}, {"calendar": "week", "anchor": date(2016, 4, 4)}, None, date(2016, 4, 6), False),
        ({"calendar": "week"}, {"calendar": "week", "anchor": date(2016, 4, 5)}, None, date(2016, 4, 6), True),
        ({"calendar": "month", "anchor": date(2016, 4, 5)}, {}, None, date(2016, 4, 6), False),
        # The first of August of 2016 is a Monday, the fourth of April too.
        ({"calendar": "week"}, {}, None, date(2016, 4, 4), True),
        ({"calendar": "week"}, {}, None, date(2016, 4, 1), True),
        ({"calendar": "week"}, {}, None, date(2016, 8, 1), False),
        ({}, {"calendar": "half_month"}, None, date(2016, 4, 16), True),
        ({}, {"calendar": "half_month"}, None, date(2016, 5, 1), False),
        # The contract rested in between: the one ended with its week, the other begins with its month.
        ({"calendar": "week"}, {}, date(2016, 3, 28), date(2016, 4, 1), False),
        ({"calendar": "week"}, {}, date(2016, 3, 29), date(2016, 4, 1), True),
        ({"calendar": "week"}, {}, date(2016, 3, 28), date(2016, 4, 2), False),
        ({"calendar": "week"}, {}, date(2016, 4, 2), date(2016, 4, 3), True),
    ],
)
def test_a_billing_calendar_changes_where_a_period_of_both_begins(before, terms, ended_on, day, is_cut):
    told = lint_calendar_change(
        terms=commercials.CommercialTerms(**terms),
        before=commercials.CommercialTerms(**before),
        ended_on=ended_on,
        effective_from=day,
    )
    assert [one.code for one in told] == ["calendar_cuts_period"] * is_cut
    with translation.override("es"):
        assert not [one for one in told for text in (one.what, one.remedy) if lint_sentences.tell(text) == text]


def test_the_next_day_on_which_a_calendar_may_change_is_told_if_there_is_one():
    def remedy(anchor):
        week = commercials.CommercialTerms(calendar="two_weeks", anchor=anchor)
        return lint_calendar_change(terms=week, before=commercials.CommercialTerms(), ended_on=None, effective_from=date(2016, 4, 2))[
            0
        ].remedy

    assert remedy(date(2016, 4, 15)).startswith("Let the version begin on 2017-09-01,")


def test_amounts_at_stake_are_exact():
    overage = commercials.Commitment(amount=Fraction(100), overage_factor=Fraction("0.9"))
    assert lint_commercials(terms=commercials.CommercialTerms(commitment=overage))[0].amount == 10
