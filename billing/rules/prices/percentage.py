"""A percentage of each event's value, with free events, a free amount, and limits per event."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import polars as pl

from billing.rules.prices import micros, parts
from contracts.rules import exact, rate_cards

HUNDRED = 100
TERMS = ("rate_percent", "fixed_amount", "free_events", "free_amount", "per_event_min", "per_event_max")


@dataclass(frozen=True, kw_only=True)
class EventPrice:
    """One event: its value, the part of it that is billed (None when the event is free), and its exact amount."""

    value: Fraction
    billed: Fraction | None
    exact: Fraction


def price_events(*, price: rate_cards.Percentage, events: Sequence[Fraction]) -> tuple[EventPrice, ...]:
    """Price events one by one, in order.

    An event is free while its number is at most `free_events` and the running sum at most `free_amount`. The one
    that crosses `free_amount` within the free events is billed on the excess, all later ones whole.

    Args:
        price: the terms.
        events: values in the major unit, zero or more, in order.

    Returns: one price per event, in the major unit, not rounded.
    Raises: UnableToPrice if a value is negative.
    Source: formats.md, `percentage`.

    >>> price = rate_cards.Percentage(rate_percent=Fraction(10), free_amount=Fraction(100))
    >>> [str(event.exact) for event in price_events(price=price, events=[Fraction(80), Fraction(50), Fraction(20)])]
    ['0', '3', '2']
    """
    priced = []
    running = Fraction(0)
    for number, value in enumerate(events, start=1):
        if value < 0:
            raise parts.UnableToPrice("An event's value is zero or more; net a refund into its event.", path=("events", number - 1))
        running += value
        billed = _billed(price=price, number=number, value=value, running=running)
        priced.append(
            EventPrice(value=value, billed=billed, exact=parts.ZERO if billed is None else _event_amount(price=price, billed=billed))
        )
    return tuple(priced)


def price_percentage(*, price: rate_cards.Percentage, events: Sequence[Fraction]) -> tuple[parts.Part, ...]:
    """Price a period's events at a percentage of their values.

    Args:
        price: the terms.
        events: values in the major unit, zero or more, in order.

    Returns: one part whose quantity is the number of events, in the major unit, not rounded.
    Raises: UnableToPrice if a value is negative.
    Source: formats.md, `percentage`.

    >>> price_percentage(price=rate_cards.Percentage(rate_percent=Fraction("2.5")), events=[Fraction(40)])[0].exact
    Fraction(1, 1)
    """
    priced = price_events(price=price, events=events)
    paid = [event.billed for event in priced if event.billed is not None]
    total = sum(paid, parts.ZERO)
    counted = {"events": Fraction(len(priced)), "billed_events": Fraction(len(paid)), "billed": total}
    terms = {name: value for name in TERMS if (value := getattr(price, name)) is not None}
    rate, shown = exact.format_exact(value=price.rate_percent), exact.format_exact(value=total)
    part = parts.Part(
        quantity=Fraction(len(priced)),
        units=Fraction(len(priced)),
        unit_amount=None,
        flat_amount=parts.ZERO,
        exact=sum((event.exact for event in priced), parts.ZERO),
        tier=None,
        words=f"{len(paid)} of {len(priced)} events are billed, {shown} at {rate} percent, each with its fixed amount and limits.",
        inputs={**counted, **terms},
    )
    return (part,)


def percentage_amount(*, price: rate_cards.Percentage, number: pl.Expr, value_micros: pl.Expr, running_micros: pl.Expr) -> pl.Expr:
    """Price each event of a column, times `rate_scale(price)`.

    Args:
        price: the terms; amounts are whole micros.
        number: Int64 column, the event's place, from 1.
        value_micros: Int64 column, the event's value, zero or more.
        running_micros: Int64 column, the sum of values up to and with this event.

    Returns: Int64 micros times `rate_scale(price)`; the caller divides and refuses a remainder.
    Raises: UnableToPriceFrame if a term is not whole micros.
    Source: formats.md, `percentage`.
    """
    scale = rate_scale(price=price)
    billed = _billed_column(price=price, number=number, value=value_micros, running=running_micros)
    amount = billed * int(price.rate_percent / HUNDRED * scale)
    amount = amount + micros.to_whole(value=price.fixed_amount, name="fixed_amount") * scale
    if price.per_event_min is not None:
        amount = amount.clip(lower_bound=micros.to_whole(value=price.per_event_min, name="per_event_min") * scale)
    if price.per_event_max is not None:
        amount = amount.clip(upper_bound=micros.to_whole(value=price.per_event_max, name="per_event_max") * scale)
    return pl.when(_is_free(price=price, number=number, running=running_micros)).then(0).otherwise(amount)


def rate_scale(*, price: rate_cards.Percentage) -> int:
    """Return the smallest whole number that makes the rate whole.

    >>> rate_scale(price=rate_cards.Percentage(rate_percent=Fraction("2.5")))
    40
    """
    return (price.rate_percent / HUNDRED).denominator


def _billed(*, price: rate_cards.Percentage, number: int, value: Fraction, running: Fraction) -> Fraction | None:
    if price.free_events is None and price.free_amount is None:
        return value
    if price.free_events is not None and number > price.free_events:
        return value
    if price.free_amount is None or running <= price.free_amount:
        return None
    return min(value, running - price.free_amount)


def _event_amount(*, price: rate_cards.Percentage, billed: Fraction) -> Fraction:
    amount = billed * price.rate_percent / HUNDRED + price.fixed_amount
    if price.per_event_min is not None:
        amount = max(amount, price.per_event_min)
    if price.per_event_max is not None:
        amount = min(amount, price.per_event_max)
    return amount


def _is_free(*, price: rate_cards.Percentage, number: pl.Expr, running: pl.Expr) -> pl.Expr:
    if price.free_events is None and price.free_amount is None:
        return pl.lit(False)
    free = pl.lit(True)
    if price.free_events is not None:
        free = free & (number <= int(price.free_events))
    if price.free_amount is not None:
        free = free & (running <= micros.to_whole(value=price.free_amount, name="free_amount"))
    return free


def _billed_column(*, price: rate_cards.Percentage, number: pl.Expr, value: pl.Expr, running: pl.Expr) -> pl.Expr:
    if price.free_amount is None:
        return value
    excess = pl.min_horizontal(value, running - micros.to_whole(value=price.free_amount, name="free_amount"))
    if price.free_events is None:
        return excess
    return pl.when(number <= int(price.free_events)).then(excess).otherwise(value)
