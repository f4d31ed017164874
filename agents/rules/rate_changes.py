"""Whether a rate moved between two stretches of time: the difference, and where the true difference may really lie."""

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Literal

from agents.rules import metrics
from contracts.rules import errors, exact

Verdict = Literal["rose", "fell", "unclear", "missing"]


class InvalidStretch(errors.InvalidInput):
    """Counts of a stretch that cannot be."""


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """What was counted in a stretch of time, and how many successes were expected of the same cases, if that is known."""

    n: int
    successes: int
    expected: Fraction | None = None


@dataclass(frozen=True, kw_only=True)
class RateChange:
    """The rates before and after with their intervals, and their difference with its own; None where a side has no results."""

    before: metrics.Interval | None
    after: metrics.Interval | None
    difference: Fraction | None
    low: Fraction | None
    high: Fraction | None
    verdict: Verdict


def compare_rates(*, before: Stretch, after: Stretch, z: Fraction = metrics.Z_DEFAULT) -> RateChange:
    """Compare a rate before and after something, with the interval of the difference.

    Where both sides know what was expected of their cases, the difference is that of the rates less that of the expectations, so that
    a change of the case mix is no change of the agent.

    Args:
        before: counts of the time before.
        after: counts of the time after.
        z: standard normal quantile, 0 or more; 1.96 is 95 %.

    Returns: "rose" or "fell" only where the whole interval lies on one side of zero; "unclear" else; "missing" without results.
    Raises: InvalidStretch.
    Source: R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10: the difference of two Wilson intervals.

    >>> found = compare_rates(before=Stretch(n=80, successes=48), after=Stretch(n=70, successes=56))
    >>> float(found.low), float(found.high), found.verdict
    (0.052429, 0.333875, 'rose')
    """
    sides = [_interval(stretch, z) for stretch in (before, after)]
    if sides[0] is None or sides[1] is None:
        return RateChange(before=sides[0], after=sides[1], difference=None, low=None, high=None, verdict="missing")
    first, second = Fraction(before.successes, before.n), Fraction(after.successes, after.n)
    mix = _mix(before, after)
    difference = second - first
    low = difference - _root((second - sides[1].low) ** 2 + (sides[0].high - first) ** 2) - mix
    high = difference + _root((sides[1].high - second) ** 2 + (first - sides[0].low) ** 2) - mix
    verdict: Verdict = "rose" if low > 0 else "fell" if high < 0 else "unclear"
    return RateChange(before=sides[0], after=sides[1], difference=difference - mix, low=low, high=high, verdict=verdict)


def _interval(stretch: Stretch, z: Fraction) -> metrics.Interval | None:
    if stretch.n < 0 or not 0 <= stretch.successes <= stretch.n:
        raise InvalidStretch(f"{stretch.successes} successes of {stretch.n} cannot be; count again.", path=("successes",))
    if stretch.n == 0:
        return None
    return metrics.wilson_interval(successes=Fraction(stretch.successes), n=Fraction(stretch.n), z=z)


def _mix(before: Stretch, after: Stretch) -> Fraction:
    """Return by how much the rate would have moved for anybody, because the cases are others."""
    if before.expected is None or after.expected is None:
        return Fraction(0)
    return after.expected / after.n - before.expected / before.n


def _root(value: Fraction) -> Fraction:
    """Return the square root, rounded to the places that intervals have."""
    scale = 10 ** (metrics.INTERVAL_PLACES * 2 + 4)
    cut = Fraction(isqrt(int(value * scale)), 10 ** (metrics.INTERVAL_PLACES + 2))
    return exact.round_exact(value=cut, places=metrics.INTERVAL_PLACES)
