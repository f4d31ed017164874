"""What each metric does to the multiplier, and where chance may still take it: the curve asked again, no other formula."""

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

from agents.rules import scores
from contracts.rules import quality_curve

ONE, ZERO = Fraction(1), Fraction(0)
PLACES = 6


@dataclass(frozen=True, kw_only=True)
class MetricEffect:
    """One metric's part of the multiplier, in parts of unit pay."""

    code: str
    weight_share: Fraction
    score: Fraction
    pool: Fraction
    effect: Fraction


@dataclass(frozen=True, kw_only=True)
class ScoreEffect:
    """The parts of a multiplier: they add up to multiplier − 1.

    `typical_effect` is what somebody exactly at the pool earns; `protection` what the least count of results adds.
    """

    typical: Fraction
    typical_effect: Fraction
    metrics: tuple[MetricEffect, ...]
    protection: Fraction

    @property
    def total(self) -> Fraction:
        """Multiplier − 1."""
        return self.typical_effect + sum((metric.effect for metric in self.metrics), ZERO) + self.protection


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Composites between which chance may leave the true one, and the effects that the curve gives there."""

    low: Fraction
    high: Fraction
    low_effect: Fraction
    high_effect: Fraction


def split_effect(*, score: scores.QualityScore, curve: quality_curve.Curve) -> ScoreEffect | None:
    """Take a multiplier apart by metric: from the pool, one metric after the other moves to its score.

    Args:
        score: as the pay engine stored it.
        curve: the plan's curve.

    Returns: parts that add up to multiplier − 1; None where no metric counts. Where the curve is clamped, the last metrics
        to move have less effect.
    Source: design.md section 7.
    """
    present = [metric for metric in score.metrics if metric.score is not None and metric.weight_share]
    if not present or score.composite is None:
        return None
    composite = sum((metric.pool * (metric.weight_share or ZERO) for metric in present), ZERO)
    typical, before = composite, quality_curve.multiplier_at(curve=curve, score=composite)
    typical_effect, found = before - ONE, []
    for metric in present:
        assert metric.score is not None
        assert metric.weight_share is not None
        composite += (metric.score - metric.pool) * metric.weight_share
        after = quality_curve.multiplier_at(curve=curve, score=composite)
        found.append(
            MetricEffect(code=metric.code, weight_share=metric.weight_share, score=metric.score, pool=metric.pool, effect=after - before)
        )
        before = after
    return ScoreEffect(typical=typical, typical_effect=typical_effect, metrics=tuple(found), protection=score.multiplier - before)


def reach_of(*, score: scores.QualityScore, curve: quality_curve.Curve, prior_strength: Fraction) -> Reach | None:
    """Return where the composite may lie if each metric's true rate is anywhere in its interval.

    Args:
        score: as the pay engine stored it.
        curve: the plan's curve.
        prior_strength: the plan's.

    Returns: deviations of the metrics joined as independent ones, to 6 places, and the curve's effect at both ends;
        None where no metric counts. With too few results the low effect is never below zero.
    Source: design.md section 7; E. B. Wilson (1927) for the intervals.
    """
    if score.composite is None:
        return None
    low = high = ZERO
    for metric in score.metrics:
        if metric.interval is None or not metric.weight_share:
            continue
        counted, drawn = metric.successes / metric.n, metric.n / (metric.n + prior_strength) * metric.weight_share
        low += ((counted - metric.interval.low) * drawn) ** 2
        high += ((metric.interval.high - counted) * drawn) ** 2
    ends = score.composite - _root(low), score.composite + _root(high)
    effects = [quality_curve.multiplier_at(curve=curve, score=end) - ONE for end in ends]
    return Reach(
        low=ends[0], high=ends[1], low_effect=max(ZERO, effects[0]) if score.provisional else effects[0],
        high_effect=max(ZERO, effects[1]) if score.provisional else effects[1],
    )  # fmt: skip


def _root(square: Fraction) -> Fraction:
    """Return a square root, cut to 6 places, without a float."""
    scale = 10**PLACES
    return Fraction(isqrt(square.numerator * scale * scale // square.denominator), scale)
