"""Drawings of the performance page: the curve with where a score stands on it, and a metric over some periods."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from agents.rules import score_effects
from contracts.rules import quality_curve
from ppr_portal.pages import drawings

ONE, ZERO = Fraction(1), Fraction(0)
CURVE_TOP, CURVE_BOTTOM = Fraction(12), Fraction(120)
TREND_TOP, TREND_BOTTOM = Fraction(4), Fraction(104)
MARGIN = Fraction(1, 4)


@dataclass(frozen=True, kw_only=True)
class CurveDrawing:
    """The plan's curve: x in percent of the width, y in pixels from the top."""

    low_x: str
    high_x: str
    low_y: str
    high_y: str
    one_y: str
    now_x: str
    now_y: str
    band_x: str
    band_width: str


@dataclass(frozen=True, kw_only=True)
class TrendPoint:
    """One period of a metric on its line."""

    x: str
    y: str
    start: date
    score: Fraction
    is_open: bool


@dataclass(frozen=True, kw_only=True)
class TrendDrawing:
    """A metric over periods: paths in a box of 100 by 108, and points."""

    band: str
    expected: str
    line: str
    points: tuple[TrendPoint, ...]


@dataclass(frozen=True, kw_only=True)
class TrendValue:
    """What a period says of a metric."""

    start: date
    is_open: bool
    score: Fraction
    low: Fraction
    high: Fraction
    expected: Fraction


def draw_curve(*, curve: quality_curve.Curve, composite: Fraction, multiplier: Fraction, reach: score_effects.Reach | None) -> CurveDrawing:
    """Place a score and its reach on the curve, with a quarter of its width on either side."""
    width = curve.high.score - curve.low.score
    first, last = curve.low.score - MARGIN * width, curve.high.score + MARGIN * width

    def at_x(score: Fraction) -> Fraction:
        return min(ONE, max(ZERO, (score - first) / (last - first)))

    low, high = curve.low.multiplier, curve.high.multiplier

    def at_y(value: Fraction) -> str:
        part = (value - low) / (high - low) if high > low else Fraction(1, 2)
        return drawings.coordinate(CURVE_BOTTOM - min(ONE, max(ZERO, part)) * (CURVE_BOTTOM - CURVE_TOP))

    band = (at_x(reach.low), at_x(reach.high)) if reach else (at_x(composite), at_x(composite))
    return CurveDrawing(
        low_x=drawings.percent_of(at_x(curve.low.score)),
        high_x=drawings.percent_of(at_x(curve.high.score)),
        low_y=at_y(low),
        high_y=at_y(high),
        one_y=at_y(ONE),
        now_x=drawings.percent_of(at_x(composite)),
        now_y=at_y(multiplier),
        band_x=drawings.percent_of(band[0]),
        band_width=drawings.percent_of(band[1] - band[0]),
    )


def draw_trend(*, values: Sequence[TrendValue], slots: Sequence[date], scale: drawings.Scale) -> TrendDrawing:
    """Draw a metric over the periods of a page; periods without it leave a gap.

    Args:
        values: known ones, the oldest first.
        slots: first days of all periods that the page shows, the oldest first.
        scale: one for all drawings of the page.
    """
    placed = [(_slot(value.start, slots), value) for value in values]

    def y(rate: Fraction) -> str:
        return drawings.coordinate(TREND_BOTTOM - scale.at(rate) * (TREND_BOTTOM - TREND_TOP))

    def path(rates: Sequence[tuple[Fraction, Fraction]]) -> str:
        return "M" + " L".join(f"{drawings.coordinate(x * 100)},{y(rate)}" for x, rate in rates)

    outline = [(x, value.high) for x, value in placed] + [(x, value.low) for x, value in reversed(placed)]
    return TrendDrawing(
        band=f"{path(outline)}Z",
        expected=path([(x, value.expected) for x, value in placed]),
        line=path([(x, value.score) for x, value in placed]),
        points=tuple(
            TrendPoint(x=drawings.percent_of(x), y=y(value.score), start=value.start, score=value.score, is_open=value.is_open)
            for x, value in placed
        ),
    )


def _slot(start: date, slots: Sequence[date]) -> Fraction:
    return Fraction(2 * slots.index(start) + 1, 2 * len(slots))
