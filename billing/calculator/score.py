"""Calculator kind `score`: fair scores, their intervals, and the multiplier they earn."""

from fractions import Fraction
from typing import Any

from pydantic import Field

from agents.rules import metrics as rates
from agents.rules import scores
from billing.calculator import fields
from billing.rules import explain
from contracts.rules import exact, quality_curve


class ClassField(fields.Document):
    """What one class brought to a metric."""

    code: str = Field(alias="class")
    n: fields.NonNegative
    successes: fields.NonNegative
    reference: fields.NonNegative


class BetaField(fields.Document):
    """A beta prior instead of pool and prior strength."""

    alpha: fields.NonNegative
    beta: fields.NonNegative


class MetricField(fields.TermsField):
    """One metric: sums, or the classes they are sums of; pool and prior strength, or a beta prior."""

    code: str
    successes: fields.NonNegative | None = None
    n: fields.NonNegative | None = None
    pool: fields.NonNegative | None = None
    expected: fields.NonNegative | None = None
    prior_strength: fields.NonNegative | None = None
    beta: BetaField | None = None
    classes: tuple[ClassField, ...] | None = None

    def to_terms(self) -> scores.Metric:
        """Return the metric in the words of the rules.

        Raises: InvalidMetric if it says too little or too much, or its counts or rates cannot be.
        """
        if self.beta is not None and (self.pool is not None or self.prior_strength is not None):
            raise scores.InvalidMetric(f'Metric "{self.code}" has a beta prior; leave out pool and prior_strength.', path=("beta",))
        strength = quality_curve.PRIOR_STRENGTH_DEFAULT if self.prior_strength is None else self.prior_strength
        beta = scores.Beta(alpha=self.beta.alpha, beta=self.beta.beta) if self.beta else None
        if self.classes is not None:
            if not (self.n is None and self.successes is None and self.expected is None):
                raise scores.InvalidMetric(f'Metric "{self.code}" has classes; leave out n, successes and expected.', path=("classes",))
            classes = tuple(
                scores.ClassResult(code=one.code, n=one.n, successes=one.successes, reference=one.reference) for one in self.classes
            )
            found = scores.metric_of_classes(code=self.code, classes=classes, pool=self.pool, prior_strength=strength, beta=beta)
        else:
            found = scores.Metric(
                code=self.code,
                successes=_required(self.successes, "successes"),
                n=_required(self.n, "n"),
                pool=self.pool,
                expected=self.expected,
                prior_strength=strength,
                beta=beta,
            )
        scores.check_metric(metric=found)
        return found


class LowField(fields.Document):
    """The low end of the curve."""

    score: fields.Exact
    multiplier: fields.Exact = quality_curve.MULTIPLIER_LOW_DEFAULT


class HighField(fields.Document):
    """The high end of the curve."""

    score: fields.Exact
    multiplier: fields.Exact = quality_curve.MULTIPLIER_HIGH_DEFAULT


class CurveField(fields.TermsField):
    """Two points between which the multiplier is linear."""

    low: LowField
    high: HighField

    def to_terms(self) -> quality_curve.Curve:
        """Return the curve in the words of the rules."""
        return read_curve(low=self.low, high=self.high)


class Document(fields.KindDocument):
    """A score document."""

    metrics: tuple[MetricField, ...]
    weights: dict[str, fields.Exact] = {}
    curve: CurveField | None = None
    n_min: fields.NonNegative = quality_curve.N_MIN_DEFAULT
    z: fields.NonNegative = rates.Z_DEFAULT


def answer(document: Document) -> dict[str, Any]:
    """Score the metrics of a document."""
    found = scores.score_quality(
        metrics=tuple(metric.to_terms() for metric in document.metrics),
        weights=document.weights,
        curve=document.curve.to_terms() if document.curve else None,
        n_min=document.n_min,
        z=document.z,
    )
    answered: dict[str, Any] = {
        "metrics": [_show_metric(metric) for metric in found.metrics],
        "composite": _show(found.composite),
        "multiplier": _show(found.multiplier),
        "provisional": found.provisional,
    }
    if document.explain:
        answered["explanation"] = explain.show_steps(_explain(document, found))
    return answered


def read_curve(*, low: LowField, high: HighField) -> quality_curve.Curve:
    """Return the curve between two points.

    Raises: InvalidCurve if it does not rise.
    """
    return quality_curve.Curve(
        low=quality_curve.CurvePoint(score=low.score, multiplier=low.multiplier),
        high=quality_curve.CurvePoint(score=high.score, multiplier=high.multiplier),
    )


def _required(value: Fraction | None, name: str) -> Fraction:
    if value is None:
        raise scores.InvalidMetric("this field is required", path=(name,))
    return value


def _show(value: Fraction | None) -> str | None:
    return None if value is None else exact.format_exact(value=value)


def _show_metric(metric: scores.MetricScore) -> dict[str, Any]:
    interval = metric.interval
    return {
        "code": metric.code,
        "score": _show(metric.score),
        "interval": interval and {"low": _show_end(interval.low), "high": _show_end(interval.high)},
        "n": _show(metric.n),
        "expected": _show(metric.expected),
    }


def _show_end(value: Fraction) -> str:
    return exact.format_places(value=value, places=rates.INTERVAL_PLACES)


def _explain(document: Document, found: scores.QualityScore) -> list[explain.Step]:
    steps = [_explain_metric(metric) for metric in found.metrics]
    steps.append(
        explain.Step(
            rule="composite",
            inputs={
                f"{metric.code} × {_show(metric.weight_share)}": metric.score for metric in found.metrics if metric.weight_share is not None
            },
            result=found.composite,
            words="The weighted mean over the metrics that have observations; a missing one is never zero.",
        )
    )
    inputs: dict[str, explain.Shown] = {"composite": found.composite, "n": found.n, "n_min": document.n_min}
    if document.curve is not None:
        low, high = document.curve.low, document.curve.high
        inputs |= {"low_score": low.score, "low_multiplier": low.multiplier, "high_score": high.score, "high_multiplier": high.multiplier}
    provisional = "With fewer observations than n_min it cannot go under 1." if found.provisional else "There are enough observations."
    words = f"Linear between the two points of the curve and clamped there. {provisional}"
    steps.append(explain.Step(rule="multiplier", inputs=inputs, result=found.multiplier, words=words))
    return steps


def _explain_metric(metric: scores.MetricScore) -> explain.Step:
    return explain.Step(
        rule="missing" if metric.score is None else "score",
        inputs={"code": metric.code, "successes": metric.successes, "n": metric.n, "pool": metric.pool, "expected": metric.expected},
        result=metric.score,
        words="There are no observations, so the metric is left out."
        if metric.score is None
        else "The pool, moved by what was observed beyond the expected, spread over n and the strength of the prior.",
    )
