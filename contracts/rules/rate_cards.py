"""Frozen price terms: shapes, tiers, the steps around them, and the row of a rate card that prices a resolution.

Amounts are exact `Fraction`s of the major unit. A term that could not price something cannot be built: every class
here checks itself and raises with the place of the fault.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from contracts.rules import errors, exact

ZERO = Fraction(0)
HUNDRED = Fraction(100)


class InvalidPrice(errors.InvalidInput):
    """A price whose numbers make no sense, such as a package of zero units."""


class InvalidTiers(errors.InvalidInput):
    """Tiers that are empty, unsorted, or closed where they must be open."""


class InvalidRateCard(errors.InvalidInput):
    """A rate card in which two rows price the same resolutions."""


@dataclass(frozen=True, kw_only=True)
class Tier:
    """A band of a price table: above the previous bound, up to and including `up_to`; None is without end."""

    up_to: Fraction | None = None
    unit_amount: Fraction = ZERO
    flat_amount: Fraction = ZERO
    block_size: Fraction | None = None

    def __post_init__(self) -> None:
        _refuse_negative(self, "unit_amount", "flat_amount")
        if self.block_size is not None and self.block_size <= 0:
            raise InvalidPrice("A block has more than zero units; leave block_size out to price single units.", path=("block_size",))


@dataclass(frozen=True, kw_only=True)
class PercentageTier:
    """A band of a sum of money, priced at a percentage of it."""

    up_to: Fraction | None = None
    rate_percent: Fraction = ZERO
    flat_amount: Fraction = ZERO

    def __post_init__(self) -> None:
        _refuse_negative(self, "rate_percent", "flat_amount")


@dataclass(frozen=True, kw_only=True)
class PerUnit:
    """Every unit costs the same."""

    unit_amount: Fraction

    def __post_init__(self) -> None:
        _refuse_negative(self, "unit_amount")


@dataclass(frozen=True, kw_only=True)
class Package:
    """Started packages of what exceeds the free units."""

    package_size: Fraction
    package_amount: Fraction
    free_units: Fraction = ZERO

    def __post_init__(self) -> None:
        _refuse_negative(self, "package_amount", "free_units")
        if self.package_size <= 0:
            raise InvalidPrice("A package has more than zero units.", path=("package_size",))


@dataclass(frozen=True, kw_only=True)
class Graduated:
    """Each unit at its own tier's rate; every tier entered adds its flat amount once."""

    tiers: tuple[Tier, ...]
    zero_usage_flat: bool = False

    def __post_init__(self) -> None:
        check_bounds(bounds=[tier.up_to for tier in self.tiers])


@dataclass(frozen=True, kw_only=True)
class Volume:
    """All units at the rate of the tier that contains the quantity."""

    tiers: tuple[Tier, ...]
    zero_usage_flat: bool = False

    def __post_init__(self) -> None:
        check_bounds(bounds=[tier.up_to for tier in self.tiers])


@dataclass(frozen=True, kw_only=True)
class GraduatedPercentage:
    """Each slice of a sum of money at its own tier's percentage."""

    tiers: tuple[PercentageTier, ...]
    zero_usage_flat: bool = False

    def __post_init__(self) -> None:
        check_bounds(bounds=[tier.up_to for tier in self.tiers])


@dataclass(frozen=True, kw_only=True)
class Percentage:
    """A percentage of each event's value, with an allowance of free events or a free amount.

    A limit that is None holds; with neither limit no event is free.
    """

    rate_percent: Fraction = ZERO
    fixed_amount: Fraction = ZERO
    free_events: Fraction | None = None
    free_amount: Fraction | None = None
    per_event_min: Fraction | None = None
    per_event_max: Fraction | None = None

    def __post_init__(self) -> None:
        _refuse_negative(self, "rate_percent", "fixed_amount", "free_events", "free_amount", "per_event_min", "per_event_max")


Price = PerUnit | Package | Graduated | Volume | GraduatedPercentage | Percentage


@dataclass(frozen=True, kw_only=True)
class PriceSteps:
    """What surrounds a shape, in this order: usage discount, price, percent discount, maximum, minimum."""

    usage_discount: Fraction = ZERO
    percent_discount: Fraction = ZERO
    maximum: Fraction | None = None
    minimum: Fraction | None = None

    def __post_init__(self) -> None:
        _refuse_negative(self, "usage_discount", "percent_discount", "maximum", "minimum")
        if self.percent_discount > HUNDRED:
            raise InvalidPrice("A discount is at most 100 percent.", path=("percent_discount",))


@dataclass(frozen=True, kw_only=True)
class RateCardRow:
    """A price and the resolutions it is for; None means any. `billing` covers `billing/refund`."""

    price: Price
    query_type: str | None = None
    channel: str | None = None
    outcome: str | None = None
    steps: PriceSteps = field(default_factory=PriceSteps)


