"""Quality for people: each metric with score, interval, count and what was expected, never a rate alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from agents.rules import scores
from ppr_portal.pages import drawings

LABELS = {"csat": "CSAT", "fcr": "First contact resolution", "qa": "QA reviews passed"}
COUNTED = {
    "csat": ("answer favorable", "answers favorable"),
    "fcr": ("case at first contact", "cases at first contact"),
    "qa": ("review passed", "reviews passed"),
}
ORDER = ("fcr", "csat", "qa")

Verdict = Literal["as_expected", "above", "below"]


@dataclass(frozen=True, kw_only=True)
class MetricView:
    """One metric of one agent, ready to be shown."""

    code: str
    label: str
    score: Fraction
    low: Fraction
    high: Fraction
    expected: Fraction
    successes: Fraction
    expected_successes: Fraction
    n: int
    counted_words: str
    verdict: Verdict
    drawing: drawings.IntervalDrawing


@dataclass(frozen=True, kw_only=True)
class QualityView:
    """An agent's quality: the metrics that were observed, and whether there were too few results to lower pay."""

    composite: Fraction | None
    multiplier: Fraction
    is_provisional: bool
    n: int
    metrics: tuple[MetricView, ...]

    @property
    def by_code(self) -> dict[str, MetricView]:
        """The metrics by code, for tables with one column each."""
        return {metric.code: metric for metric in self.metrics}

    @property
    def is_outside(self) -> bool:
        """Whether any interval leaves the expected rate out, with enough results to say so."""
        return not self.is_provisional and any(metric.verdict != "as_expected" for metric in self.metrics)


def scale_of(found: Iterable[scores.QualityScore]) -> drawings.Scale:
    """Return the one scale on which a page draws all of these scores."""
    return drawings.fitting_scale(
        rate
        for score in found
        for metric in score.metrics
        if metric.score is not None
        for rate in (metric.score, metric.expected / metric.n)
    )


def view_of(*, score: scores.QualityScore, scale: drawings.Scale) -> QualityView:
    """Prepare a score for a page."""
    shown = {metric.code: _metric(metric, scale) for metric in score.metrics if metric.score is not None}
    return QualityView(
        composite=score.composite,
        multiplier=score.multiplier,
        is_provisional=score.provisional,
        n=int(score.n),
        metrics=tuple(shown[code] for code in ORDER if code in shown),
    )


def _metric(metric: scores.MetricScore, scale: drawings.Scale) -> MetricView:
    assert metric.score is not None
    assert metric.interval is not None
    expected = metric.expected / metric.n
    low, high = metric.interval.low, metric.interval.high
    one, many = COUNTED[metric.code]
    return MetricView(
        code=metric.code,
        label=LABELS[metric.code],
        score=metric.score,
        low=low,
        high=high,
        expected=expected,
        successes=metric.successes,
        expected_successes=metric.expected,
        n=int(metric.n),
        counted_words=one if metric.n == 1 else many,
        verdict="above" if low > expected else "below" if high < expected else "as_expected",
        drawing=drawings.draw_interval(
            score=metric.score, low=low, high=high, expected=expected, counted=metric.successes / metric.n, scale=scale
        ),
    )
