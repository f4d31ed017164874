"""`allocate`: an amount split by weights, so that the parts add up."""

from typing import Any

from billing.calculator import fields
from billing.rules import allocation, explain, money
from contracts.rules import errors, exact


class Document(fields.KindDocument):
    """An amount, the weights of its parts, and the unit of a part: places, or the currency's minor unit."""

    amount: fields.Exact
    weights: list[fields.NonNegative]
    places: fields.Places | None = None
    keys: list[str] | None = None
    currency: fields.Currency | None = None
    round: fields.RoundField = fields.RoundField()


def answer(document: Document) -> dict[str, Any]:
    """Split one amount."""
    rounding = money.Round(places=_places(document), mode=document.round.mode)
    split = allocation.allocate_amount(amount=document.amount, weights=document.weights, rounding=rounding, keys=document.keys)
    shown = {
        **fields.amounts_of(amount=split.amount, exact_amount=split.exact, rounding=rounding),
        "parts": [
            fields.amounts_of(amount=part, exact_amount=unrounded, rounding=rounding)
            for part, unrounded in zip(split.parts, split.exact_parts, strict=True)
        ],
    }
    return fields.explained(answer=shown, document=document, steps=_tell(document=document, split=split, rounding=rounding))


def _places(document: Document) -> int:
    if document.places is not None:
        return document.places
    if document.round.places is not None:
        return document.round.places
    if document.currency is None:
        raise errors.InvalidInput("Say the places of a part, or the currency whose minor unit it has.", path=("places",))
    return money.known_places(currency=document.currency)


def _tell(*, document: Document, split: allocation.Allocated, rounding: money.Round) -> list[explain.Step]:
    told = []
    for place, (weight, part, unrounded) in enumerate(zip(document.weights, split.parts, split.exact_parts, strict=True)):
        shown, given = exact.format_exact(value=unrounded), rounding.format(part)
        inputs: dict[str, explain.Shown] = {"weight": weight, "key": document.keys[place] if document.keys else None, "exact": unrounded}
        words = f"{shown} is paid as {given}; left-over units go to the largest remainders."
        told.append(explain.Step(rule="largest_remainder", inputs=inputs, result=part, words=words))
    parts: dict[str, explain.Shown] = {"parts": len(split.parts), "exact": split.exact}
    return [*told, fields.tell_total(inputs=parts, amount=split.amount, rounding=rounding, words="The parts add up to")]
