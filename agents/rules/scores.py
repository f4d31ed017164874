"""Quality scores that are fair to small numbers and hard cases, and the multiplier they earn.

Each metric is drawn toward the pool with the strength of its prior and compared with what the agent's own
mix of classes would give anyone; a metric without observations is missing, never zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from agents.rules import metrics as rates
from contracts.rules import errors, exact, quality_curve

ONE = Fraction(1)


class InvalidMetric(errors.InvalidInput):
    """A metric whose counts or reference rates cannot be."""


class InvalidWeights(errors.InvalidInput):
    """A weight below zero."""


@dataclass(frozen=True, kw_only=True)
class Beta:
    """A beta prior: `alpha` successes and `beta` failures seen before the first observation."""

    alpha: Fraction
    beta: Fraction


@dataclass(frozen=True, kw_only=True)
class ClassResult:
    """What one class (query type × channel) brought to a metric, and the frozen reference rate of that class."""

    code: str
    n: Fraction
    successes: Fraction
    reference: Fraction


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One agent's observations of one metric in a period.

    `pool` is the reference rate over all classes; `expected` the sum of the classes' reference rates over the same
    observations (n × pool if None). `beta` replaces pool and prior strength.
    """

    code: str
    successes: Fraction
    n: Fraction
    pool: Fraction | None = None
    expected: Fraction | None = None
    prior_strength: Fraction = quality_curve.PRIOR_STRENGTH_DEFAULT
    beta: Beta | None = None


@dataclass(frozen=True, kw_only=True)
class MetricScore:
    """A metric's score beside what it was made from; score, interval and share are None while it is missing."""

    code: str
    score: Fraction | None
    interval: rates.Interval | None
    n: Fraction
    successes: Fraction
    expected: Fraction
    pool: Fraction
    weight_share: Fraction | None


@dataclass(frozen=True, kw_only=True)
class QualityScore:
    """The composite, the multiplier it earns, and whether there were too few observations to lower pay."""

    composite: Fraction | None
    multiplier: Fraction
    provisional: bool
    n: Fraction
    metrics: tuple[MetricScore, ...]


def score_quality(
    *,
    metrics: tuple[Metric, ...],
    weights: Mapping[str, Fraction],
    curve: quality_curve.Curve | None,
    n_min: Fraction = quality_curve.N_MIN_DEFAULT,
    z: Fraction = rates.Z_DEFAULT,
) -> QualityScore:
    """Score an agent's period and find the multiplier of unit pay.

    Args:
        metrics: observations per metric, each code once.
        weights: weight by metric code, 0 or more; a code that is not listed weighs 1.
        curve: the plan's curve; None means quality moves no pay, multiplier 1.
        n_min: observations of all metrics together below which the multiplier cannot go under 1.
        z: standard normal quantile of the intervals.

    Returns: exact composite (None if nothing was observed or every present weight is 0), multiplier, and each metric's score.
    Raises: InvalidMetric, InvalidWeights.
    Source: design.md section 7.

    >>> line = quality_curve.Curve(low=quality_curve.CurvePoint(score=Fraction(76, 100), multiplier=Fraction(8, 10)),
    ...                            high=quality_curve.CurvePoint(score=Fraction(96, 100), multiplier=Fraction(12, 10)))
    >>> csat = Metric(code="csat", successes=Fraction(18), n=Fraction(20), pool=Fraction(86, 100))
    >>> score_quality(metrics=(csat,), weights={}, curve=line).multiplier
    Fraction(179, 175)
    """
    _check_metrics(metrics)
    _check_weights(weights)
    total = exact.total(values=(weights.get(metric.code, ONE) for metric in metrics if metric.n > 0))
    scored = tuple(_score_metric(metric, weights.get(metric.code, ONE), total, z) for metric in metrics)
    parts = [(found.score, found.weight_share) for found in scored]
    composite = exact.total(values=(score * share for score, share in parts if score is not None and share is not None)) if total else None
    n = exact.total(values=(metric.n for metric in metrics))
    multiplier = ONE if curve is None or composite is None else quality_curve.multiplier_at(curve=curve, score=composite)
    provisional = n < n_min
    return QualityScore(
        composite=composite,
        multiplier=max(ONE, multiplier) if provisional else multiplier,
        provisional=provisional,
        n=n,
        metrics=scored,
    )


