"""Quality for people: each metric with score, interval, count and what was expected, never a rate alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from django.utils.translation import gettext as _

from agents.rules import scores
from contracts.translation import gettext_lazy
from ppr_portal.pages import drawings

LABELS = {"csat": "CSAT", "fcr": gettext_lazy("First contact resolution"), "qa": gettext_lazy("QA reviews passed")}
COUNTED = {
    "csat": (gettext_lazy("answer favorable"), gettext_lazy("answers favorable")),
    "fcr": (gettext_lazy("case at first contact"), gettext_lazy("cases at first contact")),
    "qa": (gettext_lazy("review passed"), gettext_lazy("reviews passed")),
}
SOURCES = {
    "csat": (gettext_lazy("survey"), gettext_lazy("surveys")),
    "fcr": (gettext_lazy("first contact result"), gettext_lazy("first contact results")),
    "qa": (gettext_lazy("QA review"), gettext_lazy("QA reviews")),
}
ORDER = ("fcr", "csat", "qa")

Verdict = Literal["as_expected", "above", "below", "few"]
# Below this many results of a metric nobody is called above or below: chance is still too likely.
ENOUGH = 20


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

    @property
    def counted(self) -> Fraction:
        """The rate as it was counted, before it is held against the mix of cases."""
        return self.successes / self.n


@dataclass(frozen=True, kw_only=True)
class QualityView:
    """An agent's quality: the metrics that were observed, and whether there were too few results to lower pay."""

    composite: Fraction | None
    multiplier: Fraction
    is_provisional: bool
    n: int
    metrics: tuple[MetricView, ...]

    @property
    def effect(self) -> Fraction:
        """What quality adds to resolution pay, as a part of it."""
        return self.multiplier - 1

    @property
    def counted_words(self) -> str:
        """What the score rests on: 41 surveys, 163 first contact results and 6 QA reviews."""
        parts = [f"{metric.n} {SOURCES[metric.code][metric.n != 1]}" for metric in self.metrics]
        return _(" and ").join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)

    @property
    def by_code(self) -> dict[str, MetricView]:
        """The metrics by code, for tables with one column each."""
        return {metric.code: metric for metric in self.metrics}

    @property
    def is_outside(self) -> bool:
        """Whether any interval leaves the expected rate out, with enough results to say so."""
        return not self.is_provisional and any(metric.verdict in {"above", "below"} for metric in self.metrics)


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
        verdict=_verdict(int(metric.n), low, high, expected),
        drawing=drawings.draw_interval(
            score=metric.score, low=low, high=high, expected=expected, counted=metric.successes / metric.n, scale=scale
        ),
    )


def _verdict(n: int, low: Fraction, high: Fraction, expected: Fraction) -> Verdict:
    if n < ENOUGH:
        return "few"
    return "above" if low > expected else "below" if high < expected else "as_expected"
