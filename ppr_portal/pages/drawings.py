"""Positions of the small drawings, in percent of their width, as SVG attributes need them. Looks come from charts.css."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from contracts.rules import exact

HUNDRED = Fraction(100)
ZERO, ONE = Fraction(0), Fraction(1)
# Limits stand a little before the end of their bar, so that what lies beyond them can be seen.
BEYOND = Fraction(16, 15)


def percent_of(part: Fraction) -> str:
    """Write a part of the width as an SVG length: 37.21%."""
    return f"{exact.write_rounded(value=part * HUNDRED, places=2)}%"


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A mark on a scale."""

    x: str
    rate: Fraction
    anchor: str


@dataclass(frozen=True, kw_only=True)
class Scale:
    """The rates that a page's intervals span; one for all drawings of a page."""

    low: Fraction = Fraction(60, 100)
    high: Fraction = ONE

    def at(self, rate: Fraction) -> Fraction:
        """Return where a rate lies, kept inside the scale."""
        return min(ONE, max(ZERO, (rate - self.low) / (self.high - self.low)))

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """Five marks from the low end to the high end."""
        anchors = ("start", "middle", "middle", "middle", "end")
        return tuple(
            Tick(x=percent_of(Fraction(step, 4)), rate=self.low + Fraction(step, 4) * (self.high - self.low), anchor=anchor)
            for step, anchor in enumerate(anchors)
        )


def fitting_scale(rates: Iterable[Fraction]) -> Scale:
    """Return the narrowest of the scales 60, 40, 20 and 0 to 100% that holds all of these rates."""
    lowest = min(rates, default=ONE)
    return next(Scale(low=Fraction(low, 100)) for low in (60, 40, 20, 0) if lowest >= Fraction(low, 100) or low == 0)


@dataclass(frozen=True, kw_only=True)
class IntervalDrawing:
    """A score on its rail: band of the interval, what was expected, what was counted, and the score."""

    band_x: str
    band_width: str
    expected_x: str
    counted_x: str
    score_x: str


def draw_interval(
    *, score: Fraction, low: Fraction, high: Fraction, expected: Fraction, counted: Fraction, scale: Scale
) -> IntervalDrawing:
    """Place a score, its interval and what was expected on a scale."""
    start, end = scale.at(low), scale.at(high)
    return IntervalDrawing(
        band_x=percent_of(start),
        band_width=percent_of(end - start),
        expected_x=percent_of(scale.at(expected)),
        counted_x=percent_of(scale.at(counted)),
        score_x=percent_of(scale.at(score)),
    )


@dataclass(frozen=True, kw_only=True)
class HeadroomDrawing:
    """How far a limit is: the used part, and where notice is given and the guardrail acts."""

    used_width: str
    warn_x: str | None
    stop_x: str


def draw_headroom(*, value: Fraction, warn: Fraction | None, act: Fraction) -> HeadroomDrawing:
    """Place a measure between zero and a little beyond its limit."""
    end = act * BEYOND or ONE
    return HeadroomDrawing(
        used_width=percent_of(min(ONE, max(ZERO, value / end))),
        warn_x=None if warn is None else percent_of(warn / end),
        stop_x=percent_of(act / end),
    )


@dataclass(frozen=True, kw_only=True)
class Segment:
    """One part of the certainty bar: its fill, and where it lies."""

    fill: str
    x: str
    width: str


GAP = Fraction(35, 10_000)


def draw_certainty(*, parts: Sequence[tuple[str, int]]) -> tuple[Segment, ...]:
    """Lay parts of a sum side by side, from certain to uncertain, with a hair between them; parts of zero or less are left out."""
    shown = [(fill, amount) for fill, amount in parts if amount > 0]
    total = sum(amount for _, amount in shown)
    room = ONE - GAP * max(0, len(shown) - 1)
    segments, x = [], ZERO
    for fill, amount in shown:
        width = Fraction(amount, total) * room
        segments.append(Segment(fill=fill, x=percent_of(x), width=percent_of(width)))
        x += width + GAP
    return tuple(segments)


@dataclass(frozen=True, kw_only=True)
class Spark:
    """A small line of rates by week in a box of 100 by 24, and where it ends."""

    path: str
    expected_path: str
    end_x: str
    end_y: str
    first: Fraction
    last: Fraction


def draw_spark(*, rates: Sequence[Fraction | None], expected: Fraction | None) -> Spark | None:
    """Draw weekly rates from 0 to 100%, leaving out weeks without results; None with fewer than two weeks."""
    known = [(position, rate) for position, rate in enumerate(rates) if rate is not None]
    if len(known) < 2:
        return None
    step = Fraction(100, max(1, len(rates) - 1))
    points = [(position * step, _spark_y(rate)) for position, rate in known]
    level = coordinate(_spark_y(expected if expected is not None else known[0][1]))
    start_x, end_x = coordinate(points[0][0]), coordinate(points[-1][0])
    return Spark(
        path="M" + " L".join(f"{coordinate(x)},{coordinate(y)}" for x, y in points),
        expected_path=f"M{start_x},{level} L{end_x},{level}",
        end_x=percent_of(points[-1][0] / HUNDRED),
        end_y=coordinate(points[-1][1]),
        first=known[0][1],
        last=known[-1][1],
    )


def _spark_y(rate: Fraction) -> Fraction:
    return Fraction(22) - rate * 20


def coordinate(value: Fraction) -> str:
    """Write a place in a drawing, to the tenth of a unit."""
    return exact.write_rounded(value=value, places=1)