RowKey = tuple[str | None, str | None, str | None]


@dataclass(frozen=True, kw_only=True)
class RateCard:
    """A dated price table. No two rows may be for the same resolutions."""

    rows: tuple[RateCardRow, ...]
    _positions: Mapping[RowKey, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        positions: dict[RowKey, int] = {}
        for position, row in enumerate(self.rows):
            first = positions.setdefault((row.query_type, row.channel, row.outcome), position)
            if first != position:
                raise InvalidRateCard(
                    f"Row {position} is for the same resolutions as row {first} ({_describe(row)}); keep one of them.",
                    path=("rows", position),
                )
        object.__setattr__(self, "_positions", positions)

    def find_row(self, *, query_type: str | None, channel: str | None, outcome: str | None) -> int | None:
        """Find the most specific row for a resolution: by query type first, then channel, then outcome.

        Args:
            query_type: what the case is about, such as "billing/refund"; None is matched by rows for any only.
            channel: such as "chat"; None as above.
            outcome: outcome class; None as above.

        Returns: the row's position, or None if no row prices this resolution.
        Source: design.md section 5, "the most specific wins".

        >>> chat = RateCardRow(query_type="billing", channel="chat", price=PerUnit(unit_amount=Fraction(2)))
        >>> deep = RateCardRow(query_type="billing/refund", price=PerUnit(unit_amount=Fraction(3)))
        >>> RateCard(rows=(chat, deep)).find_row(query_type="billing/refund", channel="chat", outcome=None)
        1
        """
        ranked = self.rank_rows(query_type=query_type, channel=channel, outcome=outcome)
        return ranked[0] if ranked else None

    def rank_rows(self, *, query_type: str | None, channel: str | None, outcome: str | None) -> tuple[int, ...]:
        """List every row that fits a resolution, the most specific first; the first prices it, the others lose.

        Args:
            query_type: as in `find_row`.
            channel: as in `find_row`.
            outcome: as in `find_row`.

        Returns: positions of rows.
        Source: design.md section 5, "the most specific wins and the winner is shown".

        >>> price = PerUnit(unit_amount=Fraction(2))
        >>> rows = (RateCardRow(price=price), RateCardRow(channel="chat", price=price))
        >>> RateCard(rows=rows).rank_rows(query_type=None, channel="chat", outcome=None)
        (1, 0)
        """
        wanted = (
            (query_type_wanted, channel_wanted, outcome_wanted)
            for query_type_wanted in (*_ancestry(query_type), None)
            for channel_wanted in _or_any(channel)
            for outcome_wanted in _or_any(outcome)
        )
        return tuple(position for key in wanted if (position := self._positions.get(key)) is not None)


def check_bounds(*, bounds: Sequence[Fraction | None]) -> None:
    """Refuse tiers that leave a hole or an overlap: bounds ascend, and only the last may be without end.

    Args:
        bounds: the `up_to` of each tier in order; None is without end.

    Raises: InvalidTiers with the place of the fault, inside "tiers".
    Source: design.md section 5: only upper bounds are stored, so no gap or overlap can exist.

    >>> check_bounds(bounds=[Fraction(80), None])
    """
    if not bounds:
        raise InvalidTiers("A tiered price needs at least one tier.", path=("tiers",))
    previous: Fraction | None = None
    for position, bound in enumerate(bounds):
        path = ("tiers", position, "up_to")
        if bound is None:
            if position != len(bounds) - 1:
                raise InvalidTiers("Only the last tier may be without end; give this one an up_to.", path=path)
        elif bound < 0:
            raise InvalidTiers("A tier ends at zero or above.", path=path)
        elif previous is not None and bound <= previous:
            ends, before = exact.format_exact(value=bound), exact.format_exact(value=previous)
            raise InvalidTiers(f"Tiers ascend: this one ends at {ends}, but the one before it already ends at {before}.", path=path)
        previous = bound


def _refuse_negative(terms: object, *names: str) -> None:
    for name in names:
        value = getattr(terms, name)
        if value is not None and value < 0:
            raise InvalidPrice(f"{name} is zero or more.", path=(name,))


def _ancestry(query_type: str | None) -> list[str]:
    """Return "a/b/c" as ["a/b/c", "a/b", "a"]: the most specific first."""
    if query_type is None:
        return []
    parts = query_type.split("/")
    return ["/".join(parts[:length]) for length in range(len(parts), 0, -1)]


def _or_any(value: str | None) -> tuple[str | None, ...]:
    return (None,) if value is None else (value, None)


def _describe(row: RateCardRow) -> str:
    return f"query type {row.query_type or 'any'}, channel {row.channel or 'any'}, outcome {row.outcome or 'any'}"
