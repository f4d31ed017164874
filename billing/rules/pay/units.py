"""From an agent's verified resolutions to totals: in order, through the tiers, by workweek and by class.

`unit_frames.py` does the same column by column for many agents; a property test holds them equal.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction

from billing.rules.pay import facts, tiers
from contracts.rules import pay_plans

ZERO = Fraction(0)


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One agent's part in one verified resolution.

    `basis` is in the pay currency, zero where the plan needs none; `exchange` says which dated rate converted it.
    """

    resolution: str
    verified_at: datetime
    week: date
    basis: Fraction
    credit: Fraction
    class_code: str | None = None
    suspended: bool = False
    exchange: str | None = None


@dataclass(frozen=True, kw_only=True)
class _Part:
    """What one tier takes of one unit."""

    unit: Unit
    tier: int
    quantity: Fraction
    base: Fraction


def total_units(*, units: Sequence[Unit], terms: pay_plans.UnitTerms, position: Fraction = ZERO) -> facts.UnitTotals:
    """Add an agent's units up, each through the tiers in the order of verification.

    Args:
        units: eligible units of one agent and period, in any order.
        terms: measure, mode, accumulation and tiers.
        position: count or amount of the year before these units; used where tiers accumulate by year.

    Returns: totals by (class, basis, credit) and by (workweek, tier, suspended), and where the tiers now stand.
    Raises: UnableToFindTier if a unit lies beyond the last bound.
    Source: formats.md, "pay", "Unit".

    >>> from datetime import UTC
    >>> plain = pay_plans.UnitTerms(rate_kind="share", tiers=(pay_plans.PayTier(up_to=None, rate=Fraction(1, 5)),), is_tiered=False)
    >>> monday = date(2026, 10, 5)
    >>> one = Unit(resolution="R-1", verified_at=datetime(2026, 10, 6, tzinfo=UTC), week=monday, basis=Fraction(12, 5), credit=Fraction(1))
    >>> total_units(units=[one], terms=plain).slices[0].base
    Fraction(12, 5)
    """
    ordered = sorted(units, key=lambda unit: (unit.verified_at, unit.resolution))
    start = position if terms.accumulate == "year" else ZERO
    parts = _split(ordered, terms, start)
    end = start + sum((_width(unit, terms) for unit in ordered), ZERO)
    return facts.UnitTotals(
        groups=_group(ordered, parts, terms),
        slices=_slice(parts),
        unit_count=len(ordered),
        position=end if terms.accumulate == "year" else position,
    )


def _width(unit: Unit, terms: pay_plans.UnitTerms) -> Fraction:
    """Return how far a unit moves through the tiers."""
    return unit.credit if terms.measure == "count" else unit.basis * unit.credit


def _worth(unit: Unit, terms: pay_plans.UnitTerms) -> Fraction:
    """Return what of a unit the rates multiply."""
    return unit.basis * unit.credit if terms.rate_kind == "share" else unit.credit


def _split(units: Sequence[Unit], terms: pay_plans.UnitTerms, start: Fraction) -> list[_Part]:
    if not terms.is_tiered:
        return [_Part(unit=unit, tier=0, quantity=_width(unit, terms), base=_worth(unit, terms)) for unit in units]
    if terms.mode == "whole":
        return _split_whole(units, terms, start)
    stretches = _walk(units, terms, start)
    return _interpolate(units, stretches, terms) if terms.is_interpolated else stretches


def _split_whole(units: Sequence[Unit], terms: pay_plans.UnitTerms, start: Fraction) -> list[_Part]:
    total = start + sum((_width(unit, terms) for unit in units), ZERO)
    parts = []
    for unit in units:
        reached = _width(unit, terms) if terms.accumulate == "transaction" else total
        tier = tiers.find_tier(tiers=terms.tiers, quantity=reached)
        parts.append(_Part(unit=unit, tier=tier, quantity=_width(unit, terms), base=_worth(unit, terms)))
    return parts


