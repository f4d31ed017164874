"""A period's usage under a rate card: which row wins what, and what each row's usage costs together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from billing.rules import money
from billing.rules.prices import steps
from contracts.rules import errors, rate_cards

ZERO = Fraction(0)


class InvalidUsage(errors.InvalidInput):
    """Usage that does not say how much, or not what the row that prices it needs."""


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Resolutions of one kind: what they are about, and how many; None means not said."""

    query_type: str | None = None
    channel: str | None = None
    outcome: str | None = None
    quantity: Fraction | None = None
    events: tuple[Fraction, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class RowState:
    """What a row of the card knows of the period beside its terms."""

    booked: steps.Booked = steps.NOTHING_BOOKED
    credits_available: Fraction = ZERO
    is_last_in_period: bool = True


@dataclass(frozen=True, kw_only=True)
class CardLine:
    """What one row costs, with the usage it won; or, with row None, usage that no row prices.

    Args:
        row: the row's position, from 0; None for usage without a row.
        usage: positions of the usage it won, in order.
        quantity: their units together.
        amount: rounded, major unit.
        exact: not rounded.
        rated: the price, with its own lines; None without a row.
    """

    row: int | None
    usage: tuple[int, ...]
    quantity: Fraction
    amount: Fraction = ZERO
    exact: Fraction = ZERO
    rated: steps.Rated | None = None


@dataclass(frozen=True, kw_only=True)
class CardRated:
    """What a period's usage costs: rounded lines added up, the exact sum, and the lines."""

    amount: Fraction
    exact: Fraction
    lines: tuple[CardLine, ...]


@dataclass(kw_only=True)
class _Won:
    positions: list[int] = field(default_factory=list)
    quantity: Fraction = ZERO
    events: list[Fraction] = field(default_factory=list)


NO_STATE: Mapping[int, RowState] = {}


def rate_usage(
    *, card: rate_cards.RateCard, usage: Sequence[Usage], rounding: money.Round, states: Mapping[int, RowState] = NO_STATE
) -> CardRated:
    """Price a period's usage: the most specific row wins it, and what a row wins is priced together.

    Args:
        card: the price table.
        usage: the period's usage, in order; the events of a percentage row count in this order.
        rounding: how each row's result is rounded, once.
        states: by row position, what was booked before and which credits it has; a missing row has none.

    Returns: one line per row that won, in row order, then one per usage that no row prices; the total adds rounded lines.
    Raises: InvalidUsage if usage lacks what its row needs; UnableToPrice if a row has no price for its quantity.
    Source: design.md section 5, "Rating"; formats.md, `rate_card`.

    >>> card = rate_cards.RateCard(rows=(rate_cards.RateCardRow(price=rate_cards.PerUnit(unit_amount=Fraction(2))),))
    >>> usage = (Usage(channel="chat", quantity=Fraction(3)), Usage(channel="mail", quantity=Fraction(4)))
    >>> str(rate_usage(card=card, usage=usage, rounding=money.Round(places=2)).amount)
    '14'
    """
    won: dict[int, _Won] = {}
    unpriced = []
    for position, item in enumerate(usage):
        row = card.find_row(query_type=item.query_type, channel=item.channel, outcome=item.outcome)
        quantity = _count(item=item, position=position, price=None if row is None else card.rows[row].price)
        if row is None:
            unpriced.append(CardLine(row=None, usage=(position,), quantity=quantity))
            continue
        together = won.setdefault(row, _Won())
        together.positions.append(position)
        together.quantity += quantity
        together.events.extend(item.events or ())
    priced = [_price_row(card=card, row=row, won=won[row], rounding=rounding, state=states.get(row, RowState())) for row in sorted(won)]
    written = (*priced, *unpriced)
    total = sum((line.amount for line in written), ZERO)
    return CardRated(amount=total, exact=sum((line.exact for line in written), ZERO), lines=written)


def _count(*, item: Usage, position: int, price: rate_cards.Price | None) -> Fraction:
    """Return the units of one usage; its number of events where it does not say, but never for a sum of money."""
    if isinstance(price, rate_cards.Percentage) and item.events is None and item.quantity != 0:
        message = "The row that prices this usage takes a percentage of each event; give events, the values in order."
        raise InvalidUsage(message, path=("usage", position, "events"))
    if item.quantity is not None:
        return item.quantity
    if item.events is None or isinstance(price, rate_cards.GraduatedPercentage):
        raise InvalidUsage("Say how much this usage is: a quantity, or events.", path=("usage", position, "quantity"))
    return Fraction(len(item.events))


def _price_row(*, card: rate_cards.RateCard, row: int, won: _Won, rounding: money.Round, state: RowState) -> CardLine:
    terms = card.rows[row]
    try:
        rated = steps.rate_usage(
            price=terms.price,
            quantity=won.quantity,
            events=won.events if isinstance(terms.price, rate_cards.Percentage) else None,
            rounding=rounding,
            steps=terms.steps,
            booked=state.booked,
            credits_available=state.credits_available,
            is_last_in_period=state.is_last_in_period,
        )
    except errors.InvalidInput as refused:
        raise refused.inside("rows", row) from refused
    return CardLine(row=row, usage=tuple(won.positions), quantity=won.quantity, amount=rated.amount, exact=rated.exact, rated=rated)
