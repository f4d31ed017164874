"""The steps around a price shape, in their one order.

N = booked + quantity - usage discount, not below zero; shape(N); percent discount; at most the maximum; at least the
minimum in the last part of a period; minus what was booked; credits take the rest down to zero.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from billing.rules import money
from billing.rules.prices import lines, parts, shapes
from contracts.rules import exact, rate_cards

ZERO = Fraction(0)
HUNDRED = 100


@dataclass(frozen=True, kw_only=True)
class Booked:
    """What earlier parts of the period booked: units, and the amount in the major unit; None means as these terms price it."""

    quantity: Fraction = ZERO
    amount: Fraction | None = None


NO_STEPS = rate_cards.PriceSteps()
NOTHING_BOOKED = Booked()


@dataclass(frozen=True, kw_only=True)
class Rated:
    """A price: its amount rounded and exact, and the lines that add up to it."""

    amount: Fraction
    exact: Fraction
    lines: tuple[lines.Line, ...]


def rate_usage(
    *,
    price: rate_cards.Price,
    quantity: Fraction = ZERO,
    rounding: money.Round,
    events: Sequence[Fraction] | None = None,
    steps: rate_cards.PriceSteps = NO_STEPS,
    booked: Booked = NOTHING_BOOKED,
    credits_available: Fraction = ZERO,
    is_last_in_period: bool = True,
) -> Rated:
    """Price the usage of one part of a period: the cumulative price less what was booked.

    Args:
        price: the shape and its numbers.
        quantity: units of this part; below zero where units fell away. Their sum with the booked units counts.
        rounding: how the result is rounded, once.
        events: for a percentage price all values of the period, in order, instead of quantity.
        steps: usage discount in units, percent discount, maximum and minimum in the major unit.
        booked: what earlier parts of the period booked.
        credits_available: major unit, zero or more; they take the rest down to zero.
        is_last_in_period: whether the minimum counts.

    Returns: the signed amount to book now.
    Raises: UnableToPrice if the terms give no price for this quantity.
    Source: design.md section 5, "Steps around the shape" and "Corrections"; formats.md, `price`.

    >>> flat = rate_cards.PerUnit(unit_amount=Fraction(2))
    >>> str(rate_usage(price=flat, quantity=Fraction(-1), booked=Booked(quantity=Fraction(5)), rounding=money.Round(places=2)).amount)
    '-2'
    """
    if credits_available < 0:
        raise parts.UnableToPrice("Credits are zero or more.", path=("steps", "credits"))
    written = _cumulative_lines(price=price, quantity=booked.quantity + quantity, events=events, steps=steps, has_minimum=is_last_in_period)
    booked_amount = _booked_amount(price=price, steps=steps, booked=booked, has_events=events is not None)
    if booked_amount:
        words = f"Less what was booked for {_show(booked.quantity)} units before." if booked.quantity else "Less what was booked before."
        inputs = {"quantity": booked.quantity, "amount": booked_amount}
        written.append(lines.Line(kind="booked", quantity=-booked.quantity, exact=-booked_amount, inputs=inputs, words=words))
    written.extend(_credit_lines(rest=_total(written), credits_available=credits_available))
    return _round(written, rounding)


def rate_phases(
    *,
    price: rate_cards.Price,
    phases: Sequence[Fraction],
    rounding: money.Round,
    steps: rate_cards.PriceSteps = NO_STEPS,
    credits_available: Fraction = ZERO,
    is_last_in_period: bool = True,
) -> Rated:
    """Price a history of the cumulative net count: one line per phase, the rounded result less the one before.

    Args:
        price: the shape and its numbers; not a percentage price, which needs events.
        phases: the cumulative count after each phase, in order.
        rounding: how each cumulative result is rounded.
        steps: as in `rate_usage`; the minimum counts in the last phase.
        credits_available: major unit, zero or more; they take each cumulative result down to zero.
        is_last_in_period: whether the minimum counts in the last phase.

    Returns: the last cumulative result, with one line per phase; a line may be below zero.
    Raises: UnableToPrice if there is no phase, or a phase that the terms cannot price.
    Source: formats.md, `phases`.

    >>> flat = rate_cards.PerUnit(unit_amount=Fraction(2))
    >>> history = [Fraction(4), Fraction(9), Fraction(6)]
    >>> [str(line.amount) for line in rate_phases(price=flat, phases=history, rounding=money.Round(places=2)).lines]
    ['8', '10', '-6']
    """
    if not phases or isinstance(price, rate_cards.Percentage):
        raise parts.UnableToPrice("A history has at least one count; a percentage price has events instead.", path=("phases",))
    written = []
    count = before = ZERO
    for position, phase in enumerate(phases):
        is_last = is_last_in_period and position == len(phases) - 1
        cumulative = _cumulative_lines(price=price, quantity=phase, events=None, steps=steps, has_minimum=is_last)
        cumulative.extend(_credit_lines(rest=_total(cumulative), credits_available=credits_available))
        total = _total(cumulative)
        words = f"The count stands at {_show(phase)}, worth {_show(total)}; {_show(before)} was booked before."
        inputs = {"cumulative_quantity": phase, "cumulative": total, "booked": before}
        written.append(lines.Line(kind="phase", quantity=phase - count, units=phase, exact=total - before, inputs=inputs, words=words))
        count, before = phase, total
    return _round(written, rounding)


def _cumulative_lines(
    *, price: rate_cards.Price, quantity: Fraction, events: Sequence[Fraction] | None, steps: rate_cards.PriceSteps, has_minimum: bool
) -> list[lines.Line]:
    """Price the period so far: usage discount, shape, percent discount, maximum, and the minimum where it counts."""
    if isinstance(price, rate_cards.Percentage) and steps.usage_discount:
        raise parts.UnableToPrice(
            "A usage discount takes units away, but a percentage price has events; use free_events instead.",
            path=("steps", "usage_discount"),
        )
    gross = max(quantity, ZERO)
    discounted = min(steps.usage_discount, gross)
    written = []
    if discounted:
        words = f"{_show(discounted)} of {_show(gross)} units are not charged."
        inputs = {"quantity": gross, "usage_discount": steps.usage_discount}
        written.append(lines.Line(kind="usage_discount", quantity=discounted, exact=ZERO, inputs=inputs, words=words))
    try:
        shaped = shapes.price_shape(price=price, quantity=gross - discounted, events=events)
    except parts.UnableToPrice as refused:
        if refused.path[:1] == ("tiers",):
            raise refused.inside("price") from refused
        raise
    written.extend(_tier_line(part) for part in shaped)
    written.extend(_limit_lines(total=parts.sum_parts(shaped), steps=steps, has_minimum=has_minimum))
    return written


def _tier_line(part: parts.Part) -> lines.Line:
    return lines.Line(
        kind="tier",
        quantity=part.quantity,
        unit_amount=part.unit_amount,
        flat_amount=part.flat_amount,
        exact=part.exact,
        units=part.units,
        tier=part.tier,
        inputs=part.inputs,
        words=part.words,
    )


def _limit_lines(*, total: Fraction, steps: rate_cards.PriceSteps, has_minimum: bool) -> list[lines.Line]:
    written = []
    discount = total * steps.percent_discount / HUNDRED
    if discount:
        words = f"{_show(steps.percent_discount)} percent off {_show(total)}."
        inputs = {"amount": total, "percent_discount": steps.percent_discount}
        written.append(lines.Line(kind="percent_discount", exact=-discount, inputs=inputs, words=words))
    total -= discount
    if steps.maximum is not None and total > steps.maximum:
        words = f"{_show(total)} is above the maximum of {_show(steps.maximum)}."
        inputs = {"amount": total, "maximum": steps.maximum}
        written.append(lines.Line(kind="maximum", exact=steps.maximum - total, inputs=inputs, words=words))
        total = steps.maximum
    if has_minimum and steps.minimum is not None and total < steps.minimum:
        words = f"{_show(total)} is below the minimum of {_show(steps.minimum)}."
        inputs = {"amount": total, "minimum": steps.minimum}
        written.append(lines.Line(kind="minimum", exact=steps.minimum - total, inputs=inputs, words=words))
    return written


def _booked_amount(*, price: rate_cards.Price, steps: rate_cards.PriceSteps, booked: Booked, has_events: bool) -> Fraction:
    """Return what was booked: as given, or what these steps without the minimum give for the booked units; nothing for none."""
    if booked.amount is not None or booked.quantity == 0:
        return booked.amount or ZERO
    if has_events:
        raise parts.UnableToPrice(
            "With events, say what was booked as an amount; the events are all of the period.", path=("booked", "amount")
        )
    return _total(_cumulative_lines(price=price, quantity=booked.quantity, events=None, steps=steps, has_minimum=False))


def _credit_lines(*, rest: Fraction, credits_available: Fraction) -> list[lines.Line]:
    used = min(credits_available, max(rest, ZERO))
    if not used:
        return []
    words = f"{_show(used)} of {_show(rest)} is paid from credits of {_show(credits_available)}."
    return [lines.Line(kind="credits", exact=-used, inputs={"amount": rest, "credits": credits_available}, words=words)]


def _total(written: Sequence[lines.Line]) -> Fraction:
    return sum((line.exact for line in written), ZERO)


def _round(written: Sequence[lines.Line], rounding: money.Round) -> Rated:
    rounded = lines.round_running(amounts=[line.exact for line in written], rounding=rounding)
    finished = tuple(dataclasses.replace(line, amount=amount) for line, amount in zip(written, rounded, strict=True))
    return Rated(amount=sum(rounded, ZERO), exact=_total(written), lines=finished)


def _show(value: Fraction) -> str:
    return exact.format_exact(value=value)
