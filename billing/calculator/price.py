"""`price`: what a quantity, events, or a history of counts cost under one price."""

from typing import Any

from pydantic import StrictBool

from billing.calculator import fields, price_fields
from billing.rules import explain, money
from billing.rules.prices import lines, steps
from contracts.rules import errors, exact


class InvalidUsage(errors.InvalidInput):
    """A document that says no usage, or says it twice."""


class Document(fields.MoneyDocument):
    """Usage, its price, and the steps around it."""

    price: price_fields.PriceField
    quantity: fields.Exact | None = None
    events: list[fields.NonNegative] | None = None
    phases: list[fields.Exact] | None = None
    booked: price_fields.BookedField | None = None
    steps: price_fields.StepsField = price_fields.StepsField()
    last_in_period: StrictBool | None = None


def answer(document: Document) -> dict[str, Any]:
    """Price one document."""
    _check_usage(document)
    price = document.price.to_terms()
    around = document.steps.to_terms()
    credits_available = document.steps.credits or price_fields.ZERO
    is_last = document.steps.counts_minimum(last_in_period=document.last_in_period)
    if document.phases is not None:
        rated = steps.rate_phases(
            price=price,
            phases=document.phases,
            rounding=document.rounding,
            steps=around,
            credits_available=credits_available,
            is_last_in_period=is_last,
        )
    else:
        rated = steps.rate_usage(
            price=price,
            quantity=document.quantity or price_fields.ZERO,
            events=document.events,
            rounding=document.rounding,
            steps=around,
            booked=document.booked.to_terms() if document.booked else steps.NOTHING_BOOKED,
            credits_available=credits_available,
            is_last_in_period=is_last,
        )
    shown = {
        **fields.amount_of(value=rated.exact, rounding=document.rounding),
        "lines": [show_line(line=line, rounding=document.rounding) for line in rated.lines],
    }
    return fields.explained(answer=shown, document=document, steps=tell(rated=rated, rounding=document.rounding))


def show_line(*, line: lines.Line, rounding: money.Round) -> dict[str, Any]:
    """Write one line as an answer shows it."""
    shown: dict[str, Any] = {
        "kind": line.kind,
        "quantity": explain.show(line.quantity),
        "unit_amount": explain.show(line.unit_amount),
        "flat_amount": explain.show(line.flat_amount),
        "amount": rounding.format(line.amount),
        "exact": exact.format_exact(value=line.exact),
    }
    if line.tier is not None:
        shown["tier"] = line.tier
    if line.kind == "phase":
        shown["cumulative_quantity"] = explain.show(line.units)
    elif line.units is not None and line.units != line.quantity:
        shown["units"] = explain.show(line.units)
    return shown


def tell(*, rated: steps.Rated, rounding: money.Round) -> list[explain.Step]:
    """Tell how a price came about: one step per line, and the rounding."""
    told = [explain.Step(rule=line.kind, inputs=_inputs(line), result=line.exact, words=line.words) for line in rated.lines]
    return [*told, fields.tell_rounding(value=rated.exact, rounding=rounding)]


def _inputs(line: lines.Line) -> dict[str, explain.Shown]:
    if line.inputs:
        return dict(line.inputs)
    named = {"quantity": line.quantity, "unit_amount": line.unit_amount, "flat_amount": line.flat_amount}
    return {name: value for name, value in named.items() if value is not None}


def _check_usage(document: Document) -> None:
    said = [name for name in ("quantity", "events", "phases") if getattr(document, name) is not None]
    if not said:
        raise InvalidUsage("Say what is priced: quantity, or events for a percentage price, or phases.", path=("quantity",))
    if len(said) > 1:
        raise InvalidUsage(f"Say what is priced once: {said[1]} stands instead of {said[0]}.", path=(said[1],))
    if document.phases is not None and document.booked is not None:
        raise InvalidUsage("A history of phases starts with nothing booked; leave booked out.", path=("booked",))
