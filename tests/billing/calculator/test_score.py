"""The score calculator: the ways to write a metric agree, explanations, and faults with their place."""

import pytest

from billing.calculator import run

CURVE = {"low": {"score": "0.7"}, "high": {"score": "0.9"}}


def _score(**fields: object) -> dict[str, object]:
    return run.answer_one(document={"kind": "score", **fields})


def test_classes_sums_and_a_beta_prior_agree() -> None:
    sums = _score(metrics=[{"code": "a", "successes": "7", "n": "10", "pool": "0.4", "prior_strength": "5"}], curve=CURVE, n_min="0")
    beta = _score(metrics=[{"code": "a", "successes": "7", "n": "10", "beta": {"alpha": "2", "beta": "3"}}], curve=CURVE, n_min="0")
    classes = [
        {"class": "x", "n": "4", "successes": "3", "reference": "0.4"},
        {"class": "y", "n": "6", "successes": "4", "reference": "0.4"},
    ]
    parts = _score(metrics=[{"code": "a", "classes": classes, "pool": "0.4", "prior_strength": "5"}], curve=CURVE, n_min="0")
    assert sums == beta == parts
    assert (sums["composite"], sums["multiplier"], sums["provisional"]) == ("0.6", "0.8", False)


def test_without_metrics_nothing_moves() -> None:
    assert _score(metrics=[], curve=CURVE) == {"metrics": [], "composite": None, "multiplier": "1", "provisional": True}


def test_an_explanation_tells_each_step_and_changes_nothing() -> None:
    metrics = [{"code": "a", "successes": "7", "n": "10", "pool": "0.4"}, {"code": "b", "successes": "0", "n": "0", "pool": "0.4"}]
    told = _score(metrics=metrics, curve=CURVE, explain=True)
    steps = told.pop("explanation")
    assert told == _score(metrics=metrics, curve=CURVE)
    assert isinstance(steps, list)
    assert [step["rule"] for step in steps] == ["score", "missing", "composite", "multiplier"]
    assert [step["result"] for step in steps] == ["0.45", None, "0.45", "1"]


@pytest.mark.parametrize(
    ("metric", "path"),
    [
        ({"code": "a", "successes": "1", "pool": "0.5"}, "/metrics/0/n"),
        ({"code": "a", "n": "1", "pool": "0.5"}, "/metrics/0/successes"),
        ({"code": "a", "successes": "1", "n": "1"}, "/metrics/0/pool"),
        ({"code": "a", "successes": "2", "n": "1", "pool": "0.5"}, "/metrics/0/successes"),
        ({"code": "a", "successes": "1", "n": "1", "pool": "0.5", "beta": {"alpha": "1", "beta": "1"}}, "/metrics/0/beta"),
        ({"code": "a", "n": "1", "pool": "0.5", "classes": []}, "/metrics/0/classes"),
        (
            {"code": "a", "pool": "0.5", "classes": [{"class": "x", "n": "1", "successes": "2", "reference": "0.5"}]},
            "/metrics/0/classes/0/successes",
        ),
        (
            {"code": "a", "pool": "0.5", "classes": [{"class": "x", "n": "1", "successes": "1", "reference": "5"}]},
            "/metrics/0/classes/0/reference",
        ),
        (
            {"code": "a", "pool": "0.5", "classes": [{"class": "x", "n": "1", "successes": "1", "reference": "1"}] * 2},
            "/metrics/0/classes/1/class",
        ),
        ({"code": "a", "successes": 0.5, "n": "1", "pool": "0.5"}, "/metrics/0/successes"),
    ],
)
def test_a_fault_of_a_metric_names_its_place(metric: dict[str, object], path: str) -> None:
    with pytest.raises(run.UnableToCalculate) as refused:
        _score(metrics=[metric])
    assert [fault["path"] for fault in refused.value.faults] == [path]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"curve": {"low": {"score": "0.9"}, "high": {"score": "0.7"}}}, "/curve/high/score"),
        ({"curve": {"low": {"score": "0.7", "multiplier": "1.3"}, "high": {"score": "0.9"}}}, "/curve/high/multiplier"),
        ({"weights": {"a": "-1"}}, "/weights/a"),
        ({"z": "-1"}, "/z"),
    ],
)
def test_a_fault_of_the_terms_names_its_place(fields: dict[str, object], path: str) -> None:
    with pytest.raises(run.UnableToCalculate) as refused:
        _score(metrics=[{"code": "a", "successes": "1", "n": "1", "pool": "0.5"}], **fields)
    assert [fault["path"] for fault in refused.value.faults] == [path]
