"""The quality curve of a pay plan: which multiplier a composite score earns.

The multiplier is linear between two points and clamped outside them.
"""

from dataclasses import dataclass
from fractions import Fraction

from contracts.rules import errors

MULTIPLIER_LOW_DEFAULT = Fraction(8, 10)
MULTIPLIER_HIGH_DEFAULT = Fraction(12, 10)
N_MIN_DEFAULT = Fraction(20)
PRIOR_STRENGTH_DEFAULT = Fraction(50)


class InvalidCurve(errors.InvalidInput):
    """A curve that is not a rising line between two different scores."""


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """A composite score (0 to 1) and the multiplier it earns (0 or more)."""

    score: Fraction
    multiplier: Fraction


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Two points; the multiplier is linear between them and stays at theirs outside.

    Raises: InvalidCurve if the scores do not rise, the multipliers fall, or one is below zero.
    """

    low: CurvePoint
    high: CurvePoint

    def __post_init__(self) -> None:
        if self.low.score >= self.high.score:
            raise InvalidCurve(
                f"The curve's low score {self.low.score} must be less than its high score {self.high.score}; move one of them.",
                path=("high", "score"),
            )
        if self.low.multiplier < 0:
            raise InvalidCurve(
                "The curve's low multiplier is below zero; pay cannot be negative, use 0 or more.", path=("low", "multiplier")
            )
        if self.low.multiplier > self.high.multiplier:
            raise InvalidCurve(
                f"The curve pays {self.low.multiplier} for the low score and less, {self.high.multiplier}, for the high one; "
                "better quality may not earn less.",
                path=("high", "multiplier"),
            )


def multiplier_at(*, curve: Curve, score: Fraction) -> Fraction:
    """Return the multiplier a composite score earns.

    Args:
        curve: the two points of the plan.
        score: composite score, usually 0 to 1.

    Returns: the exact multiplier, between the two multipliers of the curve.
    Source: design.md section 7.

    >>> line = Curve(low=CurvePoint(score=Fraction(7, 10), multiplier=Fraction(8, 10)),
    ...              high=CurvePoint(score=Fraction(9, 10), multiplier=Fraction(12, 10)))
    >>> multiplier_at(curve=line, score=Fraction(85, 100))
    Fraction(11, 10)
    """
    low, high = curve.low, curve.high
    if score <= low.score:
        return low.multiplier
    if score >= high.score:
        return high.multiplier
    return low.multiplier + (score - low.score) * (high.multiplier - low.multiplier) / (high.score - low.score)
