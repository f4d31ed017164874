"""Volume bands: what resolutions far above or below the baseline add or give back (ARC and RRC)."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from contracts.rules import commercials, errors

ZERO, ONE = Fraction(0), Fraction(1)


class InvalidVolume(errors.InvalidInput):
    """A count below zero."""


@dataclass(frozen=True, kw_only=True)
class BandLine:
    """The units of one band and what they add; an amount below zero gives back."""

    side: Literal["above", "below"]
    band: int
    quantity: Fraction
    unit_amount: Fraction
    exact: Fraction


def apply_bands(*, terms: commercials.VolumeBands, count: Fraction, share: Fraction = ONE) -> tuple[BandLine, ...]:
    """Charge the units above the dead band, or credit those missing below it, each at the rate of its own band.

    Args:
        terms: baseline, dead band and bands.
        count: resolutions of the period, zero or more.
        share: the part of a billing period that the terms were in force; it scales the baseline.

    Returns: one line per band entered, nearest first; none within the dead band. Amounts in the major unit, not rounded.
    Raises: InvalidVolume if the count is below zero.
    Source: design.md section 5, "volume bands with a dead band (ARC/RRC)". A band is (previous end, end], as a tier.

    >>> above = (commercials.VolumeBand(up_to=Fraction(1, 5), unit_amount=Fraction(1)), commercials.VolumeBand(unit_amount=Fraction(2)))
    >>> terms = commercials.VolumeBands(baseline=Fraction(1000), dead_band=Fraction(1, 10), above=above)
    >>> [(int(line.quantity), int(line.exact)) for line in apply_bands(terms=terms, count=Fraction(1250))]
    [(100, 100), (50, 100)]
    """
    if count < 0:
        raise InvalidVolume("A count is zero or more.", path=("count",))
    baseline = terms.baseline * share
    side: Literal["above", "below"] = "above" if count >= baseline else "below"
    sign = ONE if side == "above" else -ONE
    away, begins = abs(count - baseline), baseline * terms.dead_band
    written = []
    for place, band in enumerate(terms.above if side == "above" else terms.below):
        ends = away if band.up_to is None else min(away, baseline * band.up_to)
        if ends > begins:
            units = ends - begins
            written.append(
                BandLine(side=side, band=place, quantity=units, unit_amount=band.unit_amount, exact=sign * units * band.unit_amount)
            )
        begins = max(ends, begins)
    return tuple(written)
