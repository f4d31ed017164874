"""Quality scores: refusals, and what must hold for every input."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.rules import scores
from contracts.rules import quality_curve

rates = st.fractions(min_value=0, max_value=1, max_denominator=100)
counts = st.integers(min_value=0, max_value=200)


def _exact(value: Any) -> Fraction | None:
    return None if value is None else Fraction(value)


def _metric(written: dict[str, Any]) -> scores.Metric:
    beta = written.get("beta")
    return scores.Metric(
        code=written["code"],
        successes=Fraction(written["successes"]),
        n=Fraction(written["n"]),
        pool=_exact(written.get("pool")),
        expected=_exact(written.get("expected")),
        prior_strength=Fraction(written.get("prior_strength", 50)),
        beta=scores.Beta(alpha=Fraction(beta[0]), beta=Fraction(beta[1])) if beta else None,
    )


def _curve(low: list[str], high: list[str]) -> quality_curve.Curve:
    return quality_curve.Curve(
        low=quality_curve.CurvePoint(score=Fraction(low[0]), multiplier=Fraction(low[1])),
        high=quality_curve.CurvePoint(score=Fraction(high[0]), multiplier=Fraction(high[1])),
    )


def test_classes_are_expected_at_their_own_rate() -> None:
    rows = [
        ("status", 11, 11, "0.93"),
        ("change", 8, 8, "0.90"),
        ("refund", 13, 12, "0.86"),
        ("damaged", 6, 5, "0.83"),
        ("claim", 3, 2, "0.77"),
    ]
    classes = tuple(
        scores.ClassResult(code=code, n=Fraction(n), successes=Fraction(good), reference=Fraction(rate)) for code, n, good, rate in rows
    )
    metric = scores.metric_of_classes(code="csat", classes=classes, pool=Fraction(7, 8))
    assert (metric.n, metric.successes, metric.expected) == (41, 38, Fraction(359, 10))
    assert scores.shrink(metric=metric) == Fraction(7, 8) + Fraction(21, 910)


def test_without_a_curve_quality_moves_no_pay() -> None:
    metric = scores.Metric(code="csat", successes=Fraction(0), n=Fraction(100), pool=Fraction(9, 10))
    found = scores.score_quality(metrics=(metric,), weights={}, curve=None)
    assert found.multiplier == 1
    assert found.composite == Fraction(3, 10)


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ({"code": "a", "successes": 3, "n": 2, "pool": "0.5"}, ("metrics", 0, "successes")),
        ({"code": "a", "successes": -1, "n": 2, "pool": "0.5"}, ("metrics", 0, "successes")),
        ({"code": "a", "successes": 0, "n": -1, "pool": "0.5"}, ("metrics", 0, "n")),
        ({"code": "a", "successes": 1, "n": 2}, ("metrics", 0, "pool")),
        ({"code": "a", "successes": 1, "n": 2, "pool": "88"}, ("metrics", 0, "pool")),
        ({"code": "a", "successes": 1, "n": 2, "pool": "0.5", "expected": "2.1"}, ("metrics", 0, "expected")),
        ({"code": "a", "successes": 1, "n": 2, "pool": "0.5", "prior_strength": -1}, ("metrics", 0, "prior_strength")),
        ({"code": "a", "successes": 1, "n": 2, "beta": [0, 0]}, ("metrics", 0, "beta")),
    ],
)
def test_refuses_what_cannot_be(written: dict[str, Any], path: tuple[str | int, ...]) -> None:
    with pytest.raises(scores.InvalidMetric) as refused:
        scores.score_quality(metrics=(_metric(written),), weights={}, curve=None)
    assert refused.value.path == path


def test_refuses_a_metric_twice_and_a_negative_weight() -> None:
    metric = scores.Metric(code="csat", successes=Fraction(1), n=Fraction(1), pool=Fraction(1, 2))
    with pytest.raises(scores.InvalidMetric) as twice:
        scores.score_quality(metrics=(metric, metric), weights={}, curve=None)
    assert twice.value.path == ("metrics", 1, "code")
    with pytest.raises(scores.InvalidWeights) as negative:
        scores.score_quality(metrics=(metric,), weights={"csat": Fraction(-1)}, curve=None)
    assert negative.value.path == ("weights", "csat")


@pytest.mark.parametrize(
    ("low", "high", "path"),
    [
        (["0.9", "0.8"], ["0.9", "1.2"], ("high", "score")),
        (["0.7", "-0.1"], ["0.9", "1.2"], ("low", "multiplier")),
        (["0.7", "1.2"], ["0.9", "0.8"], ("high", "multiplier")),
    ],
)
def test_refuses_a_curve_that_does_not_rise(low: list[str], high: list[str], path: tuple[str, str]) -> None:
    with pytest.raises(quality_curve.InvalidCurve) as refused:
        _curve(low, high)
    assert refused.value.path == path


@given(n=counts.filter(bool), share=rates, alpha=st.integers(1, 60), beta=st.integers(1, 60))
@settings(max_examples=100)
def test_a_beta_prior_is_a_pool_and_a_strength(n: int, share: Fraction, alpha: int, beta: int) -> None:
    successes = Fraction(n) * share
    with_beta = scores.Metric(code="a", successes=successes, n=Fraction(n), beta=scores.Beta(alpha=Fraction(alpha), beta=Fraction(beta)))
    with_pool = scores.Metric(
        code="a", successes=successes, n=Fraction(n), pool=Fraction(alpha, alpha + beta), prior_strength=Fraction(alpha + beta)
    )
    assert scores.shrink(metric=with_beta) == scores.shrink(metric=with_pool)


@given(n=counts.filter(bool), pool=rates, share=rates, low=rates, high=rates, n_min=counts)
@settings(max_examples=100)
def test_more_successes_never_earn_less_and_few_observations_never_lose(
    n: int, pool: Fraction, share: Fraction, low: Fraction, high: Fraction, n_min: int
) -> None:
    curve = _curve([str(min(low, high)), "0.8"], [str(max(low, high) + Fraction(1, 100)), "1.2"])

    def earned(successes: Fraction) -> scores.QualityScore:
        metric = scores.Metric(code="a", successes=successes, n=Fraction(n), pool=pool)
        return scores.score_quality(metrics=(metric,), weights={}, curve=curve, n_min=Fraction(n_min))

    worse, better = earned(n * share * Fraction(1, 2)), earned(n * share)
    assert worse.multiplier <= better.multiplier
    assert Fraction(8, 10) <= worse.multiplier <= Fraction(12, 10)
    assert worse.provisional == (n < n_min)
    assert not worse.provisional or worse.multiplier >= 1