def shrink(*, metric: Metric) -> Fraction | None:
    """Return pool + (observed − expected) / (n + prior strength), or None for a metric without observations.

    Args:
        metric: counts with a pool and prior strength, or a beta prior.

    Returns: the exact score; with a beta prior (successes + alpha) / (n + alpha + beta).
    Source: design.md section 7.

    >>> shrink(metric=Metric(code="csat", successes=Fraction(0), n=Fraction(3), pool=Fraction(9, 10)))
    Fraction(45, 53)
    """
    if metric.n == 0:
        return None
    if metric.beta is not None:
        return (metric.successes + metric.beta.alpha) / (metric.n + metric.beta.alpha + metric.beta.beta)
    return pool_of(metric=metric) + (metric.successes - expected_of(metric=metric)) / (metric.n + metric.prior_strength)


def pool_of(*, metric: Metric) -> Fraction:
    """Return the reference rate over all classes: the pool, or the mean of the beta prior.

    Args:
        metric: `pool` is a rate from 0 to 1; a beta prior wins over it.

    Returns: exact, 0 to 1.
    Raises: InvalidMetric if the metric has neither.
    Source: design.md section 7; formats.md, `score`.

    >>> pool_of(metric=Metric(code="csat", successes=Fraction(1), n=Fraction(1), beta=Beta(alpha=Fraction(3), beta=Fraction(1))))
    Fraction(3, 4)
    """
    if metric.beta is not None:
        return metric.beta.alpha / (metric.beta.alpha + metric.beta.beta)
    if metric.pool is None:
        raise InvalidMetric(
            f'Metric "{metric.code}" has no pool; give the reference rate over all classes, or a beta prior.', path=("pool",)
        )
    return metric.pool


def expected_of(*, metric: Metric) -> Fraction:
    """Return the successes that the same observations would give at the reference rates.

    Args:
        metric: without `expected`, n times its pool.

    Returns: exact, 0 to n.
    Raises: InvalidMetric if the metric has neither an expectation nor a pool.
    Source: design.md section 7; formats.md, `score`.

    >>> expected_of(metric=Metric(code="csat", successes=Fraction(18), n=Fraction(20), pool=Fraction(88, 100)))
    Fraction(88, 5)
    """
    return metric.n * pool_of(metric=metric) if metric.expected is None else metric.expected


def metric_of_classes(
    *,
    code: str,
    classes: tuple[ClassResult, ...],
    pool: Fraction | None,
    prior_strength: Fraction = quality_curve.PRIOR_STRENGTH_DEFAULT,
    beta: Beta | None = None,
) -> Metric:
    """Add an agent's classes up to one metric, expecting of each class its own reference rate.

    Args:
        code: the metric.
        classes: observations per class, each class once.
        pool: reference rate over all classes, 0 to 1.
        prior_strength: observations the prior is worth.
        beta: a beta prior instead of pool and prior strength.

    Returns: the metric with the sums of n, successes and n × reference.
    Raises: InvalidMetric if a class is listed twice or its counts or reference cannot be.
    Source: design.md section 7.

    >>> easy = ClassResult(code="status/chat", n=Fraction(11), successes=Fraction(11), reference=Fraction(93, 100))
    >>> hard = ClassResult(code="claim/chat", n=Fraction(3), successes=Fraction(2), reference=Fraction(77, 100))
    >>> metric_of_classes(code="csat", classes=(easy, hard), pool=Fraction(875, 1000)).expected
    Fraction(627, 50)
    """
    seen: set[str] = set()
    for position, found in enumerate(classes):
        where = ("classes", position)
        if found.code in seen:
            raise InvalidMetric(f'Class "{found.code}" is listed twice in metric "{code}"; add its counts up.', path=(*where, "class"))
        if not 0 <= found.reference <= 1:
            raise InvalidMetric(f'The reference rate of class "{found.code}" must lie between 0 and 1.', path=(*where, "reference"))
        _check_counts(name=f'Class "{found.code}" of metric "{code}"', successes=found.successes, n=found.n, path=where)
        seen.add(found.code)
    return Metric(
        code=code,
        successes=exact.total(values=(found.successes for found in classes)),
        n=exact.total(values=(found.n for found in classes)),
        pool=pool,
        expected=exact.total(values=(found.n * found.reference for found in classes)),
        prior_strength=prior_strength,
        beta=beta,
    )


