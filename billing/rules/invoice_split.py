"""An amount of an invoice taken apart as it was priced: one part per tier, each with its count, price and words."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from billing.rules import money
from billing.rules.prices import lines, steps
from contracts.rules import errors, exact, rate_cards
from contracts.rules.sentences import sentence

ZERO = Fraction(0)
# How prices are shown where nothing is rounded for it.
CENTS = money.Round(places=2)


@dataclass(frozen=True, kw_only=True)
class SplitPart:
    """One part of a line.

    Args:
        quantity: what the unit amount multiplies; None for a step about money.
        unit_amount: amount of one; None where the part has none.
        amount: rounded, major unit; parts of a line add up to the line.
        words: "the first 1,500", "above 1,500", or why a step changed the amount; empty for a price without tiers.
    """

    quantity: Fraction | None
    unit_amount: Fraction | None
    amount: Fraction
    words: str


def split_line(
    *, row: rate_cards.RateCardRow, quantity: Fraction, exact_amount: Fraction, amount: Fraction, rounding: money.Round = CENTS
) -> tuple[SplitPart, ...]:
    """Take a rated line apart by the rule that priced it.

    Args:
        row: the row of the card that priced it.
        quantity: resolutions that it counts, zero or more.
        exact_amount: what was booked, major unit, not rounded.
        amount: what the line says, rounded.
        rounding: that of the invoice's currency, by which its parts are shown.

    Returns: the parts, which add up to `amount`; none where count and row alone do not give the booked amount, because
        units count with a part of their price, or the price is taken of values. Nothing is guessed then.
    Source: design.md section 5, "Rating".

    >>> tiers = (rate_cards.Tier(up_to=Fraction(2), unit_amount=Fraction(3)), rate_cards.Tier(unit_amount=Fraction(2)))
    >>> row = rate_cards.RateCardRow(price=rate_cards.Graduated(tiers=tiers))
    >>> [part.words for part in split_line(row=row, quantity=Fraction(3), exact_amount=Fraction(8), amount=Fraction(8))]
    ['the first 2', 'above 2']
    """
    if quantity < 0:
        return ()
    try:
        rated = steps.rate_usage(price=row.price, quantity=quantity, rounding=rounding, steps=row.steps, is_last_in_period=False)
    except errors.InvalidInput:
        return ()
    if rated.exact != exact_amount:
        return ()
    parts = [line for line in rated.lines if line.exact or line.kind != "tier" or len(rated.lines) == 1]
    return _with_amounts(row.price, parts, amount)


def describe_price(*, row: rate_cards.RateCardRow, quantity: Fraction) -> str:
    """Say in figures how a count is priced.

    Args:
        row: the row of the card.
        quantity: resolutions, zero or more.

    Returns: "1,500 × 2.40 and 112 × 2.20", or nothing where the row does not price counts.
    Source: mockups, the reason of a correction.

    >>> row = rate_cards.RateCardRow(price=rate_cards.PerUnit(unit_amount=Fraction("2.4")))
    >>> describe_price(row=row, quantity=Fraction(1500))
    '1,500 × 2.40'
    """
    try:
        rated = steps.rate_usage(price=row.price, quantity=max(quantity, ZERO), rounding=CENTS, steps=row.steps, is_last_in_period=False)
    except errors.InvalidInput:
        return ""
    told = [
        f"{_count(line.quantity)} × {show_price(price=line.unit_amount)}"
        for line in rated.lines
        if line.quantity and line.unit_amount is not None
    ]
    return " and ".join(told)


def price_of(*, row: rate_cards.RateCardRow, quantity: Fraction) -> Fraction | None:
    """Return what a count costs under a row, exact; None where the row does not price counts.

    Args:
        row: its amounts are in the major unit.
        quantity: units, zero or more.

    Returns: the major unit, without the row's minimum.
    Source: design.md section 5, "Rating".

    >>> price_of(row=rate_cards.RateCardRow(price=rate_cards.PerUnit(unit_amount=Fraction(2))), quantity=Fraction(4))
    Fraction(8, 1)
    """
    try:
        rated = steps.rate_usage(price=row.price, quantity=quantity, rounding=CENTS, steps=row.steps, is_last_in_period=False)
    except errors.InvalidInput:
        return None
    return rated.exact


def show_price(*, price: Fraction) -> str:
    """Write a price with cents, or with more decimals where cents would hide something.

    Args:
        price: in the major unit.

    Raises: InvalidNumber if it does not end within six decimals.

    >>> show_price(price=Fraction("0.0125"))
    '0.0125'
    """
    places = next((places for places in (2, 3, 4, 5) if (price * 10**places).denominator == 1), 6)
    return exact.format_places(value=price, places=places)


def _with_amounts(price: rate_cards.Price, parts: Sequence[lines.Line], amount: Fraction) -> tuple[SplitPart, ...]:
    """Give each part its rounded amount; the last takes what rounding the whole invoice moved onto this line."""
    rest = amount - sum((line.amount for line in parts), ZERO)
    bounds = [tier.up_to for tier in price.tiers] if isinstance(price, rate_cards.Graduated | rate_cards.Volume) else []
    return tuple(
        SplitPart(
            quantity=line.quantity,
            unit_amount=line.unit_amount,
            amount=line.amount + (rest if place == len(parts) - 1 else ZERO),
            words=_words(line, bounds, isinstance(price, rate_cards.Volume)),
        )
        for place, line in enumerate(parts)
    )


def _words(line: lines.Line, bounds: Sequence[Fraction | None], is_volume: bool) -> str:
    if line.kind != "tier":
        return line.words
    if line.tier is None or len(bounds) < 2:
        return ""
    ends, begins = bounds[line.tier], bounds[line.tier - 1] if line.tier else None
    if is_volume and begins is not None:
        return sentence("all of them, because the count is above {begins}", begins=_count(begins))
    if is_volume:
        return sentence("all of them, up to {ends}", ends=_count(ends))
    if begins is None:
        return sentence("the first {ends}", ends=_count(ends))
    if ends is None:
        return sentence("above {begins}", begins=_count(begins))
    return sentence("above {begins}, up to {ends}", begins=_count(begins), ends=_count(ends))


def _count(value: Fraction | None) -> str:
    if value is None:
        return ""
    return f"{value.numerator:,}" if value.denominator == 1 else exact.format_exact(value=value)