def _walk(units: Sequence[Unit], terms: pay_plans.UnitTerms, start: Fraction) -> list[_Part]:
    """Walk the units through the tiers; a unit that crosses a bound is split there in proportion."""
    parts = []
    at = start
    for unit in units:
        if terms.accumulate == "transaction":
            at = ZERO
        width, worth = _width(unit, terms), _worth(unit, terms)
        for tier, quantity in tiers.split_stretch(tiers=terms.tiers, start=at, width=width):
            parts.append(_Part(unit=unit, tier=tier, quantity=quantity, base=worth if quantity == width else worth * quantity / width))
        at += width
    return parts


def _interpolate(units: Sequence[Unit], parts: Sequence[_Part], terms: pay_plans.UnitTerms) -> list[_Part]:
    """Replace what lies in a tier by the part of the tier that it fills; a share takes that part of the whole basis."""
    filled = [replace(part, base=tiers.fill_tier(tiers=terms.tiers, position=part.tier, quantity=part.quantity)) for part in parts]
    if terms.rate_kind == "amount":
        return filled
    if terms.accumulate == "transaction":
        return [replace(part, base=part.base * _worth(part.unit, terms)) for part in filled]
    by_tier = [sum((part.base for part in filled if part.tier == tier), ZERO) for tier in range(len(terms.tiers))]
    shares = [
        _Part(unit=unit, tier=tier, quantity=ZERO, base=_worth(unit, terms) * filled_part)
        for unit in units
        for tier, filled_part in enumerate(by_tier)
        if filled_part
    ]
    return [replace(part, base=ZERO) for part in parts] + shares


def _slice(parts: Sequence[_Part]) -> tuple[facts.UnitSlice, ...]:
    sums: dict[tuple[date, int, bool], tuple[Fraction, Fraction]] = {}
    for part in parts:
        key = (part.unit.week, part.tier, part.unit.suspended)
        quantity, base = sums.get(key, (ZERO, ZERO))
        sums[key] = (quantity + part.quantity, base + part.base)
    return tuple(
        facts.UnitSlice(week=week, tier=tier, suspended=suspended, quantity=quantity, base=base)
        for (week, tier, suspended), (quantity, base) in sorted(sums.items())
        if quantity or base
    )


def _group(units: Sequence[Unit], parts: Sequence[_Part], terms: pay_plans.UnitTerms) -> tuple[facts.UnitGroup, ...]:
    """Group units as a statement shows them; filled parts belong to no class, so they are one group."""
    if terms.is_interpolated:
        first = sum((part.base for part in parts if part.tier == 0), ZERO)
        return (_make_group(units, first, is_mixed=True),) if units else ()
    grouped: dict[tuple[str | None, Fraction | None, Fraction, str | None], list[Unit]] = {}
    for unit in units:
        basis = unit.basis if terms.rate_kind == "share" else None
        grouped.setdefault((unit.class_code, basis, unit.credit, unit.exchange), []).append(unit)
    made = [_make_group(members, sum((_worth(unit, terms) for unit in members), ZERO), basis=key[1]) for key, members in grouped.items()]
    return tuple(
        sorted(made, key=lambda group: (group.class_code or "", group.basis or ZERO, -(group.credit or ZERO), group.exchange or ""))
    )


def _make_group(units: Sequence[Unit], base: Fraction, *, basis: Fraction | None = None, is_mixed: bool = False) -> facts.UnitGroup:
    one = units[0]
    return facts.UnitGroup(
        class_code=None if is_mixed else one.class_code,
        basis=basis,
        credit=None if is_mixed else one.credit,
        exchange=None if is_mixed else one.exchange,
        unit_count=len(units),
        credit_sum=sum((unit.credit for unit in units), ZERO),
        base=base,
        week_first=min(unit.week for unit in units),
        week_last=max(unit.week for unit in units),
    )