def check_metric(*, metric: Metric) -> None:
    """Refuse a metric whose counts or reference rates cannot be.

    Args:
        metric: one metric, by itself.

    Raises: InvalidMetric with the place inside the metric.
    Source: formats.md, `score`.
    """
    _check_counts(name=f'Metric "{metric.code}"', successes=metric.successes, n=metric.n, path=())
    if metric.beta is not None:
        if metric.beta.alpha < 0 or metric.beta.beta < 0 or metric.beta.alpha + metric.beta.beta == 0:
            raise InvalidMetric(f'The beta prior of metric "{metric.code}" needs alpha and beta of 0 or more, not both 0.', path=("beta",))
        return
    if not 0 <= pool_of(metric=metric) <= 1:
        raise InvalidMetric(f'The pool of metric "{metric.code}" is a rate and must lie between 0 and 1.', path=("pool",))
    if metric.prior_strength < 0:
        raise InvalidMetric(f'The prior strength of metric "{metric.code}" must be 0 or more.', path=("prior_strength",))
    if metric.expected is not None and not 0 <= metric.expected <= metric.n:
        raise InvalidMetric(
            f'Metric "{metric.code}" expects {exact.format_exact(value=metric.expected)} of {exact.format_exact(value=metric.n)} '
            "observations; expected is a sum of rates and lies between 0 and n.",
            path=("expected",),
        )


def _score_metric(metric: Metric, weight: Fraction, total: Fraction, z: Fraction) -> MetricScore:
    present = metric.n > 0
    return MetricScore(
        code=metric.code,
        score=shrink(metric=metric),
        interval=rates.wilson_interval(successes=metric.successes, n=metric.n, z=z) if present else None,
        n=metric.n,
        successes=metric.successes,
        expected=expected_of(metric=metric),
        pool=pool_of(metric=metric),
        weight_share=weight / total if present and total else None,
    )


def _check_metrics(metrics: tuple[Metric, ...]) -> None:
    seen: set[str] = set()
    for position, metric in enumerate(metrics):
        try:
            if metric.code in seen:
                raise InvalidMetric(f'Metric "{metric.code}" is listed twice; add its counts up.', path=("code",))
            check_metric(metric=metric)
        except InvalidMetric as refused:
            raise refused.inside("metrics", position) from refused
        seen.add(metric.code)


def _check_counts(*, name: str, successes: Fraction, n: Fraction, path: tuple[errors.PathPart, ...]) -> None:
    if n < 0:
        raise InvalidMetric(f"{name} has {exact.format_exact(value=n)} observations; a count is 0 or more.", path=(*path, "n"))
    if not 0 <= successes <= n:
        raise InvalidMetric(
            f"{name} has {exact.format_exact(value=successes)} successes of {exact.format_exact(value=n)} observations; "
            "successes lie between 0 and n.",
            path=(*path, "successes"),
        )


def _check_weights(weights: Mapping[str, Fraction]) -> None:
    for code, weight in weights.items():
        if weight < 0:
            raise InvalidWeights(f'The weight of metric "{code}" is below zero; a weight is 0 or more.', path=("weights", code))
